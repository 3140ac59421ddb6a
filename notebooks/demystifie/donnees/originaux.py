"""Les quatre fichiers de MNIST, tels que l'on les publie : lus en entier, et vérifiés."""

import hashlib
from pathlib import Path

import numpy as np

from .fichiers import court

SOMMES = {  # sha256 des fichiers décompressés : torchvision ne vérifie que les .gz
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def verifie(octets: bytes | np.ndarray, nom: str) -> bool:
    """Vrai si ce sont bien ceux du fichier ``nom``."""
    return hashlib.sha256(octets).hexdigest() == SOMMES[nom]


def lis_les_quatre(raw: Path) -> tuple[dict[str, np.ndarray], str]:
    """Les quatre fichiers, vérifiés en entier, ou la phrase qui dit ce qui leur manque.

    Les quatre, même pour une seule partie : apprentissage et test ont toujours la même origine.
    """
    if not raw.is_dir():
        return {}, f"MNIST n'est pas dans {court(raw.parents[1])}"
    octets = {}
    for nom in SOMMES:
        try:
            octets[nom] = np.fromfile(raw / nom, np.uint8)  # qu'il ne faudra pas recopier
        except FileNotFoundError:
            return {}, f"Il manque à MNIST le fichier {court(raw / nom)}"
        except OSError:
            return {}, f"Le fichier {court(raw / nom)} ne se lit pas"
        if not verifie(octets[nom], nom):
            return {}, f"Le fichier {court(raw / nom)} est abîmé"
    return octets, ""
