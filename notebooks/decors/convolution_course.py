"""Le décor du carnet 06, deuxième partie : la course de LeNet-5 et d'un réseau dense."""

import time
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from demystifie import donnees, reseaux, vue, vues
from torch.nn import functional

BRUN = "#a63c00"  # l'orange, assez foncé pour s'écrire


# --- La course ------------------------------------------------------------------------------


@cache
def cahier():
    """Les 60 000 images d'exercice, des octets, et leurs réponses ; demandées à la première course."""
    apprentissage = donnees.mnist("apprentissage")
    return torch.from_numpy(apprentissage.images), torch.from_numpy(apprentissage.etiquettes)


@cache
def examen():
    """Les 10 000 copies de l'examen."""
    return donnees.mnist("test")


class Releve(NamedTuple):
    """Où en est un coureur : ce qu'il a lu, et son dernier examen."""

    lots: int
    secondes: float
    quand: float  # ses secondes, au dernier examen
    erreur: float  # la part des copies qu'il y a mal lues
    copies: int


class Coureur:
    """Un élève de la course : son réseau, sa montre, ses lots."""

    def __init__(self, reseau, taux):
        self.reseau, self.taux = reseau, taux
        self.descente = reseaux.Adam(reseau.parameters(), taux, inertie=0.99)
        self.secondes, self.lots, self.paquet = 0.0, 0, torch.empty(0, dtype=torch.long)
        self.quand, self.erreur, self.copies = 0.0, 1.0, 0

    def descend(self, allure):
        """Tourne ses boutons contre le reproche, à cette part de son taux."""
        self.descente.step(self.taux * float(allure))
        self.reseau.zero_grad()

    def pioche(self, combien):
        """Des images et leurs réponses ; toutes passent une fois avant qu'aucune ne repasse."""
        images, reponses = cahier()
        if len(self.paquet) < combien:
            self.paquet = torch.randperm(len(images))
        lot, self.paquet = self.paquet[:combien], self.paquet[combien:]
        return reseaux.tenseur(images[lot]), reponses[lot]

    def examine(self, en_entier):
        """Note ses fautes sur l'examen, ou sur 2 000 copies ; cela ne compte pas dans son temps."""
        saut = 1 if en_entier else max(1, len(examen().images) // 2000)
        copies, vrais = examen().images[::saut], examen().etiquettes[::saut]
        self.quand, self.copies = self.secondes, len(vrais)
        self.erreur = reseaux.erreur(self.reseau, copies, vrais)

    def releve(self):
        """Où il en est."""
        return Releve(self.lots, self.secondes, self.quand, self.erreur, self.copies)


def ecart(avis, vrais):
    """L'erreur d'un lot ; viser 95 % plutôt que 100 % évite de trop s'entêter."""
    return functional.cross_entropy(avis, vrais, label_smoothing=0.05)


def coureurs(graine):
    """LeNet-5 et le dense, sans rien savoir encore ; à chacun le taux qui lui réussit."""
    torch.manual_seed(graine)
    return Coureur(reseaux.LeNet5(), 0.012), Coureur(reseaux.dense(), 0.004)


def a_temps_egal(conv, plat):
    """Qui lit le prochain lot : LeNet-5, puis l'autre tant que sa montre retarde. Tient les montres."""
    eleve = conv
    while eleve is conv or plat.secondes < conv.secondes:
        depart = time.perf_counter()
        yield eleve
        eleve.secondes += time.perf_counter() - depart
        eleve.lots += 1
        eleve = plat


def bilan(conv, plat, fini=False):
    """L'état de la course ; de petits examens, surtout au début ; à la fin, le vrai."""
    if fini or conv.lots in (10, 30) or conv.lots % 70 == 0:
        for eleve in (conv, plat):
            eleve.examine(en_entier=fini)
    noyaux = conv.reseau.filtres1.weight.detach().numpy()[:, 0].copy()
    return noyaux, conv.releve(), plat.releve(), fini


def mesure_course(noyaux, conv, plat, fini):
    """Le dernier examen de chacun : quand, et combien de fautes."""
    return {"examens": [(eleve.quand, eleve.erreur) for eleve in (conv, plat)]}


def fautes(eleve):
    """Sa part de fautes, avec des décimales quand elles comptent."""
    return f"{100 * eleve.erreur:.2f} %" if eleve.erreur < 0.1 else f"{100 * eleve.erreur:.0f} %"


def dit_course(noyaux, conv, plat, fini):
    """Ce que valent les deux coureurs au dernier examen."""
    quand = "Examen final" if fini else "Au dernier petit examen"
    copies = vues.nombre(conv.copies)
    return f"{quand}, sur {copies} images : LeNet-5, {fautes(conv)} d’erreur ; le dense, {fautes(plat)}."


@vue(
    recit=dit_course,
    mesure=mesure_course,
    cadre=4 * [["courbes"] * 4 + ["tableau"] * 3] + 2 * [["filtres"] * 4 + ["tableau"] * 3],
    taille=(12, 5.6),
    vitesse=float("inf"),
)
def course(courbes, tableau, filtres, passe):
    """Les fautes de chacun selon sa montre, le tableau, et les filtres qui se forment."""
    courbes.set(yscale="log", ylim=(0.005, 1), xlim=(0, 10))
    courbes.set_xlabel("secondes d’apprentissage, chacun sa montre")
    courbes.set_title("part d’images mal lues à l’examen")
    reperes = [0.5, 1, 2, 5, 10, 50, 100]
    courbes.set_yticks([r / 100 for r in reperes], [f"{vues.nombre(r)} %" for r in reperes])
    courbes.minorticks_off()
    courbes.grid(True)
    courbes.axhline(0.01, color=vues.VERT, lw=2, ls=":")
    traits = [
        courbes.plot([], [], marque, color=couleur, label=nom, zorder=4)[0]
        for nom, marque, couleur in (("LeNet-5", "-o", vues.BLEU), ("dense", "--s", vues.ORANGE))
    ]
    courbes.legend(loc="upper right", bbox_to_anchor=(1, 0.75))
    peint = vues.mosaique(filtres, 1, 6, (5, 5), palette=vues.CONTRE_POUR)
    filtres.set_title("les six premiers filtres de LeNet-5")
    cases = plante_le_tableau(tableau)
    mobiles = [case for rangee in cases for case in rangee]
    style = dict(ha="right", va="top", fontsize=17, fontweight="bold", zorder=6)
    annonce = courbes.text(0.97, 0.93, "", transform=courbes.transAxes, **style)

    def montre(noyaux, conv, plat, fini):
        droite = 10.0
        while droite < max(conv.secondes, plat.secondes):  # rarement : cela refait tout le décor
            droite *= 1.5
        if droite != courbes.get_xlim()[1]:
            courbes.set_xlim(0, droite)
        for i, (eleve, trait) in enumerate(zip((conv, plat), traits, strict=True)):
            examens = np.unique([*passe["examens"][:, i], (eleve.quand, eleve.erreur)], axis=0)
            trait.set_data(examens[:, 0], np.maximum(examens[:, 1], 0.005))
            lots, secondes, erreur, fois = (rangee[i] for rangee in cases)
            lots.set_text(vues.nombre(eleve.lots))
            secondes.set_text(vues.virgules(f"{eleve.secondes:.1f}"))
            erreur.set_text(vues.virgules(fautes(eleve)))
            fois.set_text(vues.nombre(round(10_000 * eleve.erreur)))
        copies = f"{'examen final' if fini else 'petit examen'}, {vues.nombre(conv.copies)} images"
        annonce.set_text(copies if examen().origine == "MNIST" else f"{copies}\n({examen().origine})")
        return peint(noyaux), *traits, *mobiles, annonce

    return montre


def plante_le_tableau(axe):
    """Ce que l'on sait des deux réseaux ; rend les trois rangées de cases à remplir."""
    vues.sans_axes(axe).set(xlim=(0, 10), ylim=(8.2, -0.4))
    for x, nom, couleur in ((6.2, "LeNet-5", vues.BLEU), (8.9, "dense", BRUN)):
        axe.text(x, 0, nom, color=couleur, fontsize=18, fontweight="bold", ha="center", va="center")
    rangees = [
        ("boutons", "61 706", "266 610"),
        ("erreur en 1998", "0,95 %", "3,05 %"),
        ("avec déformations", "0,8 %", "2,5 %"),
        ("lots lus", "", ""),
        ("secondes", "", ""),
        ("erreur ici", "", ""),
        ("fautes sur 10 000", "", ""),
    ]
    cases = []
    for rang, (nom, *valeurs) in enumerate(rangees, start=1):
        gras = "bold" if nom in ("erreur ici", "fautes sur 10 000") else "normal"
        axe.text(0, rang + 0.1, nom, fontsize=15, va="center", fontweight=gras)
        style = dict(ha="center", va="center", fontsize=19 if gras == "bold" else 16, fontweight=gras)
        textes = zip((6.2, 8.9), valeurs, strict=True)
        cases.append([axe.text(x, rang + 0.1, mot or "88,88 %", **style) for x, mot in textes])
    return cases[3:]
