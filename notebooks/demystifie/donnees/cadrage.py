"""Cadrer un dessin comme l'ont été les chiffres que les réseaux ont vus."""

import math

import numpy as np
from PIL import Image, ImageFilter

SEUIL = 0.25  # en deçà, ce n'est pas de l'encre
ENCRE = 0.32  # la part de noir d'un chiffre de l'UCI (0,29 à 0,33 selon le chiffre)
MASSE = 0.85  # à 0, la boîte au milieu : un 1 sur socle se lit 2 ; à 1, la masse : un 1 à crochet, 9
EPAISSEURS = 20  # de quoi engraisser le plus fin des stylos
BOITE = 20  # pixels : là où tient un chiffre de MNIST, au milieu de 28×28
TRAIT = 2.0  # pixels : son trait, en médiane
LOUPE = 4  # points par pixel de MNIST, pour engraisser un trait sans l'empâter


def cadre(encre: np.ndarray) -> np.ndarray:
    """Cadre un dessin comme l'ont été les chiffres de l'UCI, et le réduit en 8×8.

    ``encre`` : un tableau (hauteur, largeur) de 0 (papier) à 1 (encre), de n'importe quelle taille.
    Rend un tableau (8, 8) de réels de 0 à 1 ; tout à zéro si rien n'est dessiné. Lève une
    ``ValueError`` si ce n'est pas une image.

    Là-bas, chaque chiffre touche le haut et le bas d'un carré de 32×32, n'en prend que les trois
    quarts en largeur, et son trait est gras : près d'un tiers du carré est noir, quel que soit le
    stylo. Son encre est au milieu, plutôt que sa boîte. Puis chaque pavé de 4×4 est compté.
    """
    boite = _boite(encre)
    if boite is None:
        return np.zeros((8, 8))
    trait = _ajuste(boite, 128, 128)
    for _ in range(EPAISSEURS):
        noir = np.asarray(_ajuste(trait, 32, 24)) > 0.5
        if noir.sum() >= ENCRE * 32 * 32:
            break
        gris = Image.fromarray((np.pad(trait, 1) * 255).astype(np.uint8))
        trait = np.asarray(gris.filter(ImageFilter.MaxFilter(3))) / 255  # un pixel de plus partout
    large = noir.shape[1]
    de_la_boite, de_l_encre = large / 2, (noir * (np.arange(large) + 0.5)).sum() / noir.sum()
    gauche = round(16 - MASSE * de_l_encre - (1 - MASSE) * de_la_boite)
    gauche = min(max(gauche, 0), 32 - large)
    carre = np.zeros((32, 32))
    carre[:, gauche : gauche + large] = noir
    return carre.reshape(8, 4, 8, 4).mean(axis=(1, 3))


def cadre28(encre: np.ndarray) -> np.ndarray:
    """Cadre un dessin comme l'ont été les chiffres de MNIST, et le réduit en 28×28.

    ``encre`` : comme pour ``cadre``. Rend un tableau (28, 28) de réels de 0 à 1 ; tout à zéro si rien
    n'est dessiné. Lève une ``ValueError`` si ce n'est pas une image.

    Là-bas, chaque chiffre, proportions gardées et bords adoucis, tient dans une boîte de 20×20, que
    l'on pose de sorte que le centre de masse de l'encre tombe au milieu. Un stylo trop fin, qui ne
    laisserait qu'un trait pâle, est d'abord engraissé.
    """
    boite = _boite(encre)
    if boite is None:
        return np.zeros((28, 28))
    trait = _tient_dans(boite, BOITE * LOUPE)
    manque = math.ceil((TRAIT * LOUPE - _epaisseur(trait)) / 2)
    if manque > 0:
        gris = Image.fromarray((np.pad(trait, manque) * 255).astype(np.uint8))
        trait = np.asarray(gris.filter(ImageFilter.MaxFilter(2 * manque + 1))) / 255
    chiffre = _tient_dans(trait, BOITE)
    haut, large = chiffre.shape
    lignes, colonnes = np.indices(chiffre.shape)
    y = round(14 - (lignes * chiffre).sum() / chiffre.sum())
    x = round(14 - (colonnes * chiffre).sum() / chiffre.sum())
    y, x = min(max(y, 0), 28 - haut), min(max(x, 0), 28 - large)
    carre = np.zeros((28, 28))
    carre[y : y + haut, x : x + large] = chiffre
    return carre


def _tient_dans(boite, cote):
    """Amène le plus grand côté à ``cote`` pixels, sans déformer, et le plus noir à 1."""
    gris = Image.fromarray(boite.astype(np.float32))
    taille = [max(1, round(n * cote / max(gris.size))) for n in gris.size]
    filtre = Image.Resampling.BOX if max(gris.size) > cote else Image.Resampling.BICUBIC
    ajuste = np.asarray(gris.resize(taille, filtre)).clip(0, 1)
    return ajuste / ajuste.max()


def _epaisseur(trait):
    """L'épaisseur moyenne d'un trait : deux fois son aire, divisée par son contour."""
    noir = Image.fromarray(((np.pad(trait, 1) > 0.5) * 255).astype(np.uint8))
    aire = np.count_nonzero(noir)
    contour = aire - np.count_nonzero(noir.filter(ImageFilter.MinFilter(3)))
    return 2 * aire / contour


def _boite(encre):
    """Ce qui reste d'un dessin, le papier blanc coupé ; ``None`` si tout est blanc."""
    encre = np.asarray(encre, dtype=float).clip(0, 1)
    if encre.ndim != 2 or not np.isfinite(encre).all():
        raise ValueError("Un dessin est un tableau à deux dimensions, de nombres entre 0 et 1.")
    lignes, colonnes = np.nonzero(encre > SEUIL)
    if not len(lignes):
        return None
    return encre[lignes.min() : lignes.max() + 1, colonnes.min() : colonnes.max() + 1]


def _ajuste(encre, haut, large):
    """Coupe le papier blanc et amène à ``haut`` pixels de haut, ``large`` au plus de large."""
    boite = _boite(encre)
    manque = max(0, boite.shape[1] // 2 - boite.shape[0])  # un tiret couché reste un tiret
    boite = np.pad(boite, ((manque // 2, manque - manque // 2), (0, 0)))
    large = min(large, max(1, round(boite.shape[1] * haut / boite.shape[0])))
    gris = Image.fromarray((boite * 255).astype(np.uint8))
    return np.asarray(gris.resize((large, haut), Image.Resampling.BOX)) / 255
