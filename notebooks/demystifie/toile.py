"""Le bout de page où l'on voit les images d'une scène, et le fil d'exécution où elle vit."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import traitlets
from IPython.utils.capture import capture_output
from jupyter_rfb import RemoteFrameBuffer

PERDUE = 3  # secondes sans confirmation, après quoi les images en route n'arriveront plus
# D'une image, pleine puis de plus en plus légère : sa taille, sa qualité, combien peuvent être en route.
FINESSES = [(1, 85, 2), (0.7, 70, 2), (0.5, 60, 1), (0.35, 50, 1)]
LENT, VIF = 0.4, 0.2  # secondes de trajet, au-delà ou en deçà desquelles on en change
LARGEUR_MAXIMALE = 1800  # pixels : au-delà, l'œil ne gagne rien et chaque image coûte plus


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


class Toile(RemoteFrameBuffer):
    """Le bout de page où l'on voit les images ; il ne les demande que s'il a fini les précédentes."""

    # Notre script enveloppe le leur, dont il reprend les classes.
    _esm = RemoteFrameBuffer._esm.replace("export default", "const toile =") + Path(__file__).with_name(
        "toile.js"
    ).read_text(encoding="utf-8")

    # ipywidgets renvoie d'ordinaire à la page ce qu'elle vient de dire ; pas un accusé de réception.
    _frame_feedback = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self, rapport: float, image: Callable[[int], np.ndarray], signale: Callable, fil: Fil):
        """``image(largeur)`` rend l'image à montrer ; ``signale(evenement)`` reçoit souris et écran.

        ``rapport`` : largeur sur hauteur. ``fil`` : où les appeler.
        """
        self._image, self._signale, self._fil = image, signale, fil
        self._largeur = 1200  # en pixels d'écran
        self._finesse, self._trajet = 0, 0.0  # le rang dans FINESSES ; secondes, en moyenne
        self.dernier_signe = self._dernier_oubli = time.monotonic()
        self.cout = 0.0  # secondes que prend une image, dessin, encodage et envoi, en moyenne
        with capture_output():  # jupyter_rfb affiche une zone de sortie dès sa construction
            super().__init__(
                css_width=f"min(100cqw, {rapport:.3f} * var(--demystifie-haut, 62vh))",
                css_height=f"min({100 / rapport:.2f}cqw, var(--demystifie-haut, 62vh))",
                resizable=False,
                quality=FINESSES[0][1],
            )
        self.add_class("demystifie-toile")

    @traitlets.observe("_frame_feedback")
    def _signe_de_vie(self, change):
        self.dernier_signe = time.monotonic()
        trajet = time.time() - change.new.get("timestamp", time.time())
        self._trajet += 0.3 * (trajet - self._trajet)
        plus_legere = (self._trajet > LENT) - (self._trajet < VIF)
        self._finesse = min(max(self._finesse + plus_legere, 0), len(FINESSES) - 1)
        _, self.quality, self.max_buffered_frames = FINESSES[self._finesse]

    def get_frame(self):
        """L'image suivante (appelée par jupyter_rfb) ; sur une ligne lente, plus légère."""
        return self._image(int(self._largeur * FINESSES[self._finesse][0]))

    def _rfb_lossless_draw(self):
        if self._finesse:  # à l'arrêt, l'image redevient nette
            _, attente = self._rfb_lossless_draw_info
            self._rfb_lossless_draw_info = self._image(self._largeur), attente
        super()._rfb_lossless_draw()

    def request_draw(self):
        """Demande une image ; si les précédentes se sont perdues en route, on ne les attend plus."""
        if time.monotonic() - max(self.dernier_signe, self._dernier_oubli) > PERDUE:
            self._oublie_les_perdues()
        super().request_draw()

    def _oublie_les_perdues(self):
        self._dernier_oubli = time.monotonic()
        self._frame_feedback["index"] = self._rfb_frame_index  # sans le faire savoir : rien n'est venu
        self._rfb_schedule_maybe_draw()

    def _rfb_update_stats(self, _):
        """Rien : des statistiques que personne ne lit."""

    def _rfb_maybe_draw(self):
        index, debut = self._rfb_frame_index, time.perf_counter()
        super()._rfb_maybe_draw()
        if self._rfb_frame_index != index:
            self.cout += 0.2 * (time.perf_counter() - debut - self.cout)

    def donne(self, image: np.ndarray) -> None:
        """Envoie une image non demandée : la page l'a avant que le carnet ait fini de tourner."""
        self.send_frame(image)
        self._rfb_cancel_lossless_draw()  # la page redemandera la sienne, à sa taille, en s'affichant
        self._rfb_last_frame = None

    def reponds(self) -> None:
        """Redessine pour une main qui attend : une image de plus que d'ordinaire peut être en route."""
        self.request_draw()
        self.max_buffered_frames += 1
        self._rfb_maybe_draw()
        self.max_buffered_frames -= 1

    def _rfb_schedule_maybe_draw(self, *_):
        self._fil.fais(super()._rfb_schedule_maybe_draw)

    def handle_event(self, event):
        """Souris, taille, apparition et disparition (appelée par jupyter_rfb)."""
        self._fil.fais(self._recoit, event)

    def _recoit(self, event):
        self.dernier_signe = time.monotonic()
        if event["type"] == "resize":
            self._largeur = min(max(int(event["pwidth"]), 100), LARGEUR_MAXIMALE)
        if event["type"] in ("resize", "reveil"):
            self._oublie_les_perdues()  # une page rechargée, ou rebranchée, ne les confirmera jamais
        self._signale(event)

    def close(self):
        """Ferme aussi la zone de sortie que jupyter_rfb garde pour ses propres erreurs."""
        self._output_context.close()
        self._output_context.layout.close()
        super().close()
