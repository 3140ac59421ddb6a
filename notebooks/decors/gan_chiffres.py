"""Le carnet 08, la commande : un chiffre que personne n'a écrit, et à quoi il ressemble."""

from functools import cache

import numpy as np
import torch
from demystifie import donnees, reseaux, vue, vues
from matplotlib.patches import Rectangle

from . import gan
from .gan_jeu import faussaire

UN = np.eye(10, dtype=np.float32)
"""Une commande par chiffre : ``UN[7]`` demande un 7."""
ETAPES = 9  # du chemin d'un chiffre à l'autre


def inspiration(tirage: int) -> np.ndarray:
    """Le bruit d'où part le faussaire (16,) ; le même numéro, la même inspiration."""
    return np.random.default_rng(tirage).standard_normal(16).astype(np.float32)


@torch.no_grad()
def contrefait(bruit: np.ndarray, demande: np.ndarray) -> np.ndarray:
    """Le chiffre (28, 28) que le faussaire embarqué tire de ce bruit, sur cette commande."""
    entrees = (torch.from_numpy(np.atleast_2d(np.float32(e))) for e in (bruit, demande))
    return faussaire()(*entrees)[0].numpy()


@cache
def lenet() -> reseaux.LeNet5:
    """LeNet-5, celui du carnet 6."""
    return reseaux.charger("lenet5")


@torch.no_grad()
def lit(images: np.ndarray) -> np.ndarray:
    """La confiance que LeNet-5 donne à chacun des dix chiffres : (n, 10), ou (10,) pour une image."""
    confiances = torch.softmax(lenet()(reseaux.tenseur(images)), dim=1).numpy()
    return confiances[0] if images.ndim == 2 else confiances


# --- A-t-il recopié ? -----------------------------------------------------------------------


def modeles() -> np.ndarray:
    """Les vrais chiffres à qui comparer, à plat : des octets (n, 784)."""
    return gan.modeles().images.reshape(-1, 784)


def plus_proche(image: np.ndarray) -> tuple[np.ndarray, float]:
    """Le vrai chiffre le plus proche d'une ``image`` (28, 28), de 0 à 1, et à quelle distance il est."""
    rangs, distances = plus_proches(image[None])
    return modeles()[rangs[0]].reshape(28, 28) / np.float32(255), float(distances[0])


def plus_proches(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pour chacune de ces ``images`` (n, 28, 28), le rang du vrai le plus proche, et sa distance."""
    plates, loin = np.float32(images.reshape(len(images), -1)), []
    for lot in np.array_split(modeles(), max(1, len(modeles()) // 4000)):
        reels = lot / np.float32(255)
        loin.append(np.einsum("ij,ij->i", reels, reels) - 2 * plates @ reels.T)
    carres = np.concatenate(loin, axis=1) + np.einsum("ij,ij->i", plates, plates)[:, None]
    return carres.argmin(axis=1), np.sqrt(carres.min(axis=1).clip(0))


@cache
def distance_ordinaire() -> float:
    """À quelle distance du plus proche est, d'ordinaire, un vrai chiffre jamais vu (médiane de 60)."""
    nouveaux = donnees.mnist_extrait("test").images[:60] / np.float32(255)
    return float(np.median(plus_proches(nouveaux)[1]))


# --- Les obéit-il toujours ? ----------------------------------------------------------------


@cache
def classes(audace: float) -> np.ndarray:
    """Ce que LeNet-5 lit dans 200 faux, vingt commandes de chaque chiffre, à cette audace : (10,)."""
    hasard = torch.Generator().manual_seed(3)
    faux = reseaux.contrefait(faussaire(), np.arange(200) % 10, audace, hasard)
    return np.bincount(lit(faux.numpy()).argmax(axis=1), minlength=10)


# --- Ce qu'on regarde -----------------------------------------------------------------------


def seul(commande):
    """Le chiffre demandé, s'il n'y en a qu'un."""
    chiffre, vers, chemin = commande
    if chiffre == vers or chemin in (0, 1):
        return chiffre if chemin < 1 else vers
    return None


def dit_commande(demande, faux, film, confiances, voisin, distance, lus):
    """Ce qu'on a demandé, ce que la machine lit, et si c'est une copie."""
    voulu, lu = seul(demande), int(np.argmax(confiances))
    quoi = f"Entre un {demande[0]} et un {demande[1]}" if voulu is None else f"Un {voulu} demandé"
    return (
        f"{quoi} : la machine lit {lu}, sûre à {100 * confiances[lu]:.0f} %. Le plus proche des "
        f"{vues.nombre(len(modeles()))} vrais est à {distance:.1f} ; pour un vrai jamais vu, ce serait "
        f"{distance_ordinaire():.1f}."
    )


@vue(
    recit=dit_commande,
    cadre=4 * [2 * ["faux"] + 2 * ["proche"] + 3 * ["avis"]] + 2 * [4 * ["film"] + 3 * ["classes"]],
    taille=(12, 5.8),
)
def commande(faux, proche, avis, film, classes):
    """Le faux et son plus proche vrai, ce qu'y lit LeNet-5, le chemin, et les dix classes."""
    pose_le_faux = vues.mosaique(faux, 1, 1, (28, 28), limite=1, titre="un faux, sur commande")
    pose_le_vrai = vues.mosaique(proche, 1, 1, (28, 28), limite=1, titre="le plus proche vrai")
    bords = dict(fill=False, lw=1.5, ec="#cbd2d9", zorder=4)
    cadres = [axe.add_patch(Rectangle((-0.5, -0.5), 28, 28, **bords)) for axe in (faux, proche)]
    monte = vues.barres(avis, range(10), haut=1.05, titre="LeNet-5 y lit…")
    avis.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    pose_le_film = vues.mosaique(film, 1, ETAPES, (28, 28), limite=1, titre="d’un chiffre à l’autre")
    ici = film.add_patch(Rectangle((-0.5, -0.5), 28, 28, fill=False, ec=vues.BLEU, lw=5, zorder=5))
    ici.set_clip_on(False)
    classes.set(ylim=(0, 26), xlim=(-0.6, 9.6), yticks=[0, 20])
    classes.set_title("lus, pour 20 demandés de chaque")
    classes.set_xticks(range(10), range(10), fontsize=16)
    classes.axhline(20, color=vues.VERT, lw=2, ls=(0, (4, 2)), zorder=3)
    rangees = classes.bar(range(10), [0] * 10, width=0.8, color="#7b8794")

    def montre(demande, image, etapes, confiances, voisin, distance, lus):
        for rangee, lu in zip(rangees, lus, strict=True):
            rangee.set_height(lu)
        ici.set_x(29 * (ETAPES - 1) * demande[2] - 0.5)
        return (
            pose_le_faux([image]), pose_le_vrai([voisin]), cadres, monte(confiances, seul(demande)),
            pose_le_film(etapes), ici, rangees,
        )  # fmt: skip

    return montre
