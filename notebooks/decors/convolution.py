"""Le décor du carnet 06, première partie : la loupe, le compteur, le chiffre décalé, les passes.

Rien ici n'importe torch avant qu'un réseau ait à répondre ; la loupe et le compteur s'en passent.
La suite est dans ``convolution_course``, ``_filtres``, ``_bestiaire`` et ``_histoire``.
"""

import math
from functools import cache

import demystifie
import numpy as np
from demystifie import donnees, vue, vues
from demystifie.donnees.animaux import dessine
from matplotlib.patches import Rectangle

from decors.convolution_saisie import COTE
from decors.convolution_saisie import LOUPES as LOUPES
from decors.convolution_saisie import Album as Album
from decors.convolution_saisie import Noyau as Noyau

BRUN = "#a63c00"  # l'orange, assez foncé pour s'écrire
SAPIN = "#00664a"  # et le vert

# --- Les images que l'on montre -------------------------------------------------------------


@cache
def chat(numero):
    """Le chat ``numero``, de 1 à 50, dessiné sur du papier : (64, 64), de 0 (clair) à 1 (sombre)."""
    return 1 - dessine(False, 2 * (numero - 1), COTE)["papier"].mean(axis=2) / 255


@cache
def examen():
    """Les 1 000 chiffres de l'examen, embarqués : ceux que l'on montre, et sur qui l'on compte."""
    return donnees.mnist_extrait("test")


def copie(numero):
    """La copie ``numero``, de 1 à 1 000 : son image (28, 28), de 0 à 1, et le chiffre qu'on y lit."""
    return examen().images[numero - 1] / np.float32(255), int(examen().etiquettes[numero - 1])


def choisie(album, numero):
    """L'image que demande l'``Album`` : blanche, si l'on n'en a pas encore apporté."""
    choix, mienne = album
    if choix == "un chat":
        return chat(numero)
    if choix == "la mienne":
        return np.zeros((COTE, COTE)) if mienne is None else mienne
    return copie(numero)[0]


# --- La loupe -------------------------------------------------------------------------------


def sous_le_doigt(ici, cote):
    """La ligne et la colonne du résultat, carré de ``cote``, où tombe le doigt posé en ``ici``."""
    x, y = ici
    ligne, colonne = (min(max(int(v * (cote + 2)) - 1, 0), cote - 1) for v in (y, x))
    return ligne, colonne


def dit_loupe(image, nombres, carte, ici):
    """La somme sous la loupe, et l'étendue de toutes les autres."""
    if not image.any():
        return "Une image toute blanche : apporte la tienne."
    ligne, colonne = sous_le_doigt(ici, len(carte))
    return (
        f"Loupe sur la ligne {ligne + 1}, colonne {colonne + 1} : somme {carte[ligne, colonne]:.2f}. "
        f"Dans tout le résultat, de {carte.min():.2f} à {carte.max():.2f}."
    )


def carre(axe, nom, palette, bord):
    """Un tableau de 3×3 nombres, colorié ; rend de quoi le remplir."""
    vues.sans_axes(axe)
    bas, clair = (0, 2.2) if palette == "gray_r" else (-1, 1.6)
    fond = axe.imshow(np.zeros((3, 3)), cmap=palette, vmin=bas, vmax=1, aspect="auto")
    axe.text(-0.7, 1, nom, ha="right", va="center", fontsize=17)
    cases = [axe.text(i % 3, i // 3, "−9,99", ha="center", va="center", fontsize=14) for i in range(9)]
    axe.add_patch(Rectangle((-0.5, -0.5), 3, 3, fill=False, ec=bord, lw=4, clip_on=False))

    def remplit(nombres, limite):
        fond.set_data(nombres / max(limite, 1e-9) / clair)  # jamais si foncé qu'on ne puisse lire
        for case, valeur in zip(cases, nombres.ravel(), strict=True):
            case.set_text(vues.nombre(round(float(valeur), 2) + 0.0))
        return fond, *cases

    return remplit


@vue(
    recit=dit_loupe,
    cadre=[5 * ["photo"] + 3 * [nom] + 5 * ["resultat"] for nom in ("morceau", "noyau", "produits")],
    taille=(12, 5.2),
)
def loupe(photo, morceau, noyau, produits, resultat):
    """La photo, ce que la loupe en voit, ce qu'elle en fait, et ce qui reste de la photo."""
    cadre, vide = dict(extent=(0, 1, 1, 0)), np.zeros((3, 3))
    gauche = vues.sans_axes(photo).imshow(vide, vmin=0, vmax=1, **cadre)
    droite = vues.sans_axes(resultat).imshow(vide, cmap=vues.CONTRE_POUR, vmin=-1, vmax=1, **cadre)
    style = dict(fill=False, ec=vues.ORANGE, lw=4, zorder=4, clip_on=False)
    verre, cible = (axe.add_patch(Rectangle((0, 0), 0.1, 0.1, **style)) for axe in (photo, resultat))
    for axe, titre in ((photo, "la photo"), (resultat, "le résultat")):
        axe.set(xlim=(0, 1), ylim=(1, 0), title=titre, facecolor="#dde1e6")
        axe.add_patch(Rectangle((0, 0), 1, 1, fill=False, ec="#dde1e6", lw=3, clip_on=False))
    trois = [
        carre(morceau, "le carré", "gray_r", vues.ORANGE),
        carre(noyau, "× la loupe", vues.CONTRE_POUR, vues.GRIS),
        carre(produits, "= neuf\nproduits", vues.CONTRE_POUR, vues.GRIS),
    ]
    style = dict(ha="center", va="top", fontsize=18, fontweight="bold")
    somme = resultat.text(0.5, 1.03, "leur somme : -99,99", **style)

    def montre(image, nombres, carte, ici):
        cote, (ligne, colonne) = len(image), sous_le_doigt(ici, len(carte))
        gauche.set_data(image)
        bord = np.pad(carte, 1, constant_values=np.nan)
        droite.set_data(bord / max(np.abs(carte).max(), 1e-9))
        verre.set(xy=(colonne / cote, ligne / cote), width=3 / cote, height=3 / cote)
        # Autour du pixel plutôt que dessus : on veut voir sa couleur.
        cible.set(xy=((colonne + 0.5) / cote, (ligne + 0.5) / cote), width=2 / cote, height=2 / cote)
        carreau = image[ligne : ligne + 3, colonne : colonne + 3]
        limite = np.abs(nombres).max()
        somme.set_text(vues.virgules(f"leur somme : {carte[ligne, colonne]:.2f}"))
        somme.set_color({1: vues.BLEU, -1: BRUN}.get(np.sign(carte[ligne, colonne]), "#52606d"))
        contenus = ((carreau, 1), (nombres, limite), (carreau * nombres, limite))
        remplis = [remplit(*contenu) for remplit, contenu in zip(trois, contenus, strict=True)]
        return gauche, droite, verre, cible, somme, *remplis

    return montre


# --- Le compteur ----------------------------------------------------------------------------


def dit_compteur(cotes, boutons, ici):
    """Les deux comptes."""
    trop = " La loupe est plus grande que l’image !" if ici[1] > ici[0] else ""
    relier, promener = map(vues.nombre, ici)
    return f"Tout relier : {relier} boutons. Promener la loupe : {promener}.{trop}"


@vue(recit=dit_compteur, cadre=[["courbes"] * 4 + ["bilan"] * 3])
def compteur(courbes, bilan, reglages):
    """Combien de boutons, selon la taille de l'image, d'une façon et de l'autre."""
    courbes.set(xscale="log", yscale="log", xlim=(8, 224), ylim=(5, 2e8))
    courbes.set_xlabel("côté de l’image (pixels)")
    courbes.set_title("combien de boutons ?")
    courbes.set_xticks([8, 28, 64, 112, 224], ["8", "28", "64", "112", "224"])
    courbes.set_yticks([10, 1e3, 1e5, 1e7], ["10", "1 000", "100 000", "10 millions"])
    courbes.minorticks_off()
    courbes.grid(True)
    vues.sans_axes(bilan).set(xlim=(0, 1), ylim=(0, 1))
    gras = dict(va="center", fontweight="bold")
    lignes, points, grands = [], [], []
    for y, nom, marque, tirets, couleur, encre in (
        (0.95, "■ tout relier", "s", (0, (4, 1.5)), vues.ORANGE, BRUN),
        (0.58, "● promener la loupe", "o", "-", vues.BLEU, vues.BLEU),
    ):
        lignes += courbes.plot([], [], ls=tirets, color=couleur)
        style = dict(ms=15, mec="white", mew=2, zorder=4, clip_on=False)
        points += courbes.plot([], [], marque, color=couleur, **style)
        bilan.text(0, y, nom, color=encre, fontsize=18, **gras)
        grands.append(bilan.text(0, y - 0.15, "888 888 888", fontsize=38, color=encre, **gras))
    rapport = bilan.text(0, 0.13, "888 888 fois moins", fontsize=24, va="center")

    def montre(cotes, boutons, ici):
        for ligne, point, colonne, somme in zip(lignes, points, boutons.T, ici, strict=True):
            ligne.set_data(cotes, colonne)
            point.set_data([reglages.cote], [somme])
        for grand, somme in zip(grands, ici, strict=True):
            grand.set_text(vues.nombre(somme))
        facteur = max(ici) / min(ici)
        mot = f"soit {vues.nombre(round(facteur))} fois moins" if facteur > 1.5 else "match nul"
        rapport.set_text("la loupe dépasse !" if ici[1] > ici[0] else mot)
        return *lignes, *points, *grands, rapport

    return montre


# --- Le chiffre décalé ----------------------------------------------------------------------

DECALAGES = range(9)
VERS = [(1, 0), (-1, 0), (0, 1), (0, -1)]  # droite, gauche, bas, haut


@cache
def reseau(nom):
    """Le réseau ``nom``, sorti de l'école : « dense » ou « lenet5 »."""
    return demystifie.reseaux.charger(nom).requires_grad_(False)


def feuille(image):
    """Une image (28, 28), posée comme un réseau la veut."""
    return demystifie.reseaux.tenseur(image)


def avis(nom, image):
    """Les dix avis du réseau ``nom`` sur une image, en parts de confiance."""
    return en_parts(reseau(nom)(feuille(image))[0].numpy())


def en_parts(scores):
    """Des scores en parts de confiance, qui font un tout."""
    parts = np.exp(scores - scores.max())
    return parts / parts.sum()


def decale(images, droite, bas):
    """Les images poussées de tant de pixels ; ce qui sort du cadre est perdu."""
    haut, large = images.shape[-2:]
    grand = np.pad(images, [(0, 0)] * (images.ndim - 2) + [(haut, haut), (large, large)])
    return grand[..., haut - bas : 2 * haut - bas, large - droite : 2 * large - droite]


@cache
def reussite(nom, decalage):
    """La part de l'examen que lit encore ce réseau, un quart des copies poussé dans chaque direction."""
    copies, vrais = examen().images, examen().etiquettes
    quarts = np.arange(len(vrais)) // 10 % 4  # dix copies de suite : une de chaque chiffre
    rates = [
        demystifie.reseaux.erreur(
            reseau(nom), decale(copies[quarts == i], decalage * x, decalage * y), vrais[quarts == i]
        )
        for i, (x, y) in enumerate(VERS)
    ]
    return 1 - float(np.mean(rates))


def verdict(dit, vrai):
    """Ce que l'on pense de cet avis."""
    return "juste" if dit.argmax() == vrai else "raté"


def dit_chiffre_decale(pousse, dense_dit, filtres_dit, vrai):
    """Ce que l'un et l'autre lisent."""
    dense, filtres = (f"{dit.argmax()} ({verdict(dit, vrai)})" for dit in (dense_dit, filtres_dit))
    return f"Un {vrai}. Le dense lit {dense} ; les filtres lisent {filtres}."


@vue(
    recit=dit_chiffre_decale,
    cadre=[["image", "avis_dense", "succes"], ["image", "avis_filtres", "succes"]],
    taille=(12, 5.2),
)
def chiffre_decale(image, avis_dense, avis_filtres, succes, reglages):
    """L'image poussée, les deux avis, et la réussite sur l'examen, que l'on découvre en poussant."""
    peint = vues.mosaique(image, 1, 1, (28, 28), limite=1)
    style = dict(fill=False, ec=vues.GRIS, lw=2, clip_on=False)
    cadre = image.add_patch(Rectangle((-0.5, -0.5), 28, 28, **style))
    style = dict(ha="center", va="bottom", fontsize=17, fontweight="bold")
    barres, titres = [], []
    for axe in (avis_dense, avis_filtres):
        barres.append(vues.barres(axe, range(10), haut=1.05))
        axe.set_yticks([])
        titres.append(
            axe.text(0.5, 1.02, "les filtres lisent 8 : raté", transform=axe.transAxes, **style)
        )
    succes.set(xlim=(0, 8.2), ylim=(0, 1.03), xlabel="décalage, en pixels")
    succes.set_title("réussite, sur l’examen")
    succes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    succes.grid(True)
    traits = {
        "lenet5": succes.plot([], [], "-o", color=vues.BLEU, label="filtres", clip_on=False)[0],
        "dense": succes.plot([], [], "--s", color=vues.ORANGE, label="dense", clip_on=False)[0],
    }
    succes.legend(loc="lower left")
    aiguille = succes.axvline(0, color="#1f2933", lw=2, ls=":")

    def montre(pousse, dense_dit, filtres_dit, vrai):
        distance = math.hypot(reglages.droite, reglages.bas)
        aiguille.set_xdata([distance, distance])
        aiguille.set_visible(distance <= 8.15)  # plus loin, rien n'a été mesuré
        vus = DECALAGES[: math.floor(distance) + 1]
        for nom, trait in traits.items():
            trait.set_data(vus, [reussite(nom, decalage) for decalage in vus])
        dits = ("le dense lit", dense_dit), ("les filtres lisent", filtres_dit)
        for titre, (qui, dit) in zip(titres, dits, strict=True):
            titre.set_text(f"{qui} {dit.argmax()} : {verdict(dit, vrai)}")
            titre.set_color(SAPIN if verdict(dit, vrai) == "juste" else BRUN)
        remplies = barres[0](dense_dit, vrai), barres[1](filtres_dit, vrai)
        return peint([pousse]), cadre, *remplies, titres, aiguille, *traits.values()

    return montre


# --- Plusieurs passes -----------------------------------------------------------------------


COUCHES = [
    *("filtres1", "relu1", "reduction1", "filtres2", "relu2", "reduction2"),
    *("aplatit", "dense1", "relu3", "dense2", "relu4", "avis"),
]


def dit_passes(sorties):
    """Ce que le réseau lit."""
    parts = en_parts(sorties[-1][0].numpy())
    return f"Le réseau lit {parts.argmax()}, avec {100 * parts.max():.0f} % de confiance."


@vue(
    recit=dit_passes,
    cadre=[
        3 * [nom] + 4 * ["premiere"] + 5 * ["seconde"] + 2 * ["neurones"] for nom in ("image", "vote")
    ],
    taille=(12, 5.2),
)
def passes(image, premiere, seconde, vote, neurones):
    """L'image, les cartes de la première passe, celles de la seconde, les neurones qui votent."""
    peint = vues.mosaique(image, 1, 1, (28, 28), limite=1, titre="l’image")
    un = vues.mosaique(premiere, 3, 2, (28, 28), palette="magma", titre="1re passe : 6 cartes")
    deux = vues.mosaique(seconde, 4, 4, (10, 10), palette="magma", titre="2e passe : 16 cartes")
    trois = vues.mosaique(neurones, 1, 1, (34, 6), palette="magma", titre="204 neurones")
    for axe in (premiere, seconde, neurones):
        axe.set_anchor("N")
    neurones.title.set_fontsize(16)  # l'axe est étroit
    barres = vues.barres(vote, range(10), haut=1.05)
    vote.set_yticks([])
    style = dict(ha="center", va="bottom", fontsize=19, fontweight="bold")
    mot = vote.text(0.5, 1.04, "un 8, peut-être", transform=vote.transAxes, **style)

    def montre(sorties):
        ecrit = dict(zip(("image", *COUCHES), (sortie[0].numpy() for sortie in sorties), strict=True))
        dix = en_parts(ecrit["avis"])
        mot.set_text(f"c’est un {dix.argmax()}" if dix.max() > 0.6 else f"un {dix.argmax()}, peut-être")
        derniers = np.concatenate([ecrit["relu3"], ecrit["relu4"]]).reshape(34, 6)
        couches = un(ecrit["relu1"]), deux(ecrit["relu2"]), trois([derniers])
        return peint(ecrit["image"]), couches, barres(dix), mot

    return montre
