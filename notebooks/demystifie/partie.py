"""Une partie : une boucle qui avance, son passé, ses mesures, son verdict ; ni widget, ni figure."""

import copy
import inspect
import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from .garde import Paroles, garde
from .reglages import Reglages, ecoute, fixe

DEMESURE = 1e9  # un état plus grand que cela ne se dessine plus : autant dire l'infini
ETATS_GARDES = 300
COUP_D_OEIL = 16  # pas, au plus, entre deux regards sur l'état : diverger n'attend pas une image
FANTOMES_GARDES = 4
PARTIE_MINIMALE = 20  # pas, avant qu'une partie mérite de laisser un fantôme

TERMINE, DIVERGE = "terminé", "ça diverge !"


@dataclass
class Instant:
    """Un état gardé : ``pas`` faits et ``secondes`` calculées jusqu'à lui, et ce qu'on y mesure."""

    etat: tuple
    pas: int
    secondes: float
    mesures: dict | None = None  # tant que personne ne les demande


class Passe:
    """Les instants gardés d'une partie et leurs mesures, jusqu'à celui que l'on montre.

    ``passe["erreur"]`` est la colonne de cette mesure : un tableau (n,), ou (n, …) si la mesure est
    elle-même un tableau. Toute partie mesure aussi ``"pas"`` et ``"secondes"`` (de calcul, dessin non
    compris). ``fantomes`` : les passés des parties précédentes, du plus ancien au plus récent.

    ``mesure(*etat)`` n'est appelée qu'une fois par instant, et seulement s'il se montre : un instant
    oublié avant d'avoir été vu ne coûte rien. Lève une ``KeyError``, en une phrase, pour une mesure
    qui n'existe pas.
    """

    def __init__(self, mesure: Callable[..., dict] | None = None):
        self._mesure = mesure or (lambda *etat: {})
        self.fantomes: deque[Passe] = deque(maxlen=FANTOMES_GARDES)
        self.instants: list[Instant] = []
        self.montres: int | None = None  # combien d'instants on montre ; None : tous

    def laisse_un_fantome(self) -> None:
        """Retient les mesures de la partie qui s'achève, et son dernier état."""
        fantome = Passe(self._mesure)
        fantome.instants = self.instants
        for instant in self.instants:
            self._complete(instant)
        for instant in self.instants[:-1]:
            instant.etat = ()
        self.fantomes.append(fantome)

    def _complete(self, instant):
        if instant.mesures is None:
            reperes = {"pas": instant.pas, "secondes": instant.secondes}
            instant.mesures = reperes | self._mesure(*instant.etat)
        return instant.mesures

    def __getitem__(self, nom: str) -> np.ndarray:
        mesures = [self._complete(instant) for instant in self.instants[: len(self)]]
        if mesures and nom not in mesures[0]:
            raise KeyError(f"Cette scène ne mesure pas « {nom} » (mais : {', '.join(mesures[0])}).")
        return np.array([m[nom] for m in mesures])

    def __len__(self) -> int:
        return len(self.instants) if self.montres is None else self.montres


class Partie:
    """Une boucle qui avance.

    ``boucle(reglages)`` est un générateur qui rend un état (un tuple) par pas, l'état de départ
    d'abord ; une fonction ordinaire, qui *rend* son état, fait une partie d'un seul état.
    ``mesure(*etat)`` rend un dictionnaire de nombres ; on n'en demande que pour les états gardés, 300
    au plus, toujours les mêmes à graine égale (voir ``Passe``). ``paroles`` : qui recueille ce que la
    boucle imprime, s'il y a quelqu'un. Une boucle qui ne revient pas lève ``Interrompue``.
    """

    def __init__(self, boucle: Callable, reglages: Reglages, mesure: Callable[..., dict] | None = None):
        self.boucle, self.reglages = boucle, reglages
        self.avec_temps = inspect.isgeneratorfunction(boucle)
        self.passe = Passe(mesure)
        self.paroles: Paroles | None = None
        self.numero, self.verdict = 0, ""
        self.part()

    def part(self) -> None:
        """(Re)part de l'état de départ, et découvre les réglages qui font repartir.

        Lève une ``ValueError`` si la boucle n'a pas d'état de départ ; la partie en cours reste alors
        où elle en était.
        """
        ecoute(self.reglages)
        if self.paroles:
            self.paroles.texte = ""
        with self.garde():
            suite = self.boucle(self.reglages)
            suite = suite if self.avec_temps else iter([suite])
            try:
                etat = next(suite)
            except StopIteration:
                raise ValueError("La boucle s'est finie avant de rendre son état de départ.") from None
            self.font_repartir = fixe(self.reglages)
            if self.numero >= PARTIE_MINIMALE:
                self.passe.laisse_un_fantome()
        self._suite, self._foulee = suite, 1
        self.numero, self.verdict, self._secondes = 0, "", 0.0
        self.passe.instants, self.passe.montres = [], None
        self._regarde(etat)

    def avance(self, pas: int = 1, echeance: float = math.inf) -> int:
        """Fait ``pas`` pas, moins si la boucle finit, diverge, ou si l'``echeance`` est passée.

        ``echeance`` est une heure de ``time.perf_counter``. Rend le nombre de pas faits.
        """
        if self.verdict:
            return 0
        faits, depart = 0, time.perf_counter()
        try:
            with self.garde(un_pas=True):
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
            if self.passe.instants[-1].pas != self.numero:  # l'arrivée compte toujours
                self._retient()
        except OverflowError:  # les réels de Python débordent par une exception, ceux de numpy non
            self.verdict = DIVERGE
        self._secondes += time.perf_counter() - depart
        return faits

    def garde(self, un_pas: bool = False) -> AbstractContextManager:
        """Le contexte où tourne ce qui peut ne pas revenir : la boucle, et ce qui la regarde."""
        return garde(lambda: self.numero, self.paroles, un_pas)

    def _regarde(self, etat):
        """Juge l'état, et le garde si c'est son tour."""
        self._etat = etat
        if not _raisonnable(self.etat):
            self.verdict = DIVERGE
        elif self.numero % self._foulee == 0:
            self._retient()
            if len(self.passe.instants) > ETATS_GARDES:
                self.passe.instants = self.passe.instants[::2]
                self._foulee *= 2

    def _retient(self):
        # Une copie : la boucle a le droit de modifier ses tableaux sur place.
        self.passe.instants.append(Instant(copy.deepcopy(self.etat), self.numero, self._secondes))

    @property
    def etat(self) -> tuple:
        """L'état présent."""
        return self._etat if isinstance(self._etat, tuple) else (self._etat,)


def _raisonnable(valeur) -> bool:
    """Vrai si tous les réels de ``valeur`` sont finis et de taille raisonnable."""
    if isinstance(valeur, float):
        return abs(valeur) < DEMESURE  # faux aussi pour NaN
    if isinstance(valeur, dict):
        return all(map(_raisonnable, valeur.values()))
    if isinstance(valeur, tuple | list):
        return all(map(_raisonnable, valeur))
    if hasattr(valeur, "dtype") and np.asarray(valeur).dtype.kind == "f":
        plat = np.asarray(valeur).ravel()
        if plat.itemsize < 4:  # en demi-précision, c'est le carré qui déborderait
            plat = plat.astype(np.float32)
        return plat @ plat < DEMESURE**2  # la norme, quatre fois moins chère que le maximum
    return True
