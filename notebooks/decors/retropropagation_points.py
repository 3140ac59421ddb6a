"""Des points à séparer, au carnet 04 : ce que voit chaque neurone, et ce que l'élève décide."""

import numpy as np
from demystifie import vue, vues

from .petits_reseaux import CLASSES, bien_classes, sorties
from .reseau_dessine import fils, places

ESSAIS = {
    "rien au milieu": dict(couches=0),
    "deux neurones": dict(neurones=2),
    "trois neurones": dict(neurones=3),
    "spirale, une couche": dict(dessin="spirale", neurones=8, taux=0.03),
    "spirale, trois couches": dict(dessin="spirale", couches=3, neurones=8, taux=0.03),
}


def frontiere(axe, cote=60, etendue=1.1):
    """Deux familles de points, et la frontière qu'un élève trace entre elles.

    Rend ``montre(devine, points, classes)`` : ``devine`` donne à des points (2, n) une sortie (n,) de -1
    à 1 ; ``points`` (2, m) et ``classes`` (m,), de 1 ou de -1, sont ceux que l'on dessine.
    ``cote`` : la finesse du fond, en points ; ``etendue`` : il va de ``-etendue`` à ``etendue``.
    """
    vues.sans_axes(axe).set(xlim=(-etendue, etendue), ylim=(-etendue, etendue), aspect="equal")
    grille = _grille(cote, etendue)
    fond = axe.imshow(
        np.zeros((cote, cote)),
        cmap=vues.CONTRE_POUR,
        vmin=-1.4,
        vmax=1.4,
        origin="lower",
        extent=2 * (-etendue, etendue),
        interpolation="bilinear",
    )
    familles = [
        axe.plot([], [], forme, color=couleur, ms=7, mec="white", mew=0.8, ls="", zorder=3)[0]
        for forme, couleur in (("o", vues.BLEU), ("s", vues.ORANGE))
    ]

    def montre(devine, points, classes):
        fond.set_data(np.reshape(devine(grille), (cote, cote)))
        for famille, classe in zip(familles, (1, -1), strict=True):
            famille.set_data(*points[:, np.ravel(classes) == classe])
        return fond, familles

    return montre


def _grille(cote, etendue):
    """Les points d'un carré, (2, cote × cote), rangés comme les pixels d'une image."""
    carre = np.linspace(-etendue, etendue, cote, dtype=np.float32)
    return np.stack(np.meshgrid(carre, carre)).reshape(2, -1)


def dit_profondeur(reseau, points):
    """Le réseau, et ce qu'il classe bien."""
    caches = [len(poids) for poids in reseau[:-1]]
    neurones = "neurones" if max(caches, default=0) > 1 else "neurone"
    couches = f"{' puis '.join(map(str, caches))} {neurones} au milieu" if caches else "Rien au milieu"
    return f"{couches} : {100 * bien_classes(reseau, points):.1f} % de points bien classés."


@vue(recit=dit_profondeur, cadre=[3 * ["neurones"] + 2 * ["decision"]], taille=(12, 5.4), vitesse=10)
def profondeur(neurones, decision):
    """À gauche ce que voit chaque neurone, posé sur le réseau ; à droite ce que l'élève décide."""
    large, haut, cote = 8, 8, 24
    vues.sans_axes(neurones, "ce que voit chaque neurone").set(xlim=(-1.1, 9.1), ylim=(-4.9, 4.2))
    mots = dict(fontsize=15, va="top", color="#52606d")
    neurones.text(-1.1, -4.3, "la position : à droite ? en haut ?", **mots)
    neurones.text(9.1, -4.3, "la réponse", ha="right", **mots)
    montre_fils = fils(neurones, epais=1.5)
    grille = _grille(cote, 1.1)
    style = dict(cmap=vues.CONTRE_POUR, vmin=-1.2, vmax=1.2, origin="lower", aspect="auto", zorder=3)
    style |= dict(extent=(0, 1, 0, 1), interpolation="bilinear", visible=False)
    vignettes = [neurones.imshow(np.zeros((cote, cote)), **style) for _ in range(2 + 3 * 8 + 1)]
    neurones.set(xlim=(-1.1, 9.1), ylim=(-4.9, 4.2))
    montre_frontiere = frontiere(decision)
    decision.set_title("ce que l’élève décide\n")  # la seconde ligne est la place de la réussite
    reussite = decision.text(0.5, 1.02, "", transform=decision.transAxes, fontsize=18, ha="center")

    def montre(reseau, points):
        tailles = [2, *(len(poids) for poids in reseau)]
        ou = places(tailles, large, haut)
        demi = min(0.42 * haut / max(tailles), 1.0)
        for vignette in vignettes:
            vignette.set_visible(False)
        pensees = np.concatenate(sorties(reseau, grille))
        for vignette, (x, y), pensee in zip(vignettes, np.concatenate(ou), pensees, strict=False):
            vignette.set_extent((x - 0.75 * demi, x + 0.75 * demi, y - demi, y + demi))
            vignette.set_data(pensee.reshape(cote, cote))
            vignette.set_visible(True)
        bons = 100 * bien_classes(reseau, points)
        reussite.set_text(vues.virgules(f"{bons:.1f} % de points bien classés"))
        return (
            montre_fils([poids[:, :-1] for poids in reseau], ou),
            vignettes,
            montre_frontiere(lambda p: sorties(reseau, p)[-1], points, CLASSES),
            reussite,
        )

    return montre
