"""La sieste des chats : une courbe, de plus en plus de boutons, et des chats qui n'existent pas."""

import numpy as np
from demystifie import vue, vues

rng = np.random.default_rng(138)
AGES_TIROIR, TOUS_LES_AGES = rng.uniform(0, 18, 60), np.linspace(0, 18, 400)
HUMEURS = rng.normal(0, 1.2, 160)  # chaque chat dort un peu comme il veut
PARTS = (0.5 + 0.618 * np.arange(100) + rng.uniform(-0.06, 0.06, 100)) % 1  # un peu de tous les âges


def vraie_sieste(age):
    """Un chat dort beaucoup petit, moins adulte, et de nouveau vieux (nombres inventés)."""
    return 11.5 + 9 * np.exp(-age / 2.2) + 7 / (1 + np.exp(-(age - 12) / 1.3))


HEURES_TIROIR = vraie_sieste(AGES_TIROIR) + HUMEURS[100:]


def des_chats(exemples, age_maxi):
    """Les âges et les heures de sommeil d'``exemples`` chats, de 0 à ``age_maxi`` ans."""
    ages = age_maxi * PARTS[:exemples]
    return ages, vraie_sieste(ages) + HUMEURS[:exemples]


def ondes(ages, boutons):
    """Une colonne par bouton : une forme de plus en plus ondulée."""
    return np.cos(np.pi * np.outer(ages / 18, np.arange(boutons)))


def au_plus_pres(ondes, heures):
    """Les boutons qui font passer la courbe au plus près des points (moindres carrés).

    Parmi tous ceux qui conviennent, les plus petits ; et l'on ne suit pas les formes que ces points ne
    distinguent qu'à peine (moins d'un dix-millième), qui feraient des boutons démesurés.
    """
    return np.linalg.lstsq(ondes, heures, rcond=1e-4)[0]


def heures_dites(ages, boutons):
    """La courbe que dessinent ces boutons."""
    return ondes(ages, len(boutons)) @ boutons


def erreurs_de_sieste(ages, heures, boutons):
    """De combien d'heures elle se trompe, en moyenne, sur les exemples et dans le tiroir."""
    exemples = np.abs(heures_dites(ages, boutons) - heures).mean()
    return float(exemples), float(np.abs(heures_dites(AGES_TIROIR, boutons) - HEURES_TIROIR).mean())


def dit_sieste(ages, heures, boutons):
    """Ses deux erreurs, et ce que la courbe a de fou."""
    courbe = heures_dites(TOUS_LES_AGES, boutons)
    folie = " Un chat qui dort plus de 24 heures par jour !" if courbe.max() > 24 else ""
    folie = folie or (" Un chat qui dort moins que pas du tout !" if courbe.min() < 0 else "")
    erreurs = erreurs_de_sieste(ages, heures, boutons)
    dire = [f"{e:.1f}" if e < 100 else "plus de 100" for e in erreurs]
    return f"La courbe se trompe de {dire[0]} h sur les exemples, de {dire[1]} h dans le tiroir.{folie}"


@vue(recit=dit_sieste, cadre=[4 * ["courbe"] + ["erreurs"]])
def sieste(courbe, erreurs):
    """La courbe au milieu des chats, et ses deux erreurs."""
    courbe.set(xlim=(-0.2, 18.2), ylim=(-3, 33), xlabel="âge du chat (ans)", xticks=range(0, 19, 3))
    courbe.set_title("heures de sommeil par jour")
    courbe.set_yticks([0, 6, 12, 18, 24])
    bandes = ((24, 33, 11.5, "plus de 24 heures par jour !"), (-3, 0, 9, "moins que pas du tout !"))
    style = dict(ha="center", va="center", fontsize=14, color=vues.ORANGE, zorder=6,
                 bbox=dict(fc="#fbe9df", ec="none", pad=2))  # fmt: skip
    for bas, haut, ou, mot in bandes:
        courbe.axhspan(bas, haut, color="#fbe9df")
        courbe.text(ou, (bas + haut) / 2, mot, **style)
    courbe.grid(True)
    courbe.plot(AGES_TIROIR, HEURES_TIROIR, "o", mfc="none", mec=vues.GRIS, mew=1.8, label="tiroir")
    (vus,) = courbe.plot([], [], "o", color=vues.BLEU, ms=11, mec="white", label="exemples", zorder=5)
    (ligne,) = courbe.plot([], [], color="#1f2933", lw=4, zorder=4)
    courbe.legend(loc="lower left", ncols=2, bbox_to_anchor=(0, 0.07))
    erreurs.set(title="se trompe de…", ylim=(0, 8), xlim=(-0.6, 1.6), yticks=[])
    erreurs.set_xticks([0, 1], ["exemples", "tiroir"], fontsize=16)
    barres = erreurs.bar([0, 1], [0, 0], width=0.7, color=[vues.BLEU, "#c3ccd4"], edgecolor=vues.GRIS)
    mots = [erreurs.text(i, 0, "", ha="center", fontsize=18, fontweight="bold") for i in (0, 1)]

    def montre(ages, heures, boutons):
        vus.set_data(ages, heures)
        ligne.set_data(TOUS_LES_AGES, np.clip(heures_dites(TOUS_LES_AGES, boutons), -99, 99))
        for barre, mot, erreur in zip(
            barres, mots, erreurs_de_sieste(ages, heures, boutons), strict=True
        ):
            barre.set_height(min(erreur, 7))
            mot.set_y(min(erreur, 7) + 0.15)
            mot.set_text(vues.virgules(f"{erreur:.1f} h" if erreur < 100 else "> 100 h"))
        return vus, ligne, *barres, *mots

    return montre
