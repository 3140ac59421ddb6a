"""Le carnet 08, ce qui sert partout : un élève qui apprend vite, et le duel des faux billets."""

import os
from functools import cache
from itertools import pairwise

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import FancyArrowPatch

from .adam import Adam

REPROCHES = ["d’usage", "d’origine"]


@cache
def modeles() -> donnees.Mnist:
    """Les vrais chiffres : les 60 000 de MNIST s'il est sous la main, sinon 2 000 d'entre eux.

    L'extrait suffit à faire d'aussi bons faux : rien ne se télécharge pour cela.
    """
    return donnees.mnist() if os.environ.get("DEMYSTIFIE_DONNEES") else donnees.mnist_extrait()


def chances(avis: np.ndarray) -> np.ndarray:
    """Un avis, aussi grand qu'on veut, changé en chances que ce soit vrai, de 0 à 1."""
    return 1 / (1 + np.exp(-np.clip(avis, -50, 50)))


class Eleve(list):
    """Un réseau dense : une liste de couches (poids, seuils), et de quoi tourner tous leurs boutons.

    Chaque bouton a son pas, d'autant plus court que ses pentes ont été grandes (Adam). ``lisse`` a la
    même forme : la moyenne glissante des dernières versions.
    """

    LISSE = 0.99

    def __init__(self, hasard: np.random.Generator, *tailles: int):
        combien = sum((n + 1) * m for n, m in pairwise(tailles))
        # Tous les boutons d'un seul tenant : un seul calcul les tourne tous.
        self._boutons, self._moyenne = np.zeros((2, combien), np.float32)
        super().__init__(_couches(self._boutons, tailles))
        self.lisse = _couches(self._moyenne, tailles)
        for poids, _ in self:
            poids[:] = hasard.normal(0, np.sqrt(2 / len(poids)), poids.shape)
        self._moyenne[:] = self._boutons
        self._descente = Adam(suit=0.5, echelle=0.99)

    def tourne(self, pentes: list[tuple[np.ndarray, np.ndarray]], taux: float) -> None:
        """Tourne tous les boutons d'un pas contre leurs ``pentes``, rangées comme les couches."""
        pentes = np.concatenate([pente.ravel() for couche in pentes for pente in couche])
        self._boutons -= self._descente.pas(pentes, taux)
        self._moyenne += np.float32(max(1 - self.LISSE, 1 / self._descente.tours)) * (
            self._boutons - self._moyenne
        )


def _couches(tout, tailles):
    """Les couches (poids, seuils) d'un réseau, découpées dans un seul tableau."""
    rendues, ici = [], 0
    for n, m in pairwise(tailles):
        poids, seuils = tout[ici : ici + n * m], tout[ici + n * m : ici + (n + 1) * m]
        rendues.append((poids.reshape(n, m), seuils))
        ici += (n + 1) * m
    return rendues


class Hasard(np.random.Generator):
    """Tout ce qui se tire au sort, en simple précision, par lots de ``LOT``."""

    LOT, LARGE = 150, 2

    def __init__(self, graine: int = 1):
        super().__init__(np.random.PCG64(graine))

    def bruit(self) -> np.ndarray:
        """De quoi inspirer un faussaire : (LOT, LARGE)."""
        return self.standard_normal((self.LOT, self.LARGE), np.float32)

    def brume(self, epaisseur: float, *billets: np.ndarray) -> np.ndarray:
        """Tous ces billets, à la suite, vus dans la brume : chacun un peu à côté de ce qu'il est."""
        vus = np.concatenate(billets)
        return vus + np.float32(epaisseur) * self.standard_normal(vus.shape, np.float32)


def sort(reseau: list, entree: np.ndarray) -> np.ndarray:
    """Ce que sort un réseau, pour le dessiner ; pour apprendre, le carnet écrit ``avant``."""
    for poids, seuils in reseau[:-1]:
        entree = entree @ poids + seuils
        entree = np.maximum(entree, 0.2 * entree)
    return entree @ reseau[-1][0] + reseau[-1][1]


# --- Un faux billet -------------------------------------------------------------------------

X = np.linspace(-4.2, 4.2, 301)
CENTRE, ECART = 1.0, 0.5  # des vrais


def avis_billet(expert: np.ndarray, billets: np.ndarray) -> np.ndarray:
    """Les chances, selon l'expert et ses trois boutons, que chaque billet soit vrai."""
    return chances(expert[0] + expert[1] * billets + expert[2] * billets**2)


def lecon(expert: np.ndarray, vrais: np.ndarray, faux: np.ndarray, oubli: float) -> np.ndarray:
    """De combien tourner les trois boutons de l'expert pour mieux trancher, vrais et faux ensemble.

    ``oubli`` est un frein : à chaque leçon, il les ramène un peu vers zéro.
    """
    billets = np.concatenate([vrais, faux])
    manque = np.repeat([1, 0], len(vrais)) - avis_billet(expert, billets)
    return 2 * np.array([np.mean(manque * billets**n) for n in range(3)]) - oubli * expert


def fleches_billet(expert: np.ndarray, faux: np.ndarray, reproche: str) -> np.ndarray:
    """De quel côté pousser chaque faux pour que l'expert le croie un peu plus."""
    p = avis_billet(expert, faux)
    return (1 - p if reproche == "d’usage" else p) * (expert[1] + 2 * expert[2] * faux)


TROP_FORT = {"lecons": 100, "oubli": 0.0, "taux_faussaire": 0.05}
DUELS = {
    "équilibre": {},
    "le faussaire trop pressé": {"taux_expert": 0.1, "taux_faussaire": 2.0, "oubli": 0.02},
    "l’expert trop fort": {**TROP_FORT, "reproche": "d’origine"},
    "fort mais bon prof": {**TROP_FORT, "reproche": "d’usage"},
}


def cloche(centre: float, ecart: float) -> np.ndarray:
    """La densité d'une cloche, le long de la figure."""
    return np.exp(-(((X - centre) / ecart) ** 2) / 2) / ecart / np.sqrt(2 * np.pi)


def soupcon_moyen(centre: float, ecart: float, expert: np.ndarray) -> float:
    """Les chances, en moyenne, que l'expert donne à un faux d'être faux."""
    hasards = np.linspace(-3, 3, 201)
    poids = np.exp(-(hasards**2) / 2)
    return float(np.average(1 - avis_billet(expert, centre + ecart * hasards), weights=poids))


def poussee(centre: float, ecart: float, expert: np.ndarray, reproche: str) -> float:
    """De quel côté, et avec quelle force, les flèches de l'expert poussent les faux, en moyenne."""
    hasards = np.linspace(-3, 3, 201)
    fleches = fleches_billet(expert, centre + ecart * hasards, reproche)
    return float(np.clip(np.average(fleches, weights=np.exp(-(hasards**2) / 2)), -2, 2))


VIENT = {
    "personne": "Avant la première leçon",
    "expert": "L’expert vient d’apprendre",
    "faussaire": "Le faussaire vient de bouger",
}


def ou_en_sont(centre, ecart):
    """Où sont les faux, en mots."""
    loin = abs(centre - CENTRE)
    if loin > 0.3:
        return "loin des vrais" if loin > 1 else "en chemin"
    if ecart < ECART / 2:
        return "au milieu des vrais, mais tous pareils"
    return "au milieu des vrais" + (", mais trop dispersés" if ecart > 1.5 * ECART else "")


def juge(doute):
    """Ce que pense l'expert, en mots."""
    if 0.45 < doute < 0.55:
        return "l’expert se trompe autant qu’à pile ou face"
    return f"l’expert les soupçonne à {100 * doute:.0f} %"


def dit_billets(qui, centre, ecart, expert):
    """Où en sont les deux."""
    doute = soupcon_moyen(centre, ecart, expert)
    return f"{VIENT[qui]}. Les faux sont {ou_en_sont(centre, ecart)} ; {juge(doute)}."


def mesure_billets(qui, centre, ecart, expert):
    """Ce que l'on suit : le milieu des faux, et leur dispersion."""
    return {"centre": centre, "ecart": ecart}


@vue(
    recit=dit_billets,
    mesure=mesure_billets,
    cadre=3 * [4 * ["billets"] + 3 * ["trajet"]] + [4 * ["soupcon"] + 3 * ["trajet"]],
    taille=(12, 5.4),
)
def billets(billets, soupcon, trajet, passe, reglages):
    """Les deux cloches et l'avis de l'expert ; le soupçon ; le chemin des faux."""
    billets.set(xlim=(X[0], X[-1]), ylim=(-0.45, 1.85), xticks=[], yticks=[])
    billets.set_title("l’encre des billets, et l’avis de l’expert")
    billets.spines[:].set_visible(False)
    vrais = cloche(CENTRE, ECART)
    billets.fill_between(X, vrais, color=vues.VERT, alpha=0.25, lw=0)
    billets.plot(X, vrais, color=vues.VERT)
    gras = dict(fontweight="bold", zorder=6)
    billets.text(2.1, 0.6, "les vrais", color=vues.VERT, fontsize=18, **gras)
    for x, mot in ((X[0], "trop pâle"), (X[-1], "trop foncé")):
        billets.text(x, -0.4, mot, ha="left" if x < 0 else "right", va="top", fontsize=15)
    bande = dict(extent=(X[0], X[-1], -0.36, -0.04), aspect="auto", interpolation="bilinear")
    avis = billets.imshow(X[None], cmap=vues.CONTRE_POUR, vmin=0, vmax=1, zorder=1, **bande)
    mot = "bleu : « vrai ! » ; orange : « faux ! »"
    billets.text(0, -0.4, mot, ha="center", va="top", fontsize=15)
    (faux,) = billets.plot([], [], color=vues.ORANGE, ls=(0, (1, 1)), lw=4, zorder=4)
    fond = billets.fill_between(X, 0 * X, color=vues.ORANGE, alpha=0.22, lw=0, zorder=3)
    nom = billets.text(0, 0, "les faux", color=vues.ORANGE, ha="center", fontsize=18, **gras)
    style = dict(color="#1f2933", lw=5, mutation_scale=26, zorder=7, shrinkA=0, shrinkB=0)
    fleche = billets.add_patch(FancyArrowPatch((0, 0), (1, 0), arrowstyle="-|>", **style))

    soupcon.set(xlim=(0, 1), ylim=(-0.5, 0.5), yticks=[], title="l’expert soupçonne les faux à…")
    soupcon.set_xticks([0, 0.5, 1], ["0 % : dupe", "50 % : pile ou face", "100 % : il les a tous"])
    for repere, cote in zip(soupcon.get_xticklabels(), ("left", "center", "right"), strict=True):
        repere.set(ha=cote, fontsize=14)
    soupcon.spines["left"].set_visible(False)
    (jauge,) = soupcon.barh([0], [0], height=0.9, color="#7b8794")
    moitie = soupcon.axvline(0.5, color="#1f2933", lw=3, zorder=4)

    trajet.set(
        ylim=(-3.3, 2.6), xlim=(0, 50), yticks=[], xlabel="demi-tours", title="le chemin des faux"
    )
    trajet.locator_params(axis="x", nbins=6, integer=True)
    trajet.axhspan(CENTRE - ECART, CENTRE + ECART, color=vues.VERT, alpha=0.22, lw=0)
    trajet.axhline(CENTRE, color=vues.VERT)
    trajet.text(0.98, 0.97, "les vrais, en vert", transform=trajet.transAxes, ha="right", va="top",
                fontsize=14, color=vues.VERT)  # fmt: skip
    trajet.text(0.98, 0.03, "trait plein : leur milieu\npointillés : leur dispersion",
                transform=trajet.transAxes, ha="right", fontsize=14)  # fmt: skip
    milieu = trajet.plot([], [], color=vues.ORANGE, lw=3, zorder=4)[0]
    bords = [trajet.plot([], [], color=vues.ORANGE, lw=2, ls=(0, (1, 1)), zorder=3)[0] for _ in range(2)]

    def montre(qui, centre, ecart, expert):
        hauteurs = np.minimum(cloche(centre, max(ecart, 0.02)), 1.55)
        faux.set_data(X, hauteurs)
        fond.set_data(X, 0 * X, hauteurs)
        ici = np.clip(centre, X[0] + 0.7, X[-1] - 0.7)
        nom.set_position((ici, hauteurs.max() + 0.06))
        avis.set_data(avis_billet(expert, X)[None])
        pousse = poussee(centre, ecart, expert, reglages.reproche)
        fleche.set_positions((ici, 0.1), (ici + pousse, 0.1))
        fleche.set_visible(qui == "expert" and abs(pousse) > 0.02)
        jauge.set_width(soupcon_moyen(centre, ecart, expert))
        pas, milieux, ecarts = (passe[quoi] for quoi in ("pas", "centre", "ecart"))
        droite = 50 * 2 ** max(0, int(np.ceil(np.log2(max(pas[-1], 1) / 50))))
        if trajet.get_xlim()[1] != droite:  # toucher aux bornes refait tout le décor
            trajet.set_xlim(0, droite)
        milieu.set_data(pas, milieux)
        for bord, signe in zip(bords, (-1, 1), strict=True):
            bord.set_data(pas, milieux + signe * ecarts)
        return avis, fond, faux, nom, fleche, jauge, moitie, milieu, *bords

    return montre
