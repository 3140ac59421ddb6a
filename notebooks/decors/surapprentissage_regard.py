"""Que regarde-t-il ? Un carré de l'image s'efface, et l'on voit si le score bouge."""

from functools import cache

import numpy as np
from demystifie import vue, vues

from decors.surapprentissage_astuces import cache_un_carre
from decors.surapprentissage_eleve import (
    ATTENDUS,
    CHIENS,
    EXERCICES,
    Eleve,
    partout,
    portraits,
    pose,
    sur_l_herbe,
)

NOMS = {"Neige, chat": 10, "Médor, chien": 5, "Caramel, chat": 20, "Nuage, chien": 15,
        "Réglisse, chat": 6, "Biscuit, chien": 11, "Moustache, chat": 0}  # fmt: skip
ELEVES = ["piégé", "averti", "averti, avec cache"]


@cache
def exerce(nom, corrige, graine=1):
    """Un de ces élèves, après mille pas de la boucle d'avant, sans la regarder."""
    hasard, ailleurs = np.random.default_rng(graine), np.random.default_rng(graine + 1000)
    eleve, herbe = Eleve(hasard, 32), sur_l_herbe(nom != "piégé", 50)
    for _ in range(1000):
        lot = hasard.choice(EXERCICES, 30, replace=False)
        images = pose(lot, herbe)
        if nom == "averti, avec cache":
            images = cache_un_carre(images, ailleurs)
        corrige(eleve, images, ATTENDUS[lot], 0.002)
    return eleve


def fondu(animal, fond):
    """L'animal sur un fond entre le canapé (0) et l'herbe (1), tel que l'élève le reçoit."""
    canape, herbe = partout()[:, animal]
    return (1 - fond) * canape + fond * herbe


@cache
def moyenne():
    """La moyenne de toutes les images d'exercice, sur les deux fonds : on n'y reconnaît plus rien."""
    return partout()[:, EXERCICES].mean((0, 1))


def sans_un_carre(image):
    """L'image 64 fois, chaque fois un carré remplacé par celui de l'image moyenne : (64, 3072)."""
    sans = np.tile(image, (64, 1)).reshape(8, 8, 32, 32, 3)
    for y, x in np.ndindex(8, 8):
        carre = np.index_exp[max(0, 4 * y - 4) : 4 * y + 8, max(0, 4 * x - 4) : 4 * x + 8]
        sans[y, x][carre] = moyenne().reshape(32, 32, 3)[carre]
    return sans.reshape(64, 3072)


def moitie(carte):
    """Le plus petit nombre de carrés, sur 64, qui font la moitié de la carte."""
    forces = np.sort(np.abs(carte))[::-1]
    return 1 + int(np.argmax(forces.cumsum() >= forces.sum() / 2))


def dit_regard(score, carte):
    """Ce qu'il dit, et si sa carte est ramassée ou étalée."""
    dit, combien = "chien" if score > 0 else "chat", moitie(carte)
    return f"Score {score:.2f} : il dit « {dit} ». La moitié de sa carte : {combien} carrés sur 64."


@vue(recit=dit_regard, cadre=[5 * ["image"] + 5 * ["regard"] + 3 * ["score"]])
def regard(image, regard, score, reglages):
    """L'animal sur son fond, ce qui y fait bouger le score, et le score."""
    grands = portraits(("canapé", "herbe"), tuple(NOMS.values()))
    vues.sans_axes(image, "l’image")
    vues.sans_axes(regard, "ce qu’il regarde")
    for axe in (image, regard):
        axe.set_anchor("N")  # leurs titres à la hauteur du troisième
    regard.set_xlabel("bleu : chien ; orange : chat\n ", fontsize=15)
    rien = np.zeros((128, 128, 4), np.uint8)
    photo = image.imshow(rien, interpolation="bilinear")
    pale = regard.imshow(rien, interpolation="bilinear", extent=(0, 8, 8, 0))
    voile = regard.imshow(rien, interpolation="bicubic", extent=(0, 8, 8, 0))
    style = dict(fontsize=15, ha="center", va="top", transform=regard.transAxes)
    compte = regard.text(0.5, -0.1, "", **style)
    score.set(xlim=(-1, 1), ylim=(-1.7, 1.7), xticks=[], title="son score")
    score.set_yticks([-1, 0, 1], ["chat : −1", "0", "chien : 1"], fontsize=16)
    score.axhline(0, color=vues.GRIS, lw=2)
    (barre,) = score.bar([0], [0], width=0.9)
    verdict = score.text(0, 0, "", fontsize=24, fontweight="bold", ha="center")

    def montre(valeur, carte):
        animal, fond = reglages.animal, reglages.fond
        melange = (1 - fond) * grands["canapé"][animal] + fond * grands["herbe"][animal]
        photo.set_data(melange.astype(np.uint8))
        melange[..., :3] = 115 + 0.5 * melange[..., :3].mean(axis=2, keepdims=True)
        pale.set_data(melange.astype(np.uint8))
        force = carte.reshape(8, 8) / max(np.abs(carte).max(), 0.1)
        couleurs = vues.CONTRE_POUR(0.5 + 0.5 * np.sign(force), bytes=True)
        couleurs[..., 3] = 255 * 0.85 * np.abs(force) ** 1.2
        voile.set_data(couleurs)
        compte.set_text(f"la moitié de sa carte : {moitie(carte)} carrés sur 64")
        barre.set_height(valeur)
        barre.set_color(vues.BLEU if valeur > 0 else vues.ORANGE)
        juste = (valeur > 0) == CHIENS[animal]
        verdict.set_text(f"{'chien' if valeur > 0 else 'chat'} {'✓' if juste else '✗'}")
        verdict.set_y(1.4 if valeur > 0 else -1.55)
        return photo, pale, voile, compte, barre, verdict

    return montre
