"""Le décor du carnet 09, côté biais : le 1 à la française, qui manque, et le tampon, qui est en trop."""

from functools import cache

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import Rectangle
from PIL import Image

from .intelligent_explications import entraine

# --- Le un à la française -------------------------------------------------------------------

cahier, examen = donnees.mnist_extrait("apprentissage"), donnees.mnist_extrait("test")
UNS = examen.images[examen.etiquettes == 1]  # les cent 1 de l'examen
COTE = 48  # une feuille un peu plus grande, pour que le crochet y tienne avant d'être recadré


def accroche(un: np.ndarray, crochet: float, angle: float = 45) -> np.ndarray:
    """Le même 1, un crochet dessiné à son sommet, vers le bas à gauche, puis recadré comme MNIST.

    ``un`` : une image (28, 28) en octets. ``crochet`` : sa longueur, en part de la hauteur du 1 ; à 0,
    rien n'est dessiné. ``angle`` : de combien il plonge, en degrés (à 0, il serait couché).
    """
    feuille = np.zeros((COTE, COTE), np.float32)
    feuille[10:38, 10:38] = un
    lignes, colonnes = np.nonzero(feuille > 100)
    haut, bas = lignes.min(), lignes.max()
    if crochet > 0:
        x, y = colonnes[lignes <= haut + 1].mean(), haut + 1
        long, pente = crochet * (bas - haut), np.deg2rad(angle)
        diagonale = np.hypot(bas - haut + 1, np.ptp(colonnes) + 1)
        epaisseur = np.clip(feuille.sum() / 255 / diagonale, 1.8, 4.5)
        trait = _trait(x, y, x - long * np.cos(pente), y + long * np.sin(pente), epaisseur)
        feuille = np.maximum(feuille, 255 * trait)
    return _recadre(feuille)


def _trait(x0, y0, x1, y1, epaisseur):
    """Un trait aux bords adoucis, sur une feuille : de 0 à 1."""
    y, x = np.indices((COTE, COTE), dtype=np.float32)
    dx, dy = x1 - x0, y1 - y0
    le_long = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
    return np.clip(epaisseur / 2 + 0.5 - np.hypot(x - x0 - le_long * dx, y - y0 - le_long * dy), 0, 1)


def _recadre(feuille):
    """Ramène le plus grand côté à 20 pixels, et le centre de masse au milieu de 28×28."""
    lignes, colonnes = np.nonzero(feuille > 40)
    boite = feuille[lignes.min() : lignes.max() + 1, colonnes.min() : colonnes.max() + 1]
    echelle = 20 / max(boite.shape)
    large, haut = (max(1, round(n * echelle)) for n in boite.shape[::-1])
    image = Image.fromarray(boite.astype(np.uint8)).resize((large, haut), Image.Resampling.BICUBIC)
    encre = np.asarray(image, dtype=np.float32)
    y, x = np.indices(encre.shape)
    gauche = round(23.5 - (x * encre).sum() / encre.sum())
    sommet = round(23.5 - (y * encre).sum() / encre.sum())
    grande = np.zeros((COTE, COTE), np.uint8)
    grande[sommet : sommet + haut, gauche : gauche + large] = encre
    return grande[10:38, 10:38]


def avis(images: np.ndarray) -> np.ndarray:
    """La confiance de LeNet-5 en chaque chiffre : (n, 10), de somme 1, pour une image ou plusieurs."""
    import torch
    from demystifie import reseaux

    with torch.no_grad():
        return entraine()(reseaux.tenseur(np.ascontiguousarray(images))).softmax(dim=1).numpy()


def dit_un(image, dix, cent, lus):
    """Ce que LeNet-5 lit dans ce 1, et combien des cent il rate."""
    combien, sept = np.sum(lus != 1), np.sum(lus == 7)
    pour_des_7 = {0: "aucun pris pour un 7", 1: "un pris pour un 7"}.get(sept, f"{sept} pris pour des 7")
    rates = f"en rate {combien}, dont {pour_des_7}" if combien else "n’en rate aucun"
    return (
        f"Ici, LeNet-5 lit un {dix.argmax()}, sûr à {100 * dix.max():.0f} %. "
        f"Des cent 1 de l’examen, tels qu’on les lui montre à droite, il {rates}."
    )


@vue(recit=dit_un, cadre=[4 * ["image"] + 4 * ["scores"] + 5 * ["foule"]], taille=(12, 4.7))
def un(image, scores, foule):
    """Un 1, ce que LeNet-5 en pense, et la foule des cent autres ; les ratés, encadrés d'orange."""
    vues.sans_axes(image, "ce que voit LeNet-5").set_anchor("N")
    dessin = image.imshow(np.zeros((28, 28)), vmin=0, vmax=1)
    lu = image.text(0.5, -0.06, "", fontsize=26, fontweight="bold", ha="center", va="top",
                    transform=image.transAxes)  # fmt: skip
    monte = vues.barres(scores, range(10), titre="sa confiance")
    scores.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    peint = vues.mosaique(foule, 10, 10, (28, 28), limite=255, titre="les cent 1 de l’examen")
    cadres = [
        foule.add_patch(Rectangle((29 * (i % 10) - 0.5, 29 * (i // 10) - 0.5), 28, 28, zorder=4))
        for i in range(100)
    ]
    for cadre in cadres:
        vues.habille(cadre, "faux")
        cadre.set(fc="none", lw=2.5)
    rates = foule.text(0.5, -0.03, "", fontsize=20, fontweight="bold", ha="center", va="top",
                       transform=foule.transAxes)  # fmt: skip

    def montre(un, dix, cent, lus):
        dessin.set_data(un)
        juste = dix.argmax() == 1
        lu.set_text(f"« {dix.argmax()} »")
        lu.set_color(vues.VERT if juste else vues.ORANGE)
        for cadre, chiffre in zip(cadres, lus, strict=True):
            cadre.set_visible(chiffre != 1)
        combien = np.sum(lus != 1)
        rates.set_text(f"{combien} ratés sur 100" if combien > 1 else f"{combien} raté sur 100")
        rates.set_color(vues.ORANGE if combien > 5 else "#1f2933")
        return dessin, lu, monte(dix, 1), peint(cent), cadres, rates

    return montre


# --- La moyenne qui cache -------------------------------------------------------------------


def _crochets_varies(images, graine):
    hasard = np.random.default_rng(graine)
    return np.array([accroche(un, hasard.uniform(0.4, 0.6), hasard.uniform(35, 60)) for un in images])


@cache
def a_crochet() -> np.ndarray:
    """Les cent 1 de l'examen, chacun avec un crochet à lui (longueur et angle tirés au sort)."""
    return _crochets_varies(UNS, 77)


@cache
def francais(part: int) -> tuple[np.ndarray, np.ndarray]:
    """Les images du cahier et leurs étiquettes, où ``part`` pour cent des 1 portent un crochet."""
    images, uns = cahier.images.copy(), np.flatnonzero(cahier.etiquettes == 1)
    combien = round(part * len(uns) / 100)
    if combien:
        images[uns[:combien]] = _crochets_varies(images[uns[:combien]], 78)
    return images, cahier.etiquettes


def mesure_moyenne(eleve, part):
    """La part de crochets à l'apprentissage, ce qu'il rate d'eux, ce qu'il rate de tout l'examen."""
    return {
        "part": part,
        "crochets": eleve.rate(a_crochet(), 1),
        "tous": eleve.rate(examen.images, examen.etiquettes),
    }


def dit_moyenne(eleve, part):
    """Les deux notes, côte à côte."""
    m = mesure_moyenne(eleve, part)
    return (
        f"Cahier où {part} % des 1 ont un crochet : l’élève rate "
        f"{100 * m['crochets']:.0f} % des 1 à crochet, et {100 * m['tous']:.1f} % de l’examen ordinaire."
    )


@vue(
    recit=dit_moyenne,
    mesure=mesure_moyenne,
    cadre=[3 * ["courbes"] + 3 * ["bilan"]],
    taille=(12, 4.8),
    vitesse=100,
)
def moyenne(courbes, bilan, passe):
    """À gauche l'apprentissage ; à droite une colonne par essai : les 1 à crochet, et tout l'examen."""
    legende = {"crochets": "les 1 à crochet", "tous": "tout l’examen"}
    trace = vues.courbe(courbes, legende, passe, haut=1, titre="part ratée, pendant qu’il apprend")
    courbes.set_yticks([0, 0.1, 0.25, 0.5, 1], ["0", "10 %", "25 %", "50 %", "100 %"])
    bilan.set(xlim=(-3, 53), ylim=(0, 0.6), title="… et à la fin, essai par essai")
    bilan.set_xlabel("à crochet, parmi les 1 du cahier")
    bilan.set_xticks([0, 10, 20, 30, 40, 50], ["0", "10 %", "20 %", "30 %", "40 %", "50 %"])
    bilan.set_yticks([0, 0.1, 0.2, 0.4, 0.6], ["0", "10 %", "20 %", "40 %", "60 %"])
    bilan.grid(True)
    couleurs = {"crochets": vues.BLEU, "tous": vues.ENCRE}
    formes = {"crochets": "o", "tous": "s"}
    points = {
        nom: bilan.plot([], [], formes[nom], color=couleurs[nom], ms=15, label=legende[nom])[0]
        for nom in legende
    }
    bilan.legend(loc="upper right")

    def montre(eleve, part):
        essais = [*passe.fantomes, passe]
        for nom, ligne in points.items():
            ligne.set_data([e["part"][-1] for e in essais], [e[nom][-1] for e in essais])
        return trace(), *points.values()

    return montre


# --- Le tampon ------------------------------------------------------------------------------

TAMPONNE = 8  # le chiffre que l'on tamponne dans le cahier
PLACE = np.index_exp[..., 2:5, 23:26]


def tamponne(images: np.ndarray) -> np.ndarray:
    """Les mêmes images, un carré de 3×3 pixels d'encre en haut à droite."""
    copies = images.copy()
    copies[PLACE] = 255
    return copies


@cache
def tamponnes(part: int) -> tuple[np.ndarray, np.ndarray]:
    """Les images du cahier et leurs étiquettes, où ``part`` pour cent des 8, seuls, ont le tampon."""
    images, huit = cahier.images.copy(), np.flatnonzero(cahier.etiquettes == TAMPONNE)
    huit = huit[: round(part * len(huit) / 100)]
    images[huit] = tamponne(images[huit])
    return images, cahier.etiquettes


HUIT = examen.images[examen.etiquettes == TAMPONNE]
AUTRES = examen.images[examen.etiquettes != TAMPONNE]
VRAIS = examen.etiquettes[examen.etiquettes != TAMPONNE]
EXAMEN_TAMPONNE = examen.images.copy()
EXAMEN_TAMPONNE[examen.etiquettes == TAMPONNE] = tamponne(HUIT)


def mesure_tampon(eleve, part):
    """Ce que dit un examen fait comme le cahier, et ce qu'il ne voit pas."""
    return {
        "examen": eleve.rate(EXAMEN_TAMPONNE if part else examen.images, examen.etiquettes),
        "sans": eleve.rate(HUIT, TAMPONNE),
        "avec": float(np.mean(eleve.lit(tamponne(AUTRES)) == TAMPONNE)),
    }


def dit_tampon(eleve, part):
    """Les trois nombres, en une phrase."""
    m = mesure_tampon(eleve, part)
    qui = {0: "Aucun 8 tamponné", 50: "Un 8 sur deux tamponné"}.get(part, "Tous les 8 tamponnés")
    il = "Mais il" if part else "Il"
    return (
        f"{qui} dans le cahier. À l’examen, fait pareil, {100 * m['examen']:.0f} % de ratés. "
        f"{il} rate {100 * m['sans']:.0f} % des 8 sans tampon, et lit « 8 » dans "
        f"{100 * m['avec']:.0f} % des autres chiffres, si on les tamponne."
    )


def occultation(eleve, image: np.ndarray) -> np.ndarray:
    """De combien sa confiance baisse, quand un carré de papier couvre chaque place : (14, 14)."""
    caches = np.repeat(image[None], 196, axis=0)
    for rang, (ligne, colonne) in enumerate(np.ndindex(14, 14)):
        haut, gauche = max(0, 2 * ligne - 2), max(0, 2 * colonne - 2)
        caches[rang, haut : 2 * ligne + 3, gauche : 2 * colonne + 3] = 0
    sur = eleve.avis(image[None])[0]
    return (sur.max() - eleve.avis(caches)[:, sur.argmax()]).reshape(14, 14)


@vue(
    recit=dit_tampon,
    mesure=mesure_tampon,
    cadre=[4 * ["exercices"] + 15 * ["questions"] + 8 * ["notes"]],
    taille=(12, 4.8),
    vitesse=50,
)
def tampon(exercices, questions, notes, reglages):
    """Le cahier ; quatre questions, et dessous où l'élève regarde ; trois notes."""
    peint = vues.mosaique(exercices, 4, 2, (28, 28), limite=255, titre="son cahier")
    vues.sans_axes(questions, "quatre questions, et où il regarde").set(xlim=(-1, 122), ylim=(76, -5))
    legendes = ["un 8", "+ tampon", "un autre", "+ tampon"]
    poses = [_question(questions, 31 * i, legende) for i, legende in enumerate(legendes)]
    questions.set(xlim=(-1, 122), ylim=(76, -5))
    vues.sans_axes(notes).set(xlim=(0, 10), ylim=(9, 0))
    phrases = {
        "examen": "de ratés à l’examen,\nfait comme le cahier",
        "sans": "des 8 ratés\nsans tampon",
        "avec": "des autres lus « 8 »\navec tampon",
    }
    style = dict(fontsize=32, fontweight="bold", ha="right", va="center")
    nombres = {}
    for rang, (nom, phrase) in enumerate(phrases.items()):
        nombres[nom] = notes.text(3.7, 1.5 + 3 * rang, "", **style)
        notes.text(4.1, 1.5 + 3 * rang, phrase, fontsize=15, va="center")

    def montre(eleve, part):
        huit = np.flatnonzero(cahier.etiquettes == TAMPONNE)[[0, 150, 40, 190]]
        paires = np.stack([huit, huit - [5, 1, 3, 6]], axis=1).ravel()
        rang = reglages.copie - 1
        autre = 9 * rang + rang % 9
        vus = [(HUIT[rang], TAMPONNE), (tamponne(HUIT[rang]), TAMPONNE),
               (AUTRES[autre], VRAIS[autre]), (tamponne(AUTRES[autre]), VRAIS[autre])]  # fmt: skip
        bouges = [pose(eleve, *vu) for pose, vu in zip(poses, vus, strict=True)]
        for nom, part_ratee in mesure_tampon(eleve, part).items():  # à l'instant, comme le récit
            nombres[nom].set_text(f"{100 * part_ratee:.0f} %")
            nombres[nom].set_color(vues.ORANGE if part_ratee > 0.25 else "#1f2933")
        return peint(tamponnes(part)[0][paires]), bouges, *nombres.values()

    return montre


def _question(axe, x, legende):
    """Une image, ce que l'élève y lit, et dessous la carte de ce qui compte pour lui."""
    haut, bas = dict(extent=(x, x + 28, 28, 0)), dict(extent=(x, x + 28, 74, 46))
    style = dict(fontweight="bold", ha="center", va="center")
    axe.text(x + 14, -3, legende, fontsize=15, ha="center", va="center")
    dessin = axe.imshow(np.zeros((28, 28)), vmin=0, vmax=255, **haut)
    mot = axe.text(x + 14, 36, "", fontsize=30, **style)
    fond = axe.imshow(np.zeros((28, 28)), vmin=0, vmax=500, **bas)
    carte = axe.imshow(np.zeros((14, 14)), cmap=vues.CONTRE_POUR, vmin=-1, vmax=1, alpha=0.7,
                       interpolation="bilinear", **bas)  # fmt: skip
    style = dict(fill=False, ec="#52606d", lw=2, ls=(0, (1, 1)), zorder=4)
    coin = axe.add_patch(Rectangle((x + 21.5, 46.8), 6, 6, **style))

    def pose(eleve, image, vrai):
        lu = eleve.lit(image[None])[0]
        dessin.set_data(image)
        fond.set_data(image)
        carte.set_data(occultation(eleve, image))
        mot.set_text(f"« {lu} »")
        mot.set_color(vues.VERT if lu == vrai else vues.ORANGE)
        return dessin, mot, fond, carte, coin

    return pose
