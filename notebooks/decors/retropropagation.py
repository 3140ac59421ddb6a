"""Le décor du carnet 04 : le réseau du talk, des points à séparer, un compteur, des chiffres."""

import math
from collections import deque
from itertools import islice
from types import SimpleNamespace

import numpy as np
from demystifie import donnees, vue, vues

from .petits_reseaux import BANCS, CLASSES, RETRO, UN_PAR_UN, avis, bien_classes, prevues
from .reseau_dessine import fils, places, schema
from .reseau_du_talk import (
    ACTIVATIONS,
    ATTENDUES,
    ENTREES,
    FILS,
    NOMS,
    TAILLES,
    fil_vise,
    nom_du_fil,
    poids_du_talk,
)

# --- Un neurone -----------------------------------------------------------------------------


def dit_neurone(poids, produits, somme, sortie, choix):
    """La somme, terme à terme, et ce qui sort."""
    suite = " + ".join(vues.nombre(p) for p in produits).replace("+ −", "− ")
    fait = f"la somme fait {vues.nombre(somme)}, il sort {vues.nombre(sortie)}"
    return f"{suite} : {fait} (activation : {choix})."


@vue(recit=dit_neurone, cadre=[4 * ["calcul"] + 3 * ["activation"] + 4 * ["vivant"]])
def neurone(calcul, activation, vivant):
    """À gauche une pièce et ses nombres, au milieu ce qui en sort, à droite la cellule vivante."""
    montre_calcul = schema(calcul, (3, 1), ["entrée 1", "entrée 2", "entrée 3", "somme"])
    calcul.set_title("une pièce")
    activation.set(xlim=(-13.5, 13.5), xlabel="la somme qui arrive", title="ce qui sort")
    activation.grid(True)
    (courbe,) = activation.plot([], [], color=vues.GRIS, lw=5)
    (bille,) = activation.plot([], [], "o", color=vues.ORANGE, ms=18, mec="white", mew=2, zorder=4)
    sortie_ecrite = activation.text(
        0.04, 0.9, "", transform=activation.transAxes, fontsize=19, weight="bold", color=vues.ORANGE
    )
    _dessine_le_vivant(vivant)
    sommes = np.linspace(-13.5, 13.5, 541)

    def montre(poids, produits, somme, sortie, choix):
        sorties = ACTIVATIONS[choix](sommes)
        haut = 1.5 if sorties.max() <= 1 else 13
        if activation.get_ylim() != (-haut, haut):  # seulement quand l'activation change
            activation.set_ylim(-haut, haut)
        courbe.set_data(sommes, sorties)
        bille.set_data([somme], [sortie])
        sortie_ecrite.set_text(f"sort : {vues.nombre(sortie)}")
        notes = [f"= {vues.nombre(produit)}" for produit in produits]
        calcule = montre_calcul([poids[None]], [ENTREES, [somme]], notes=notes)
        return calcule, courbe, bille, sortie_ecrite

    return montre


def _dessine_le_vivant(axe):
    """Un neurone biologique, à grands traits, et ce qu'il partage ou non avec notre pièce."""
    vues.sans_axes(axe, "la cellule qui l’a inspirée").set(xlim=(0, 10), ylim=(0, 10))
    rose = "#b5548b"
    for bout, milieu in (((0.6, 9.6), (1.6, 8.4)), ((0.3, 8.2), (1.6, 8.2)), ((0.7, 6.7), (1.7, 7.8))):
        axe.plot([bout[0], milieu[0], 3], [bout[1], milieu[1], 8.1], color=rose, lw=5)
        axe.plot([bout[0] - 0.3, milieu[0]], [(bout[1] + milieu[1]) / 2, milieu[1]], color=rose, lw=3)
    axe.plot([3, 8], [8.1, 8.1], color=rose, lw=6)
    for y in (9.2, 8.1, 7):
        axe.plot([8, 9.5], [8.1, y], color=rose, lw=4)
        axe.plot([9.5], [y], "o", color=rose, ms=10)
    axe.plot([3], [8.1], "o", color=rose, ms=38)
    axe.plot([3], [8.1], "o", color="#f3d6e6", ms=14)
    memes = [
        "plusieurs entrées, une sortie",
        "des liaisons plus ou moins fortes",
        "un seuil avant de répondre",
    ]
    autres = [
        "il répond par impulsions, dans le temps",
        "il baigne dans une chimie compliquée",
        "ses milliers de liaisons se refont",
        "personne ne lui calcule ses réglages",
    ]
    listes = ((5.9, "= pareil", vues.VERT, memes), (3, "≠ pas pareil", vues.ORANGE, autres))
    for y, titre, couleur, lignes in listes:
        axe.text(0, y, titre, fontsize=15, weight="bold", va="top", color=couleur)
        axe.text(0.3, y - 0.7, "\n".join(lignes), fontsize=13, va="top", linespacing=1.25)


# --- Casser un fil, le tourner --------------------------------------------------------------


def dit_casse_un_fil(poids, valeurs, fil):
    """Ce que pèse le fil, et ce que le réseau répond."""
    couche, arrivee, depart = fil
    return (
        f"Le fil {nom_du_fil(fil)} pèse {vues.nombre(poids[couche][arrivee, depart])} ; "
        f"la réponse est {vues.nombre(valeurs[-1][0])} (intacte : 9.625)."
    )


@vue(recit=dit_casse_un_fil)
def casse_un_fil(reseau):
    """Le réseau du talk, un fil souligné."""
    montre_reseau = schema(reseau, TAILLES, NOMS)

    def montre(poids, valeurs, fil):
        return montre_reseau(poids, valeurs, choisi=fil)

    return montre


def signe(nombre):
    """Un nombre précédé de son signe ; rien s'il n'y en a pas."""
    return "" if nombre is None else ("+" if nombre > 0 else "") + vues.nombre(nombre + 0.0)


def mesure_a_la_main(essai, poids, valeurs):
    """L'erreur : l'écart au carré, en moyenne sur les trois exercices."""
    rendues = np.array([exercice[-1][0] for exercice in valeurs])
    return {"essai": essai, "erreur": np.mean((rendues - ATTENDUES) ** 2)}


def dit_a_la_main(essai, poids, valeurs):
    """Les trois réponses, et l'erreur."""
    dites = " ; ".join(vues.nombre(exercice[-1][0]) for exercice in valeurs)
    return (
        f"Essai {essai} sur 30 : il répond {dites} (attendu : 5 ; 5 ; 0). "
        f"Erreur {mesure_a_la_main(essai, poids, valeurs)['erreur']:.2f}."
    )


@vue(
    recit=dit_a_la_main,
    mesure=mesure_a_la_main,
    cadre=[5 * ["reseau"] + 3 * ["reponses"], 5 * ["reseau"] + 3 * ["essais"]],
    taille=(12, 5.6),
    vitesse=1,
)
def a_la_main(reseau, reponses, essais, passe, reglages):
    """Le réseau et le fil que l'on va tourner ; les trois réponses ; l'erreur, essai après essai."""
    montre_reseau = schema(reseau, TAILLES, NOMS)
    reponses.set(xlim=(-0.6, 2.6), ylim=(-6, 15), title="trois exercices")
    reponses.set_xticks(range(3), ["−1  2  3", "2  1  −1", "1  −2  2"], fontsize=14)
    reponses.axhline(0, color=vues.GRIS, lw=1)
    barres = reponses.bar(range(3), [0] * 3, width=0.6, color="#b8c4ce", label="il répond")
    (attendus,) = reponses.plot(
        range(3), ATTENDUES, "_", color=vues.VERT, ms=44, mew=6, label="attendu", zorder=4
    )
    reponses.legend(loc="upper right", ncols=2, columnspacing=1, handlelength=1.2, markerscale=0.4)
    trace = vues.courbe(essais, {"erreur": "erreur"}, passe)
    essais.set(xlabel="essai", ylabel="erreur")
    essais.locator_params(axis="x", nbins=6, integer=True)
    essais.set_title(" ")  # la place de l'horloge
    horloge = essais.text(
        0.5, 1.04, "", transform=essais.transAxes, ha="center", fontsize=20, weight="bold"
    )

    def montre(essai, poids, valeurs):
        fil = fil_vise(reglages.fil)
        prevu = [""] * len(FILS)
        prevu[FILS.index(fil)] = f"{signe(reglages.tourne)} ?"
        for barre, exercice in zip(barres, valeurs, strict=True):
            barre.set_height(exercice[-1][0])
        horloge.set_text(f"essai {essai} sur 30")
        dessin = montre_reseau(poids, valeurs[0], notes=prevu, choisi=fil)
        return dessin, barres, attendus, horloge, trace("essai")

    return montre


# --- À quoi bon plusieurs neurones ----------------------------------------------------------

ESSAIS = {
    "rien au milieu": dict(couches=0),
    "deux neurones": dict(neurones=2),
    "trois neurones": dict(neurones=3),
    "spirale, une couche": dict(dessin="spirale", neurones=8, taux=0.03),
    "spirale, trois couches": dict(dessin="spirale", couches=3, neurones=8, taux=0.03),
}


def frontiere(axe, cote=60, etendue=1.1):
    """Deux familles de points, et la frontière qu'un élève trace entre elles.

    Rend ``montre(devine, points, classes)`` : ``devine`` donne à des points (2, n) un avis (n,) de -1
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
    couches = " puis ".join(map(str, caches)) + " neurones au milieu" if caches else "Rien au milieu"
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
    decision.set_title("ce que l’élève décide\n")  # la seconde ligne est la place du score
    score = decision.text(0.5, 1.02, "", transform=decision.transAxes, fontsize=18, ha="center")

    def montre(reseau, points):
        tailles = [2, *(len(poids) for poids in reseau)]
        ou = places(tailles, large, haut)
        demi = min(0.42 * haut / max(tailles), 1.0)
        for vignette in vignettes:
            vignette.set_visible(False)
        pensees = np.concatenate(avis(reseau, grille))
        for vignette, (x, y), pensee in zip(vignettes, np.concatenate(ou), pensees, strict=False):
            vignette.set_extent((x - 0.75 * demi, x + 0.75 * demi, y - demi, y + demi))
            vignette.set_data(pensee.reshape(cote, cote))
            vignette.set_visible(True)
        bons = 100 * bien_classes(reseau, points)
        score.set_text(vues.virgules(f"{bons:.1f} % de points bien classés"))
        return (
            montre_fils([poids[:, :-1] for poids in reseau], ou),
            vignettes,
            montre_frontiere(lambda p: avis(reseau, p)[-1], points, CLASSES),
            score,
        )

    return montre


# --- Le reproche qui remonte ----------------------------------------------------------------

EN_AVANT = ["les entrées", "en avant : A", "en avant : B, C et D", "en avant : la réponse"]
EN_ARRIERE = ["jusqu’aux entrées", "la part de A", "la part de B, C et D"]


def etape(valeurs, reproches):
    """Où l'on en est du tour : un aller, puis un retour."""
    if not reproches:
        return EN_AVANT[len(valeurs) - 1]
    rang = min(reproches)
    if rang < 3:
        return f"en arrière : {EN_ARRIERE[rang]}"
    repond, vaut = valeurs[3][0], reproches[3][0]
    au_lieu = f"{vues.nombre(repond)} au lieu de {vues.nombre(repond - vaut / 2)}"
    return f"à la sortie : {au_lieu}, reproche {signe(vaut)}"


def dit_reproche(poids, valeurs, reproches, pentes):
    """L'étape, la réponse si elle est là, et la part de chaque fil de la couche atteinte."""
    texte = etape(valeurs, reproches)
    dit = f"{texte[0].upper()}{texte[1:]}."
    if len(valeurs) == 4:
        dit += f" Réponse {valeurs[3][0]:.4g}."
    if pentes:
        couche = min(pentes)
        parts = ", ".join(f"{p + 0.0:.4g}" for p in np.ravel(pentes[couche]))
        dit += f" Part des fils de la couche {couche + 1} : {parts}."
    return dit


@vue(recit=dit_reproche, taille=(12, 5.6), vitesse=1)
def reproche(reseau):
    """Le réseau du talk ; sous les neurones et sur les fils, le reproche qui leur revient."""
    montre_reseau = schema(reseau, TAILLES, NOMS)
    legende = reseau.text(3, -1.62, "", ha="center", fontsize=17, weight="bold", va="bottom")
    rien = [np.full(couche.shape, None) for couche in poids_du_talk()]

    def montre(poids, valeurs, reproches, pentes):
        dessous = [signe(r) for c, n in enumerate(TAILLES) for r in reproches.get(c, [None] * n)]
        notes = [signe(p) for c in range(3) for p in np.ravel(pentes.get(c, rien[c]))]
        legende.set_text(etape(valeurs, reproches))
        return montre_reseau(poids, valeurs, dessous=dessous, notes=notes), legende

    return montre


# --- Le compteur ----------------------------------------------------------------------------


def dit_compteur(releves):
    """Les passages comptés, et le temps du plus grand réseau."""
    if not releves:
        return "Rien n’a encore été compté."
    r = releves[-1]
    faits, seconde = r["passages"], r["secondes"]
    tournes, tous = vues.nombre(faits[UN_PAR_UN]), vues.nombre(r["taille"] + 1)
    phrases = [
        f"{vues.nombre(r['taille'])} boutons.",
        f"Un par un : {tournes} passages faits sur {tous}.",
        f"Rétropropagation : {faits[RETRO]} passages.",
    ]
    if r["taille"] == max(BANCS):
        mesure = "mesuré" if r["tournes"] == r["taille"] else "prévu"
        phrases.append(f"Temps : {prevues(r):.2g} s ({mesure}) contre {1000 * seconde[RETRO]:.2g} ms.")
    return " ".join(phrases)


@vue(recit=dit_compteur, vitesse=math.inf)
def compteur(passages, secondes, gradients):
    """Les passages, le temps, et les deux gradients l'un contre l'autre."""
    passages.set(xlim=(5, 2e5), ylim=(0.7, 3e7), title="passages comptés")
    secondes.set(xlim=(5, 2e5), ylim=(5e-6, 500), title="temps mesuré")
    lignes = []
    for axe in (passages, secondes):
        axe.set(xscale="log", yscale="log", xlabel="boutons", xlim=(5, 2e5))
        axe.set_xticks([10, 1000, 1e5], ["10", "1 000", "100 000"])
        axe.minorticks_off()
        axe.grid(True)
        lignes.append(
            (
                axe.plot([], [], "o-", color=vues.ORANGE, ms=12, label="un par un")[0],
                axe.plot([], [], "o", mec=vues.ORANGE, mfc="white", mew=3, ms=14, label="prévu")[0],
                axe.plot([], [], "D--", color=vues.BLEU, ms=11, label="rétropropagation")[0],
            )
        )
    passages.set_yticks([1, 100, 1e4, 1e6], ["1", "100", "10 000", "1 million"])
    secondes.set_yticks([1e-5, 1e-3, 0.1, 10], ["0,01 ms", "1 ms", "0,1 s", "10 s"])
    passages.legend(loc="upper left")
    for echelle in (gradients.set_xscale, gradients.set_yscale):
        echelle("symlog", linthresh=0.01)  # les petites pentes se voient autant que les grandes
    gradients.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), xticks=[0], yticks=[0], title="les deux gradients")
    gradients.minorticks_off()
    gradients.plot([-1.6, 1.6], [-1.6, 1.6], color=vues.GRIS, lw=2, ls=":", label="pareil")
    gradients.legend(loc="lower right")
    gradients.set(xlabel="par rétropropagation", ylabel="un par un")
    gradients.grid(True)
    (pentes,) = gradients.plot([], [], "o", color=vues.VERT, ms=8, alpha=0.6)
    combien = gradients.text(0.04, 0.92, "", transform=gradients.transAxes, fontsize=14)

    def montre(releves):
        tailles = np.array([r["taille"] for r in releves])
        finis = np.array([r["tournes"] == r["taille"] for r in releves], bool)
        mesures = (
            ([r["taille"] + 1 for r in releves], [r["passages"][RETRO] for r in releves]),
            ([prevues(r) for r in releves], [r["secondes"][RETRO] for r in releves]),
        )
        for (faits, prevus, d_un_coup), (un_par_un, retro) in zip(lignes, mesures, strict=True):
            faits.set_data(tailles[finis], np.array(un_par_un)[finis])
            prevus.set_data(tailles[~finis], np.array(un_par_un)[~finis])
            d_un_coup.set_data(tailles, retro)
        trouvees = releves[-1]["pentes"] if releves else np.zeros((0, 2))
        pentes.set_data(*(trouvees / np.abs(trouvees).max(initial=1e-12)).T)
        combien.set_text(f"{len(trouvees)} pentes" if len(trouvees) else "")
        return lignes, pentes, combien

    return montre


# --- Les chiffres ---------------------------------------------------------------------------

toutes, etiquettes = donnees.chiffres()
images = toutes.reshape(1797, 64).T.copy()  # une colonne par image
VOULU = 2 * np.eye(10, dtype=np.float32) - 1  # par chiffre : 1 pour lui, -1 pour les neuf autres
cibles = VOULU[:, etiquettes]


def reponses(cachee, sortie, entrees):
    """Les dix scores, de -1 à 1, de ces images (64,) ou (64, n)."""
    return np.tanh(sortie @ np.tanh(cachee @ entrees))


def rates(cachee, sortie):
    """La part des 1 200 images d'exercice dont le meilleur score n'est pas celui du bon chiffre."""
    return np.mean(reponses(cachee, sortie, images[:, :1200]).argmax(0) != etiquettes[:1200])


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
    courbes.locator_params(axis="x", nbins=5, integer=True)
    ratees = courbes.text(
        0.96, 0.5, "", transform=courbes.transAxes, ha="right", fontsize=22, weight="bold"
    )
    montre_image = vues.mosaique(image, 1, 1, limite=1, titre="il voit")
    montre_score = vues.barres(score, range(10), titre="il répond")
    score.tick_params(axis="x", labelsize=14)
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
IMAGES = {"un 3": 1125, "un 4": 746, "un 5": 1018, "un 9": 683}


def dit_tromper(vrai, image, retouchee, dites):
    """Ce qui a changé dans l'image, et dans ce qu'il dit."""
    avant, apres = dites
    return (
        f"Plus grand changement d’un pixel : {np.abs(retouchee - image).max():.4f}. Apprise : il voit "
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
