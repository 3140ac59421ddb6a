"""Un réglage que l'on pose dans la figure : en cliquant, en tirant, ou aux flèches du clavier."""

from collections.abc import Callable
from numbers import Real
from typing import Any

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets

from .francais import nombre


class Poignee(anywidget.AnyWidget):
    """L'étiquette d'un ``Point`` ; si l'on y lit où il est, les flèches le déplacent."""

    _esm = """
    const PAS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    function render({ model, el }) {
      el.innerHTML = "<span class=demystifie-poignee></span>";
      const prise = el.firstChild;
      prise.addEventListener("keydown", ({ key }) => { if (key in PAS) model.send({ pas: PAS[key] }); });
      const dis = () => {
        prise.innerHTML = model.get("value");
        const ou = { ariaLabel: prise.textContent, ariaValueNow: 0, ariaValueText: model.get("lu") };
        if (model.get("lu")) Object.assign(prise, { tabIndex: 0, role: "slider", ...ou });
      };
      model.on("change:value change:lu", dis);
      dis();
      return () => model.off(null, null, dis);
    }
    export default { render };
    """
    value = traitlets.Unicode().tag(sync=True)
    lu = traitlets.Unicode().tag(sync=True)


class Point(widgets.HBox):
    """Un réglage que l'on pose en cliquant (ou en tirant) dans un axe de la figure.

    ``axe`` est le nom d'un axe de la vue ; ``value`` vaut ``(x, y)``, dans les unités de cet axe.
    Le premier enfant est l'étiquette, où s'écrira le nom du réglage, et que les flèches poussent.
    """

    fleches = True
    value = traitlets.Tuple(traitlets.Float(), traitlets.Float())

    def __init__(self, axe: str, depart: tuple[float, float] = (0.0, 0.0)):
        super().__init__([Poignee()])
        self.axe, self.value = axe, depart
        self._dit()

    @property
    def place(self) -> tuple[float, float]:
        """Là d'où partent les flèches."""
        return self.value

    def deplace(self, point: tuple[float, float]) -> None:
        """Pose là ce que les flèches poussent."""
        self.value = point

    def obeit(self, pousse: Callable, ordre: Callable) -> None:
        """À chaque flèche, va où ``pousse(axe, place, pas)`` le dit ; ``pas`` : (1, 0) vers la droite.

        ``ordre`` enveloppe cette action, pour qu'elle se fasse au bon endroit.
        """
        fais = ordre(lambda pas: self.deplace(pousse(self.axe, self.place, pas)))
        self.children[0].on_msg(lambda _, message, __: fais(tuple(message["pas"])))

    @traitlets.observe("value")
    def _dit(self, _=None):
        if self.fleches:
            self.children[0].lu = " ; ".join(nombre(float(f"{v:.2g}")) for v in self.place)

    def convient(self, valeur: Any) -> bool:
        """Vrai si ``valeur`` peut se poser ; un clic, lui, pose toujours un point ``(x, y)``."""
        return isinstance(valeur, tuple) and len(valeur) == 2 and all(map(est_reel, valeur))


def est_reel(valeur: Any) -> bool:
    """Vrai pour un nombre, fini, qui n'est pas un booléen."""
    return isinstance(valeur, Real) and not isinstance(valeur, bool) and bool(np.isfinite(valeur))
