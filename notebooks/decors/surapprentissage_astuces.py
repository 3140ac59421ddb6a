"""Les fautes du maître, le drapeau et les cinq façons de compliquer la vie de l'élève."""

from typing import NamedTuple

import numpy as np
from demystifie import vue, vues

from decors.surapprentissage_eleve import (
    ATTENDUS,
    CHIENS,
    EXERCICES,
    TIROIR,
    Interrogations,
    blancheur,
    papier,
    planche,
    portraits,
)

FAUTES = EXERCICES[np.random.default_rng(14).integers(4, size=75) + 4 * np.arange(75)]  # un sur quatre
DIT = ATTENDUS.copy()  # ce qu'en a dit le maître
DIT[FAUTES] *= -1
SOUVENIRS = np.sort(FAUTES)[:6]  # quelques fautes, à garder à l'œil
ASTUCES = ("bruit", "cache", "abandon", "variations", "frein")
RIEN = {"tiroir": np.nan, "exercices": np.nan}  # tant qu'on ne lui a rien demandé


class Bilan(NamedTuple):
    """Ce que vaut l'élève : ses deux erreurs, et ses scores pour six fautes du maître."""

    tiroir: float
    exercices: float
    souvenirs: np.ndarray


def interroge(scores, exemples=300):
    """Le ``Bilan`` de ses 500 scores : l'écart au score attendu, au carré, en moyenne.

    Aux ``exemples`` premiers exercices, attendu par le maître, fautes comprises ; au tiroir, la vérité.
    """
    cahier = EXERCICES[:exemples]
    return Bilan(
        tiroir=float(np.mean((scores[TIROIR] - ATTENDUS[TIROIR]) ** 2)),
        exercices=float(np.mean((scores[cahier] - DIT[cahier]) ** 2)),
        souvenirs=scores[SOUVENIRS],
    )


def erreurs(bilan):
    """Les deux erreurs d'un bilan, ou rien."""
    return RIEN if bilan is None else {"tiroir": bilan.tiroir, "exercices": bilan.exercices}


def trace_les_erreurs(axe, passe):
    """Les deux courbes d'erreur, du tiroir et des exercices."""
    noms = {"tiroir": "tiroir", "exercices": "exercices"}
    trace = vues.courbe(axe, noms, Interrogations(passe, 10), haut=1.7, titre="erreur")
    axe.set_yticks([0, 0.5, 1], ["0", "0,5", "1 : ne sait rien"])
    return trace


def dit_les_erreurs(bilan):
    """Les deux erreurs, en une phrase."""
    return f"Erreur : {bilan.exercices:.2f} aux exercices, {bilan.tiroir:.2f} dans le tiroir."


# --- Les deux courbes -----------------------------------------------------------------------


def justes(bilan):
    """Pour chacune des six fautes du maître, vrai si l'élève ne la répète pas."""
    return (bilan.souvenirs > 0) == CHIENS[SOUVENIRS]


def mesure_deux_courbes(pas, drapeau, bilan):
    """Les deux erreurs ; rien avant la première question, ni quand l'élève est revenu au drapeau."""
    return RIEN if pas == drapeau else erreurs(bilan)


def dit_deux_courbes(pas, drapeau, bilan):
    """Où il en est, ses deux erreurs, et les fautes du maître qu'il évite."""
    if bilan is None:
        return "On n’a encore rien demandé à l’élève."
    ou = f"Pas {vues.nombre(pas)}, drapeau au pas {vues.nombre(drapeau)}"
    ou = "L’élève est au drapeau" if pas == drapeau else ou
    return f"{ou}. {dit_les_erreurs(bilan)} Fautes évitées : {justes(bilan).sum()} sur 6."


@vue(
    recit=dit_deux_courbes,
    mesure=mesure_deux_courbes,
    cadre=[4 * ["courbes"] + 3 * ["fautes"]],
    vitesse=100,
)
def deux_courbes(courbes, fautes, passe):
    """Les deux erreurs, le drapeau, et ce que l'élève dit de six fautes du maître."""
    grands = [*portraits(("papier",), tuple(SOUVENIRS.tolist()))["papier"].values()]
    trace = trace_les_erreurs(courbes, passe)
    (mat,) = courbes.plot([], [], color=vues.VERT, lw=4, zorder=5)
    (fanion,) = courbes.plot([], [], ">", color=vues.VERT, ms=22, zorder=5)
    fanion.set_label("le tiroir au plus bas")
    courbes.legend(loc="upper right", ncols=3, columnspacing=1, handlelength=1.6, markerscale=0.6)
    (bille,) = courbes.plot([], [], "o", color=vues.BLEU, ms=18, mec="white", zorder=6, clip_on=False)
    bille.set_in_layout(False)  # vide, elle fausserait la mise en page
    montre_fautes = planche(fautes, 2, 3, "six fautes du maître")

    def montre(pas, drapeau, bilan):
        if bilan is None:
            for acteur in (mat, fanion, bille):
                acteur.set_data([], [])
            return trace(), mat, fanion, bille, montre_fautes(grands, None, None)
        mat.set_data([drapeau, drapeau], [0, 1.05])
        fanion.set_data([drapeau], [1.05])
        quand = drapeau if pas == drapeau else (pas - 1) // 10 * 10
        bille.set_data([quand], [bilan.tiroir])
        return trace(), mat, fanion, bille, montre_fautes(grands, bilan.souvenirs > 0, justes(bilan))

    return montre


# --- Les astuces ----------------------------------------------------------------------------


def enneige(images, hasard):
    """Les mêmes images, sous la neige."""
    return images + 0.3 * hasard.standard_normal(images.shape, np.float32)


def cache_un_carre(images, hasard):
    """Les mêmes images, chacune avec un carré gris de 20 points de côté, centré n'importe où."""
    autres = images.reshape(-1, 32, 32, 3).copy()
    for autre, (y, x) in zip(autres, hasard.integers(-10, 22, (len(autres), 2)), strict=True):
        autre[max(0, y) : y + 20, max(0, x) : x + 20] = 0
    return autres.reshape(-1, 3072)


def varie(images, hasard):
    """Chaque image décalée de deux points au plus, et une fois sur deux vue dans un miroir."""
    autres = images.reshape(-1, 32, 32, 3).copy()
    for autre in autres:
        if hasard.random() < 0.5:
            autre[:] = autre[:, ::-1]
        autre[:] = np.roll(autre, hasard.integers(-2, 3, 2), axis=(0, 1))
    return autres.reshape(-1, 3072)


def dit_astuces(recues, allumes, bilan):
    """Les deux erreurs, et combien de neurones travaillent."""
    if bilan is None:
        return "On n’a encore rien demandé à l’élève."
    return f"{dit_les_erreurs(bilan)} {int((np.full(32, allumes) > 0).sum())} neurones allumés."


@vue(
    recit=dit_astuces,
    mesure=lambda recues, allumes, bilan: erreurs(bilan),
    cadre=[3 * ["images"] + 4 * ["courbes"], 3 * ["neurones"] + 4 * ["courbes"]],
    vitesse=100,
)
def astuces(images, neurones, courbes, passe):
    """Trois des images reçues, les neurones allumés, et les deux erreurs."""
    trace = trace_les_erreurs(courbes, passe)
    vues.sans_axes(images, "ce que l’élève reçoit")
    photos = images.imshow(np.zeros((32, 100, 4), np.uint8))
    vues.sans_axes(neurones, "ses 32 neurones").set(xlim=(-0.6, 7.6), ylim=(4.4, -0.6))
    ronds = neurones.scatter(*np.indices((8, 4)), s=420, edgecolors=vues.BLEU, linewidths=2.5)
    etat = neurones.text(3.5, 4.4, "tous allumés", fontsize=15, ha="center", va="bottom")

    def montre(recues, allumes, bilan):
        recues = recues if len(recues) else papier(EXERCICES[:3])
        plan = np.full((32, 100, 4), 255, np.uint8)
        for i, recue in enumerate(recues.reshape(-1, 32, 32, 3)):
            plan[:, 34 * i : 34 * i + 32, :3] = 255 * (recue + blancheur()).clip(0, 1)
        photos.set_data(plan)
        eteints = np.full(32, allumes) == 0
        ronds.set_facecolors(np.where(eteints, "white", vues.BLEU))
        etat.set_text(f"{eteints.sum()} éteints pour ce lot" if eteints.any() else "tous allumés")
        return photos, ronds, etat, trace()

    return montre
