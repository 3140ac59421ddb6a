"""Refait tout ce qui est embarqué dans ``data/``.

    pip install scikit-learn==1.8.0
    python data/preparer.py

Les chiffres de l'UCI voyagent dans le paquet scikit-learn : c'est là qu'on les prend, faute de
pouvoir compter sur un site. Le fichier produit est le même, octet pour octet, d'une fois sur l'autre.
"""

import io
import zipfile
from pathlib import Path

import numpy as np

ICI = Path(__file__).resolve().parent


def ecris(fichier: str, **tableaux: np.ndarray) -> None:
    """Écrit une archive ``.npz`` sans date, pour que refaire les données ne change rien au dépôt."""
    with zipfile.ZipFile(ICI / fichier, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for nom, tableau in tableaux.items():
            octets = io.BytesIO()
            np.save(octets, tableau, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{nom}.npy"), octets.getvalue(), zipfile.ZIP_DEFLATED)
    print(f"{fichier} : {(ICI / fichier).stat().st_size / 1024:.0f} Kio")


def chiffres() -> None:
    """Les 1 797 chiffres 8×8 (de 0 à 16 par pixel), et leurs étiquettes."""
    from sklearn.datasets import load_digits

    jeu = load_digits()
    ecris(
        "chiffres.npz",
        images=jeu.images.astype(np.uint8),
        etiquettes=jeu.target.astype(np.uint8),
    )


if __name__ == "__main__":
    chiffres()
