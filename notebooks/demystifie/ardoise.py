"""Dessiner un chiffre à la souris, et le recevoir cadré comme les données."""

import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image
from wigglystuff import Paint

from .donnees.cadrage import cadre, cadre28

COTE = 280  # pixels du dessin


class _Papier(Paint):
    _css = (
        str(Paint._css)
        + """
        .paint-container { width: max-content; color-scheme: light; }
        .paint-canvas-area { background: white !important; }
        .paint-canvas-area canvas { cursor: crosshair; }
    """
    )


class Ardoise(widgets.VBox):
    """Un carré où dessiner ; ``value`` est le dessin cadré, un tableau (8, 8) de 0 à 1.

    ``Ardoise(28)`` le cadre comme MNIST : ``value`` est alors de forme (28, 28).
    C'est un réglage comme un autre : ``Scene(…, dessin=Ardoise())``.
    """

    value = traitlets.Any()

    def __init__(self, forme: int = 8):
        cadres = {8: cadre, 28: cadre28}
        if forme not in cadres:
            raise ValueError(f"Une ardoise donne du 8×8 ou du 28×28 : « {forme} » n'est ni 8 ni 28.")
        self._cadre = cadres[forme]
        self._papier = _Papier(width=COTE, height=COTE, brush=False, color_picker=False)
        super().__init__([self._papier])
        self.value = np.zeros((forme, forme))
        self._papier.observe(lambda _: self._lit(), "base64")

    def _lit(self):
        fond = Image.new("RGBA", (COTE, COTE), "white")
        dessin = self._papier.get_pil().convert("RGBA").resize((COTE, COTE))
        gris = Image.alpha_composite(fond, dessin).convert("L")
        self.value = self._cadre(1 - np.asarray(gris) / 255)
