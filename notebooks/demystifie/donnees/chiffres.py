"""Les petits chiffres embarqués, en 8×8."""

import numpy as np

from .fichiers import lis, refuse


def chiffres() -> tuple[np.ndarray, np.ndarray]:
    """Les 1 797 chiffres manuscrits de l'UCI, en 8×8.

    Rend ``(images, etiquettes)`` : des réels de 0 (papier) à 1 (encre), de forme (1797, 8, 8), et
    des entiers de 0 à 9, de forme (1797,). L'ordre est celui d'origine : les derniers chiffres
    ont été écrits par d'autres mains que les premiers. Lève une ``FileNotFoundError`` ou une
    ``ValueError``, en une phrase, si le fichier manque ou est abîmé.

    Source : Alpaydin et Kaynak, « Optical Recognition of Handwritten Digits », UCI Machine
    Learning Repository, 1998, CC BY 4.0.
    """
    images, etiquettes = lis("chiffres.npz", "images", "etiquettes")
    if images.shape != (1797, 8, 8) or etiquettes.shape != (1797,):
        raise refuse("chiffres.npz")
    return images / np.float32(16), etiquettes.astype(int)
