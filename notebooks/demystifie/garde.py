"""Faire tourner une boucle écrite par un autre : elle peut ne pas revenir, et elle peut parler."""

import contextlib
import io
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np

PATIENCE = 10  # secondes qu'un pas peut durer…
PATIENCE_AU_DEPART = 40  # … et ce qui prépare tout : le premier, et la première image
TOURS = 8  # du veilleur, pendant une patience
BAVARDAGE = 1500  # caractères que l'on garde de ce que la boucle imprime : les derniers
SANS_FIN = (
    "La boucle ne revient pas (une boucle sans fin ?) : elle est interrompue. "
    "Corrige sa cellule, puis rejoue-la : Maj+Entrée."
)
ARRETEE = "La boucle est interrompue : c’est ⏹, ou Ctrl+C, qui l’a demandé."


class Interrompue(KeyboardInterrupt):
    """La boucle ne revenait pas, ou l'on a pressé ⏹ ; dit en une phrase."""


class Paroles(io.TextIOBase):
    """Ce que la boucle imprime, ou du moins sa fin."""

    texte = ""

    def write(self, texte: str) -> int:
        """Ajoute ``texte``, et oublie le début s'il y en a trop."""
        self.texte = (self.texte + texte)[-BAVARDAGE:]
        return len(texte)


class _Veilleur(threading.Thread):
    """Interrompt le fil principal si la boucle qu'il fait tourner reste trop longtemps au même pas."""

    pouls: Callable[[], int] | None = None
    patience, phrase = PATIENCE, ARRETEE

    def run(self):
        # On compte des tours, pas des secondes : un ordinateur endormi n'est pas une boucle sans fin.
        tours, avant = 0, None
        while True:
            time.sleep(self.patience / TOURS)
            pouls = self.pouls
            battement = pouls and (pouls, pouls())
            tours, avant = (tours + 1 if battement and battement == avant else 0), battement
            if tours == TOURS:
                tours, self.phrase = 0, SANS_FIN
                if hasattr(signal, "pthread_kill"):  # tire aussi d'un sommeil
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                else:
                    signal.raise_signal(signal.SIGINT)


_veilleur = _Veilleur(daemon=True)
_veilleur.start()


def _interrompt(*_):
    raise Interrompue(_veilleur.phrase)


@contextlib.contextmanager
def garde(pouls: Callable[[], int], paroles: Paroles | None, un_pas: bool = False):
    """Le contexte où tourne ce qu'un autre a écrit : ⏹ l'arrête, et nous si ``pouls()`` ne change plus.

    ``pouls`` : une fonction neuve. ``un_pas`` : rien ne s'y prépare, soyons moins patients.
    Ce qu'elle imprime va à ``paroles``, ou comme d'ordinaire si c'est ``None``. Lève ``Interrompue``.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # un signal ne parvient qu'au fil principal
        return
    avant = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, _interrompt)
        _veilleur.patience = PATIENCE if un_pas else PATIENCE_AU_DEPART
        _veilleur.phrase, _veilleur.pouls = ARRETEE, pouls
        with np.errstate(all="ignore"), contextlib.redirect_stdout(paroles or sys.stdout):
            yield  # ce qui diverge le fait sans rien dire
    finally:
        _veilleur.pouls = None
        signal.signal(signal.SIGINT, avant)


def raconte(souci: BaseException) -> str:
    """La faute, puis les lignes qui y ont mené, les nôtres ôtées s'il y en a d'autres."""
    pile = traceback.extract_tb(souci.__traceback__)
    autres = [ligne for ligne in pile if Path(ligne.filename).parent != Path(__file__).parent]
    phrase = [f"{souci}\n"] if isinstance(souci, Interrompue) else traceback.format_exception_only(souci)
    return "".join([*phrase, *traceback.format_list(autres or pile)])
