"""Dessiner un chiffre à la souris, et le recevoir cadré comme les données."""

import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image
from wigglystuff import Paint

COTE = 280  # pixels du dessin
SEUIL = 0.25  # en deçà, ce n'est pas de l'encre


def cadre(encre: np.ndarray) -> np.ndarray:
    """Cadre un dessin comme l'ont été les chiffres de l'UCI, et le réduit en 8×8.

    ``encre`` : un tableau (hauteur, largeur) de 0 (papier) à 1 (encre), de n'importe quelle taille.
    Rend un tableau (8, 8) de réels de 0 à 1 ; tout à zéro si rien n'est dessiné. Lève une
    ``ValueError`` si ce n'est pas une image.

    Là-bas, chaque chiffre est agrandi jusqu'à toucher les bords d'un carré de 32×32, noir ou blanc,
    puis chaque pavé de 4×4 est compté.
    """
    encre = np.asarray(encre, dtype=float)
    if encre.ndim != 2 or not np.isfinite(encre).all():
        raise ValueError("Un dessin est un tableau à deux dimensions, de nombres entre 0 et 1.")
    lignes, colonnes = np.nonzero(encre > SEUIL)
    if not len(lignes):
        return np.zeros((8, 8))
    boite = encre[lignes.min() : lignes.max() + 1, colonnes.min() : colonnes.max() + 1]
    haut, large = boite.shape
    plus_grand = max(haut, large)
    carre = np.zeros((plus_grand, plus_grand))
    y, x = (plus_grand - haut) // 2, (plus_grand - large) // 2
    carre[y : y + haut, x : x + large] = boite
    gris = Image.fromarray((carre * 255).clip(0, 255).astype(np.uint8))
    noir = np.asarray(gris.resize((32, 32), Image.Resampling.BOX)) > 127
    return noir.reshape(8, 4, 8, 4).mean(axis=(1, 3))


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

    C'est un réglage comme un autre : ``Scene(…, dessin=Ardoise())``.
    """

    value = traitlets.Any()

    def __init__(self):
        self._papier = _Papier(width=COTE, height=COTE, brush=False, color_picker=False)
        super().__init__([self._papier])
        self.value = np.zeros((8, 8))
        self._papier.observe(lambda _: self._lit(), "base64")

    def _lit(self):
        fond = Image.new("RGBA", (COTE, COTE), "white")
        dessin = self._papier.get_pil().convert("RGBA").resize((COTE, COTE))
        gris = Image.alpha_composite(fond, dessin).convert("L")
        self.value = cadre(1 - np.asarray(gris) / 255)
