"""Le réseau du talk, au carnet 04 : un neurone, neuf fils, et le reproche qui les remonte."""

import numpy as np
from demystifie import vue, vues

from .reseau_dessine import au_millieme, schema
from .reseau_du_talk import (
    ACTIVATIONS,
    ATTENDUES,
    ENTREES,
    FIL_DE_3,
    FILS,
    NOMS,
    TAILLES,
    fil_vise,
    nom_du_fil,
    poids_du_talk,
)

# --- Un neurone -----------------------------------------------------------------------------


PASSAGES = {
    "ça passe": dict(poids_1=0.5, poids_2=0.5, poids_3=1.0, activation="zéro ou plus"),
    "ça ne passe pas": dict(poids_3=-1.0),
}


def dit_neurone(poids, produits, somme, sortie, choix):
    """La somme, terme à terme, et ce qui sort."""
    suite = " + ".join(vues.nombre(p) for p in produits).replace("+ −", "− ")
    fait = f"la somme fait {vues.nombre(somme)}, il sort {vues.nombre(sortie)}"
    return f"{suite} : {fait} (activation : {choix})."


@vue(recit=dit_neurone, cadre=[6 * ["calcul"] + 5 * ["activation"]])
def neurone(calcul, activation):
    """À gauche une pièce et ses nombres ; à droite ce qui en sort."""
    montre_calcul = schema(calcul, (3, 1), ["entrée 1", "entrée 2", "entrée 3", "somme"])
    calcul.set_title("une pièce")
    activation.set(xlim=(-13.5, 13.5), xlabel="la somme qui arrive", title="ce qui sort")
    activation.grid(True)
    (courbe,) = activation.plot([], [], color=vues.GRIS, lw=5)
    (bille,) = activation.plot([], [], "o", color=vues.BLEU, ms=18, mec="white", mew=2, zorder=4)
    sortie_ecrite = activation.text(
        0.04, 0.9, "", transform=activation.transAxes, fontsize=19, weight="bold", color=vues.BLEU
    )
    sommes = np.linspace(-13.5, 13.5, 541)

    def montre(poids, produits, somme, sortie, choix):
        sorties = ACTIVATIONS[choix](sommes)
        haut = 1.5 if sorties.max() <= 1 else 13
        if activation.get_ylim() != (-haut, haut):  # seulement quand l'activation change
            activation.set_ylim(-haut, haut)
        courbe.set_data(sommes, sorties)
        bille.set_data([somme], [sortie])
        sortie_ecrite.set_text(f"sort : {vues.nombre(sortie)}")
        pastilles = [f"= {vues.nombre(produit)}" for produit in produits]
        calcule = montre_calcul([np.array([poids])], [ENTREES, [somme]], pastilles=pastilles)
        return calcule, courbe, bille, sortie_ecrite

    return montre


# --- Casser un fil, le tourner --------------------------------------------------------------


COUPURES = {"réseau intact": {}, "le fil de 3, coupé": dict(fil=FIL_DE_3, poids=0.0)}


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


VOLONTAIRES = {
    "contre la montre": dict(tourne=0.0),
    "toujours le même fil": dict(fil=FIL_DE_3, tourne=-0.25),
}


def signe(nombre):
    """Un nombre précédé de son signe ; rien s'il n'y en a pas."""
    return "" if nombre is None else ("+" if nombre > 0 else "") + au_millieme(nombre)


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
    reponses.set_xticks(range(3), ["−1  2  3", "2  1  −1", "1  −2  2"], fontsize=15)
    reponses.axhline(0, color=vues.GRIS, lw=1)
    barres = reponses.bar(range(3), [0] * 3, width=0.6, color="#b8c4ce", label="il répond")
    (attendus,) = reponses.plot(
        range(3), ATTENDUES, "_", color=vues.VERT, ms=44, mew=6, label="attendu", zorder=4
    )
    reponses.legend(loc="upper right", ncols=2, columnspacing=1, handlelength=1.2, markerscale=0.4)
    trace = vues.courbe(essais, {"erreur": "erreur"}, passe)
    essais.set(xlabel="essai", ylabel="erreur")
    essais.set_title(" ")  # la place de l'horloge
    horloge = essais.text(
        0.5, 1.04, "", transform=essais.transAxes, ha="center", fontsize=20, weight="bold"
    )

    def montre(essai, poids, valeurs):
        fil = fil_vise(reglages.fil)
        prevu = [""] * len(FILS)
        prevu[FILS.index(fil)] = f"{signe(reglages.tourne)} ?"
        rendues = [exercice[-1][0] for exercice in valeurs]
        for barre, rendue in zip(barres, rendues, strict=True):
            barre.set_height(rendue)
        # Mal réglé, il répond bien au-delà : l'échelle grandit, plutôt que de couper les barres.
        fois = 1
        while max(max(rendues) / 15, min(rendues) / -6) > fois:
            fois *= 2
        if reponses.get_ylim()[1] != 15 * fois:
            reponses.set_ylim(-6 * fois, 15 * fois)
        horloge.set_text(f"essai {essai} sur 30")
        dessin = montre_reseau(poids, valeurs[0], pastilles=prevu, choisi=fil)
        return dessin, barres, attendus, horloge, trace("essai")

    return montre


# --- Le reproche qui remonte ----------------------------------------------------------------

ATTENTES = {
    "un demi de trop": dict(attendu=9.125),
    "pas assez": dict(attendu=12.0),
    "trop fort": dict(attendu=3.0, taux=0.008),
}
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
    au_lieu = f"{au_millieme(repond)} au lieu de {au_millieme(repond - vaut / 2)}"
    return f"à la sortie : {au_lieu}, reproche {signe(vaut)}"


def dit_reproche(poids, valeurs, reproches, pentes):
    """L'étape, la réponse si elle est là, et la part de chaque fil de la couche atteinte."""
    texte = etape(valeurs, reproches)
    dit = f"{texte[0].upper()}{texte[1:]}."
    if len(valeurs) == 4:
        dit += f" Réponse {au_millieme(valeurs[3][0])}."
    if pentes:
        couche = min(pentes)
        parts = " ; ".join(map(au_millieme, np.ravel(pentes[couche])))
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
        pastilles = [signe(p) for c in range(3) for p in np.ravel(pentes.get(c, rien[c]))]
        legende.set_text(etape(valeurs, reproches))
        return montre_reseau(poids, valeurs, dessous=dessous, pastilles=pastilles), legende

    return montre
