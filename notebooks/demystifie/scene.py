"""Une scène : une boucle, une vue et des réglages, c'est-à-dire un apprentissage que l'on conduit."""

from collections.abc import Callable, Iterable
from contextlib import contextmanager

import numpy as np
from IPython import get_ipython
from ipywidgets import Widget

from .dessin import Dessin, Vue, fige
from .francais import virgules
from .garde import Interrompue, raconte
from .lecture import Lecture
from .page import Page
from .partie import DIVERGE, Partie
from .point import Point
from .reglages import Boutons, Reglages, fixe, inconnu


class Scene:
    """Un apprentissage que l'on conduit : il tourne, et les boutons changent ce qu'il lit.

    ``boucle(reglages)`` est un générateur qui rend un état (un tuple) par pas, l'état de départ
    d'abord. Un réglage qu'elle lit avant son premier état fait repartir la scène quand on le
    change ; les autres agissent tout de suite. Une fonction ordinaire, qui *rend* son état, fait
    une scène sans temps : chaque réglage la rejoue.

    ``vue`` : comment la montrer, et la dire (voir ``demystifie.vue``). ``scenarios`` :
    ``{"nom": {"réglage": valeur}}``. Les autres arguments sont les réglages (voir
    ``demystifie.reglages``).

    Lève une ``ValueError`` en français, qui nomme ce qui ne va pas, si l'un d'eux est mal formé.
    """

    def __init__(
        self, boucle: Callable, vue: Vue, *, scenarios: dict[str, dict] | None = None, **reglages
    ):
        if not (isinstance(vue, Vue) and vue.plante):
            raise ValueError("Cette vue ne sait pas se raconter : décore-la par « @vue(recit=…) ».")
        self.nom, self.vue, self.scenarios, self.erreur = boucle.__name__, vue, scenarios or {}, ""
        self.boutons = Boutons(reglages)
        self.boutons.verifie(self.scenarios)
        self.partie = Partie(boucle, Reglages(self.boutons), vue.mesure)
        self.passe = self.partie.passe
        with self.partie.garde():
            self.dessin = Dessin(vue, passe=self.passe, reglages=self.partie.reglages)
        self.axes = self.dessin.axes
        self.points = {
            nom: b.widget.axe for nom, b in self.boutons.items() if isinstance(b.widget, Point)
        }
        for nom, axe in self.points.items():
            if axe not in self.axes:
                raise ValueError(f"Réglage « {nom} » : {inconnu('axe', axe, self.axes)}")
        self.page = Page(self)
        self._lecture = Lecture(self.partie, self.page, self.sous_la_scene)
        self.recit()  # un récit ou une vue faux se voient tout de suite, sous la cellule
        self._naissance = self.image()  # et voilà l'image figée, si rien ne bouge d'ici l'affichage
        self.dessin.repose()
        for nom, b in self.boutons.items():
            b.widget.observe(lambda _, nom=nom: self.page.fil.fais(self._change, [nom]), "value")

    # --- Ce que l'on en voit ----------------------------------------------------------------

    @property
    def numero(self) -> int:
        """Le nombre de pas faits."""
        return self.partie.numero

    @property
    def verdict(self) -> str:
        """Vide tant que la partie continue."""
        return self.partie.verdict

    @property
    def joue_encore(self) -> bool:
        """Vrai pendant la lecture."""
        return self._lecture.joue

    def etape(self) -> tuple[int, tuple]:
        """Le pas et l'état que l'on montre : le présent, un moment du passé, ou le dernier lisible."""
        passe = self.passe
        if passe.montres is not None or (self.verdict == DIVERGE and passe.instants):
            instant = passe.instants[len(passe) - 1]
            return instant.pas, instant.etat
        return self.numero, self.partie.etat

    @property
    def etat(self) -> tuple:
        """L'état montré."""
        return self.etape()[1]

    def recit(self) -> str:
        """La phrase qui dit l'état montré."""
        with self.partie.garde():
            return virgules(self.vue.recit(*self.etat))

    def image(self, largeur: int | None = None) -> np.ndarray:
        """L'image de l'état montré : un tableau (hauteur, largeur, 3) d'octets."""
        tampon = "Ça diverge !" if self.verdict == DIVERGE and self.passe.montres is None else ""
        with self.partie.garde():
            return self.dessin.peint(self.etat, tampon, largeur)

    # --- La conduite, avec ou sans navigateur -----------------------------------------------

    def joue(self) -> None:
        """Lance la lecture ; la scène qui jouait s'arrête. Repart du début si tout était fini."""
        if self.joue_encore or not self.partie.avec_temps:
            return
        if self.verdict or self.erreur:
            self._part()
        self.passe.montres = None
        self._lecture.lance()

    def pause(self) -> None:
        """Arrête la lecture, sur le présent."""
        self._lecture.arrete()

    def pas(self, n: int = 1) -> None:
        """Avance de ``n`` pas (moins si la boucle se termine ou diverge), puis montre où l'on est."""
        self.pause()
        if self.erreur:  # une boucle cassée n'a pas de suite
            self._part()
        self.passe.montres = None
        self.partie.avance(n)
        self.page.affiche()

    def recommence(self) -> None:
        """Revient à l'état de départ ; si la scène jouait, elle continue de jouer."""
        self._part()
        self.page.affiche()

    def regle(self, **valeurs) -> None:
        """Pose des réglages, comme la main sur les boutons. Lève une ``ValueError`` si c'est faux."""
        self.boutons.pose(valeurs)
        self._change(valeurs)

    def scenario(self, nom: str) -> None:
        """Pose les réglages du scénario ``nom`` et repart du début."""
        if nom not in self.scenarios:
            raise ValueError(inconnu("scénario", nom, self.scenarios))
        # Ce que pose un scénario ne dépend pas de ce que l'on a touché avant lui.
        concernes = set().union(*self.scenarios.values())
        departs = {n: self.boutons.departs[n] for n in concernes}
        self.boutons.pose(departs | self.scenarios[nom])
        self.recommence()

    def remonte(self, rang: int) -> None:
        """Met en pause et montre le ``rang``-ième état gardé (0 : le départ ; -1 : le dernier)."""
        self.pause()
        combien = len(self.passe.instants)
        montres = range(1, combien + 1)[min(rang, combien - 1)]  # la barre a pu vieillir sous la main
        self.passe.montres = montres if montres < combien else None
        self.page.affiche()

    def _part(self):
        self.erreur, self._naissance = "", None
        self.partie.part()

    def _change(self, noms):
        """Des boutons ont bougé : la scène repart s'il le faut, et se redessine dans tous les cas."""
        if self.boutons.en_train or self.partie is None:
            return
        self._naissance = None
        self._lecture.touche()
        with self.sous_la_scene():
            fixe(self.partie.reglages)
            if self.partie.font_repartir.intersection(noms):
                self._part()
            self.page.affiche()

    @contextmanager
    def sous_la_scene(self):
        """Montre sous la scène l'exception que personne d'autre ne verrait."""
        try:
            yield
        except (Exception, Interrompue) as souci:
            if self.page.toile is None:
                raise
            self.erreur = self.page.dit.erreur = raconte(souci)
            self.pause()
            if isinstance(souci, Interrompue):
                self.page.oublie_les_ordres()

    # --- La page ----------------------------------------------------------------------------

    def ferme(self, sauf: Iterable[Widget] = ()) -> None:
        """Rend tout ce que la scène tient : tâche, figure, passé, widgets (``sauf`` ceux-là)."""
        if self.partie is None:
            return
        self.pause()
        self.page.ferme(sauf)
        self.partie = self.passe = self.dessin = self.axes = self._lecture = None

    def _repr_mimebundle_(self, **_):
        """La scène vivante, et son image pour les documents figés."""
        if self.partie is None:
            return {"text/plain": "Scène fermée : rejoue sa cellule."}
        image = self._naissance if self._naissance is not None and not self.numero else self.image()
        self._naissance = None
        self.dessin.repose()
        # La page d'abord : elle se construit dans le navigateur pendant que l'image se fige ici.
        vivante = self.page.construis(image)._repr_mimebundle_() if get_ipython() else {}
        vivre = "Jouer" if self.partie.avec_temps else "bouger un réglage"
        document = {"text/plain": self.recit(), "image/png": fige(image, f"▶ Tout lancer, puis {vivre}")}
        return vivante | document
