"""Faire télécharger MNIST par torchvision, sans jamais attendre sans fin un réseau qui se tait."""

import errno
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from .fichiers import court
from .originaux import SOMMES, lis_les_quatre, verifie
from .vision import importe_torchvision

SANS_ECRIRE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOTDIR, errno.EEXIST}
DELAI = 4  # secondes sans nouvelles du réseau avant de s'en passer


def telecharge(racine: Path, raw: Path, souci: str) -> tuple[dict[str, bytes], str]:
    """Comme ``lis_les_quatre``, après avoir fait télécharger ce qui manque ou est abîmé."""
    try:
        jeu = importe_torchvision().datasets.MNIST
    except (ImportError, OSError, RuntimeError, AttributeError):
        return {}, f"{souci}, et torchvision, qui le télécharge, ne se charge pas"
    miroirs = _repondent(jeu.mirrors)
    if not miroirs:
        return {}, f"{souci}, et le réseau ne répond pas"
    print(f"{souci} : MNIST se télécharge dans data/ (12 Mo, une seule fois)…")
    for miroir in 2 * miroirs:  # ce qui est déjà arrivé, et dont la somme est bonne, n'est pas redemandé
        # Un miroir à la fois : sur une ligne coupée, torchvision n'essaie pas le suivant. Et rien de
        # ce que d'anciennes versions rangeaient ailleurs, en pickle.
        dici = {"mirrors": [miroir], "_check_legacy_exist": lambda _: False}
        try:
            _ecarte_les_abimes(raw)
            with _delai(DELAI):
                type("MNIST", (jeu,), dici)(racine, download=True)
        except Exception as erreur:  # urllib, http, gzip, zlib, torchvision : chacun a les siennes
            if getattr(erreur, "errno", None) in SANS_ECRIRE:
                return {}, f"{souci}, et on ne peut pas écrire dans {court(raw)}"
        octets, souci = lis_les_quatre(raw)
        if not souci:
            return octets, ""
    return {}, f"{souci}, et le téléchargement s'est interrompu : il reprendra la prochaine fois"


def _ecarte_les_abimes(raw):
    """Efface ce qui n'a pas la bonne somme : torchvision se contente de voir que le fichier existe."""
    for nom in SOMMES:
        chemin = raw / nom
        if chemin.is_file() and not verifie(chemin.read_bytes(), nom):
            chemin.unlink()


def _repondent(miroirs):
    """Ceux des miroirs qui répondent dans le délai, dans l'ordre.

    On demande à tous à la fois, chacun dans son fil : sans réseau, la recherche du nom d'un hôte
    peut durer des minutes, et rien ne sait l'interrompre.
    """
    presents = set()

    def sonne(miroir):
        demande = urllib.request.Request(miroir + "t10k-labels-idx1-ubyte.gz", method="HEAD")
        try:
            urllib.request.urlopen(demande, timeout=DELAI).close()
        except urllib.error.HTTPError:
            pass  # il ne veut pas de cette question, mais il est là
        except Exception:  # hors d'atteinte, muet, ou qui parle une autre langue
            return
        presents.add(miroir)

    fils = [threading.Thread(target=sonne, args=[m], daemon=True) for m in miroirs]
    for fil in fils:
        fil.start()
    echeance = time.monotonic() + DELAI
    for fil in fils:
        fil.join(max(0, echeance - time.monotonic()))
    return [miroir for miroir in miroirs if miroir in presents]


@contextmanager
def _delai(secondes):
    """Le temps d'attente du réseau, le temps d'un bloc : torchvision attendrait sans fin."""
    avant = socket.getdefaulttimeout()
    socket.setdefaulttimeout(secondes)
    try:
        yield
    finally:
        socket.setdefaulttimeout(avant)
