"""Le décor du carnet 07, troisième partie : un vrai cœur, ce qu'un réseau en annonce, et sa surprise."""

from functools import cache

import numpy as np
import torch
from demystifie import donnees, reseaux, vue, vues
from matplotlib.patches import Rectangle
from torch import nn

CADENCE, VUES, ANNONCEES = 90, 60, 8  # valeurs par seconde ; vues par le réseau ; annoncées par lui
SAUT = 3  # on ne mesure la surprise que trente fois par seconde
EXAMEN = 60  # secondes : ce qui précède peut servir de leçon, ce qui suit sert à juger
FENETRE = 9  # secondes montrées en gros plan
LECONS = {"quinze secondes calmes": 15, "toute la première minute": 60}
PLANTS = ["rien", "une bosse", "un capteur débranché"]
RIEN = PLANTS[0], (0.0, 0.0)
VEILLES = {
    "quinze secondes calmes": dict(lecon=15, plante="rien", regarde=(12, 0)),
    "toute la minute": dict(lecon=60, plante="rien", regarde=(58, 0)),
    "une bosse": dict(plante="une bosse", ici=(32, 0), regarde=(32, 0)),
    "un capteur débranché": dict(plante="un capteur débranché", ici=(32, 0), regarde=(32, 0)),
}


@cache
def battements():
    """Le signal donné au réseau, (27 000,) : sans sa lente dérive, d'écart type 1 au calme."""
    mesures = donnees.coeur().signal.reshape(-1, 4).mean(1)
    large = int(0.8 * CADENCE)
    bords = np.pad(mesures, (large // 2, large - 1 - large // 2), "edge")
    glisse = np.convolve(bords, np.ones(large), "valid")
    centre = mesures - glisse / large
    return (centre / centre[: 15 * CADENCE].std()).astype(np.float32)


@cache
def annotes():
    """Les instants, en secondes, des extrasystoles, et de tous les battements annotés."""
    coeur = donnees.coeur()
    return coeur.instants[coeur.symboles == "V"], coeur.instants


def plante(quoi, ici):
    """Le signal, (27 000,), où l'on a planté ``quoi`` ``ici`` (un point ; l'abscisse, en secondes)."""
    signal, ou = battements().copy(), int(ici[0] * CADENCE)
    if quoi == "une bosse":
        signal[ou : ou + 6] += 9  # sept centièmes de seconde, deux fois la hauteur d'un battement
    elif quoi == "un capteur débranché":
        signal[ou : ou + 2 * CADENCE] = 0
    return signal


def morceaux(signal):
    """Toutes les fenêtres d'un signal : 60 valeurs à voir, et les 8 suivantes, à annoncer."""
    fenetres = torch.from_numpy(signal).unfold(0, VUES + ANNONCEES, 1)
    return fenetres[:, :VUES], fenetres[:, VUES:]


def pioche(combien, secondes):
    """``combien`` lots de 64 morceaux de la leçon : ce qu'il voit, et ce qu'il doit annoncer."""
    vus, suites = morceaux(battements()[: secondes * CADENCE])
    for lot in torch.randint(len(vus), (combien, 64)):
        yield vus[lot], suites[lot]


def veilleur():
    """Un petit réseau, et sa descente : il voit deux tiers de seconde et annonce le dixième suivant."""
    torch.manual_seed(1)
    reseau = nn.Sequential(
        nn.Linear(VUES, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, ANNONCEES)
    )
    return reseau, reseaux.Adam(reseau.parameters(), 0.002)


@torch.no_grad()
def annonce(reseau, signal):
    """Tout ce que le réseau annonce d'un signal, en centièmes, et l'écart à ce qui vient : (27 000,).

    Il annonce un dixième de seconde à la fois. Des centièmes entiers : une partie garde trois cents
    états, et cela suffit pour dessiner.
    """
    annonces = np.zeros(len(signal), np.float32)
    suite = reseau(morceaux(signal)[0][::ANNONCEES]).numpy().ravel()
    annonces[VUES : VUES + len(suite)] = suite[: len(signal) - VUES]
    ecarts = np.abs(annonces - signal)
    ecarts[:VUES] = 0  # il n’avait encore rien vu
    return np.round(100 * annonces).astype(np.int16), ecarts


def lisse(ecarts):
    """La surprise, (9 000,) : les écarts (27 000,) à l'annonce, lissés sur un quart de seconde."""
    return np.convolve(ecarts, np.full(23, 1 / 23, np.float32), "same")[::SAUT]


# --- Juger : les étiquettes sont celles des cardiologues ---------------------------------------


def alarmes(surprise, seuil):
    """Les moments où la surprise passe le seuil, (n, 2), en secondes ; proches, ils n'en font qu'un."""
    haut = np.flatnonzero(surprise > seuil) * SAUT / CADENCE
    if not len(haut):
        return np.empty((0, 2))
    coupures = np.flatnonzero(np.diff(haut) > 1 / 3)
    return np.column_stack([haut[np.r_[0, coupures + 1]], haut[np.r_[coupures, len(haut) - 1]]])


def instants_plantes(quoi, ici):
    """Les instants, en secondes, où ce que l'on a planté peut surprendre."""
    return {"une bosse": (ici[0],), "un capteur débranché": (ici[0], ici[0] + 2)}.get(quoi, ())


def juge(surprise, seuil, depuis=EXAMEN, plantes=()):
    """Les extrasystoles attrapées, les ratées, les fausses alarmes, en secondes, ``depuis`` cet instant.

    Une alarme sur un battement de fusion, annoté lui aussi, ne compte ni pour ni contre ; ni une alarme
    sur ce que l'on a planté soi-même.
    """
    extrasystoles, tous = annotes()
    moments = alarmes(surprise, seuil)

    def dedans(instants, avant, apres):
        a, b = moments[:, 0, None] - avant, moments[:, 1, None] + apres
        return (instants > a) & (instants < b)

    jugees = extrasystoles[extrasystoles > depuis]
    vues_ = dedans(jugees, 0.3, 0.5).any(0)
    fausses = moments[~dedans(np.r_[tous, plantes], 0.5, 0.3).any(1), 0]
    return jugees[vues_], jugees[~vues_], fausses[fausses > depuis]


def prix(surprise, plantes=()):
    """Le nombre de fausses alarmes qu'il faut accepter pour attraper 19 extrasystoles sur 20."""
    extrasystoles, _ = annotes()
    rangs = (extrasystoles[extrasystoles > EXAMEN] * CADENCE / SAUT).astype(int)
    sommets = [surprise[rang - 9 : rang + 12].max() for rang in rangs]
    return len(juge(surprise, np.quantile(sommets, 0.05) - 1e-6, plantes=plantes)[2])


# --- La scène -------------------------------------------------------------------------------


def dit_coeur(quoi, ici, annonces, surprise):
    """Ce qu'il en coûte d'attraper presque toutes les extrasystoles, et ce qu'il fait de sa leçon."""
    calme = np.abs(annonces / 100 - battements())[VUES : 15 * CADENCE].mean()
    cout = prix(surprise, instants_plantes(quoi, ici))
    fausses = {0: "aucune fausse alarme", 1: "une fausse alarme"}.get(cout, f"{cout} fausses alarmes")
    comment = "Il annonce une ligne presque plate"
    if calme < 0.55:
        comment = "Il connaît sa leçon" if calme < 0.3 else "Il commence à deviner les battements"
    return f"{comment}. Attraper 19 extrasystoles sur 20, en quatre minutes, coûte {fausses}."


@vue(
    recit=dit_coeur,
    cadre=[
        *3 * [5 * ["gros_plan"] + ["bilan"]],
        *2 * [5 * ["surprise"] + ["bilan"]],
        *2 * [6 * ["minutes"]],
    ],
    taille=(12, 5),
    vitesse=20,
)
def coeur(gros_plan, surprise, minutes, bilan, reglages):
    """Neuf secondes en gros plan, la surprise, les cinq minutes, et le compte."""
    extrasystoles, _ = annotes()
    temps, temps_lents = np.arange(27_000) / CADENCE, np.arange(9000) * SAUT / CADENCE
    gros_plan.set(ylim=(-6.5, 10.5), yticks=[], xticks=[])
    gros_plan.set_title("un vrai cœur ; en bleu, ce qu’il annonce", loc="left")
    (vrai,) = gros_plan.plot([], [], color="#52606d", lw=1.8)
    (annonce,) = gros_plan.plot([], [], color=vues.BLEU, lw=2.2, ls=(0, (2.5, 1)))
    (marques,) = gros_plan.plot([], [], "v", color="#1f2933", ms=13, label="extrasystole")
    gros_plan.legend(
        handles=[marques], loc="lower right", bbox_to_anchor=(1.01, 0.97), handletextpad=0.1
    )
    surprise.set(ylim=(0, 4.2), yticks=[0, 2, 4], xlabel="secondes")
    surprise.set_title("sa surprise, et le seuil", loc="left")
    (ligne,) = surprise.plot([], [], color="#a63c00", lw=2.5)
    barre = surprise.axhline(2, color="#1f2933", lw=2, ls=(0, (5, 2)))
    minutes.set(xlim=(0, 300), ylim=(0, 4.6), yticks=[], xticks=range(0, 301, 60))
    minutes.set_xticklabels([f"{m} min" for m in range(6)])
    minutes.set_title("les cinq minutes ; en bleu pâle, la leçon", loc="left")
    (toute,) = minutes.plot([], [], color="#d9a38a", lw=0.8)
    barre_longue = minutes.axhline(2, color="#1f2933", lw=1.5, ls=(0, (5, 2)))
    lecon = minutes.add_patch(Rectangle((0, 0), 15, 4.6, fc="#cfe4f2", zorder=0))
    cadre = minutes.add_patch(Rectangle((0, 0), FENETRE, 4.6, fc="none", ec="#1f2933", lw=2, zorder=5))
    (prises,) = minutes.plot([], [], "|", color=vues.VERT, ms=15, mew=2.5)
    (ratees,) = minutes.plot([], [], "v", mfc="white", mec=vues.ORANGE, ms=10, mew=2)
    (fausses,) = minutes.plot([], [], "x", color=vues.ORANGE, ms=11, mew=3)
    for trait, nom in ((prises, "attrapée"), (ratees, "ratée"), (fausses, "fausse alarme")):
        trait.set_label(nom)
    minutes.legend(loc="lower right", bbox_to_anchor=(1.01, 0.97), ncols=3, fontsize=14,
                   handletextpad=0.2, columnspacing=1.2)  # fmt: skip
    vues.sans_axes(bilan).set(xlim=(0, 1), ylim=(0, 1))
    ecrits = dict(ha="center", va="center")
    attrapees = bilan.text(0.5, 0.86, "", fontsize=27, fontweight="bold", color="#007a5a", **ecrits)
    bilan.text(0.5, 0.69, "extrasystoles\nattrapées", fontsize=14, **ecrits)
    alertes = bilan.text(0.5, 0.42, "", fontsize=27, fontweight="bold", color=vues.ORANGE, **ecrits)
    bilan.text(0.5, 0.25, "fausses\nalarmes", fontsize=14, **ecrits)
    bilan.text(0.5, 0.04, "dès la 2e minute", fontsize=12, color="#52606d", **ecrits)

    def montre(quoi, ici, annonces, surprises):
        seuil = reglages.seuil
        debut = float(np.clip(reglages.regarde[0] - FENETRE / 2, 0, 300 - FENETRE))
        if gros_plan.get_xlim() != (debut, debut + FENETRE):
            gros_plan.set_xlim(debut, debut + FENETRE)
            surprise.set_xlim(debut, debut + FENETRE)
        la = slice(int(debut * CADENCE), int((debut + FENETRE) * CADENCE) + 1)
        vrai.set_data(temps[la], plante(quoi, ici)[la])
        annonce.set_data(temps[la], annonces[la] / 100)
        proches = extrasystoles[(extrasystoles > debut) & (extrasystoles < debut + FENETRE)]
        marques.set_data(proches, np.full(len(proches), 9.6))
        ligne.set_data(temps_lents, np.minimum(surprises, 4.15))
        toute.set_data(temps_lents, np.minimum(surprises, 4.5))
        for trait in (barre, barre_longue):
            trait.set_ydata([seuil, seuil])
        lecon.set_width(reglages.lecon)
        cadre.set_x(debut)
        justes, manquees, erreurs = juge(surprises, seuil, plantes=instants_plantes(quoi, ici))
        prises.set_data(justes, np.full(len(justes), 4.1))
        ratees.set_data(manquees, np.full(len(manquees), 4.1))
        fausses.set_data(erreurs, np.full(len(erreurs), 3.3))
        attrapees.set_text(f"{len(justes)} sur {len(justes) + len(manquees)}")
        alertes.set_text(str(len(erreurs)))
        return (vrai, annonce, marques, ligne, barre, toute, barre_longue, lecon, cadre, prises, ratees,
                fausses, attrapees, alertes)  # fmt: skip

    return montre
