"""Le carnet 08, le jeu : huit chiffres, les uns écrits par des gens, les autres par notre faussaire."""

import time
from functools import cache

import ipywidgets as widgets
import numpy as np
import torch
import traitlets
from demystifie import Point, donnees, reseaux, vue, vues
from matplotlib.patches import Rectangle

from .gan import Eleve, chances, sort

MACHINES = ["un réseau", "une lampe"]
LARGE, HAUT, COLONNES = 34, 42, 4  # d'une case de la vitrine ; le chiffre en prend 28×28
PALE = 10  # un gris que personne ne voit : 4 % de l'encre, ou moins


# --- La main qui saisit ---------------------------------------------------------------------


class Saisies(Point):
    """Les billets que la salle a saisis : on les clique, ou l'on presse leur numéro.

    ``value`` est l'ensemble de leurs rangs, de 0 à 7 ; saisir une seconde fois, c'est rendre. Ce que
    l'on a saisi à la manche d'avant y reste : la boucle fait la différence.
    """

    TREMBLE = 0.4  # secondes : une souris qui glisse en cliquant ne clique qu'une fois
    fleches = False  # les numéros se pressent
    value = traitlets.Any(frozenset())

    def __init__(self, axe: str):
        self._dernier = -1.0
        super().__init__(axe, frozenset())
        boutons = [widgets.Button(description=str(rang + 1)) for rang in range(8)]
        for rang, bouton in enumerate(boutons):
            bouton.tooltip = f"Saisir le numéro {rang + 1}, ou le rendre"
            bouton.on_click(lambda _, rang=rang: setattr(self, "value", self.value ^ {rang}))
        self.children = [*self.children, *boutons]
        self.layout.align_items = "center"

    def convient(self, valeur):
        """Un point, ou des rangs."""
        return super().convient(valeur) or isinstance(valeur, frozenset)

    @traitlets.validate("value")
    def _saisit(self, propose):
        """Un point (x, y) saisit ou rend le billet qui s'y trouve."""
        valeur = propose["value"]
        if isinstance(valeur, frozenset):
            return valeur
        tremble, self._dernier = time.monotonic() - self._dernier < self.TREMBLE, time.monotonic()
        colonne, ligne = int(valeur[0] // LARGE), int(valeur[1] // HAUT)
        if tremble or not (0 <= colonne < COLONNES and 0 <= ligne < 2):
            return self.value
        return self.value ^ {ligne * COLONNES + colonne}


# --- Les vrais, les faux, et qui les juge ----------------------------------------------------


@cache
def faussaire() -> reseaux.Faussaire:
    """Le faussaire embarqué, entraîné d'avance sur les 60 000 chiffres de MNIST."""
    return reseaux.charger("faussaire")


def fabrique(chiffres: np.ndarray, graine: int, audace: float = 1.0) -> np.ndarray:
    """Un faux de chacun de ces chiffres : des octets (n, 28, 28), comme les vrais."""
    hasard = torch.Generator().manual_seed(graine)
    lots = np.array_split(chiffres, len(chiffres) // 100 + 1)  # beaucoup à la fois prendrait de la place
    faux = [reseaux.contrefait(faussaire(), lot, audace, hasard).numpy() for lot in lots]
    return np.round(255 * np.concatenate(faux)).astype(np.uint8)


@cache
def exercices() -> tuple[np.ndarray, np.ndarray]:
    """De quoi exercer une machine : 2 000 vrais, et autant de faux."""
    return donnees.mnist_extrait().images, fabrique(np.arange(2000) % 10, 5)


def lave(images: np.ndarray) -> np.ndarray:
    """Les mêmes, sans les gris que personne ne voit."""
    return np.where(images < PALE, 0, images)


def etalage(hasard: np.random.Generator, reglages) -> tuple[np.ndarray, np.ndarray]:
    """Huit chiffres (8, 28, 28), et lesquels sont faux (8,) : de deux à six, au hasard.

    ``reglages.audace`` : celle du faussaire ; ``reglages.lavage`` : faut-il laver tout l'étalage ?
    """
    vrais = donnees.mnist_extrait("test")  # le faussaire ne les a jamais vus
    faux = hasard.permutation(8) < hasard.integers(2, 7)
    images = vrais.images[hasard.choice(1000, 8, replace=False)]
    graine = int(hasard.integers(2**31))
    inventes = fabrique(hasard.integers(10, size=8), graine, reglages.audace)
    images = np.where(faux[:, None, None], inventes, images)
    return (lave(images) if reglages.lavage else images), faux


@cache
def reseau_juge() -> list:
    """Un réseau tout neuf, à 64 neurones cachés, qui a relu huit fois les vrais et les faux."""
    hasard, images = np.random.default_rng(0), a_plat(np.concatenate(exercices()))
    faux = np.repeat(np.float32([[0], [1]]), 2000, axis=0)
    juge = Eleve(hasard, 784, 64, 1)
    (premiers, seuils), (derniers, seuil) = juge
    for _ in range(8):
        for lot in hasard.permutation(4000).reshape(-1, 50):
            somme = images[lot] @ premiers + seuils
            caches = np.maximum(somme, 0.2 * somme)
            reproche = chances(caches @ derniers + seuil) - faux[lot]
            remonte = reproche @ derniers.T * np.where(somme > 0, np.float32(1), np.float32(0.2))
            pentes = [(images[lot].T @ remonte, remonte.sum(0)), (caches.T @ reproche, reproche.sum(0))]
            juge.tourne(pentes, 0.002)
    return juge.lisse


def a_plat(images: np.ndarray) -> np.ndarray:
    """Des octets (n, 28, 28) en réels (n, 784), de 0 à 1."""
    return images.reshape(-1, 784) / np.float32(255)


@cache
def seuil_de_la_lampe() -> float:
    """La part de gris pâles qui sépare le mieux les vrais des faux."""
    vrais, faux = map(gris_pales, exercices())
    seuils = np.unique(faux)
    return float(seuils[np.argmax([np.mean(vrais < s) + np.mean(faux >= s) for s in seuils])])


def gris_pales(images: np.ndarray) -> np.ndarray:
    """La part de pixels presque blancs, sans l'être, dans chaque image."""
    return np.mean((images > 0) & (images < PALE), axis=(1, 2))


def soupcons(machine: str, images: np.ndarray) -> np.ndarray:
    """À quel point la machine tient chaque image pour fausse, de 0 à 1."""
    if machine == "une lampe":
        return (gris_pales(images) >= seuil_de_la_lampe()).astype(float)
    return chances(sort(reseau_juge(), a_plat(images)))[:, 0]


def justes(suspects, faux: np.ndarray) -> int:
    """Combien des huit sont bien jugés ; ``suspects`` : leurs rangs, ou huit soupçons."""
    if isinstance(suspects, frozenset):
        suspects = np.isin(np.arange(8), list(suspects))
    return int(np.sum((np.asarray(suspects) > 0.5) == faux))


# --- Ce qu'on regarde -----------------------------------------------------------------------

JUGES = [("la salle", vues.BLEU), ("la machine", "#1f2933"), ("pile ou face", vues.GRIS)]


def dit_jeu(moment, vitrine, faux, saisis, avis, points):
    """La règle, la manche ou son verdict."""
    if moment == "exemples":
        return "Pour s’exercer : la réponse est écrite sous chaque chiffre. Un pas, et l’on joue."
    if moment == "à vous":
        return f"Manche {len(points) + 1} : saisis les faux, puis un pas pour le verdict."
    (salle, machine), manches = np.sum(points, axis=0), len(points)
    lesquels = " et ".join(" ".join(str(i + 1) for i in np.flatnonzero(faux)).rsplit(" ", 1))
    reussis = f"{salle} juste{'s' if salle > 1 else ''}"
    return (
        f"Les faux étaient {lesquels.replace(' ', ', ').replace(', et, ', ' et ')}. Après {manches} "
        f"manche{'s' if manches > 1 else ''}, la salle a {reussis} sur {8 * manches}, "
        f"et la machine {machine}."
    )


@vue(
    recit=dit_jeu,
    cadre=[5 * ["vitrine"] + 2 * ["scores"]],
    taille=(12, 5.4),
    vitesse=1,
)
def sois_l_expert(vitrine, scores, reglages):
    """Huit chiffres numérotés ; à droite, qui en a bien jugé combien."""
    vues.sans_axes(vitrine).set(xlim=(0, LARGE * COLONNES), ylim=(2 * HAUT, 0))
    plan = np.zeros((2 * HAUT, LARGE * COLONNES), np.uint8)
    image = vitrine.imshow(plan, vmax=255, extent=(0, LARGE * COLONNES, 2 * HAUT, 0), aspect="equal")
    titre = vitrine.text(0.5, 1.02, "", transform=vitrine.transAxes, ha="center", va="bottom",
                         fontsize=20, fontweight="bold")  # fmt: skip
    coins = [(LARGE * (i % COLONNES) + 3, HAUT * (i // COLONNES) + 1) for i in range(8)]
    numeros, cadres, verdicts, avis_dits = [], [], [], []
    for rang, (x, y) in enumerate(coins):
        style = dict(fontsize=18, fontweight="bold", color="#52606d", zorder=5)
        numeros.append(vitrine.text(x + 1, y + 1, rang + 1, ha="left", va="top", **style))
        cadres.append(vitrine.add_patch(Rectangle((x, y), 28, 28, fill=False)))
        style = dict(ha="center", va="top", zorder=5)
        verdicts.append(vitrine.text(x + 14, y + 28.8, "", fontsize=19, fontweight="bold", **style))
        avis_dits.append(vitrine.text(x + 14, y + 35, "", fontsize=15, **style))

    scores.set(xlim=(0, 1), ylim=(2.75, -0.6), title="bien jugés", xticks=[], yticks=[])
    scores.spines[:].set_visible(False)
    barres = scores.barh(range(3), 3 * [0], height=0.38, color=[couleur for _, couleur in JUGES])
    nombres, manches = [], []
    for rang, (nom, couleur) in enumerate(JUGES):
        scores.text(0, rang - 0.27, nom, color=couleur, fontsize=18, fontweight="bold", va="bottom")
        nombres.append(scores.text(0, rang, "", fontsize=20, fontweight="bold", va="center"))
        manches.append(scores.text(0, rang + 0.24, "", fontsize=14, va="top", color="#52606d"))

    def montre(moment, images, faux, saisis, avis, points):
        for i, (x, y) in enumerate(coins):
            plan[y : y + 28, x : x + 28] = images[i]
        image.set_data(plan)
        a_nous = moment == "à vous"
        en_main = saisis ^ reglages.saisies if a_nous else saisis
        titre.set_text(
            "pour s’exercer" if moment == "exemples" else
            f"manche {len(points) + 1} : lesquels sont faux ?" if a_nous else
            f"manche {len(points)} : le verdict"
        )  # fmt: skip
        for i, cadre in enumerate(cadres):
            habille_le_cadre(cadre, moment, i in en_main, faux[i])
            verite = ("faux", vues.ORANGE) if faux[i] else ("vrai", vues.VERT)
            mot, couleur = verite if not a_nous else ("saisi" if i in en_main else "", "")
            verdicts[i].set(text=mot, color=couleur if moment == "exemples" else "#1f2933")
            soupconne = avis is not None and avis[i] > 0.5
            dit, juste = ("faux", faux[i]) if soupconne else ("vrai", not faux[i])
            avis_dits[i].set_text(f"machine : {dit}" if moment == "verdict" else "")
            avis_dits[i].set_color(vues.VERT if juste else vues.ORANGE)
        for texte in manches:
            texte.set_text("")
        total = 8 * len(points)
        comptes = [*np.sum(points, axis=0), total // 2] if points else [0, 0, 0]
        for barre, nombre, compte in zip(barres, nombres, comptes, strict=True):
            barre.set_width(0.45 * compte / max(total, 1))
            nombre.set(text=f"{compte} sur {total}" if total else "", x=barre.get_width() + 0.02)
            nombre.set_fontsize(20 if total < 100 else 16)  # « 370 sur 376 » doit tenir
        for texte, leurs in zip(manches, zip(*points[-6:], strict=True), strict=False):
            texte.set_text("par manche : " + ", ".join(map(str, leurs)))
        return image, titre, numeros, cadres, verdicts, avis_dits, tuple(barres), nombres, manches

    return montre


def habille_le_cadre(cadre, moment, saisi, faux):
    """Noir : saisi. Au verdict, vert si la salle a vu juste, orange et pointillé sinon."""
    if moment == "verdict":
        juste = saisi == faux
        cadre.set(ec=vues.VERT if juste else vues.ORANGE, lw=5)
        cadre.set_linestyle("-" if juste else (0, (1, 1)))
    else:
        cadre.set(ec="#1f2933" if saisi else "#cbd2d9", lw=6 if saisi else 1.5, linestyle="-")
