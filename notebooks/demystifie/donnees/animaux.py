"""Des chats et des chiens dessinés, chacun différent, à poser sur de l'herbe, un canapé ou du papier.

Un animal tient dans sa ``Fiche``, tirée au sort ; la même graine redonne le même animal, à toutes les
tailles. Rien, dans la fiche, ne trahit l'espèce : pelages, poses et colliers sont les mêmes pour tous ;
seul le dessin change (oreilles, museau, moustaches, langue, queue).
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .crayon import Couleur, Crayon, arc, fonce

PELAGES = {  # la robe, le ventre et les pattes
    "roux": ((232, 148, 72), (252, 226, 190)),
    "crème": ((240, 214, 170), (255, 246, 228)),
    "gris": ((146, 152, 166), (224, 227, 234)),
    "noir": ((74, 74, 88), (206, 206, 214)),
    "brun": ((158, 108, 74), (238, 212, 178)),
    "blanc": ((246, 243, 238), (255, 255, 255)),
}
COLLIERS = [None, None, (204, 51, 63), (37, 99, 189), (240, 180, 40)]
CANAPES = [(182, 66, 74), (70, 100, 168), (132, 84, 150), (206, 146, 58), (176, 104, 120)]
MURS = [(246, 232, 214), (232, 226, 238), (250, 240, 224), (226, 232, 240)]
HERBES = [(112, 184, 84), (92, 166, 74), (136, 194, 88), (100, 174, 102)]
ROSE, ENCRE, BLANC, PAPIER = (242, 150, 156), (52, 44, 52), (255, 255, 255), (250, 246, 236)


@dataclass(frozen=True)
class Fiche:
    """Ce qui fait d'un animal celui-là et pas un autre."""

    chien: bool
    pose: str
    pelage: str
    motif: str
    collier: Couleur | None
    oreille: float  # longueur, 1 d'ordinaire
    ecart: float  # des oreilles, en radians
    queue: float
    langue: bool
    yeux: Couleur
    tete: float
    taille: float
    penche: float  # de la tête, en radians
    ou: tuple[float, float]
    miroir: bool


def tire(chien: bool, hasard: np.random.Generator) -> Fiche:
    """Tire au sort un chien, ou un chat."""

    def parmi(choix):
        return choix[hasard.integers(len(choix))]

    return Fiche(
        chien=bool(chien),
        pose=parmi(["assis", "debout", "couché"]),
        pelage=parmi(list(PELAGES)),
        motif=parmi(["uni", "uni", "rayures", "taches", "masque"]),
        collier=parmi(COLLIERS),
        oreille=hasard.uniform(0.8, 1.15),
        ecart=hasard.uniform(-0.18, 0.22),
        queue=hasard.uniform(0.8, 1.2),
        langue=bool(hasard.random() < 0.65),
        yeux=parmi([(126, 178, 72), (226, 178, 52), (98, 160, 206), (168, 110, 60)]),
        tete=hasard.uniform(0.94, 1.1),
        taille=hasard.uniform(0.84, 1.04),
        penche=hasard.uniform(-0.16, 0.16),
        ou=(hasard.uniform(-0.04, 0.04), hasard.uniform(0.0, 0.04)),
        miroir=bool(hasard.random() < 0.5),
    )


# Pour chaque pose : la tête, le corps (des ronds x, y, rx, ry), les pattes (des traits), le départ de la
# queue et de quoi la tracer pour un chat et pour un chien. L'animal regarde à gauche.
POSES = {
    "assis": dict(
        tete=(0.0, -0.17),
        corps=[(0.0, 0.12, 0.155, 0.21), (-0.11, 0.29, 0.1, 0.1), (0.11, 0.29, 0.1, 0.1)],
        pattes=[[(-0.06, 0.18), (-0.065, 0.37)], [(0.06, 0.18), (0.065, 0.37)]],
        ventre=(0.0, 0.1, 0.085, 0.13),
        collier=(0.0, 0.0),
        chat=[(0.14, 0.34), (0.36, 0.38), (0.38, 0.12), (0.24, 0.04), (0.34, -0.04)],
        chien=[(0.15, 0.31), (0.28, 0.3), (0.34, 0.16)],
    ),
    "debout": dict(
        tete=(-0.2, -0.12),
        corps=[(-0.1, 0.1, 0.13, 0.14), (0.06, 0.1, 0.24, 0.125), (0.2, 0.11, 0.13, 0.13)],
        pattes=[[(x, 0.14), (x - 0.01, 0.37)] for x in (-0.15, -0.05, 0.17, 0.27)],
        ventre=(0.05, 0.18, 0.14, 0.05),
        collier=(-0.16, 0.03),
        chat=[(0.29, 0.08), (0.46, 0.04), (0.3, -0.24), (0.44, -0.34)],
        chien=[(0.29, 0.06), (0.4, 0.0), (0.42, -0.14)],
    ),
    "couché": dict(
        tete=(-0.17, 0.02),
        corps=[(0.06, 0.25, 0.29, 0.135), (0.2, 0.24, 0.17, 0.16), (-0.12, 0.24, 0.14, 0.13)],
        pattes=[
            [(-0.16, 0.35), (-0.3, 0.365)],
            [(0.0, 0.36), (-0.12, 0.375)],
            [(0.26, 0.36), (0.16, 0.37)],
        ],
        ventre=(-0.1, 0.26, 0.09, 0.09),
        collier=(-0.15, 0.17),
        chat=[(0.33, 0.3), (0.52, 0.3), (0.44, 0.08), (0.3, 0.06), (0.38, -0.04)],
        chien=[(0.34, 0.26), (0.45, 0.22), (0.44, 0.08)],
    ),
}


def _peint_animal(crayon: Crayon, fiche: Fiche):
    robe, ventre = PELAGES[fiche.pelage]
    trait = fonce(robe, 0.5 if fiche.pelage != "blanc" else 0.62)
    pose = POSES[fiche.pose]
    queue = np.array(pose["chien" if fiche.chien else "chat"])
    queue = arc(*(queue[0] + (queue - queue[0]) * fiche.queue))
    large = 0.085 if fiche.chien else 0.06
    pattes = [(patte, 0.085) for patte in pose["pattes"]]

    # D'abord tout en plus gros et en foncé : c'est le contour.
    for bord, couleur in ((0.014, trait), (0.0, robe)):
        crayon.trait(queue, large + 2 * bord, couleur)
        for x, y, rx, ry in pose["corps"]:
            crayon.rond(x, y, rx + bord, ry + bord, couleur)
        for patte, epais in pattes:
            crayon.trait(patte, epais + 2 * bord, couleur)
    if not fiche.chien or fiche.motif == "masque":
        crayon.trait(queue[-4:], large, ventre)
    crayon.rond(*pose["ventre"], ventre)
    if fiche.motif == "rayures":
        x, y, rx, ry = pose["corps"][1] if fiche.pose != "assis" else pose["corps"][0]
        for k in (-0.5, -0.1, 0.3):
            haut = y - ry * np.sqrt(1 - k * k)
            crayon.trait([(x + k * rx, haut), (x + k * rx + 0.015, haut + 0.1)], 0.028, fonce(robe))
    if fiche.motif == "taches":
        x, y, rx, ry = pose["corps"][-1]
        crayon.rond(x, y - 0.2 * ry, 0.6 * rx, 0.5 * ry, fonce(robe))
    for patte, epais in pattes:
        (x, y), bas = patte[0], patte[-1]
        if fiche.pose != "couché":
            crayon.trait([(x, y + 0.05), bas], epais + 0.01, trait)
            crayon.trait([(x, y - 0.01), bas], epais - 0.01, robe)
        crayon.rond(bas[0] - 0.008, bas[1] + 0.012, 0.056, 0.038, trait)
        crayon.rond(bas[0] - 0.008, bas[1] + 0.01, 0.046, 0.028, ventre)
    if fiche.collier:
        x, y = pose["collier"]
        crayon.rond(x, y, 0.125, 0.06, fiche.collier)
    ici = crayon.place(*pose["tete"], 0.185 * fiche.tete, fiche.penche)
    (_peint_chien if fiche.chien else _peint_chat)(ici, fiche, robe, ventre, trait)
    if fiche.collier and fiche.pose == "assis":
        crayon.rond(0, 0.05, 0.03, 0.032, (250, 210, 80))


def _peint_chat(tete, fiche, robe, ventre, trait):
    long = 1.0 * fiche.oreille
    for cote in (-1, 1):
        oreille = tete.place(cote * 0.62, -0.52, 1, cote * (0.22 + fiche.ecart))
        triangle = np.array([(-0.44, 0.2), (0.0, -long), (0.44, 0.2)])
        oreille.forme(triangle * (1.2, 1.13), trait)
        oreille.forme(triangle, robe)
        oreille.forme(triangle * (0.55, 0.66), ROSE)
    for bord, couleur in ((0.08, trait), (0.0, robe)):
        tete.rond(0, 0, 1.05 + bord, 0.86 + bord, couleur)
    if fiche.motif == "masque":
        moitie = [(-0.1, -0.8), (-0.5, 0.5), (-0.9, 0.5), (0, 0.9)]
        tete.forme(arc(*moitie, *[(-x, y) for x, y in moitie[-2::-1]]), ventre)
    if fiche.motif == "taches":
        tete.rond(0.45, -0.25, 0.38, 0.42, fonce(robe))
    if fiche.motif == "rayures":
        for x in (-0.26, 0, 0.26):
            tete.trait([(x, -0.78), (0.8 * x, -0.48)], 0.11, fonce(robe))
    tete.rond(-0.2, 0.42, 0.27, 0.22, ventre)
    tete.rond(0.2, 0.42, 0.27, 0.22, ventre)
    for cote in (-1, 1):
        tete.rond(cote * 0.45, -0.06, 0.24, 0.27, ENCRE)
        tete.rond(cote * 0.45, -0.06, 0.2, 0.23, fiche.yeux)
        tete.rond(cote * 0.45, -0.05, 0.085, 0.2, ENCRE)
        tete.rond(cote * 0.45 - 0.07, -0.15, 0.065, 0.065, BLANC)
        for penche in (-0.12, 0.04, 0.2):
            tete.trait(
                [(cote * 0.5, 0.38 + penche / 3), (cote * 1.42, 0.3 + 1.2 * penche)], 0.035, BLANC
            )
            tete.trait(
                [(cote * 0.5, 0.4 + penche / 3), (cote * 1.42, 0.32 + 1.2 * penche)], 0.025, ENCRE
            )
    tete.forme([(-0.13, 0.22), (0.13, 0.22), (0, 0.38)], (222, 104, 120))
    for cote in (-1, 1):
        tete.trait(arc((0, 0.38), (cote * 0.02, 0.6), (cote * 0.24, 0.52), n=6), 0.05, ENCRE)


def _peint_chien(tete, fiche, robe, ventre, trait):
    for bord, couleur in ((0.08, trait), (0.0, robe)):
        tete.rond(0, -0.06, 0.9 + bord, 0.86 + bord, couleur)
        tete.rond(0, 0.42, 0.58 + bord, 0.5 + bord, couleur)
    if fiche.motif in ("taches", "rayures"):
        tete.rond(0.4, -0.2, 0.34, 0.38, fonce(robe))
    if fiche.motif == "masque":
        tete.rond(0, -0.4, 0.2, 0.5, ventre)
    tete.rond(0, 0.46, 0.54, 0.44, ventre)
    for cote in (-1, 1):
        tete.rond(cote * 0.4, -0.16, 0.19, 0.21, ENCRE)
        tete.rond(cote * 0.4 - 0.06, -0.24, 0.075, 0.075, BLANC)
        tete.trait([(cote * 0.26, -0.5), (cote * 0.5, -0.48)], 0.07, trait)
    if fiche.langue:
        tete.rond(0.05, 0.82, 0.2, 0.3, (176, 60, 80))
        tete.rond(0.05, 0.82, 0.15, 0.25, (244, 124, 140))
    for cote in (-1, 1):
        tete.trait(arc((0, 0.4), (cote * 0.02, 0.74), (cote * 0.34, 0.62), n=6), 0.06, ENCRE)
    tete.rond(0, 0.24, 0.24, 0.17, ENCRE)
    tete.rond(-0.07, 0.18, 0.07, 0.04, (150, 144, 156))
    for cote in (-1, 1):
        oreille = tete.place(cote * 0.72, -0.6, 1, -cote * (0.42 + fiche.ecart))
        y = 0.62 * fiche.oreille
        oreille.rond(0, y, 0.38, y + 0.14, trait)
        oreille.rond(0, y, 0.3, y + 0.06, fonce(robe, 0.8))


def _peint_herbe(crayon: Crayon, hasard):
    herbe = HERBES[hasard.integers(len(HERBES))]
    crayon.forme([(-1, -1), (1, -1), (1, 1), (-1, 1)], (178, 220, 244))
    for _ in range(2):
        x, y = hasard.uniform(-0.5, 0.5), hasard.uniform(-0.46, -0.3)
        for ecart in (-0.07, 0, 0.07):
            crayon.rond(x + ecart, y + abs(ecart) / 3, 0.07, 0.05, BLANC)
    x, haut = hasard.uniform(-0.4, 0.4), hasard.uniform(-0.22, -0.06)
    crayon.rond(x, haut + 0.3, 0.9, 0.36, fonce(herbe, 0.88))
    crayon.rond(-x, haut + 0.7, 1.3, 0.66, herbe)
    pieds = hasard.uniform((-0.5, haut + 0.14), (0.5, 0.5), (24, 2))
    for pied, pointe in zip(
        pieds, pieds + hasard.uniform((-0.03, -0.08), (0.03, -0.05), (24, 2)), strict=True
    ):
        crayon.trait([pied, pointe], 0.014, fonce(herbe, 0.8))
    petales = [(252, 250, 250), (250, 214, 90), (246, 150, 180)][hasard.integers(3)]
    for _ in range(7):
        x, y = hasard.uniform(-0.48, 0.48), hasard.uniform(haut + 0.2, 0.48)
        crayon.rond(x, y, 0.024, 0.024, petales)
        crayon.rond(x, y, 0.01, 0.01, (240, 170, 50))


def _peint_canape(crayon: Crayon, hasard):
    tissu = CANAPES[hasard.integers(len(CANAPES))]
    mur = MURS[hasard.integers(len(MURS))]
    crayon.forme([(-1, -1), (1, -1), (1, 1), (-1, 1)], mur)
    for x in np.arange(-0.5, 0.5, 0.125) + hasard.uniform(0, 0.125):
        crayon.trait([(x, -0.6), (x, 0.2)], 0.03, fonce(mur, 0.95))
    haut, assise = hasard.uniform(-0.26, -0.1), hasard.uniform(0.2, 0.27)
    crayon.trait([(-0.42, haut + 0.1), (0.42, haut + 0.1)], 0.24, tissu)
    crayon.forme([(-0.54, haut + 0.1), (0.54, haut + 0.1), (0.54, 0.6), (-0.54, 0.6)], tissu)
    milieu = hasard.uniform(-0.12, 0.12)
    crayon.trait([(milieu, haut + 0.02), (milieu, 0.5)], 0.014, fonce(tissu))
    clair = tuple(min(255, int(c * 1.14) + 8) for c in tissu)
    crayon.trait([(-0.5, assise + 0.06), (0.5, assise + 0.06)], 0.13, clair)
    crayon.trait([(-0.6, assise + 0.14), (0.6, assise + 0.14)], 0.02, fonce(tissu))
    for cote in (-1, 1):
        crayon.trait([(cote * 0.5, assise - 0.12), (cote * 0.5, 0.6)], 0.13, fonce(tissu, 0.86))
    cote = hasard.choice([-1, 1])
    coussin = crayon.place(cote * 0.36, assise - 0.1, 0.13, hasard.uniform(-0.5, 0.5))
    couleur = CANAPES[hasard.integers(len(CANAPES))]
    coussin.forme([(-1, -1), (0, -0.85), (1, -1), (0.85, 0), (1, 1), (0, 0.85), (-1, 1), (-0.85, 0)],
                  fonce(couleur, 0.7))  # fmt: skip
    coussin.rond(0, 0, 0.7, 0.7, tuple(min(255, c + 40) for c in couleur))


def _peint_papier(crayon: Crayon, hasard):
    """Rien : le papier est déjà là."""


FONDS = {"canapé": _peint_canape, "herbe": _peint_herbe, "papier": _peint_papier}


def dessine(chien: bool, graine: int, cote: int = 32) -> dict[str, np.ndarray]:
    """Le même animal sur chacun des fonds : ``{fond: image}``, des octets de forme (cote, cote, 3)."""
    hasard = np.random.default_rng([graine, int(chien)])
    fiche = tire(chien, hasard)
    grand = max(96, 2 * cote)  # dessiné en plus grand, puis réduit : les bords sont doux
    calque = Image.new("RGBA", (grand, grand), (0, 0, 0, 0))
    crayon = Crayon(calque).place(*fiche.ou, fiche.taille, miroir=fiche.miroir)
    crayon.rond(0.03, 0.4, 0.32, 0.05, (30, 30, 40, 70))
    _peint_animal(crayon, fiche)
    images = {}
    for nom, peint in FONDS.items():
        fond = Image.new("RGB", (grand, grand), PAPIER)
        peint(Crayon(fond), hasard)
        fond.paste(calque, (0, 0), calque)
        images[nom] = np.asarray(fond.resize((cote, cote), Image.Resampling.BOX))
    return images


def chats_et_chiens(combien: int, cote: int = 32) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Des chats et des chiens dessinés ici même, toujours les mêmes, un chat puis un chien.

    Rend ``(images, chiens)`` : ``images["canapé"]``, ``images["herbe"]`` et ``images["papier"]``
    montrent les mêmes animaux, posés sur trois fonds, en octets, de forme (combien, cote, cote, 3) ;
    ``chiens`` dit vrai pour les chiens, de forme (combien,). Le ``i``-ième animal ne dépend ni de
    ``combien`` ni de ``cote``. Lève une ``ValueError`` si l'un des deux n'est pas au moins 1.
    """
    if combien < 1 or cote < 1:
        raise ValueError(f"Il faut au moins un animal et un pixel ; pas {combien} et {cote}.")
    chiens = np.arange(combien) % 2 == 1
    images = {fond: np.empty((combien, cote, cote, 3), np.uint8) for fond in FONDS}
    for graine, chien in enumerate(chiens):
        for fond, image in dessine(chien, graine, cote).items():
            images[fond][graine] = image
    return images, chiens
