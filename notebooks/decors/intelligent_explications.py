"""Le décor du carnet 09, côté explications : où LeNet-5 regarde-t-il, et qu'en sait-on vraiment ?"""

import copy
from functools import cache
from itertools import combinations

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import Rectangle

examen = donnees.mnist_extrait("test")
cahier = donnees.mnist_extrait("apprentissage")
PLACES = 14  # par côté : une tous les deux pixels
PAQUET = 49  # images lues à la fois
SUR = 40  # chiffres : ce que l'on affirme des explications est une moyenne sur eux


@cache
def entraine():
    """Le LeNet-5 du carnet 6, déjà entraîné sur les 60 000 chiffres de MNIST ; à ne pas abîmer."""
    from demystifie import reseaux

    return reseaux.charger("lenet5")


def lenet5(graine: int = 1):
    """Une copie à soi de LeNet-5, entraîné ; ``graine`` : ce qu'il tirera au sort en oubliant."""
    import torch

    torch.manual_seed(graine)
    return copy.deepcopy(entraine())


def scores(reseau, images: np.ndarray) -> np.ndarray:
    """Le score que ``reseau`` donne aux dix chiffres : (n, 10) ; une image de 0 à 1, ou plusieurs."""
    import torch
    from demystifie import reseaux

    entrees = reseaux.tenseur(images.astype(np.float32))
    with torch.no_grad():  # par petits paquets : c'est plus rapide, et plus léger
        return torch.cat([reseau(paquet) for paquet in entrees.split(PAQUET)]).numpy()


def chiffre(copie: int) -> np.ndarray:
    """La ``copie``-ième image de l'examen, de 0 (papier) à 1 (encre)."""
    return examen.images[copie - 1] / np.float32(255)


# --- Où regarde-t-il ? ----------------------------------------------------------------------

BRUIT = np.random.default_rng(0).random((28, 28), dtype=np.float32)
REMPLIS = {
    "blanc": np.zeros((28, 28), np.float32),
    "gris": np.full((28, 28), 0.5, np.float32),
    "noir": np.ones((28, 28), np.float32),
    "bruit": BRUIT,
    "moyenne": cahier.images.mean(axis=0, dtype=np.float32) / 255,
}
"""De quoi remplir le carré : du papier, du gris, de l'encre, de la neige, ou le chiffre moyen."""


def cache_un_carre(image: np.ndarray, ligne: int, colonne: int, cote: int) -> np.ndarray:
    """La même image, un carré caché autour de cette place, rempli des cinq façons : (5, 28, 28)."""
    ou = _carre(ligne, colonne, cote)
    caches = np.repeat(image[None], len(REMPLIS), axis=0)
    for cachee, rempli in zip(caches, REMPLIS.values(), strict=True):
        cachee[ou] = rempli[ou]
    return caches


def _carre(ligne, colonne, cote):
    haut, gauche = 2 * ligne - cote // 2, 2 * colonne - cote // 2
    return np.index_exp[max(0, haut) : haut + cote, max(0, gauche) : gauche + cote]


def accord(a: np.ndarray, b: np.ndarray) -> float:
    """De 1 (deux cartes qui disent la même chose) à -1 (le contraire) ; 0 : rien à voir."""
    a, b = (carte.ravel() - carte.mean() for carte in (a, b))
    norme = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / norme) if norme > 1e-12 else 0.0


def dit_regard(image, caches, cartes, lu, faites):
    """Où en est le balayage, et si les cinq explications se ressemblent."""
    if not faites:
        return f"LeNet-5 lit un {lu}. Rien n’est encore caché."
    if faites < PLACES**2:
        return f"LeNet-5 lit un {lu}. Carré n° {faites} sur {PLACES**2}, cinq remplissages à la fois."
    suite = [f"{nom} {accord(cartes[0], carte):.2f}" for nom, carte in zip(REMPLIS, cartes, strict=True)]
    return (
        f"LeNet-5 lit un {lu}. Cinq remplissages, cinq cartes. Accord avec la première, le blanc : "
        f"{', '.join(suite[1:])} ; 1 voudrait dire la même explication."
    )


@vue(recit=dit_regard, taille=(12, 5.4), vitesse=50)
def regard(balayage, reglages):
    """En haut, ce que voit LeNet-5 ; en bas, la carte qui se remplit, une par remplissage."""
    vues.sans_axes(balayage)
    haut, bas, poses, mots = 28, 68, [], []
    gras = dict(fontsize=18, fontweight="bold", ha="center", va="center")
    for rang, nom in enumerate(REMPLIS):
        x = 32 * rang
        ici, dessous = dict(extent=(x, x + 28, haut, 0)), dict(extent=(x, x + 28, bas, bas - 28))
        balayage.text(x + 14, -4, nom, **gras)
        vu = balayage.imshow(np.zeros((28, 28)), vmin=0, vmax=1, **ici)
        fond = balayage.imshow(np.zeros((28, 28)), vmin=0, vmax=3.5, **dessous)
        carte = balayage.imshow(np.zeros((PLACES, PLACES)), cmap=vues.CONTRE_POUR, alpha=0.75,
                                interpolation="bilinear", **dessous)  # fmt: skip
        for y in (0, bas - 28):
            balayage.add_patch(Rectangle((x, y), 28, 28, fill=False, ec=vues.GRIS, lw=1.2))
        cadre = balayage.add_patch(Rectangle((0, 0), 1, 1, fill=False, ec=vues.BLEU, lw=2.5, zorder=4))
        poses.append((vu, fond, carte, cadre))
        mots.append(balayage.text(x + 14, 72.5, "", **{**gras, "fontsize": 16}))
    legende = "bleu : caché là, le score de sa réponse baisse ; orange : il monte"
    balayage.text(78, 34, legende, fontsize=16, color="#52606d", ha="center", va="center")
    balayage.set(xlim=(-1, 157), ylim=(76, -7))

    def montre(image, caches, cartes, lu, faites):
        ligne, colonne = divmod(max(faites - 1, 0), PLACES)
        lignes, colonnes = _carre(ligne, colonne, reglages.cote)
        for rang, (vu, fond, carte, cadre) in enumerate(poses):
            vu.set_data(caches[rang])
            fond.set_data(image)
            carte.set_data(cartes[rang])
            sommet = max(float(np.abs(cartes[rang]).max()), 1e-9)  # chaque carte s'étire à son maximum
            carte.set_clim(-sommet, sommet)
            droite, dessous = min(colonnes.stop, 28), min(lignes.stop, 28)
            cadre.set_bounds(32 * rang + colonnes.start, lignes.start,
                             droite - colonnes.start, dessous - lignes.start)  # fmt: skip
            cadre.set_visible(0 < faites < PLACES**2)
            mots[rang].set_text(vues.virgules(f"accord : {accord(cartes[0], cartes[rang]):.2f}"))
            mots[rang].set_visible(rang > 0 and faites == PLACES**2)
        mots[0].set_text(f"il lit « {lu} »")
        mots[0].set_visible(True)
        return *poses, *mots

    return montre


# --- Laquelle ne sait rien ? ----------------------------------------------------------------

COULEURS = [vues.BLEU, "#1f2933", "#CC79A7"]
NOMBRES = ("Deux", "Trois", "Quatre", "Cinq")
NOMS = {"A": "gradient × encre", "B": "contours", "C": "occultation"}


def reduit(carte: np.ndarray) -> np.ndarray:
    """Une carte (n, 28, 28) ramenée à (n, 14, 14)."""
    return carte.reshape(-1, PLACES, 2, PLACES, 2).mean(axis=(2, 4))


def gradient_encre(reseau, images: np.ndarray, lus: np.ndarray) -> np.ndarray:
    """Combien le score de sa réponse bougerait avec chaque pixel, multiplié par l'encre de ce pixel."""
    import torch
    from demystifie import reseaux

    entree = reseaux.tenseur(images).clone().requires_grad_()
    reseau(entree)[torch.arange(len(images)), torch.as_tensor(lus)].sum().backward()
    return (entree.grad * entree.detach())[:, 0].numpy()


def contours(images: np.ndarray) -> np.ndarray:
    """Là où l'encre change d'un pixel à l'autre."""
    larges = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode="edge")
    haut = larges[:, 2:, 1:-1] - larges[:, :-2, 1:-1]
    return np.hypot(haut, larges[:, 1:-1, 2:] - larges[:, 1:-1, :-2])


def occultation(reseau, image: np.ndarray, lu: int, cote: int = 5) -> np.ndarray:
    """De combien baisse le score de ``lu`` quand un carré de papier couvre chaque place : (14, 14)."""
    caches = np.repeat(image[None], PLACES**2, axis=0)
    for cachee, (ligne, colonne) in zip(caches, np.ndindex(PLACES, PLACES), strict=True):
        cachee[_carre(ligne, colonne, cote)] = 0
    baisse = scores(reseau, image)[0, lu] - scores(reseau, caches)[:, lu]
    return baisse.reshape(PLACES, PLACES)


@cache
def quarante() -> tuple[np.ndarray, np.ndarray]:
    """Quarante chiffres de l'examen, quatre de chaque, et ce qu'y lit LeNet-5 entraîné."""
    images = examen.images[:SUR] / np.float32(255)
    return images, scores(entraine(), images).argmax(axis=1)


_DEJA = {}  # les mêmes boutons, les mêmes explications : remonter le temps ne les recalcule pas


def explique(reseau) -> np.ndarray:
    """Les trois explications des quarante chiffres, sans les signes puis avec : (2, 3, 40, 14, 14)."""
    boutons = hash(tuple(b.detach().numpy().tobytes() for b in reseau.parameters()))
    if boutons not in _DEJA:
        _DEJA[boutons] = _explique(reseau)
    return _DEJA[boutons]


def _explique(reseau):
    images, lus = quarante()
    pentes, bords = gradient_encre(reseau, images, lus), reduit(contours(images))
    baisses = np.array([occultation(reseau, image, lu) for image, lu in zip(images, lus, strict=True)])
    sans_signe = reduit(np.abs(pentes)), bords, np.abs(baisses)
    return np.array([sans_signe, (reduit(pentes), bords, baisses)], dtype=np.float32)


def rate(reseau) -> float:
    """La part de l'examen que ``reseau`` rate."""
    images = examen.images / np.float32(255)
    return float(np.mean(scores(reseau, images).argmax(axis=1) != examen.etiquettes))


def oublie(reseau, couche: str) -> None:
    """Remet au hasard tous les boutons d'une couche."""
    getattr(reseau, couche).reset_parameters()


def accords(avant: np.ndarray, apres: np.ndarray) -> np.ndarray:
    """Pour chaque explication, son accord avec ce qu'elle disait avant, en moyenne sur les quarante."""
    return np.array([np.mean([accord(a, b) for a, b in zip(*deux, strict=True)])
                     for deux in zip(avant, apres, strict=True)])  # fmt: skip


def mesure_ignorante(oubliees, avant, apres, erreur):
    """L'accord de chaque explication avec elle-même, sans les signes et avec."""
    sans_signe, avec_signe = (accords(*deux) for deux in zip(avant, apres, strict=True))
    return {"oubliees": len(oubliees), "sans_signe": sans_signe, "avec_signe": avec_signe}


def dit_ignorante(oubliees, avant, apres, erreur):
    """Combien de couches ont tout oublié, et qui s'en est aperçu."""
    if not oubliees:
        couples = combinations(zip(NOMS, avant[0], strict=True), 2)
        entre = [f"{a} et {b} {accords([u], [v])[0]:.2f}" for (a, u), (b, v) in couples]
        return f"Trois explications d’une même réponse. Accord, sur {SUR} chiffres : {', '.join(entre)}."
    sans_signe = mesure_ignorante(oubliees, avant, apres, erreur)["sans_signe"]
    suite = ", ".join(f"{nom} {a:.2f}" for nom, a in zip(NOMS.values(), sans_signe, strict=True))
    combien = ("Une couche oubliée", *(f"{n} couches oubliées" for n in NOMBRES))[len(oubliees) - 1]
    return (
        f"{combien} sur cinq : le réseau rate {100 * erreur:.0f} % de l’examen. "
        f"Accord de chaque explication avec ce qu’elle disait avant, sans les signes : {suite}."
    )


@vue(
    recit=dit_ignorante,
    mesure=mesure_ignorante,
    cadre=[8 * ["cartes"] + 5 * ["accord"]],
    taille=(12, 5.2),
    vitesse=1,
)
def ignorante(cartes, accord, passe, reglages):
    """Trois explications, avant et après l'oubli ; à droite, combien chacune ressemble à elle-même."""
    vues.sans_axes(cartes)
    gras = dict(fontsize=18, fontweight="bold", ha="center", va="center")
    abscisses, rangees = (0, 32, 64), []
    for y, quand in ((0, "avant"), (31, "après")):
        cartes.text(-4, y + 14, quand, rotation=90, **gras)
        for x in abscisses:
            place = dict(extent=(x, x + 28, y + 28, y))
            fond = cartes.imshow(np.zeros((28, 28)), vmin=0, vmax=4, **place)
            carte = cartes.imshow(
                np.zeros((PLACES, PLACES)), alpha=0.8, interpolation="bilinear", **place
            )
            cartes.add_patch(Rectangle((x, y), 28, 28, fill=False, ec=vues.GRIS, lw=1.2))
            rangees.append((fond, carte))
    for x, lettre in zip(abscisses, NOMS, strict=True):
        cartes.text(x + 14, -9, lettre, **gras)
    noms = [cartes.text(x + 14, -3.5, "", fontsize=15, ha="center", va="center") for x in abscisses]
    rate = cartes.text(46, 64, "", **gras)
    cartes.set(xlim=(-7, 93), ylim=(67, -12))

    accord.set(xlim=(-0.15, 5.15), ylim=(-0.42, 1.08), title="accord avec « avant »")
    accord.set_xlabel("couches remises au hasard")
    accord.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0,25", "0,5", "0,75", "1"])
    accord.grid(True)
    lignes = [
        accord.plot([], [], forme, color=couleur, ms=12, label=nom, clip_on=False)[0]
        for nom, forme, couleur in zip(NOMS, ("o-", "s--", "^:"), COULEURS, strict=True)
    ]
    accord.legend(loc="lower left", ncols=3)

    def montre(oubliees, avant, apres, erreur):
        signe, rang = int(reglages.avec_signe), reglages.copie - 1
        image = quarante()[0][rang]
        valeurs = [*avant[signe, :, rang], *apres[signe, :, rang]]
        for (fond, carte), valeur in zip(rangees, valeurs, strict=True):
            sommet = float(np.abs(valeur).max()) or 1.0
            fond.set_data(image)
            carte.set_data(valeur)
            carte.set_cmap(vues.CONTRE_POUR if signe else "Purples")
            carte.set_clim(-sommet if signe else 0, sommet)
        for nom, complet in zip(noms, NOMS.values(), strict=True):
            nom.set_text(complet if oubliees else "")
        rate.set_text(f"le réseau rate {100 * erreur:.0f} % de l’examen")
        rate.set_color(vues.ORANGE if erreur > 0.5 else "#1f2933")
        colonnes = passe["avec_signe" if signe else "sans_signe"].T
        for ligne, colonne in zip(lignes, colonnes, strict=True):
            ligne.set_data(passe["oubliees"], colonne)
        return *rangees, *noms, rate, *lignes

    return montre
