"""Ce que le navigateur montre d'une scène, et ce qu'il en rapporte."""

import time
from collections.abc import Callable, Iterable
from typing import ClassVar

import numpy as np
from IPython import get_ipython
from ipywidgets import Widget

from .francais import insecables
from .garde import Paroles
from .partie import DIVERGE
from .pupitre import Pupitre, Recit, ferme, vitesses
from .toile import Fil, Toile

ENTRE_RECITS = 0.2  # on ne lit pas plus vite, et chaque phrase est un message à envoyer
SANS_ECRAN = 15  # secondes sans nouvelles du navigateur avant de croire la page fermée
SURDITE = 0.5  # secondes : le temps que passe ce que l'on a pressé pendant qu'elle ne répondait plus


class Page:
    """La toile et le pupitre d'une ``Scene``, construits à son premier affichage."""

    _par_cellule: ClassVar[dict[str, tuple[str, list]]] = {}

    def __init__(self, scene):
        self._scene, self.fil = scene, Fil()
        self.dit = Recit()
        self.vitesse = vitesses(scene.vue.vitesse)
        self._pupitre: Pupitre | None = None
        self.toile: Toile | None = None  # elle et lui, jusqu'au premier affichage
        self._dernier_recit = self._sourde = 0.0

    @property
    def cout(self) -> float:
        """Secondes que prend une image, en moyenne."""
        return self.toile.cout if self.toile else 0.0

    @property
    def abandonnee(self) -> bool:
        """Vrai si le navigateur n'a rien confirmé depuis longtemps : la page est fermée."""
        return self.toile is not None and time.monotonic() - self.toile.dernier_signe > SANS_ECRAN

    def oublie_les_ordres(self) -> None:
        """La scène ne répondait plus : ce que la main a pressé entre-temps ne compte pas."""
        self._sourde = time.monotonic() + SURDITE

    # --- Montrer ----------------------------------------------------------------------------

    def affiche(self) -> None:
        """Met tout à jour : l'image d'abord, que la main attend, puis les boutons et la phrase."""
        if self.toile is not None:
            self.toile.reponds() if self._scene.joue_encore else self.toile.request_draw()
            self._raconte()

    def rafraichit(self) -> None:
        """Demande une image, et de temps en temps une phrase."""
        if self.toile is not None:
            self.toile.request_draw()
        pose = self.vitesse.value * ENTRE_RECITS <= 2  # des pas rares : une phrase chacun
        if pose or time.perf_counter() - self._dernier_recit > ENTRE_RECITS:
            self._raconte()

    def _raconte(self):
        self._dernier_recit = time.perf_counter()
        scene = self._scene
        with self.dit.hold_sync():
            with scene.sous_la_scene():
                self.dit.texte = insecables(scene.recit())
            self.dit.verdict = scene.verdict if scene.partie.avec_temps else ""
            self.dit.alerte = scene.verdict == DIVERGE
            self.dit.erreur = scene.erreur
            self.dit.paroles = scene.partie.paroles.texte if scene.partie.paroles else ""
        if self.toile is not None:
            self._pupitre.affiche()

    # --- Construire et fermer ---------------------------------------------------------------

    def construis(self, image: np.ndarray | None = None) -> Pupitre:
        """La page, construite si elle ne l'est pas encore, sur cette première ``image``."""
        if self._pupitre is None:
            scene = self._scene
            scene.partie.paroles = Paroles()
            largeur, hauteur = scene.vue.taille
            self.toile = Toile(largeur / hauteur, self._image, self._evenement, self.fil)
            for nom in scene.points:
                self.toile.add_class("demystifie-tenue")  # le doigt tire un point ; ailleurs, il défile
                scene.boutons[nom].widget.obeit(scene.dessin.pousse, self._ordre)
            self._pupitre = Pupitre(scene, (self.toile, self.dit), self.vitesse, self._ordre)
            self._remplace_les_anciennes()
            self.affiche()
            if image is not None:
                self.toile.donne(image)
        return self._pupitre

    def _ordre(self, action: Callable) -> Callable:
        def obeit(*arguments):
            if self.toile is not None and time.monotonic() > self._sourde:
                self.toile.dernier_signe = time.monotonic()  # une page que l'on touche n'est pas fermée
                with self._scene.sous_la_scene():
                    action(*arguments)

        return lambda *arguments: self.fil.fais(obeit, *arguments)

    def _image(self, largeur):
        with self._scene.sous_la_scene():
            return self._scene.image(largeur)

    def _evenement(self, evenement):
        """Ce que la toile signale : un clic, une disparition, un réveil."""
        genre, scene = evenement["type"], self._scene
        if self.toile is None:
            return
        if genre == "reveil":
            self.affiche()
        if genre == "hide" and not evenement["ailleurs"]:
            scene.pause()
            scene.dessin.repose()  # un carnet a dix scènes, et l'on n'en regarde guère qu'une
        tire = genre == "pointer_move" and 1 in evenement["buttons"]
        if genre == "pointer_down" or tire:
            x, y = evenement["x"] / evenement["vue"][0], evenement["y"] / evenement["vue"][1]
            for nom, axe in scene.points.items():
                vise = scene.dessin.vise(axe, x, y)
                if vise is not None:
                    scene.regle(**{nom: vise})

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
                scene.ferme(sauf=[b.widget for b in self._scene.boutons.values()])
            scenes = []
        self._par_cellule[cellule] = (execution, [*scenes, self._scene])

    def ferme(self, sauf: Iterable[Widget] = ()) -> None:
        """Ferme tous les widgets de la page, ``sauf`` ceux-là."""
        if self._pupitre is not None:
            ferme(self._pupitre, sauf)
            ferme(self.vitesse)
        self.toile = self._pupitre = None
