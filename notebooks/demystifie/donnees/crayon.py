"""De quoi dessiner : des formes pleines, des traits, des courbes."""

import numpy as np
from PIL import Image, ImageDraw

Couleur = tuple[int, int, int]

_TOUR = np.linspace(0, 2 * np.pi, 29)[:-1]
_CERCLE = np.column_stack([np.cos(_TOUR), np.sin(_TOUR)])


class Crayon:
    """Dessine des formes pleines dans un repère que l'on tourne, déplace et retourne."""

    def __init__(self, feuille: Image.Image):
        self._encre, self._cote = ImageDraw.Draw(feuille), feuille.width
        self._repere, self._echelle = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]]), 1.0

    def place(self, x, y, echelle=1.0, angle=0.0, miroir=False) -> "Crayon":
        """Un crayon dont l'origine est en (x, y) de celui-ci."""
        autre = object.__new__(Crayon)
        autre._encre, autre._cote, autre._echelle = self._encre, self._cote, self._echelle * echelle
        cos, sin, sens = np.cos(angle), np.sin(angle), -1 if miroir else 1
        tour = echelle * np.array([[sens * cos, -sens * sin], [sin, cos]])
        base = self._repere
        autre._repere = np.column_stack([base[:, :2] @ tour, base[:, :2] @ (x, y) + base[:, 2]])
        return autre

    def _pixels(self, points):
        ici = np.asarray(points, dtype=float) @ self._repere[:, :2].T + self._repere[:, 2]
        return (ici * self._cote).ravel().tolist()

    def rond(self, x, y, rx, ry, couleur):
        """Une ellipse pleine."""
        self.forme(_CERCLE * (rx, ry) + (x, y), couleur)

    def forme(self, points, couleur):
        """Un polygone plein."""
        self._encre.polygon(self._pixels(points), fill=couleur)

    def trait(self, points, largeur, couleur):
        """Une ligne épaisse, arrondie."""
        pixels, epais = self._pixels(points), max(1, round(largeur * self._echelle * self._cote))
        self._encre.line(pixels, fill=couleur, width=epais, joint="curve" if len(pixels) > 4 else None)
        r = epais / 2
        for x, y in (pixels[:2], pixels[-2:]) if epais > 2 else ():
            self._encre.ellipse((x - r, y - r, x + r, y + r), fill=couleur)


def arc(*points: tuple[float, float], n: int = 14) -> np.ndarray:
    """La courbe lisse (de Bézier) que tirent ces points : un tableau (n, 2)."""
    points, t = np.array(points, dtype=float), np.linspace(0, 1, n)[:, None, None]
    niveau = np.repeat(points[None], n, axis=0)
    while niveau.shape[1] > 1:
        niveau = (1 - t) * niveau[:, :-1] + t * niveau[:, 1:]
    return niveau[:, 0]


def fonce(couleur: Couleur, part: float = 0.72) -> Couleur:
    """La même couleur, plus sombre."""
    return tuple(int(c * part) for c in couleur)
