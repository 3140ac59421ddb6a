"""Ce qu'une scène pose sous la main : lecture, vitesse, scénarios, réglages, barre de temps, récit."""

import math
from collections.abc import Callable, Iterable
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

    def __init__(self, scene, plateau: tuple, vitesse: widgets.Widget, ordres: dict[str, Callable]):
        """Les boutons de ``scene`` autour de son ``plateau`` : la toile, et le récit dessous.

        ``ordres`` : quoi appeler pour « joue », « pas », « recommence », « scenario », « temps ».
        """
        toile, recit = plateau
        self.joue = widgets.Button(description="Jouer", icon="play", button_style="primary")
        self.joue.add_class("demystifie-joue")
        pas = widgets.Button(description="Un pas", icon="step-forward")
        recommence = widgets.Button(description="Recommencer", icon="undo")
        self._temps = widgets.IntSlider(0, 0, 1, description="temps", readout=False)
        self._numero = widgets.Label("pas 0")
        for widget, nom in ((self.joue, "joue"), (pas, "pas"), (recommence, "recommence")):
            widget.on_click(lambda _, nom=nom: ordres[nom]())
        self._temps.observe(lambda _: self._a_la_main and ordres["temps"](self._temps.value), "value")
        self._a_la_main = True

        essais = []
        for nom in scene.scenarios:
            essai = widgets.Button(description=nom, button_style="info")
            essai.add_class("demystifie-scenario")
            essai.on_click(lambda _, nom=nom: ordres["scenario"](nom))
            essais.append(essai)

        avec_temps = scene.partie.avec_temps
        conduite = [self.joue, pas, recommence, vitesse] if avec_temps else []
        # Un grand réglage (une ardoise) se tient à côté de la figure, les petits au-dessus.
        reglages = [b.widget for b in scene.boutons.values()]
        grands = [r for r in reglages if isinstance(r, widgets.VBox)]
        petits = [r for r in reglages if r not in grands]
        scene = widgets.HBox([*grands, toile]).add_class("demystifie-plateau")
        rangees = [*map(_rangee, (conduite, essais, petits)), scene, recit]
        if avec_temps:
            rangees.append(_rangee([self._temps, self._numero], "demystifie-temps"))
        super().__init__([r for r in rangees if not isinstance(r, widgets.Box) or r.children])
        self.add_class("demystifie-scene")

    def affiche_lecture(self, joue: bool) -> None:
        """Le même bouton joue et met en pause : un seul endroit où regarder."""
        self.joue.description, self.joue.icon = ("Pause", "pause") if joue else ("Jouer", "play")

    def affiche_temps(self, rang: int, dernier: int, pas: int) -> None:
        """Met la barre de temps sur l'état de rang ``rang``, sur ``dernier``, au pas ``pas``."""
        self._a_la_main = False  # ce n'est pas une main qui tire la barre
        self._temps.max, self._temps.value = max(dernier, 1), rang
        self._temps.disabled = dernier == 0
        self._numero.value = f"pas {nombre(pas)}"
        self._a_la_main = True


def _rangee(contenu: Iterable[widgets.Widget], classe: str = "") -> widgets.Box:
    rangee = widgets.Box(list(contenu)).add_class("demystifie-rangee")
    return rangee.add_class(classe) if classe else rangee


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
