"""Dessiner un chiffre à la souris, au doigt ou au clavier, et le recevoir cadré comme les données."""

import re
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image
from wigglystuff import Paint

from .donnees.cadrage import cadre, cadre28

COTE = 280  # pixels du dessin


class _Papier(Paint):
    # Notre script enveloppe le leur, qui ne finit aucun trait commencé au doigt.
    _esm = re.sub(r"export\s*{\s*(\w+) as default\s*};?", r"const papier = \1;", str(Paint._esm)) + Path(
        __file__
    ).with_name("ardoise.js").read_text(encoding="utf-8")
    _css = (
        str(Paint._css)
        + """
        .paint-container { width: max-content; color-scheme: light; }
        .paint-canvas-area { background: white !important; position: relative; }
        .paint-canvas-area canvas { cursor: crosshair; touch-action: none; }
        .demystifie-stylo { position: absolute; width: 16px; height: 16px; margin: -8px 0 0 -8px;
          border: 2px solid #0072B2; border-radius: 50%; pointer-events: none; }
        .demystifie-stylo.pose { background: #0072B2; }
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
