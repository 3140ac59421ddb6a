"""Sept photos, et de petits morceaux d'elles, tournés, sur lesquels interroger un réseau."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from . import fichiers

TAILLES = {  # largeur, hauteur
    "astronaute": (384, 384), "chat": (451, 300), "dahlia": (576, 384), "fusee": (576, 384),
    "raton": (512, 384), "tasse": (576, 384), "temple": (576, 384),
}  # fmt: skip
COTE = 48  # pixels d'un morceau
SENS = (22.5, 67.5, 112.5, 157.5)  # degrés ; jamais zéro : une photo droite serait plus nette
ECHELLES = (384, 240)  # pixels du petit côté : de près, de loin
A_APPRENDRE = 0.68  # ce qu'on laisse voir de la largeur ; le reste, à droite, est pour l'examen


class Morceaux(NamedTuple):
    """Des morceaux de photo, et d'où ils viennent."""

    pixels: np.ndarray  # (n, 48, 48, 3), des octets
    photo: np.ndarray  # (n,), rangs dans ``photos()``
    sens: np.ndarray  # (n,), rangs dans ``SENS``


def photos() -> dict[str, np.ndarray]:
    """Sept photos en couleurs, par nom : des tableaux (hauteur, largeur, 3) d'octets.

    Lève une ``FileNotFoundError`` ou une ``ValueError``, en une phrase, si l'une manque ou est abîmée.

    Sources : celles que distribuent scikit-image, scikit-learn et scipy ; leurs auteurs et leurs
    licences, toutes libres, sont dans ``data/LISEZMOI.md``.
    """
    return {nom: _lis(nom) for nom in TAILLES}


def morceaux(partie: str, combien: int, hasard: np.random.Generator) -> Morceaux:
    """Des carrés de 48 pixels pris au hasard dans les photos, tournées et vues de près ou de loin.

    ``partie`` : ``"apprentissage"``, les deux tiers de gauche de chaque photo, ou ``"test"``, le reste,
    que la première ne montre jamais. Lève une ``ValueError`` si c'est autre chose.
    """
    if partie not in ("apprentissage", "test"):
        raise ValueError(f"Une photo a deux parties, « apprentissage » et « test » ; pas « {partie} ».")
    carres = _tournees(partie)
    photo, sens = hasard.integers(len(TAILLES), size=combien), hasard.integers(len(SENS), size=combien)
    echelle, places = hasard.integers(len(ECHELLES), size=combien), hasard.random((combien, 2))
    pixels = np.empty((combien, COTE, COTE, 3), np.uint8)
    for i, qui in enumerate(zip(photo, sens, echelle, strict=True)):
        carre = carres[qui]
        y, x = (places[i] * (len(carre) - COTE + 1)).astype(int)
        pixels[i] = carre[y : y + COTE, x : x + COTE]
    return Morceaux(pixels, photo, sens)


def _lis(nom):
    fichier = f"photos/{nom}.webp"
    try:
        with Image.open(fichiers.EMBARQUEES / fichier, formats=["WEBP"]) as image:
            pixels = np.asarray(image.convert("RGB"))
    except FileNotFoundError:
        raise FileNotFoundError(f"Il manque le fichier data/{fichier} : reprends-le du dépôt.") from None
    except Exception as erreur:  # Pillow en a de toutes sortes, selon ce qui est abîmé
        raise ValueError(f"Le fichier data/{fichier} est abîmé : reprends-le du dépôt.") from erreur
    if pixels.shape[1::-1] != TAILLES[nom]:
        raise fichiers.refuse(fichier)
    return pixels


@cache
def _tournees(partie):
    """Une partie des photos, ``{(photo, sens, échelle): carré}`` ; coupée avant d'être tournée."""
    carres = {}
    for rang, pixels in enumerate(photos().values()):
        for loin, petit_cote in enumerate(ECHELLES):
            photo = Image.fromarray(pixels)
            echelle = min(1, petit_cote / min(photo.size))
            taille = [round(echelle * cote) for cote in photo.size]
            photo = photo.resize(taille, Image.Resampling.LANCZOS)
            coupe = int(A_APPRENDRE * photo.width)
            gauche, droite = (0, coupe) if partie == "apprentissage" else (coupe, photo.width)
            photo = photo.crop((gauche, 0, droite, photo.height))
            carres |= {(rang, sens, loin): _tourne(photo, angle) for sens, angle in enumerate(SENS)}
    return carres


def _tourne(photo, angle):
    """Le plus grand carré droit au milieu de la photo tournée, un peu flou : partout la même netteté."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    demi = int(min(photo.size) / (abs(c) + abs(s))) // 2 - 1
    x, y = photo.width // 2, photo.height // 2
    ou = (c, -s, x - demi * (c - s), s, c, y - demi * (s + c))  # où lire chaque pixel du carré
    cadre = 2 * demi, 2 * demi
    carre = photo.transform(cadre, Image.Transform.AFFINE, ou, Image.Resampling.BICUBIC)
    return np.asarray(carre.filter(ImageFilter.GaussianBlur(0.8)))
