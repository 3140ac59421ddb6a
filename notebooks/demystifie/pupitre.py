"""Ce qu'une scène pose sous la main : lecture, vitesse, scénarios, réglages, barre de temps, récit."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets

from .francais import nombre

VITESSES = [1, 2, 5, 10, 20, 50, 100, 500, math.inf]  # en pas par seconde


class Recit(anywidget.AnyWidget):
    """La phrase sous la figure ; dite aussi aux lecteurs d'écran, trois secondes au plus après."""

    _esm = "".join(Path(__file__).with_name(f).read_text("utf-8") for f in ("clavier.js", "pupitre.js"))
    _css = Path(__file__).with_name("pupitre.css")
    texte = traitlets.Unicode().tag(sync=True)
    verdict = traitlets.Unicode().tag(sync=True)
    alerte = traitlets.Bool().tag(sync=True)
    erreur = traitlets.Unicode().tag(sync=True)
    paroles = traitlets.Unicode().tag(sync=True)


def vitesses(depart: float) -> widgets.SelectionSlider:
    """Le curseur de vitesse, de « 1 pas/s » à « à fond »."""
    crans = sorted({*VITESSES, depart})
    options = [(f"{v:g} pas/s" if v < math.inf else "à fond", v) for v in crans]
    return widgets.SelectionSlider(options=options, value=depart, description="vitesse")


class Pupitre(widgets.VBox):
    """Les boutons d'une scène, rangés autour de sa toile ; il ne décide de rien, il transmet."""

    def __init__(self, scene, plateau: tuple, vitesse: widgets.Widget, ordre: Callable):
        """Les boutons de ``scene`` autour de son ``plateau`` : la toile, et le récit dessous.

        ``ordre`` enveloppe ce que fait une main, pour que cela se fasse au bon endroit.
        """
        self._scene, (toile, recit) = scene, plateau
        joue = ordre(lambda: scene.pause() if scene.joue_encore else scene.joue())
        self._joue = _bouton("Jouer", joue, icon="play", button_style="primary")
        self._joue.add_class("demystifie-joue")
        pas = _bouton("Un pas", ordre(scene.pas), icon="step-forward")
        recommence = _bouton("Recommencer", ordre(scene.recommence), icon="undo")
        self._temps = widgets.IntSlider(0, 0, 1, description="temps", readout=False)
        self._numero = widgets.Label("pas 0")
        remonte = ordre(scene.remonte)
        self._temps.observe(lambda _: self._a_la_main and remonte(self._temps.value), "value")
        self._a_la_main = True

        essaie = ordre(lambda nom: (scene.scenario(nom), scene.joue()))
        essais = [_bouton(nom, partial(essaie, nom), button_style="info") for nom in scene.scenarios]
        for essai in essais:
            essai.add_class("demystifie-scenario")

        avec_temps = scene.partie.avec_temps
        conduite = [self._joue, pas, recommence, vitesse] if avec_temps else []
        # Un grand réglage (une ardoise) se tient à côté de la figure, les petits au-dessus.
        reglages = [b.widget for b in scene.boutons.values()]
        grands = [r for r in reglages if isinstance(r, widgets.VBox)]
        petits = [r for r in reglages if r not in grands]
        figure = widgets.HBox([*grands, toile]).add_class("demystifie-plateau")
        rangees = [*map(_rangee, (conduite, essais, petits)), figure, recit]
        if avec_temps:
            rangees.append(_rangee([self._temps, self._numero]).add_class("demystifie-temps"))
        super().__init__([r for r in rangees if not isinstance(r, widgets.Box) or r.children])
        self.add_class("demystifie-scene")

    def affiche(self) -> None:
        """Met le bouton de lecture et la barre de temps sur ce que la scène montre."""
        passe, joue = self._scene.passe, self._scene.joue_encore
        # Le même bouton joue et met en pause : un seul endroit où regarder.
        self._joue.description, self._joue.icon = ("Pause", "pause") if joue else ("Jouer", "play")
        dernier = len(passe.instants) - 1
        self._a_la_main = False  # ce n'est pas une main qui tire la barre
        self._temps.max, self._temps.value = max(dernier, 1), len(passe) - 1
        self._temps.disabled = dernier == 0
        self._a_la_main = True
        self._numero.value = f"pas {nombre(self._scene.etape()[0])}"


def _bouton(mot, fais, **options) -> widgets.Button:
    bouton = widgets.Button(description=mot, **options)
    bouton.on_click(lambda _: fais())
    return bouton


def _rangee(contenu: list[widgets.Widget]) -> widgets.Box:
    return widgets.Box(contenu).add_class("demystifie-rangee")


def ferme(widget: widgets.Widget, sauf: Iterable[widgets.Widget] = ()) -> None:
    """Ferme un widget et tout ce qui ne sert qu'à lui : son contenu, sa mise en page, son style."""
    if widget in sauf:
        return
    for enfant in getattr(widget, "children", ()):
        ferme(enfant, sauf)
    widget.close()
    for nom in ("layout", "style"):
        if isinstance(apparence := getattr(widget, nom, None), widgets.Widget):
            apparence.close()
