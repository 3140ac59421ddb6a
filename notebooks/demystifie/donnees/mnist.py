"""Les chiffres de MNIST, en 28×28 : le jeu complet, ou l'extrait embarqué."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import fichiers
from .originaux import lis_les_quatre

COMBIEN = {"apprentissage": 2000, "test": 1000}  # chiffres de l'extrait


class Mnist(NamedTuple):
    """Une partie de MNIST, complète ou non."""

    images: np.ndarray  # (n, 28, 28), des octets, de 0 (papier) à 255 (encre)
    etiquettes: np.ndarray  # (n,), de 0 à 9
    origine: str  # « MNIST » si elle est complète, sinon « extrait de MNIST »


def mnist(partie: str = "apprentissage") -> Mnist:
    """Les chiffres de MNIST, en 28×28 : 60 000 pour l'``"apprentissage"``, 10 000 pour le ``"test"``.

    Ils sont lus dans le dossier que nomme la variable ``DEMYSTIFIE_DONNEES`` (celui qui contient
    ``MNIST/raw``, jamais modifié), ou sinon dans ``data/``, où torchvision les télécharge la première
    fois. Faute de mieux, une phrase le dit, une seule fois, et c'est ``mnist_extrait(partie)``. Lève une
    ``ValueError`` si ``partie`` est autre chose.

    Source : LeCun, Cortes et Burges, « The MNIST database of handwritten digits », 1998, CC BY-SA 3.0.
    """
    _verifie(partie)
    ailleurs = os.environ.get("DEMYSTIFIE_DONNEES")
    racine = Path(ailleurs).expanduser() if ailleurs else fichiers.EMBARQUEES
    raw = racine / "MNIST" / "raw"
    octets, souci = lis_les_quatre(raw)
    if souci and not ailleurs:
        from .telechargement import telecharge  # http et ses parents, que rien d'autre ne demande

        octets, souci = telecharge(racine, raw, souci)
    if souci:
        fichiers.dis_une_fois(f"{souci}. On continue avec un extrait, embarqué : 3 000 de ses chiffres.")
        return mnist_extrait(partie)
    prefixe = "train" if partie == "apprentissage" else "t10k"
    images, etiquettes = octets[f"{prefixe}-images-idx3-ubyte"], octets[f"{prefixe}-labels-idx1-ubyte"]
    return Mnist(images[16:].reshape(-1, 28, 28), etiquettes[8:].astype(np.int64), "MNIST")


def mnist_extrait(partie: str = "apprentissage") -> Mnist:
    """3 000 chiffres de MNIST, embarqués : 2 000 pour l'``"apprentissage"``, 1 000 pour le ``"test"``.

    Tirés au sort, les uns parmi les 60 000 pour apprendre, les autres parmi les 10 000 de l'examen
    officiel ; autant de chaque chiffre, dans l'ordre 0, 1… 9, 0, 1… : les ``n`` premiers sont donc, eux
    aussi, équilibrés. Lève une ``ValueError`` ou une ``FileNotFoundError``, en une phrase, si le fichier
    manque ou est abîmé, ou si ``partie`` est autre chose.

    Source : comme pour ``mnist``.
    """
    _verifie(partie)
    images, etiquettes = fichiers.lis("mnist.npz", f"images_{partie}", f"etiquettes_{partie}")
    combien = COMBIEN[partie]
    if images.shape != (combien, 28, 28) or images.dtype != np.uint8 or etiquettes.shape != (combien,):
        raise fichiers.refuse("mnist.npz")
    return Mnist(images, etiquettes.astype(np.int64), "extrait de MNIST")


def _verifie(partie):
    if partie not in COMBIEN:
        raise ValueError(f"MNIST a deux parties, « apprentissage » et « test » ; pas « {partie} ».")
