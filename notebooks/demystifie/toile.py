"""Une figure matplotlib, peinte vite et poussée au navigateur, sans rien savoir du reste."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import matplotlib.style
import numpy as np
import traitlets
from IPython.utils.capture import capture_output
from jupyter_rfb import RemoteFrameBuffer
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from .reglages import nombre, virgules

LARGEUR_MAXIMALE = 1800  # pixels : au-delà, l'œil ne gagne rien et chaque image coûte plus
STYLE = Path(__file__).with_name("carnets.mplstyle")


class _Graduations(ScalarFormatter):
    """Les graduations ordinaires, avec la virgule décimale et l'espace des milliers."""

    def __init__(self):
        super().__init__(useOffset=False)
        self.set_scientific(False)

    def __call__(self, x, pos=None):
        return nombre(x) if abs(x) >= 1000 else virgules(super().__call__(x, pos))


class Dessin:
    """Une figure en deux couches : un décor, dessiné rarement, et des acteurs, à chaque image.

    La figure a une taille fixe, en pouces ; c'est sa finesse (pixels par pouce) qui suit l'écran.
    La mise en page est donc calculée une seule fois, et ce que l'on a vérifié sur un écran est ce
    que l'on voit sur tous.
    """

    def __init__(self, cadre: list, taille: tuple[float, float], vue: Callable[[dict], Callable]):
        """``cadre`` : une mosaïque d'axes. ``vue(axes)`` plante le décor et rend ``montre``."""
        with matplotlib.style.context(STYLE):
            self.figure = Figure(figsize=taille)
            self._toile = FigureCanvasAgg(self.figure)
            self.axes = self.figure.subplot_mosaic(cadre)
            for axe in self.axes.values():
                axe.xaxis.set_major_formatter(_Graduations())
                axe.yaxis.set_major_formatter(_Graduations())
            self.montre = vue(self.axes)
            self._tampon = self.figure.text(
                0.5, 0.5, "", ha="center", va="center", rotation=8, fontsize=46, fontweight="bold",
                color="#b3261e", animated=True,
                bbox=dict(boxstyle="round,pad=0.35", fc="white", ec="#b3261e", lw=5, alpha=0.88),
            )  # fmt: skip
        self._acteurs: dict[Artist, None] = {}
        self._decor = None
        self._mis_en_page = False

    def peint(self, etat: tuple, tampon: str = "", largeur: int | None = None) -> np.ndarray:
        """L'image de ``etat``, large de ``largeur`` pixels (1 200 d'ordinaire).

        Rend un tableau (hauteur, largeur, 3) d'octets. ``tampon`` est un mot frappé en travers.
        """
        finesse = (largeur or 1200) / self.figure.get_figwidth()
        if finesse != self.figure.dpi:
            self.figure.dpi = finesse
            self._decor = None
        for acteur in _a_plat(self.montre(*etat)):
            if acteur not in self._acteurs:
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
        return np.ascontiguousarray(np.asarray(self._toile.buffer_rgba())[..., :3])

    def repose(self) -> None:
        """Rend la mémoire des deux couches ; la prochaine image les repeindra."""
        self._toile = FigureCanvasAgg(self.figure)
        self._decor = None

    def _peint_le_decor(self):
        if not self._mis_en_page:
            self.figure.set_layout_engine("constrained", w_pad=0.2, h_pad=0.1)
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")
            self._mis_en_page = True
        self._toile.draw()
        self._decor = self._toile.copy_from_bbox(self.figure.bbox)

    def vise(self, nom: str, x: float, y: float, dehors: bool = False) -> tuple | None:
        """Le point de l'axe ``nom`` sous ``(x, y)``, en fractions de l'image depuis le haut à gauche.

        Hors de l'axe : ``None``, ou le point du bord le plus proche si ``dehors``.
        """
        axe = self.axes[nom]
        pixel = np.array([x, 1 - y]) * self.figure.bbox.size
        if not dehors and not axe.bbox.contains(*pixel):
            return None
        point = axe.transData.inverted().transform(pixel)
        bornes = np.sort([axe.get_xlim(), axe.get_ylim()], axis=1)
        return tuple(map(float, np.clip(point, bornes[:, 0], bornes[:, 1])))


def _a_plat(acteurs) -> Iterable[Artist]:
    if isinstance(acteurs, Artist):
        yield acteurs
    elif acteurs is not None:
        for acteur in acteurs:
            yield from _a_plat(acteur)


class Fil:
    """Le fil d'exécution où vit une scène : celui où elle est née.

    JupyterLab fait passer les messages des widgets par d'autres fils du noyau (*subshells*). Ce
    qu'ils demandent est rapporté ici, si bien que le reste du module n'a ni verrou ni surprise.
    """

    def __init__(self):
        self._fil = threading.current_thread()
        try:
            self._boucle = asyncio.get_running_loop()
        except RuntimeError:  # sans noyau, tout se passe déjà au même endroit
            self._boucle = None

    def fais(self, action: Callable, *arguments) -> None:
        """Appelle ``action`` dans ce fil : tout de suite si l'on y est, sinon dès que possible."""
        if self._boucle is None or threading.current_thread() is self._fil:
            action(*arguments)
        else:
            self._boucle.call_soon_threadsafe(action, *arguments)

    def bientot(self, action: Callable) -> None:
        """Appelle ``action`` dans ce fil, au prochain tour."""
        if self._boucle is not None and not self._boucle.is_closed():
            self._boucle.call_soon_threadsafe(action)


class Toile(RemoteFrameBuffer):
    """Le bout de page où l'on voit les images ; il ne les demande que s'il a fini les précédentes."""

    _css = (
        RemoteFrameBuffer._css
        + """
        .demystifie-toile { container-type: inline-size; width: 100%; }
        .demystifie-toile .renderview-view { border: none; border-radius: 4px; }
    """
    )

    # ipywidgets renvoie d'ordinaire à la page ce qu'elle vient de dire ; pas un accusé de réception.
    _frame_feedback = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self, rapport: float, image: Callable[[int], np.ndarray], signale: Callable, fil: Fil):
        """``image(largeur)`` rend l'image à montrer ; ``signale(evenement)`` reçoit souris et écran.

        ``rapport`` : largeur sur hauteur. ``fil`` : où les appeler.
        """
        self._image, self._signale, self._fil = image, signale, fil
        self._largeur = 1200  # en pixels d'écran
        self.taille = (1200.0, 1200 / rapport)  # en unités de la page, comme la souris
        self.dernier_signe = time.time()
        with capture_output():  # jupyter_rfb affiche une zone de sortie dès sa construction
            super().__init__(
                css_width=f"min(100cqw, {62 * rapport:.1f}vh)",
                css_height=f"min({100 / rapport:.2f}cqw, 62vh)",
                resizable=False,
                quality=85,
            )
        self.add_class("demystifie-toile")
        self.observe(self._recoit_un_signe, "_frame_feedback")

    def _recoit_un_signe(self, _):
        self.dernier_signe = time.time()

    def get_frame(self):
        """L'image suivante (appelée par jupyter_rfb quand le navigateur est prêt)."""
        return self._image(self._largeur)

    def reponds(self) -> None:
        """Redessine pour une main qui attend : une image de plus que d'ordinaire peut être en route."""
        self.request_draw()
        self.max_buffered_frames += 1
        self._rfb_maybe_draw()
        self.max_buffered_frames -= 1

    def _rfb_schedule_maybe_draw(self, *_):
        self._fil.bientot(self._rfb_maybe_draw)

    def handle_event(self, event):
        """Souris, taille, apparition et disparition (appelée par jupyter_rfb)."""
        self._fil.fais(self._recoit, event)

    def _recoit(self, event):
        if event["type"] == "resize":
            self._largeur = min(max(int(event["pwidth"]), 100), LARGEUR_MAXIMALE)
            self.taille = event["width"], event["height"]
            # Une page rechargée ne confirmera jamais les images envoyées à l'ancienne.
            self._frame_feedback = {**self._frame_feedback, "index": self._rfb_frame_index}
        self._signale(event)

    def close(self):
        """Ferme aussi la zone de sortie que jupyter_rfb garde pour ses propres erreurs."""
        self._output_context.close()
        self._output_context.layout.close()
        super().close()
