"""Une partie : une boucle qui avance, son passé, ses mesures, son verdict ; ni widget, ni figure."""

import copy
import inspect
import math
import time
from collections.abc import Callable

import numpy as np

from .reglages import Reglages, ecoute, fixe

DEMESURE = 1e9  # un état plus grand que cela ne se dessine plus : autant dire l'infini
ETATS_GARDES = 300
COUP_D_OEIL = 16  # pas, au plus, entre deux regards sur l'état : diverger n'attend pas une image
FANTOMES_GARDES = 4
PARTIE_MINIMALE = 20  # pas, avant qu'une partie mérite de laisser un fantôme

TERMINE, DIVERGE = "terminé", "ça diverge !"


class Passe:
    """Les états gardés d'une partie et leurs mesures, jusqu'à celui que l'on montre.

    ``passe["erreur"]`` est la colonne de cette mesure : un tableau (n,), ou (n, …) si la mesure est
    elle-même un tableau. Toute partie mesure aussi ``"pas"`` et ``"secondes"`` (de calcul, dessin non
    compris). ``fantomes`` : les passés des parties précédentes, du plus ancien au plus récent.
    Lève une ``KeyError``, en une phrase, si la mesure n'existe pas.
    """

    def __init__(self):
        self.fantomes: list[Passe] = []
        self.oublie()

    def oublie(self) -> None:
        """Repart de rien, fantômes gardés."""
        self.etats: list[tuple] = []
        self.montres: int | None = None  # combien d'états on montre ; None : tous
        self._colonnes: dict[str, list] = {}

    def garde(self, etat: tuple, mesures: dict) -> None:
        """Ajoute un état et ses mesures. Lève une ``ValueError`` si ce ne sont pas celles d'avant."""
        if self.etats and mesures.keys() != self._colonnes.keys():
            raise ValueError(f"Cette scène mesure {', '.join(self._colonnes)} : ni plus, ni moins.")
        self.etats.append(etat)
        for nom, mesure in mesures.items():
            self._colonnes.setdefault(nom, []).append(mesure)

    def eclaircit(self) -> None:
        """Oublie un état sur deux."""
        self.etats = self.etats[::2]
        self._colonnes = {nom: colonne[::2] for nom, colonne in self._colonnes.items()}

    def laisse_un_fantome(self) -> None:
        """Garde en mémoire les mesures de la partie qui s'achève."""
        fantome = Passe()
        fantome.etats, fantome._colonnes = self.etats[-1:], self._colonnes
        fantome.montres = len(self.etats)
        self.fantomes.append(fantome)
        del self.fantomes[:-FANTOMES_GARDES]

    def __getitem__(self, nom: str) -> np.ndarray:
        if nom not in self._colonnes:
            raise KeyError(f"Cette scène ne mesure pas « {nom} » (mais : {', '.join(self._colonnes)}).")
        return np.array(self._colonnes[nom][: len(self)])

    def __len__(self) -> int:
        return len(self.etats) if self.montres is None else self.montres


class Partie:
    """Une boucle qui avance.

    ``boucle(reglages)`` est un générateur qui rend un état (un tuple) par pas, l'état de départ
    d'abord ; une fonction ordinaire, qui *rend* son état, fait une partie d'un seul état.
    ``mesure(*etat)`` rend un dictionnaire de nombres ; elle n'est appelée que sur les états gardés,
    300 au plus, toujours les mêmes à graine égale. Son temps ne compte pas dans ``"secondes"``.
    """

    def __init__(self, boucle: Callable, reglages: Reglages, mesure: Callable[..., dict] | None = None):
        self.boucle, self.reglages, self._mesure = boucle, reglages, mesure
        self.avec_temps = inspect.isgeneratorfunction(boucle)
        self.passe = Passe()
        self.numero, self.verdict = 0, ""
        self.part()

    def part(self) -> None:
        """(Re)part de l'état de départ, et découvre les réglages qui font repartir.

        Lève une ``ValueError`` si la boucle n'a pas d'état de départ ; la partie en cours reste alors
        où elle en était.
        """
        ecoute(self.reglages)
        suite = self.boucle(self.reglages)
        suite = suite if self.avec_temps else iter([suite])
        with np.errstate(all="ignore"):
            try:
                etat = next(suite)
            except StopIteration:
                raise ValueError("La boucle s'est finie avant de rendre son état de départ.") from None
        self.font_repartir = fixe(self.reglages)
        if self.numero >= PARTIE_MINIMALE:
            self.passe.laisse_un_fantome()
        self._suite, self._foulee, self._garde = suite, 1, -1
        self.numero, self.verdict, self._secondes = 0, "", 0.0
        self.passe.oublie()
        self._regarde(etat)

    def avance(self, pas: int = 1, echeance: float = math.inf) -> int:
        """Fait ``pas`` pas, moins si la boucle finit, diverge, ou si l'``echeance`` est passée.

        ``echeance`` est une heure de ``time.perf_counter``. Rend le nombre de pas faits.
        """
        if self.verdict:
            return 0
        faits, depart = 0, time.perf_counter()
        try:
            with np.errstate(all="ignore"):
                while faits < pas:
                    self._etat = next(self._suite)
                    faits += 1
                    self.numero += 1
                    maintenant = time.perf_counter()
                    if self.numero % min(self._foulee, COUP_D_OEIL) == 0:
                        self._secondes += maintenant - depart
                        self._regarde(self._etat)
                        if self.verdict:
                            break
                        depart = time.perf_counter()
                    if maintenant > echeance:
                        break
        except StopIteration:
            self.verdict = TERMINE
            if self._garde != self.numero:  # l'arrivée compte, même entre deux états gardés
                self._retient(self.etat)
        except OverflowError:  # les réels de Python débordent par une exception, ceux de numpy non
            self.verdict = DIVERGE
        self._secondes += 0 if self.verdict else time.perf_counter() - depart
        return faits

    def _regarde(self, etat):
        """Juge l'état, et le garde si c'est son tour."""
        self._etat = etat
        if not _raisonnable(self.etat):
            self.verdict = DIVERGE
        elif self.numero % self._foulee == 0:
            self._retient(self.etat)
            if len(self.passe.etats) > ETATS_GARDES:
                self.passe.eclaircit()
                self._foulee *= 2

    def _retient(self, etat):
        self._garde = self.numero
        mesures = self._mesure(*etat) if self._mesure else {}
        # Une copie : la boucle a le droit de modifier ses tableaux sur place.
        self.passe.garde(
            copy.deepcopy(etat), {"pas": self.numero, "secondes": self._secondes, **mesures}
        )

    @property
    def etat(self) -> tuple:
        """L'état présent."""
        return self._etat if isinstance(self._etat, tuple) else (self._etat,)


def _raisonnable(etat) -> bool:
    """Vrai si tous les réels de ``etat`` sont finis et de taille raisonnable."""
    for valeur in etat:
        if isinstance(valeur, float):
            if not abs(valeur) < DEMESURE:  # faux aussi pour NaN
                return False
        elif isinstance(valeur, tuple | list):
            if not _raisonnable(valeur):
                return False
        elif isinstance(valeur, dict):
            if not _raisonnable(valeur.values()):
                return False
        elif hasattr(valeur, "dtype") and np.asarray(valeur).dtype.kind == "f":
            plat = np.asarray(valeur).ravel()
            if not plat @ plat < DEMESURE**2:  # la norme, quatre fois moins chère que le maximum
                return False
    return True
