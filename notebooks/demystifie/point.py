"""Un réglage que l'on pose dans la figure : en cliquant, en tirant, ou aux flèches du clavier."""

from collections.abc import Callable
from numbers import Real
from typing import Any

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets

from .francais import nombre

POIGNEE = """
const PAS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
function render({ model, el }) {
  const prise = el.appendChild(document.createElement("span"));
  prise.className = "demystifie-poignee";
  if (model.get("fleches")) {
    prise.tabIndex = 0;
    prise.setAttribute("role", "slider");
    prise.setAttribute("aria-valuenow", 0);
  }
  prise.addEventListener("keydown", ({ key }) => { if (key in PAS) model.send({ pas: PAS[key] }); });
  const dis = () => {
    prise.innerHTML = model.get("value");
    if (!model.get("fleches")) return;
    prise.setAttribute("aria-label", prise.textContent);
    prise.setAttribute("aria-valuetext", model.get("lu"));
  };
  model.on("change:value change:lu", dis);
  dis();
  return () => model.off(null, null, dis);
}
export default { render };
"""


class Poignee(anywidget.AnyWidget):
    """L'étiquette d'un ``Point`` : quand elle a le clavier, les flèches le déplacent."""

    _esm = POIGNEE
    _css = """
        .demystifie-poignee:focus-visible { outline: 2px solid #0072B2; outline-offset: 2px; }
        .demystifie-poignee:focus-visible::after { content: " ← ↑ ↓ →"; }
    """
    value = traitlets.Unicode().tag(sync=True)
    lu = traitlets.Unicode().tag(sync=True)
    fleches = traitlets.Bool().tag(sync=True)


class Point(widgets.HBox):
    """Un réglage que l'on pose en cliquant (ou en tirant) dans un axe de la figure.

    ``axe`` est le nom d'un axe de la vue ; ``value`` vaut ``(x, y)``, dans les unités de cet axe.
    Le premier enfant est l'étiquette, où s'écrira le nom du réglage, et que les flèches poussent.
    """

    fleches = True

    value = traitlets.Tuple(traitlets.Float(), traitlets.Float())

    def __init__(self, axe: str, depart: tuple[float, float] = (0.0, 0.0)):
        super().__init__([Poignee(fleches=self.fleches)])
        self.observe(lambda _: self._dit(), "value")
        self.axe, self.value = axe, depart

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

    def _dit(self):
        if self.fleches:
            self.children[0].lu = " ; ".join(nombre(float(f"{v:.2g}")) for v in self.place)

    def convient(self, valeur: Any) -> bool:
        """Vrai si ``valeur`` peut se poser ; un clic, lui, pose toujours un point ``(x, y)``."""
        return _est_un_point(valeur)


def _est_un_point(valeur) -> bool:
    nombres = isinstance(valeur, tuple) and len(valeur) == 2 and all(isinstance(v, Real) for v in valeur)
    return nombres and bool(np.isfinite(valeur).all()) and not any(isinstance(v, bool) for v in valeur)
