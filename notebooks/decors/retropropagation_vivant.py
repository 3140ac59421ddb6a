"""Le neurone vivant du carnet 04, qui lance des impulsions, au-dessus du nôtre, qui rend un nombre.

Le modèle est une caricature : une charge, une fuite, un seuil, d'après Louis Lapicque (1907).
La cellule est dessinée à la main ; le trait vertical d'une impulsion aussi.
"""

import numpy as np
from demystifie import vue, vues
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import PathPatch
from matplotlib.path import Path

DUREE = 250  # millisecondes montrées ; un pas de la boucle en fait une
SILENCE = 150  # millisecondes sans une impulsion : elle n'en lancera pas
VOYAGE = 45  # millisecondes pour courir jusqu'au bout : dix fois trop lent, mais on la voit passer
DOSES = {
    "sous le seuil": dict(stimulation=0.9),
    "juste au-dessus": dict(stimulation=1.1),
    "deux fois plus fort": dict(stimulation=2.2),
}
ROSE, OR = "#b5548b", "#f2b705"
CHARGES = LinearSegmentedColormap.from_list("charges", ["#ffffff", "#d964ab"])


def par_seconde(film):
    """Combien d'impulsions par seconde, depuis que la stimulation ne bouge plus.

    ``film`` : une ligne par milliseconde, (stimulation, charge, impulsion, sortie). Rend ``nan`` tant
    que l'on n'a pas assez attendu pour le dire.
    """
    changes = np.flatnonzero(film[:, 0] != film[-1, 0])
    depuis = film[changes[-1] + 1 :] if changes.size else film
    coups = np.flatnonzero(depuis[:, 2])
    if len(coups) > 1:
        return 1000 * (len(coups) - 1) / (coups[-1] - coups[0])
    attente = len(depuis) - (coups[-1] if coups.size else 0)
    return 0.0 if attente >= SILENCE else np.nan


def mesure_impulsions(film):
    """Ce que l'on reporte dans les deux figures de droite."""
    return {"stimulation": film[-1, 0], "impulsions": par_seconde(film), "sortie": film[-1, 3]}


def dit_impulsions(film):
    """Ce que fait la cellule, et ce que rend notre neurone."""
    stimulation, charge, _, sortie = film[-1]
    combien = par_seconde(film)
    if np.isnan(combien):
        vivant = f"se charge ({charge:.2f} pour un seuil à 1)"
    else:
        vivant = f"lance {combien:.0f} impulsions par seconde" if combien else "ne lance rien"
    return f"Stimulation {stimulation:.4g} : la cellule {vivant} ; notre neurone rend {sortie:.4g}."


@vue(
    recit=dit_impulsions,
    mesure=mesure_impulsions,
    cadre=[7 * ["corps"] + 6 * ["charge"] + 7 * ["impulsions"],
           7 * ["piece"] + 6 * ["nombre"] + 7 * ["sorties"]],
    taille=(12, 5.6),
    vitesse=100,
)  # fmt: skip
def impulsions(corps, charge, impulsions, piece, nombre, sorties, passe):
    """En haut la cellule vivante, en bas la nôtre : ce qu'elles sont, ce qui en sort, et combien."""
    montre_corps = _cellule(corps)
    montre_piece = _piece(piece)
    quand = np.arange(DUREE) - DUREE + 1
    for axe in (charge, nombre):
        axe.set(xlim=(-DUREE, 0), xticks=[-DUREE, 0])
        axe.set_xticklabels(["il y a ¼ s", "maintenant"], fontsize=15)
        for etiquette, ou in zip(axe.get_xticklabels(), ("left", "right"), strict=True):
            etiquette.set_horizontalalignment(ou)
    charge.set(ylim=(-0.1, 2.1), yticks=[0, 1], title="sa charge, et ses impulsions")
    charge.set_yticklabels(["repos", "seuil"])
    charge.axhline(1, color=vues.GRIS, lw=2, ls=":")
    (trace,) = charge.plot([], [], color=ROSE, lw=2.5)
    nombre.set(ylim=(-0.1, 2.2), yticks=[0, 1, 2], title="ce qu’il rend : un nombre")
    (plat,) = nombre.plot([], [], color=vues.BLEU, lw=4)
    nuages = [
        _nuage(impulsions, 140, (0, 50, 100), "impulsions par seconde", ROSE, "impulsions"),
        _nuage(sorties, 2.2, (0, 1, 2), "le nombre rendu", vues.BLEU, "sortie"),
    ]

    def montre(film):
        vu = film[-DUREE:]
        trace.set_data(quand, np.where(vu[:, 2] > 0, 1.95, vu[:, 1]))  # une impulsion : un trait
        plat.set_data(quand, vu[:, 3])
        points = [nuage(passe, film) for nuage in nuages]
        return montre_corps(film), montre_piece(film[-1]), trace, plat, points

    return montre


def _nuage(axe, haut, gradues, titre, couleur, mesure):
    """Un point par stimulation essayée, et celui du moment, plus gros."""
    axe.set(xlim=(-0.1, 3.1), ylim=(-0.04 * haut, haut), xticks=range(4), yticks=gradues)
    axe.set(xlabel="stimulation", title=titre)
    axe.grid(True)
    (essayes,) = axe.plot([], [], "o", color=couleur, ms=7, alpha=0.45)
    (present,) = axe.plot([], [], "o", color=couleur, ms=16, mec="white", mew=2, zorder=4)

    def montre(passe, film):
        parties = (*passe.fantomes, passe)
        tous = np.concatenate(
            [np.stack([p["stimulation"], p[mesure], p["impulsions"]]) for p in parties], 1
        )
        connus = tous[:2, ~np.isnan(tous[2])]  # les deux nuages grandissent ensemble
        essayes.set_data(*np.unique(connus, axis=1))
        present.set_data([film[-1, 0]], [mesure_impulsions(film)[mesure]])
        return essayes, present

    return montre


def _courbe(axe, *points, **style):
    """Un trait souple par quatre points (une courbe de Bézier)."""
    codes = [Path.MOVETO] + [Path.CURVE4] * 3
    return axe.add_patch(PathPatch(Path(points, codes), fc="none", ec=ROSE, capstyle="round", **style))


def _cellule(axe):
    """La cellule : ses branches, son corps, qui rosit en se chargeant, et le fil de l'impulsion."""
    vues.sans_axes(axe, "une cellule vivante").set(xlim=(-2.6, 10), ylim=(-0.4, 6.2))
    entre = _fleche_et_nombre(axe, -2.5, -0.4)
    soma, bout = np.array([2.6, 3.0]), np.array([7.6, 3.0])
    for x, y, epais in ((0.9, 5.6, 6), (0.5, 3.9, 5), (0.5, 1.9, 5), (1.1, 0.4, 6)):
        _courbe(axe, soma, (1.8, 3 + 0.6 * (y - 3)), (1.5, 3 + 0.9 * (y - 3)), (x, y), lw=epais)
        _courbe(axe, (1.75, 3 + 0.6 * (y - 3)), (1.3, y - 0.2), (0.8, y - 0.9), (0.25, y - 0.7), lw=2.5)
    axe.plot([soma[0], bout[0]], [3, 3], color=ROSE, lw=4)
    for x in (3.9, 4.9, 5.9, 6.9):  # les gaines
        axe.plot([x, x + 0.55], [3, 3], color="#e9c9dc", lw=13, solid_capstyle="round")
    fins = [np.array([9.5, y]) for y in (4.7, 3.0, 1.3)]
    for fin in fins:
        _courbe(axe, bout, (8.4, 3), (8.6, fin[1]), fin, lw=3.5)
        axe.plot(*fin, "o", color=ROSE, ms=12)
    corps = axe.scatter([soma[0]], [soma[1]], s=2600, edgecolors=ROSE, linewidths=4, zorder=3)
    noyau = axe.scatter([soma[0]], [soma[1]], s=330, color=ROSE, alpha=0.55, zorder=4)
    halo = axe.scatter([], [], s=900, color=OR, alpha=0.35, lw=0, zorder=5, clip_on=False)
    coeur = axe.scatter([], [], s=200, color=OR, ec="white", lw=1.5, zorder=6)

    def montre(film):
        entre.set_text(vues.nombre(film[-1, 0]))
        corps.set_facecolor(CHARGES(np.clip(film[-1, 1], 0, 1)))
        ages = len(film) - 1 - np.flatnonzero(film[-VOYAGE:, 2]) - (len(film) - VOYAGE)
        ou = np.concatenate(
            [_chemin(age / VOYAGE, soma, bout, fins) for age in ages] or [np.empty((0, 2))]
        )
        halo.set_offsets(ou)
        coeur.set_offsets(ou)
        return entre, corps, noyau, halo, coeur

    return montre


def _chemin(part, soma, bout, fins):
    """Où en est une impulsion : un point sur le fil, puis un par branche, au bout."""
    if part < 0.7:
        return (soma + (bout - soma) * part / 0.7)[None]
    t = (part - 0.7) / 0.3
    poids = np.array([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    return np.array([poids @ np.array([bout, (8.4, 3), (8.6, fin[1]), fin]) for fin in fins])


def _piece(axe):
    """Notre neurone : un nombre entre, on ôte le seuil, un nombre sort."""
    vues.sans_axes(axe, "notre neurone").set(xlim=(-2.6, 10), ylim=(-0.4, 6.2))
    entre = _fleche_et_nombre(axe, -2.5, 1.9)
    sort = _fleche_et_nombre(axe, 5.5, 9.9, vues.BLEU)
    axe.scatter([3.7], [3], s=3600, c="white", edgecolors="#52606d", linewidths=3, zorder=3)
    axe.text(3.7, 3, "− 1", fontsize=20, weight="bold", ha="center", va="center", zorder=4)
    axe.text(3.7, 0.7, "puis zéro ou plus", fontsize=15, ha="center", va="top")

    def montre(derniere):
        entre.set_text(vues.nombre(derniere[0]))
        sort.set_text(vues.nombre(derniere[3]))
        return entre, sort

    return montre


def _fleche_et_nombre(axe, depart, arrivee, couleur="#1f2933"):
    """Une flèche à mi-hauteur, et le nombre qui la suit, écrit dessus."""
    fleche = dict(arrowstyle="-|>,head_width=0.5,head_length=0.8", lw=4, color="#52606d")
    axe.annotate("", (arrivee, 3), (depart, 3), arrowprops=fleche)
    style = dict(fontsize=22, weight="bold", ha="center", va="bottom", color=couleur, zorder=4)
    return axe.text((depart + arrivee) / 2, 3.4, "", **style)
