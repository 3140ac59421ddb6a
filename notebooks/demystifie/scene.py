"""Une scène : une boucle, une vue et des réglages, c'est-à-dire un apprentissage que l'on conduit."""

import asyncio
import copy
import inspect
import io
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
from IPython import get_ipython
from ipywidgets import Widget
from PIL import Image

from .pupitre import Pupitre, Recit, ferme, vitesses
from .reglages import Point, Reglages, bouton, virgules
from .toile import Dessin, Fil, Toile

TRANCHE = 0.012  # secondes de calcul avant de rendre la main aux boutons
RESPIRATION = 0.003  # et le temps qu'on la leur laisse : un message passe par plusieurs tours d'asyncio
CADENCE = 24  # images par seconde, celle du cinéma : davantage retarderait la main sans mieux montrer
ENTRE_RECITS = 0.2  # on ne lit pas plus vite, et chaque phrase est un message à envoyer
SANS_ECRAN = 15  # secondes sans nouvelles du navigateur avant de croire la page fermée
DEMESURE = 1e9  # un état plus grand que cela ne se dessine plus : autant dire l'infini
ETATS_GARDES = 300
FANTOMES_GARDES = 4
PARTIE_MINIMALE = 20  # pas, avant qu'une partie mérite de laisser un fantôme

TERMINE, DIVERGE = "terminé", "ça diverge !"


class Scene:
    """Un apprentissage que l'on conduit : il tourne, et les boutons changent ce qu'il lit.

    ``boucle(reglages)`` est un générateur qui rend un état (un tuple) par pas, l'état de départ
    d'abord. Un réglage qu'elle lit avant son premier état fait repartir la scène quand on le
    change ; les autres agissent tout de suite. Une fonction ordinaire, qui *rend* son état, fait
    une scène sans temps : chaque réglage la rejoue.

    ``vue(*axes)`` reçoit un axe matplotlib par paramètre, de même nom, plante le décor et rend
    ``montre(*etat)``, qui rend à son tour les acteurs bougés. Deux paramètres ont un sens à part :
    ``reglages``, l'objet vivant, et ``fantomes``, la liste des derniers états des parties
    précédentes. ``recit(*etat)`` dit l'état en une phrase.

    ``scenarios`` : ``{"nom": {"réglage": valeur}}``. ``cadre`` : une mosaïque d'axes, comme pour
    ``Figure.subplot_mosaic``. ``taille`` : en pouces. ``vitesse`` : pas par seconde (``math.inf``
    pour aller à fond). ``cadence`` : images par seconde, au plus ; peu, si chaque pas coûte cher. Les
    autres arguments sont les réglages ; voir ``demystifie.reglages``.

    Lève une ``ValueError`` en français, qui nomme ce qui ne va pas, si l'un d'eux est mal formé.
    """

    _en_lecture: ClassVar["Scene | None"] = None
    _par_cellule: ClassVar[dict[str, tuple[str, list["Scene"]]]] = {}

    def __init__(
        self,
        boucle: Callable,
        vue: Callable,
        *,
        recit: Callable[..., str] | None = None,
        scenarios: dict[str, dict] | None = None,
        cadre: list | None = None,
        taille: tuple[float, float] = (12, 5),
        vitesse: float = 20,
        cadence: float = CADENCE,
        **reglages,
    ):
        if recit is None:
            raise ValueError("Il manque « recit= » : la phrase qui dit l'état à qui ne le voit pas.")
        self._boucle, self._recit = boucle, recit
        self._avec_temps = inspect.isgeneratorfunction(boucle)
        self._boutons = {nom: bouton(nom, valeur) for nom, valeur in reglages.items()}
        self._departs = {nom: b.lit() for nom, b in self._boutons.items()}
        self._vitesse = vitesses(vitesse)
        if not (isinstance(cadence, int | float) and cadence > 0):
            raise ValueError(f"« cadence » est un nombre d'images par seconde ; pas « {cadence} ».")
        self._entre_images = 1 / cadence
        self.scenarios = scenarios or {}
        self._verifie_les_scenarios()

        self.fantomes: list[tuple] = []
        self._dessin = self._dessine(vue, cadre, taille)
        self._points = self._trouve_les_points()

        self._fil, self._main_levee = Fil(), False
        self._dit = Recit()
        self._pupitre: Pupitre | None = None
        self._toile: Toile | None = None
        self._tache: asyncio.Task | None = None
        self._fermee = False
        self._dernier_recit = 0.0
        self._passe: list[tuple[int, tuple]] = []
        self._part()
        self.image()  # une vue ou un récit faux se voient tout de suite, sous la cellule
        self._dessin.repose()
        for nom, b in self._boutons.items():
            b.widget.observe(lambda _, nom=nom: self._fil.fais(self._change, [nom]), "value")

    # --- Ce qui se construit une fois -------------------------------------------------------

    def _dessine(self, vue, cadre, taille) -> Dessin:
        ailleurs = {"fantomes": self.fantomes, "reglages": Reglages(self._boutons)}
        noms = [nom for nom in inspect.signature(vue).parameters if nom not in ailleurs]
        connus = set(noms) if cadre is None else {n for rangee in cadre for n in rangee} - {"."}
        if not noms or connus != set(noms):
            raise ValueError(
                f"La vue demande les axes {', '.join(noms) or '(aucun)'} et le cadre donne "
                f"{', '.join(sorted(connus)) or '(aucun)'} : il faut les mêmes noms."
            )

        def plante(axes):
            arguments = {**axes, **ailleurs}
            return vue(**{nom: arguments[nom] for nom in inspect.signature(vue).parameters})

        return Dessin(cadre or [noms], taille, plante)

    def _trouve_les_points(self) -> dict[str, str]:
        points = {}
        for nom, b in self._boutons.items():
            if isinstance(b.widget, Point):
                if b.widget.axe not in self._dessin.axes:
                    raise ValueError(
                        f"Le réglage « {nom} » vise l'axe « {b.widget.axe} », que la vue n'a pas "
                        f"(elle a : {', '.join(self._dessin.axes)})."
                    )
                points[nom] = b.widget.axe
        return points

    def _verifie_les_scenarios(self):
        for nom, valeurs in self.scenarios.items():
            try:
                self._pose(valeurs)
            except ValueError as erreur:
                raise ValueError(f"Scénario « {nom} » : {erreur}") from None
        self._pose(self._departs)

    # --- Le temps ---------------------------------------------------------------------------

    def _part(self):
        """(Re)part de l'état de départ, et découvre les réglages qui font repartir."""
        lecture = Reglages(self._boutons)
        generateur = self._boucle(lecture) if self._avec_temps else iter([self._boucle(lecture)])
        with np.errstate(all="ignore"):
            try:
                etat = next(generateur)
            except StopIteration:
                raise ValueError("La boucle s'est finie avant de rendre son état de départ.") from None
        if self._passe and self.numero >= PARTIE_MINIMALE:
            self.fantomes.append(self._passe[-1][1])
            del self.fantomes[:-FANTOMES_GARDES]
        self._generateur, self._reglages = generateur, lecture
        self._font_repartir = frozenset(lecture.lus)
        self.numero, self.verdict, self.erreur = 0, "", ""
        self._passe, self._foulee, self._rang = [], 1, None
        self._recoit(etat)

    def _recoit(self, etat):
        self._etat = etat if isinstance(etat, tuple) else (etat,)
        if not _mesure(self._etat):
            self.verdict = DIVERGE
        elif self.numero % self._foulee == 0:
            # Une copie : la boucle a le droit de modifier ses tableaux sur place.
            self._passe.append((self.numero, copy.deepcopy(self._etat)))
            if len(self._passe) > ETATS_GARDES:
                self._passe = self._passe[::2]
                self._foulee *= 2

    def _avance(self) -> bool:
        """Fait un pas ; rend faux quand il n'y en a plus à faire."""
        if self.verdict:
            return False
        debut = time.perf_counter()
        try:
            etat = next(self._generateur)
        except StopIteration:
            self.verdict = TERMINE
            return False
        except OverflowError:  # les réels de Python débordent par une exception, ceux de numpy non
            self.verdict = DIVERGE
            return False
        finally:
            self._reglages.__dict__["secondes"] += time.perf_counter() - debut
        self.numero += 1
        self._recoit(etat)
        return not self.verdict

    def _etape(self) -> tuple[int, tuple]:
        """Le pas et l'état que l'on montre : le présent, un moment du passé, ou le dernier lisible."""
        if self._rang is not None:
            return self._passe[self._rang]
        if self.verdict == DIVERGE and self._passe:
            return self._passe[-1]
        return self.numero, self._etat

    async def _deroule(self):
        """La tâche de fond : des tranches de calcul, une image, et la main rendue aux boutons."""
        depart, dus, image, du_neuf = time.perf_counter(), 1.0, 0.0, False
        while True:
            debut = time.perf_counter()
            vitesse = self._vitesse.value
            # Une longue pause (un ordinateur qui s'endort) ne se rattrape pas d'un coup.
            dus = min(dus, 1) + max(min(debut - depart, 0.25), 1e-9) * vitesse
            depart = debut
            encore, du_neuf = True, du_neuf or dus >= 1
            with np.errstate(all="ignore"):
                while dus >= 1 and encore:
                    encore = self._avance()
                    dus -= 1
                    if time.perf_counter() - debut > TRANCHE:
                        break
            if du_neuf and (time.perf_counter() - image > self._entre_images or not encore):
                self._rafraichit()
                image, du_neuf = time.perf_counter(), False
                await asyncio.sleep(0)  # l'image se peint ici : elle ne doit pas manger la respiration
            if not encore or self._plus_personne():
                return
            await asyncio.sleep(RESPIRATION if dus >= 1 else min(0.02, (1 - dus) / vitesse))

    def _plus_personne(self) -> bool:
        """Vrai si le navigateur n'a rien confirmé depuis longtemps : la page est fermée."""
        if self._toile is None:
            return False
        return time.time() - self._toile.dernier_signe > SANS_ECRAN

    # --- La conduite, avec ou sans navigateur -----------------------------------------------

    def joue(self) -> None:
        """Lance la lecture ; la scène qui jouait s'arrête. Repart du début si tout était fini."""
        if self._tache is not None or not self._avec_temps:
            return
        try:
            boucle_asyncio = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError("Rien ne tourne ici pour jouer la scène : avance avec pas(n).") from None
        if self.verdict or self.erreur:
            self._part()
        if Scene._en_lecture is not None:
            Scene._en_lecture.pause()
        Scene._en_lecture = self
        self._rang = None
        if self._toile is not None:
            self._toile.dernier_signe = time.time()
        self._tache = boucle_asyncio.create_task(self._lecture())
        self._affiche()

    async def _lecture(self):
        moi = asyncio.current_task()
        try:
            with self._sous_la_scene():
                await self._deroule()
        finally:
            if self._tache is moi:
                self.pause()

    def pause(self) -> None:
        """Arrête la lecture, sur le présent."""
        tache, self._tache = self._tache, None
        if Scene._en_lecture is self:
            Scene._en_lecture = None
        if tache is not None:
            tache.cancel()
            self._affiche()

    def pas(self, n: int = 1) -> None:
        """Avance de ``n`` pas (moins si la boucle se termine ou diverge), puis montre où l'on est."""
        self.pause()
        self._rang = None
        with np.errstate(all="ignore"):
            for _ in range(n):
                if not self._avance():
                    break
        self._affiche()

    def recommence(self) -> None:
        """Revient à l'état de départ ; si la scène jouait, elle continue de jouer."""
        self._part()
        self._affiche()

    def regle(self, **valeurs) -> None:
        """Pose des réglages, comme la main sur les boutons. Lève une ``ValueError`` si c'est faux."""
        self._pose(valeurs)
        self._change(valeurs)

    def _pose(self, valeurs):
        """Pose tout ou rien : une faute ne laisse pas la scène réglée à moitié."""
        avant = {nom: b.lit() for nom, b in self._boutons.items()}
        self._main_levee = True  # un curseur que l'on pose passe parfois par une autre valeur
        try:
            for nom, valeur in valeurs.items():
                if nom not in self._boutons:
                    raise ValueError(
                        f"Aucun réglage ne s'appelle « {nom} » "
                        f"(il y a : {', '.join(self._boutons) or 'rien'})."
                    )
                self._boutons[nom].pose(valeur)
        except ValueError:
            for nom in valeurs.keys() & avant.keys():
                self._boutons[nom].pose(avant[nom])
            raise
        finally:
            self._main_levee = False

    def scenario(self, nom: str) -> None:
        """Pose les réglages du scénario ``nom`` et repart du début."""
        if nom not in self.scenarios:
            raise ValueError(
                f"Aucun scénario ne s'appelle « {nom} » (il y a : {', '.join(self.scenarios)})."
            )
        # Un scénario ne dépend pas de ce que l'on a touché avant lui.
        concernes = set().union(*self.scenarios.values())
        self._pose({n: self._departs[n] for n in concernes} | self.scenarios[nom])
        self.recommence()

    def remonte(self, rang: int) -> None:
        """Met en pause et montre le ``rang``-ième état gardé (0 : le départ ; -1 : le dernier)."""
        self.pause()
        rang = range(len(self._passe))[rang]
        self._rang = None if rang == len(self._passe) - 1 else rang
        self._affiche()

    @property
    def nom(self) -> str:
        """Le nom de la boucle."""
        return self._boucle.__name__

    @property
    def etat(self) -> tuple:
        """L'état montré."""
        return self._etape()[1]

    @property
    def joue_encore(self) -> bool:
        """Vrai pendant la lecture."""
        return self._tache is not None

    def recit(self) -> str:
        """La phrase qui dit l'état montré."""
        return virgules(self._recit(*self.etat))

    def image(self, largeur: int | None = None) -> np.ndarray:
        """L'image de l'état montré : un tableau (hauteur, largeur, 3) d'octets."""
        tampon = "Ça diverge !" if self.verdict == DIVERGE and self._rang is None else ""
        with np.errstate(all="ignore"):
            return self._dessin.peint(self.etat, tampon, largeur)

    # --- La page ----------------------------------------------------------------------------

    def _change(self, noms):
        """Des boutons ont bougé : la scène repart s'il le faut, et se redessine dans tous les cas."""
        if self._main_levee or self._fermee:
            return
        with self._sous_la_scene():
            if self._font_repartir.intersection(noms):
                self._part()
            self._affiche()
            if self.joue_encore and self._toile is not None:
                self._toile.reponds()

    @contextmanager
    def _sous_la_scene(self):
        """Montre sous la scène, en entier, l'exception que personne d'autre ne verrait."""
        try:
            yield
        except Exception:
            if self._pupitre is None:
                raise
            self.erreur = traceback.format_exc()
            self._dit.erreur = self.erreur
            self.pause()

    def _rafraichit(self):
        """Demande une image, et de temps en temps une phrase."""
        if self._toile is not None:
            self._toile.request_draw()
        if time.perf_counter() - self._dernier_recit > ENTRE_RECITS:
            self._raconte()

    def _raconte(self):
        self._dernier_recit = time.perf_counter()
        numero, etat = self._etape()
        with self._dit.hold_sync():
            self._dit.texte = virgules(self._recit(*etat))
            self._dit.verdict = self.verdict if self._avec_temps else ""
            self._dit.alerte = self.verdict == DIVERGE
            self._dit.erreur = self.erreur
        if self._pupitre is not None:
            dernier = len(self._passe) - 1
            rang = dernier if self._rang is None else self._rang
            self._pupitre.affiche_temps(rang, dernier, numero)

    def _affiche(self):
        if self._fermee or self._pupitre is None:
            return
        self._pupitre.affiche_lecture(self.joue_encore)
        self._raconte()
        self._toile.request_draw()

    def _montre_au_navigateur(self, largeur):
        with self._sous_la_scene():
            return self.image(largeur)

    def _evenement(self, evenement):
        """Ce que la toile signale : un clic, une disparition."""
        genre = evenement["type"]
        if self._fermee:
            return
        if genre == "hide":
            self.pause()
            self._dessin.repose()  # un carnet a dix scènes, et l'on n'en regarde guère qu'une
        tire = genre == "pointer_move" and 1 in evenement["buttons"]
        if genre == "pointer_down" or tire:
            x, y = evenement["x"] / self._toile.taille[0], evenement["y"] / self._toile.taille[1]
            for nom, axe in self._points.items():
                vise = self._dessin.vise(axe, x, y)
                if vise is not None:
                    self.regle(**{nom: vise})

    def _ordre(self, action):
        def obeit(*arguments):
            with self._sous_la_scene():
                action(*arguments)

        return lambda *arguments: self._fil.fais(obeit, *arguments)

    def _construit(self):
        """La page de cette scène, construite à son premier affichage."""
        largeur, hauteur = self._dessin.figure.get_size_inches()
        self._toile = Toile(largeur / hauteur, self._montre_au_navigateur, self._evenement, self._fil)

        def essaie(nom):
            self.scenario(nom)
            self.joue()

        ordres = {
            "joue": lambda: self.pause() if self.joue_encore else self.joue(),
            "pas": self.pas,
            "recommence": self.recommence,
            "scenario": essaie,
            "temps": self.remonte,
        }
        self._pupitre = Pupitre(
            self._toile,
            [b.widget for b in self._boutons.values()],
            self._dit,
            self._vitesse,
            self.scenarios,
            {nom: self._ordre(action) for nom, action in ordres.items()},
            self._avec_temps,
        )
        self._remplace_les_anciennes()
        self._affiche()

    def _remplace_les_anciennes(self):
        """Une cellule rejouée ne laisse ni tâche ni figure derrière elle."""
        noyau = getattr(get_ipython(), "kernel", None)
        message = noyau.get_parent() if noyau is not None else {}
        cellule = message.get("metadata", {}).get("cellId")
        if cellule is None:
            return
        execution = message["header"]["msg_id"]
        ancienne, scenes = self._par_cellule.get(cellule, (execution, []))
        if ancienne != execution:
            for scene in scenes:
                scene.ferme(sauf=[b.widget for b in self._boutons.values()])
            scenes = []
        self._par_cellule[cellule] = (execution, [*scenes, self])

    def ferme(self, sauf: Iterable[Widget] = ()) -> None:
        """Rend tout ce que la scène tient : tâche, figure, passé, widgets (``sauf`` ceux-là)."""
        self.pause()
        self._fermee = True
        if self._pupitre is not None:
            ferme(self._pupitre, sauf)
            ferme(self._vitesse)
        self._passe, self.fantomes[:] = [], []
        self._generateur = self._dessin = self._toile = self._pupitre = None

    def _repr_mimebundle_(self, **_):
        """La scène vivante, et son image pour les documents figés."""
        if self._fermee:
            return {"text/plain": "Scène fermée : rejoue sa cellule."}
        fige = {"text/plain": self.recit(), "image/png": self._png()}
        if get_ipython() is None:
            return fige
        if self._pupitre is None:
            self._construit()
        return self._pupitre._repr_mimebundle_() | fige

    def _png(self) -> bytes:
        # Une palette suffit à une figure, et divise par trois le poids du carnet enregistré.
        image = Image.fromarray(self.image()).quantize(128, dither=Image.Dither.NONE)
        tampon = io.BytesIO()
        image.save(tampon, "PNG", optimize=True)
        self._dessin.repose()
        return tampon.getvalue()


def _mesure(etat) -> bool:
    """Vrai si tous les réels de ``etat`` sont finis et de taille raisonnable."""
    for valeur in etat:
        if isinstance(valeur, float):
            if not abs(valeur) < DEMESURE:  # faux aussi pour NaN
                return False
        elif isinstance(valeur, tuple | list):
            if not _mesure(valeur):
                return False
        elif isinstance(valeur, dict):
            if not _mesure(valeur.values()):
                return False
        elif hasattr(valeur, "dtype") and np.asarray(valeur).dtype.kind == "f":
            plat = np.asarray(valeur).ravel()
            if not plat @ plat < DEMESURE**2:  # la norme, quatre fois moins chère que le maximum
                return False
    return True
