"""Une figure matplotlib, peinte vite, et la vue qui la remplit ; sans rien savoir du navigateur."""

import inspect
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib.style
import numpy as np
from matplotlib import cbook
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ticker import ScalarFormatter
from PIL import Image, ImageDraw, ImageFont

from .francais import nombre, virgules

STYLE = Path(__file__).with_name("carnets.mplstyle")


@dataclass(frozen=True, kw_only=True)
class Vue:
    """Décore la fonction qui dessine une scène, et lui attache ce qui la regarde.

    La fonction reçoit un axe matplotlib par paramètre, de même nom, plante le décor et rend
    ``montre(*etat)``, qui rend à son tour les acteurs bougés. Deux paramètres ont un sens à part :
    ``reglages``, l'objet vivant, et ``passe``, les mesures jusqu'à l'état montré (voir ``Passe``).

    ``recit(*etat)`` dit l'état en une phrase. ``mesure(*etat)`` rend ce que l'on veut en retenir, un
    dictionnaire de nombres. ``cadre`` : une mosaïque d'axes, comme pour ``Figure.subplot_mosaic``.
    ``taille`` : en pouces. ``vitesse`` : pas par seconde, au départ (``math.inf`` : à fond).

    Lève une ``ValueError`` en français si le cadre et la fonction ne nomment pas les mêmes axes.
    """

    recit: Callable[..., str]
    mesure: Callable[..., dict] | None = None
    cadre: list | None = None
    taille: tuple[float, float] = (12, 5)
    vitesse: float = 20
    plante: Callable[..., Callable] | None = None

    def __call__(self, plante: Callable) -> "Vue":
        """La même vue, sa fonction posée."""
        noms = [nom for nom in inspect.signature(plante).parameters if nom not in ("passe", "reglages")]
        donnes = noms if self.cadre is None else {n for rangee in self.cadre for n in rangee} - {"."}
        if not noms or set(donnes) != set(noms):
            raise ValueError(
                f"La vue demande les axes {', '.join(noms) or '(aucun)'} et le cadre donne "
                f"{', '.join(sorted(donnes)) or '(aucun)'} : il faut les mêmes noms."
            )
        return replace(self, plante=plante, cadre=self.cadre or [noms])


vue = Vue  # en minuscule, c'est le décorateur : @vue(recit=…)


class _Graduations(ScalarFormatter):
    """Les graduations ordinaires, avec la virgule décimale et l'espace des milliers."""

    def __call__(self, x, pos=None):
        return nombre(x) if abs(x) >= 1000 else virgules(super().__call__(x, pos))


class Dessin:
    """Une figure en deux couches : un décor, dessiné rarement, et des acteurs, à chaque image.

    La figure a une taille fixe, en pouces ; c'est sa finesse (pixels par pouce) qui suit l'écran.
    La mise en page est donc calculée une seule fois, et ce que l'on a vérifié sur un écran est ce
    que l'on voit sur tous.
    """

    def __init__(self, vue: Vue, **ailleurs):
        """``ailleurs`` : de quoi servir les paramètres ``passe`` et ``reglages`` de la vue."""
        with matplotlib.style.context(STYLE):
            self.figure = Figure(figsize=vue.taille, layout="constrained")
            self._toile = FigureCanvasAgg(self.figure)
            self.axes = self.figure.subplot_mosaic(vue.cadre)
            for axe in self.axes.values():
                axe.xaxis.set_major_formatter(_Graduations())
                axe.yaxis.set_major_formatter(_Graduations())
            offerts = {**self.axes, **ailleurs}
            self.montre = vue.plante(**{n: offerts[n] for n in inspect.signature(vue.plante).parameters})
            self._tampon = self.figure.text(
                0.5, 0.5, "", ha="center", va="center", rotation=8, fontsize=46, fontweight="bold",
                color="#b3261e", animated=True,
                bbox=dict(boxstyle="round,pad=0.35", fc="white", ec="#b3261e", lw=5, alpha=0.88),
            )  # fmt: skip
        self._acteurs: dict[Artist, None] = {}
        self._decor = None

    def peint(self, etat: tuple, tampon: str = "", largeur: int | None = None) -> np.ndarray:
        """L'image de ``etat``, large de ``largeur`` pixels (1 200 d'ordinaire).

        Rend un tableau (hauteur, largeur, 3) d'octets. ``tampon`` est un mot frappé en travers.
        """
        finesse = (largeur or 1200) / self.figure.get_figwidth()
        if finesse != self.figure.dpi:
            self.figure.dpi = finesse
            self._decor = None
        for acteur in cbook.flatten([self.montre(*etat)]):
            if acteur is not None and acteur not in self._acteurs:
                self._acteurs[acteur] = None
                acteur.set_animated(True)  # matplotlib le laisse alors hors du décor
                self._decor = None
        # Toucher autre chose qu'un acteur (des bornes, un titre) rend la figure « stale » :
        # le décor se refait alors tout seul.
        if self._decor is None or self.figure.stale:
            self._peint_le_decor()
        self._toile.restore_region(self._decor)
        pinceau = self._toile.get_renderer()
        for acteur in sorted(self._acteurs, key=Artist.get_zorder):
            acteur.draw(pinceau)
        if tampon:
            self._tampon.set_text(tampon)
            self._tampon.draw(pinceau)
        pixels = np.asarray(self._toile.buffer_rgba())
        image = np.empty((*pixels.shape[:2], 3), np.uint8)
        for canal in range(3):  # cinq fois plus vite que de recopier les trois ensemble
            image[..., canal] = pixels[..., canal]
        return image

    def repose(self) -> None:
        """Rend la mémoire des deux couches ; la prochaine image les repeindra."""
        self._toile = FigureCanvasAgg(self.figure)
        self._decor = None

    def _peint_le_decor(self):
        self._toile.draw()
        self.figure.set_layout_engine("none")  # la première mise en page est la bonne
        self._decor = self._toile.copy_from_bbox(self.figure.bbox)

    def vise(self, nom: str, x: float, y: float) -> tuple[float, float] | None:
        """Le point de l'axe ``nom`` sous ``(x, y)``, en fractions de l'image depuis le haut à gauche.

        ``None`` hors de l'axe.
        """
        axe = self.axes[nom]
        pixel = np.array([x, 1 - y]) * self.figure.bbox.size
        return tuple(axe.transData.inverted().transform(pixel)) if axe.bbox.contains(*pixel) else None

    def pousse(self, nom: str, ici: tuple[float, float], pas: tuple[int, int]) -> tuple[float, float]:
        """Le point de l'axe ``nom`` à ``pas`` soixantièmes d'``ici``, vers la droite et vers le haut."""
        axe = self.axes[nom]
        pixel = axe.transData.transform(ici) + np.multiply(pas, axe.bbox.size) / 60
        return tuple(axe.transData.inverted().transform(pixel.clip(axe.bbox.min, axe.bbox.max)))


def fige(image: np.ndarray, ruban: str) -> bytes:
    """Le PNG d'un document figé : ``image`` entière, sous un ruban qui dit comment la réveiller."""
    hauteur, largeur, _ = image.shape
    marge = largeur // 30
    document = Image.new("RGB", (largeur, hauteur + marge), "#d7e8f7")
    document.paste(Image.fromarray(image), (0, marge))
    police = ImageFont.truetype(findfont("DejaVu Sans:bold"), marge // 2)
    ecrit = ImageDraw.Draw(document)
    ecrit.text((largeur / 2, marge / 2), f"Image figée : {ruban}", "#123a5c", police, anchor="mm")
    # Une palette suffit à une figure, et divise par trois le poids du carnet enregistré.
    tampon = io.BytesIO()
    palette = document.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(tampon, "PNG")
    return tampon.getvalue()
