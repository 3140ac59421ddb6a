"""Les données des carnets ; tout ce qui est ici marche sans réseau."""

from pathlib import Path

import numpy as np

EMBARQUEES = Path(__file__).resolve().parents[2] / "data"


def chiffres() -> tuple[np.ndarray, np.ndarray]:
    """Les 1 797 chiffres manuscrits de l'UCI, en 8×8.

    Rend ``(images, etiquettes)`` : des réels de 0 (papier) à 1 (encre), de forme (1797, 8, 8), et
    des entiers de 0 à 9, de forme (1797,). L'ordre est celui d'origine : les derniers chiffres
    ont été écrits par d'autres mains que les premiers. Lève une ``FileNotFoundError`` ou une
    ``ValueError``, en une phrase, si le fichier manque ou est abîmé.

    Source : Alpaydin et Kaynak, « Optical Recognition of Handwritten Digits », UCI Machine
    Learning Repository, 1998, CC BY 4.0.
    """
    images, etiquettes = _lit("chiffres.npz", "images", "etiquettes")
    if images.shape != (1797, 8, 8) or etiquettes.shape != (1797,):
        raise ValueError("Le fichier data/chiffres.npz n'est pas celui du dépôt : reprends-le.")
    return images / np.float32(16), etiquettes.astype(int)


def _lit(fichier, *noms):
    chemin = EMBARQUEES / fichier
    try:
        with np.load(chemin, allow_pickle=False) as archive:
            return [archive[nom] for nom in noms]
    except FileNotFoundError:
        raise FileNotFoundError(f"Il manque le fichier data/{fichier} : reprends-le du dépôt.") from None
    except Exception as erreur:  # zipfile, zlib et numpy ont chacun leurs exceptions
        raise ValueError(f"Le fichier data/{fichier} est abîmé : reprends-le du dépôt.") from erreur
