"""Le décor du carnet 07 : une mémoire, lettre après lettre ; puis la même, dépliée dans le temps."""

from functools import cache

import numpy as np
import torch
from demystifie import reseaux, vue, vues
from demystifie.donnees.lettres import FIN, LETTRES, LONGUEUR
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from torch.nn.utils import clip_grad_norm_

ENCRE, PALE, JAUNE, BRUN = "#1f2933", "#e4e7eb", "#ffe08a", "#a63c00"
DITES = {FIN: "fin", " ": "espace"}  # les signes qui ne se voient pas


def dite(lettre):
    """Une lettre, telle qu'elle se lit à voix haute."""
    return DITES.get(lettre, lettre)


class Tuile:
    """Une lettre dans son carré ; on la pose où l'on veut, on l'habille comme on veut."""

    def __init__(self, axe, x, y, large=0.9, haut=0.9, taille=20, rapport=1.0):
        """``rapport`` : combien une unité de l'axe est plus longue en largeur qu'en hauteur."""
        coin, style = (x - large / 2, y - haut / 2), f"round,pad=0,rounding_size={0.13 * large}"
        self.carre = FancyBboxPatch(coin, large, haut, boxstyle=style, zorder=4)
        self.carre.set_mutation_aspect(rapport)
        axe.add_patch(self.carre)
        self.taille = taille
        self.mot = axe.text(x, y, "", ha="center", va="center", fontsize=taille, zorder=5)
        self.acteurs = self.carre, self.mot

    def montre(self, lettre, comment="ni"):
        """Écrit ``lettre`` (``None`` : rien) : « lue », « sienne », « juste », « faux » ou « ni »."""
        fond, bord, encre, trait = {
            "lue": (ENCRE, ENCRE, "white", "-"),
            "sienne": (vues.BLEU, vues.BLEU, "white", "-"),
            "juste": (vues.VERT, vues.VERT, "white", "-"),
            "faux": ("white", vues.ORANGE, vues.ORANGE, (0, (1, 1))),
            "ni": ("white", "#9aa5b1", "#52606d", "-"),
        }[comment]
        for acteur in self.acteurs:
            acteur.set_visible(lettre is not None)
        if lettre is not None:
            self.carre.set(fc=fond, ec=bord, lw=2.5 if comment == "faux" else 1.5, ls=trait)
            mot = dite(lettre)
            self.mot.set(text=mot, color=encre, fontweight="bold")
            self.mot.set_fontsize(self.taille * (1 if len(mot) == 1 else 0.62 if len(mot) < 5 else 0.5))
        return self.acteurs


# --- Lettre après lettre --------------------------------------------------------------------


@cache
def lecteur():
    """Le réseau qui a déjà lu les communes de France, boutons bloqués : ici, il ne fait que lire."""
    return reseaux.charger("lettres").requires_grad_(False)


def lit(lettre, memoire=None):
    """Ce qu'il attend après cette lettre, (44,), et sa mémoire, qu'il faudra lui rendre."""
    avis, memoire = lecteur()(torch.tensor([[LETTRES.index(lettre)]]), memoire)
    return avis[0, 0].softmax(0), memoire


def tire(avis, seul=True):
    """Une lettre au hasard, selon l'avis ; rien, si c'est la fin, ou s'il n'est pas ``seul``."""
    return LETTRES[int(torch.multinomial(avis, 1))].replace(FIN, "") if seul else ""


def remonte(perte, eleve):
    """Fait remonter le reproche jusqu'aux boutons de l'élève : à eux tous, pas plus de 1."""
    eleve.zero_grad()
    perte.backward()
    clip_grad_norm_(eleve.parameters(), 1)


def pour_cent(part):
    """« 34 % », ou « moins de 1 % »."""
    return "moins de 1 %" if part < 0.005 else f"{100 * part:.0f} %"


def dit_lettre_apres_lettre(mot, lu, memoire, avis):
    """Ce qu'il a lu, et ce qu'il attend."""
    premiere, seconde = np.argsort(-np.asarray(avis), kind="stable")[:2]
    debut = f"Il a lu « {lu} »" if lu else "Il n’a encore rien lu"
    if len(lu) > len(mot):
        debut = f"Il a lu « {mot} », puis il a continué seul : « {lu} »"
    attentes = [f"« {dite(LETTRES[i])} » ({pour_cent(avis[i])})" for i in (premiere, seconde)]
    return f"{debut}. Il attend {attentes[0]}, ou {attentes[1]}."


@vue(
    recit=dit_lettre_apres_lettre,
    cadre=[["mot"] * 5, *3 * [2 * ["memoire"] + 3 * ["attente"]]],
    taille=(12, 5.6),
    vitesse=2,
)
def lettre_apres_lettre(mot, memoire, attente):
    """Le mot qui passe, les cases de la mémoire, et les lettres attendues."""
    combien = 7
    vues.sans_axes(mot).set(xlim=(-0.1, LONGUEUR + 0.1), ylim=(-0.75, 0.75))
    tuiles = [Tuile(mot, i + 0.5, 0, haut=1.1, taille=22, rapport=0.5) for i in range(LONGUEUR)]
    vues.sans_axes(memoire, "sa mémoire : 160 cases")
    cases = memoire.imshow(np.zeros((8, 20)), cmap=vues.CONTRE_POUR, vmin=-1, vmax=1, aspect="auto")
    for x in range(1, 20):
        memoire.axvline(x - 0.5, color="white", lw=2)
    for y in range(1, 8):
        memoire.axhline(y - 0.5, color="white", lw=2)
    vues.sans_axes(attente, "la lettre qu’il attend").set(xlim=(-0.16, 1.13), ylim=(combien - 0.4, -0.6))
    forme = dict(large=0.1, haut=0.86, taille=21, rapport=10)
    noms = [Tuile(attente, -0.08, y, **forme) for y in range(combien)]
    barres = attente.barh(range(combien), [0] * combien, height=0.72, left=0.0)
    parts = [attente.text(0, y, "", va="center", fontsize=17) for y in range(combien)]

    def montre(le_mot, lu, memoire, avis):
        for rang, tuile in enumerate(tuiles):
            lettre = lu[rang] if rang < len(lu) else le_mot[rang] if rang < len(le_mot) else None
            tuile.montre(lettre, "ni" if rang >= len(lu) else "lue" if rang < len(le_mot) else "sienne")
        cases.set_data(np.asarray(memoire[0]).reshape(8, 20))
        vraie = LETTRES.index((le_mot + FIN)[len(lu)]) if len(lu) <= len(le_mot) else None
        ordre = np.argsort(-np.asarray(avis), kind="stable")[:combien].tolist()
        if vraie is not None and vraie not in ordre:
            ordre[-1] = vraie
        for rang, (i, nom, barre, part) in enumerate(zip(ordre, noms, barres, parts, strict=True)):
            valeur = float(avis[i])
            comment = "ni" if i != vraie and rang else "juste" if i == vraie else "faux"
            if vraie is None and not rang:
                comment = "pour"
            nom.montre(LETTRES[i], {"pour": "sienne"}.get(comment, comment))
            barre.set_width(valeur)
            vues.habille(barre, comment)
            part.set(x=valeur + 0.015, text=pour_cent(valeur))
        return cases, *barres, *parts, *(t.acteurs for t in (*tuiles, *noms))

    return montre


# --- Déplié dans le temps -------------------------------------------------------------------

COPIES = 9  # une par lettre, et une pour commencer


def lecteur_neuf():
    """Le réseau qui a déjà lu les communes, boutons libres : celui-ci va apprendre."""
    return reseaux.charger("lettres")


def observe(memoire):
    """Demande à torch de noter le reproche que recevra cette mémoire ; la rend."""
    for tenseur in memoire if isinstance(memoire, tuple) else (memoire,):
        tenseur.retain_grad()
    return memoire


def photo(mot, avis, memoires, retour=0):
    """Ce que l'on montre du réseau déplié, en tableaux : le mot, les avis, les mémoires, les reproches.

    ``retour`` : combien de copies, depuis la fin, le reproche a déjà traversées. Celui d'une mémoire est
    ce que la copie suivante lui renvoie ; la dernière n'a personne derrière elle.
    """
    probas = torch.cat(avis, 1)[0].softmax(1).detach().numpy()
    cases = torch.stack([cachee[0, 0] for cachee, _ in memoires]).detach().numpy()
    renvois = [
        float(torch.cat([m.grad.ravel() for m in memoire]).norm())
        for memoire in memoires[-retour - 1 : -1]
        if retour
    ]
    return mot, probas, cases, np.array(renvois), retour


def justesses(mot, probas):
    """La part donnée à la bonne lettre, copie après copie."""
    vraies = [LETTRES.index(lettre) for lettre in (mot + FIN)[: len(probas)]]
    return probas[np.arange(len(probas)), vraies]


def dit_deplie(mot, probas, cases, renvois, retour):
    """À l'aller, la dernière lettre lue ; au retour, d'où vient le reproche."""
    copies, justes = len(mot) + 1, justesses(mot, probas)
    if not retour:
        lue = f"Copie {len(probas)} : il lit « {('début', *mot)[len(probas) - 1]} »"
        vraie = dite((mot + FIN)[len(probas) - 1])
        return f"{lue}. La suivante est « {vraie} » ; il lui donnait {pour_cent(justes[-1])}."
    if retour == copies:
        return (
            f"Le reproche a traversé les {copies} copies. Ce sont les mêmes boutons : on additionne "
            "tout, et on tourne une seule fois."
        )
    return f"Le reproche remonte de la copie {copies - retour + 1} à la copie {copies - retour}."


@vue(
    recit=dit_deplie,
    mesure=lambda mot, probas, cases, renvois, retour: {
        "fini": retour == len(mot) + 1,
        "justes": np.pad(justesses(mot, probas), (0, COPIES - len(probas)), constant_values=np.nan),
    },
    taille=(12, 5.6),
    vitesse=2,
)
def deplie(copies, passe):
    """La même cellule, une fois par lettre, et le reproche qui revient de droite à gauche."""
    vues.sans_axes(copies).set(xlim=(0, COPIES), ylim=(-0.42, 4.1))
    styles = dict(fontsize=15, color="#52606d", ha="center", transform=copies.transAxes)
    copies.text(0.5, 0, "ce qu’il lit", va="bottom", **styles)
    dessus = "ce qu’il attend ; et la part qu’il donnait à la bonne lettre"
    copies.text(0.5, 1, dessus, va="top", **styles)
    lues = [Tuile(copies, i + 0.5, 0.12, 0.44, 0.5) for i in range(COPIES)]
    attendues = [Tuile(copies, i + 0.5, 3.2, 0.44, 0.5) for i in range(COPIES)]
    parts = [copies.text(i + 0.5, 3.7, "", fontsize=14, ha="center", va="center") for i in range(COPIES)]
    boites, cases, montees, avis, passages, reproches, notes = [], [], [], [], [], [], []
    for i in range(COPIES):
        boite = FancyBboxPatch((i + 0.17, 1.05), 0.66, 1.3, boxstyle="round,pad=0,rounding_size=0.1")
        boites.append(copies.add_patch(boite))
        boite.set(fc="white", lw=2.5, zorder=2)
        place = (i + 0.22, i + 0.78, 1.15, 2.25)
        cases.append(
            copies.imshow(np.zeros((20, 8)), cmap=vues.CONTRE_POUR, vmin=-1, vmax=1, aspect="auto",
                          extent=place, zorder=3)
        )  # fmt: skip
        fleche = dict(arrowstyle="-|>", mutation_scale=18, color="#52606d", lw=2.5, zorder=1)
        montees.append(copies.add_patch(FancyArrowPatch((i + 0.5, 0.38), (i + 0.5, 1.04), **fleche)))
        avis.append(copies.add_patch(FancyArrowPatch((i + 0.5, 2.36), (i + 0.5, 2.94), **fleche)))
        passages.append(copies.add_patch(FancyArrowPatch((i + 0.83, 1.98), (i + 1.18, 1.98), **fleche)))
        retour = fleche | dict(color=BRUN, mutation_scale=24)
        reproches.append(copies.add_patch(FancyArrowPatch((i + 1.17, 1.4), (i + 0.82, 1.4), **retour)))
        reproches[-1].set(zorder=6)
        notes.append(
            copies.text(i + 1, 0.78, "", fontsize=14, ha="center", va="center", color="white",
                        zorder=7, fontweight="bold", bbox=dict(boxstyle="round", fc=BRUN, ec="white"))
        )  # fmt: skip
    copies.set(xlim=(0, COPIES), ylim=(-0.42, 4.1), aspect="auto")

    def montre(mot, probas, memoires, renvois, retour):
        vraies, justes = mot + FIN, justesses(mot, probas)
        vide = (COPIES - len(vraies)) / 2
        if copies.get_xlim() != (-vide, COPIES - vide):  # un autre mot : on le recentre
            copies.set_xlim(-vide, COPIES - vide)
        finis = np.flatnonzero(passe["fini"][: len(passe) - 1])
        avant = passe["justes"][finis[-1]] if len(finis) and finis[-1] < len(passe) - 1 else None
        touchees = range(len(vraies) - retour, len(vraies))
        for i in range(COPIES):
            existe, lue = i < len(vraies), i < len(probas)
            lues[i].montre(("début", *mot)[i] if existe else None, "lue" if lue else "ni")
            favorite = LETTRES[int(probas[i].argmax())] if lue else ""
            juste = "juste" if lue and favorite == vraies[i] else "faux"
            attendues[i].montre(favorite if lue else None, juste)
            boites[i].set_visible(existe)
            boites[i].set_edgecolor(BRUN if i in touchees else ENCRE if lue else "#cbd2d9")
            boites[i].set_facecolor("#fbe9e0" if i in touchees else "white")
            cases[i].set_visible(lue)
            if lue:
                cases[i].set_data(memoires[i].reshape(20, 8))
                ancienne = "" if avant is None else f"{100 * avant[i]:.0f} → "
                parts[i].set_text(f"{ancienne}{100 * justes[i]:.0f} %")
            parts[i].set_visible(lue)
            montees[i].set_visible(lue)
            avis[i].set_visible(lue)
            if i in touchees:
                avis[i].set_positions((i + 0.5, 2.94), (i + 0.5, 2.36))
            else:
                avis[i].set_positions((i + 0.5, 2.36), (i + 0.5, 2.94))
            avis[i].set_color(BRUN if i in touchees else "#52606d")
            passages[i].set_visible(i + 1 < len(probas))
            arrivee = i - (len(vraies) - 1 - len(renvois))  # le rang de son reproche parmi les arrivés
            recu = 0 <= arrivee < len(renvois)
            reproches[i].set_visible(recu)
            notes[i].set_visible(recu)
            if recu:
                combien = renvois[arrivee]
                notes[i].set_text(vues.virgules(f"{combien:.2f}") if combien >= 0.005 else "< 0,01")
                reproches[i].set_linewidth(float(np.clip(9 * combien, 1.5, 7)))
        dessus = (*lues, *attendues)
        return (*boites, *cases, *parts, *montees, *avis, *passages, *reproches, *notes,
                *(t.acteurs for t in dessus))  # fmt: skip

    return montre
