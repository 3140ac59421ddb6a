"""Les chiffres de MNIST, en 28×28 ; ou ce qui en tient lieu."""

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from . import fichiers
from .cadrage import cadre28
from .chiffres import chiffres
from .originaux import lis_les_quatre


class Mnist(NamedTuple):
    """Une partie de MNIST, ou ce qui en tient lieu."""

    images: np.ndarray  # (n, 28, 28), des octets, de 0 (papier) à 255 (encre)
    etiquettes: np.ndarray  # (n,), de 0 à 9
    origine: str


def mnist(partie: str = "apprentissage") -> Mnist:
    """Les chiffres de MNIST, en 28×28 : 60 000 pour l'``"apprentissage"``, 10 000 pour le ``"test"``.

    Ils sont lus dans le dossier que nomme la variable ``DEMYSTIFIE_DONNEES`` (celui qui contient
    ``MNIST/raw``, jamais modifié), ou sinon dans ``data/``, où torchvision les télécharge la première
    fois. Faute de mieux, une phrase le dit, et ce sont les 1 797 chiffres embarqués, agrandis et
    cadrés de même : 1 200 et 597. Lève une ``ValueError`` si ``partie`` est autre chose.
    """
    if partie not in ("apprentissage", "test"):
        raise ValueError(f"MNIST a deux parties, « apprentissage » et « test » ; pas « {partie} ».")
    ailleurs = os.environ.get("DEMYSTIFIE_DONNEES")
    racine = Path(ailleurs).expanduser() if ailleurs else fichiers.EMBARQUEES
    raw = racine / "MNIST" / "raw"
    octets, souci = lis_les_quatre(raw)
    if souci and not ailleurs:
        from .telechargement import telecharge  # http et ses parents, que rien d'autre ne demande

        octets, souci = telecharge(racine, raw, souci)
    if souci:
        remplacants = "les 1 797 chiffres embarqués, agrandis"
        print(f"{souci}. On continue avec {remplacants}.")
        images, etiquettes = _agrandis()
        coupe = slice(1200) if partie == "apprentissage" else slice(1200, None)
        return Mnist(images[coupe].copy(), etiquettes[coupe].copy(), remplacants)
    prefixe = "train" if partie == "apprentissage" else "t10k"
    images = np.frombuffer(octets[f"{prefixe}-images-idx3-ubyte"], np.uint8, offset=16)
    etiquettes = np.frombuffer(octets[f"{prefixe}-labels-idx1-ubyte"], np.uint8, offset=8)
    return Mnist(images.reshape(-1, 28, 28).copy(), etiquettes.astype(np.int64), "MNIST")


@cache
def _agrandis():
    """Les chiffres 8×8, agrandis et cadrés comme un dessin sur l'ardoise."""
    images, etiquettes = chiffres()
    grandes = [Image.fromarray(i).resize((112, 112), Image.Resampling.BICUBIC) for i in images]
    cadrees = np.array([cadre28(np.asarray(grande)) for grande in grandes])
    return np.round(255 * cadrees).astype(np.uint8), etiquettes.astype(np.int64)
