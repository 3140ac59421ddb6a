"""Le décor du carnet 03 : la boucle du talk, dessinée en boîtes ; celle qui travaille est allumée."""

import numpy as np
from demystifie import vue, vues
from matplotlib.collections import LineCollection
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from .sgd import x, y

# Chaque boîte : son titre, ce qu'on y lit tant que son tour n'est pas venu, son coin et sa taille.
BOITES = {
    "données": ("toutes\nles données", "", (0.1, 0.1), (2.3, 4.8)),
    "lot": ("lot", "une petite partie,\nau hasard", (3.15, 2.75), (4.0, 2.15)),
    "évaluation": ("évaluation", "de combien\nse trompe-t-il\u202f?", (7.9, 2.75), (4.0, 2.15)),
    "calcul": ("calcul de la mise à jour", "de quel côté\ntourner\u202f?", (7.9, 0.1), (4.0, 2.15)),
    "mise à jour": ("mise à jour", "un petit pas\nde ce côté", (3.15, 0.1), (4.0, 2.15)),
}
FLECHES = {  # celles qui mènent à chaque boîte
    "lot": [((2.47, 3.8), (3.08, 3.8)), ((5.15, 2.27), (5.15, 2.73))],
    "évaluation": [((7.22, 3.8), (7.83, 3.8))],
    "calcul": [((9.9, 2.73), (9.9, 2.27))],
    "mise à jour": [((7.83, 1.2), (7.22, 1.2))],
}
HAUT = 2.6  # du nuage, dans sa fenêtre, au-dessus et au-dessous de zéro
ENCRE, PALE, BORD, LAMPE = "#1f2933", "#697785", "#b8c4ce", "#e69f00"


def dit_le_lot(lot):
    """« 10 exemples au hasard »."""
    if len(lot) == 200:
        return "les 200\u00a0: plus de hasard"
    return f"{len(lot)} exemple{'s' if len(lot) > 1 else ''} au hasard"


def dit_l_erreur(ecarts):
    """La moyenne des carrés des écarts, écrite pour un humain."""
    valeur = np.mean(np.square(ecarts))
    return f"erreur\u00a0: {vues.virgules(f'{valeur:.2f}') if valeur < 1000 else 'énorme'}"


def dit_le_tour(vers):
    """« +1,2 » ou « −0,3 »."""
    return vues.virgules(f"{vers:+.1f}") if abs(vers) < 1000 else "énorme"


def dit_le_pas(droite, taux):
    """Le taux, et si la droite est encore dans le cadre."""
    bouts = droite[1] + droite[0] * np.array([-1.1, 1.1])
    quoi = "hors cadre" if min(bouts) > HAUT or max(bouts) < -HAUT else "un pas"
    return f"{quoi}, au taux de {vues.nombre(taux)}"


def ce_qui_sort(droite, lot=(), ecarts=(), mise_a_jour=(), taux=None):
    """Ce qu'on lit dans chaque boîte ; ``None`` si son tour n'est pas venu."""
    return {
        "données": "200 exemples",
        "lot": dit_le_lot(lot) if len(lot) else None,
        "évaluation": dit_l_erreur(ecarts) if len(ecarts) else None,
        "calcul": "de quel côté tourner" if len(mise_a_jour) else None,
        "mise à jour": None if taux is None else dit_le_pas(droite, taux),
    }


def dit_boite_par_boite(boite, droite, *faits):
    """La boîte au travail, et ce qui en sort."""
    titre, sort = BOITES[boite][0].replace("\n", " "), ce_qui_sort(droite, *faits)[boite]
    if boite == "calcul":
        sort = "{}\u00a0: inclinaison {}, hauteur {}".format(sort, *map(dit_le_tour, faits[-1]))
    return f"Au travail\u00a0: {titre}. {sort[0].upper()}{sort[1:]}."


def pose_une_boite(axe, nom):
    """Une boîte, et les flèches qui y mènent. Rend ``montre(allume, phrase=None)``."""
    titre, attente, (gauche, bas), (large, haut) = BOITES[nom]
    coins = dict(boxstyle="round,pad=0,rounding_size=0.18")
    fond = axe.add_patch(FancyBboxPatch((gauche, bas), large, haut, zorder=1, **coins))
    style = dict(ha="center", va="center", zorder=6, linespacing=1.2)
    milieu = gauche + large / 2
    dessus = bas + haut - (0.48 if "\n" in titre else 0.28)
    titre = axe.text(milieu, dessus, titre, fontsize=19, fontweight="bold", **style)
    sous_titre = axe.text(milieu, bas, "", fontsize=18.5, **style)
    style = dict(arrowstyle="-|>", mutation_scale=30, lw=5, shrinkA=0, shrinkB=0, zorder=2)
    fleches = [axe.add_patch(FancyArrowPatch(*bouts, **style)) for bouts in FLECHES.get(nom, [])]

    def montre(allume, phrase=None):
        fond.set(fc="#fff3cf" if allume else "white", ec=LAMPE if allume else BORD)
        fond.set_linewidth(7 if allume else 2)
        sous_titre.set_text(attente if phrase is None else phrase)
        sous_titre.set_y(bas + (haut / 2 - 0.12 if phrase is None else 0.28))
        for texte in (titre, sous_titre):
            texte.set_color(ENCRE if allume else PALE)
        for fleche in fleches:
            fleche.set_color(LAMPE if allume else BORD)
        return fond, titre, sous_titre, fleches

    return montre


class Fenetre:
    """Le nuage, en petit, dans une boîte."""

    def __init__(self, axe, nom):
        self.axe = axe
        _, _, (gauche, bas), (large, haut) = BOITES[nom]
        sous, sur = 0.55, 0.95 if nom == "données" else 0.5  # la place de la phrase, et du titre
        self.coin, self.taille = (gauche + 0.2, bas + sous), (large - 0.4, haut - sous - sur)
        self.cadre = Rectangle(self.coin, *self.taille, transform=axe.transData)

    def place(self, u, v):
        """Les points (u, v) du nuage, dans la boîte : un tableau (n, 2)."""
        v = np.clip(v, -1e6, 1e6)  # au-delà, rien ne se dessine plus
        return self.coin + self.taille * (np.stack([u, v], -1) / (2.2, 2 * HAUT) + 0.5)

    def points(self, u, v, **style):
        """Des points du nuage."""
        return self.axe.scatter(*self.place(u, v).T, linewidths=0, **style)

    def coupe(self, acteur):
        """Coupe aux bords de la fenêtre ce qui en sortirait."""
        acteur.set_clip_path(self.cadre)
        return acteur

    def pose(self, ligne, droite):
        """Pose ``ligne`` sur la ``droite`` : son inclinaison, sa hauteur."""
        u = np.array([-1.1, 1.1])
        ligne.set_data(*self.place(u, droite[0] * u + droite[1]).T)


def pose_les_aiguilles(axe):
    """De quel côté tourner chacun des deux boutons. Rend ``montre(mise_a_jour)``."""
    _, _, (gauche, bas), _ = BOITES["calcul"]
    milieu, lignes, style = gauche + 2.35, (bas + 1.35, bas + 0.85), dict(va="center", zorder=6)
    zero = axe.plot([milieu, milieu], [bas + 0.6, bas + 1.6], color=ENCRE, lw=2, zorder=5)
    acteurs, barres, nombres = [*zero], [], []
    for haut, nom in zip(lignes, ("inclinaison", "hauteur"), strict=True):
        acteurs.append(axe.text(gauche + 0.2, haut, nom, fontsize=18, **style))
        barres.append(axe.add_patch(Rectangle((milieu, haut - 0.17), 0, 0.34, zorder=4)))
        nombres.append(axe.text(gauche + 3.85, haut, "", fontsize=18, ha="right", **style))
    acteurs += barres + nombres

    def montre(mise_a_jour):
        for acteur in acteurs:
            acteur.set_visible(len(mise_a_jour) > 0)
        for vers, barre, texte in zip(mise_a_jour, barres, nombres, strict=False):
            barre.set_width(np.clip(vers / 2.5, -1, 1) * 0.65)
            vues.habille(barre, "pour" if vers > 0 else "faux")
            texte.set_text(dit_le_tour(vers))
        return acteurs

    return montre


@vue(recit=dit_boite_par_boite, vitesse=1)
def boite_par_boite(boucle):
    """Les données, puis la ronde des quatre boîtes ; celles dont le tour n'est pas venu attendent."""
    vues.sans_axes(boucle).set(xlim=(0, 12), ylim=(0, 5))
    boucle.text(5.45, 2.5, "et on recommence", fontsize=17, color=PALE, va="center")
    boites = {nom: pose_une_boite(boucle, nom) for nom in BOITES}
    donnees, le_lot, evaluation, nouvelle = (
        Fenetre(boucle, nom) for nom in ("données", "lot", "évaluation", "mise à jour")
    )
    style = dict(s=70, color=vues.ORANGE, zorder=4)
    nuages = [donnees.points(x, y, s=30, color="#a3afba", zorder=3),
              le_lot.points(x, y, s=14, color="#cbd2d9", zorder=3)]  # fmt: skip
    pris = {fenetre: fenetre.points([], [], **style) for fenetre in (donnees, le_lot, evaluation)}
    ecart = evaluation.coupe(boucle.add_collection(LineCollection([], colors=vues.ORANGE, zorder=3)))

    def trait(fenetre, couleur, tirets="-"):
        return fenetre.coupe(boucle.plot([], [], color=couleur, ls=tirets, lw=5, zorder=5)[0])

    jugee, apres = trait(evaluation, vues.BLEU), trait(nouvelle, vues.BLEU)
    avant = trait(nouvelle, vues.GRIS, (0, (2, 1)))
    montre_les_aiguilles = pose_les_aiguilles(boucle)

    def montre(boite, droite, lot=(), ecarts=(), mise_a_jour=(), taux=None):
        phrases = ce_qui_sort(droite, lot, ecarts, mise_a_jour, taux)
        lot, mesures = np.array(lot, int), np.array(lot, int)[: len(ecarts)]
        nuages[1].set_visible(len(lot) > 0)
        for fenetre, points in pris.items():
            vus = mesures if fenetre is evaluation else lot
            points.set_offsets(fenetre.place(x[vus], y[vus]))
        bouts = [evaluation.place(x[mesures], v) for v in (y[mesures], y[mesures] + ecarts)]
        ecart.set_segments(np.stack(bouts, 1))
        ecart.set_linewidth(2 if len(lot) < 50 else 0.6)
        d_avant = droite if taux is None else droite - taux * mise_a_jour
        evaluation.pose(jugee, d_avant)
        nouvelle.pose(avant, d_avant)
        nouvelle.pose(apres, droite)
        jugee.set_visible(len(ecarts) > 0)
        avant.set_visible(taux is not None)
        apres.set_visible(taux is not None)
        acteurs = nuages, pris.values(), ecart, jugee, avant, apres, montre_les_aiguilles(mise_a_jour)
        return *acteurs, [boites[nom](nom == boite, phrases[nom]) for nom in BOITES]

    return montre
