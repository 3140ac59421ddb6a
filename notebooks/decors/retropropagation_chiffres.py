"""Les chiffres du carnet 04 : l'école, le rêve et la tromperie."""

from collections import deque
from itertools import islice
from types import SimpleNamespace

import numpy as np
from demystifie import donnees, vue, vues

# --- Les chiffres ---------------------------------------------------------------------------

toutes, etiquettes = donnees.chiffres()
images = toutes.reshape(1797, 64).T.copy()  # une colonne par image
VOULU = 2 * np.eye(10, dtype=np.float32) - 1  # par chiffre : 1 pour lui, -1 pour les neuf autres
cibles = VOULU[:, etiquettes]


def eleve_neuf(hasard):
    """Les boutons de départ, au hasard : 32 neurones cachés sur 64 pixels, puis 10 réponses."""
    cachee = hasard.normal(0, 0.01, (32, 64)).astype(np.float32)
    sortie = hasard.normal(0, 0.18, (10, 32)).astype(np.float32)
    return cachee, sortie


def reponses(cachee, sortie, entrees):
    """Les dix scores, de -1 à 1, de ces images (64,) ou (64, n)."""
    return np.tanh(sortie @ np.tanh(cachee @ entrees))


def rates(cachee, sortie):
    """La part des 1 200 images d'exercice dont le meilleur score n'est pas celui du bon chiffre."""
    return np.mean(reponses(cachee, sortie, images[:, :1200]).argmax(0) != etiquettes[:1200])


ECOLES = {"juste bien": dict(taux=0.1), "prudent": dict(taux=0.01), "trop fort": dict(taux=2.0)}


def dit_ecole(cachee, sortie):
    """Ce que l'élève rate."""
    return f"L’élève rate {100 * rates(cachee, sortie):.1f} % des 1 200 images d’exercice."


@vue(
    recit=dit_ecole,
    mesure=lambda cachee, sortie: {"rates": rates(cachee, sortie)},
    cadre=[7 * ["caches"] + 5 * ["courbes"], 7 * ["caches"] + 2 * ["image"] + 3 * ["score"]],
    vitesse=100,
)
def ecole(caches, courbes, image, score, passe):
    """Ce que cherche chaque neurone caché, ce qui est raté, et une image qui passe."""
    montre_caches = vues.mosaique(
        caches, 4, 8, palette=vues.CONTRE_POUR, limite=0.5, titre="les 32 neurones cachés"
    )
    caches.set_xlabel("bleu : l’encre qui le réveille ; orange : celle qui l’endort", fontsize=15)
    trace = vues.courbe(
        courbes, {"rates": "ratées"}, passe, haut=1, titre="part d’images d’exercice ratées"
    )
    courbes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    courbes.locator_params(axis="x", nbins=5, integer=True, prune="upper")  # la dernière sortirait
    ratees = courbes.text(
        0.96, 0.5, "", transform=courbes.transAxes, ha="right", fontsize=22, weight="bold", zorder=4
    )
    ratees.set_bbox(dict(fc="white", ec="none", pad=2, alpha=0.85))
    montre_image = vues.mosaique(image, 1, 1, limite=1, titre="il voit")
    montre_score = vues.barres(score, range(10), titre="il répond")
    score.tick_params(axis="x", labelsize=15)
    score.set_yticks([])

    def montre(cachee, sortie):
        laquelle = (passe["pas"][-1] // 50) % 1200
        dit = reponses(cachee, sortie, images[:, laquelle])
        ratees.set_text(vues.virgules(f"{100 * rates(cachee, sortie):.1f} %"))
        return (
            montre_caches(cachee.reshape(32, 8, 8)),
            trace(),
            ratees,
            montre_image([toutes[laquelle]]),
            montre_score((dit + 1) / 2, etiquettes[laquelle]),
        )

    return montre


# --- Et si l'on change les entrées ? --------------------------------------------------------


def apres(pas, boucle, **reglages):
    """Le dernier état d'une boucle qui a fait ``pas`` pas, sans que personne ne la regarde."""
    (dernier,) = deque(islice(boucle(SimpleNamespace(**reglages)), pas + 1), maxlen=1)
    return dernier


REVES = {
    "rêve d’un 0": dict(chiffre=0),
    "rêve d’un 3": dict(chiffre=3),
    "sans oubli": dict(chiffre=3, oubli=0.0),
}


def dit_reve(reve, dit):
    """Ce qu'il croit voir."""
    return f"Il croit voir un {dit.argmax()}, avec un score de {dit.max():.2f} (de -1 à 1)."


@vue(recit=dit_reve, cadre=[2 * ["image"] + 3 * ["score"]], vitesse=10)
def reve(image, score, reglages):
    """L'image rêvée, et ce que l'élève y voit."""
    montre_image = vues.mosaique(image, 1, 1, titre="ce qu’on lui montre")
    montre_score = vues.barres(score, range(10), titre="ce qu’il croit voir")
    score.set_yticks([0, 0.5, 1], ["non", "peut-être", "sûr !"])
    demande = score.xaxis.label

    def montre(reve, dit):
        demande.set_text(f"en vert : le {reglages.chiffre} qu’on lui demande de rêver")
        return montre_image([reve.reshape(8, 8)]), montre_score((dit + 1) / 2, reglages.chiffre)

    return montre


BRUIT = np.random.default_rng(0).normal(size=64)
RETOUCHES = {
    "un cran, bien choisi": dict(retouche=0.0625),
    "un cran, au hasard": dict(retouche=0.0625, sens="au hasard"),
}
IMAGES = {"un 3": 1125, "un 4": 746, "un 5": 1018, "un 9": 683}


def dit_tromper(vrai, image, retouchee, dites):
    """Ce qui a changé dans l'image, et dans ce qu'il dit."""
    avant, apres = dites
    change = np.abs(retouchee - image).max()
    combien = f"Plus grand changement d’un pixel : {vues.nombre(change)}"
    return (
        f"{combien if change else 'Aucun pixel n’a changé'}. Apprise : il voit "
        f"un {avant.argmax()} ({avant.max():.2f}). Retouchée : un {apres.argmax()} ({apres.max():.2f})."
    )


@vue(
    recit=dit_tromper,
    cadre=3 * [["vraie", "fausse", "ecart"]] + 2 * [["dit_vraie", "dit_fausse", "ecart"]],
    taille=(12, 5.6),
)
def tromper(vraie, fausse, ecart, dit_vraie, dit_fausse):
    """L'image apprise, la même retouchée, ce qu'il en dit, et la retouche."""
    montre_vraie = vues.mosaique(vraie, 1, 1, limite=1, titre="l’image apprise")
    montre_fausse = vues.mosaique(fausse, 1, 1, limite=1, titre="l’image retouchée")
    montre_ecart = vues.mosaique(ecart, 1, 1, palette=vues.CONTRE_POUR, titre="la retouche, grossie")
    ecart.set_xlabel("bleu : un peu plus d’encre\norange : un peu moins", fontsize=15)
    scores = [vues.barres(axe, range(10)) for axe in (dit_vraie, dit_fausse)]
    mots = []
    for axe in (dit_vraie, dit_fausse):
        axe.set(yticks=[], ylim=(0, 1.45))
        mots.append(
            axe.text(
                0.5, 1, "", transform=axe.transAxes, ha="center", va="top", fontsize=20, weight="bold"
            )
        )

    def montre(vrai, image, retouchee, dites):
        montres = [montre_vraie([image.reshape(8, 8)]), montre_fausse([retouchee.reshape(8, 8)])]
        montres.append(montre_ecart([(retouchee - image).reshape(8, 8)]))
        for mot, barres, dit in zip(mots, scores, dites, strict=True):
            mot.set_text(f"« {dit.argmax()} ! »")
            mot.set_color(vues.VERT if dit.argmax() == vrai else vues.ORANGE)
            montres.append(barres((dit + 1) / 2, vrai))
        return montres, mots

    return montre
