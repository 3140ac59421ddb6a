"""Le décor du carnet 06, troisième partie : la frise et son bestiaire, le gradient qui s'éteint."""

from itertools import pairwise

import numpy as np
from demystifie import donnees, vue, vues
from ipywidgets import SelectionSlider

# --- La frise et le bestiaire ---------------------------------------------------------------

FRISE = [
    (1998, "LeNet-5", "il lit des chèques"),
    (2006, "CUDA", "les cartes de jeu vidéo se mettent à calculer autre chose"),
    (2009, "ImageNet", "3 millions d’images étiquetées, bientôt 14"),
    (2010, "concours", "un million d’images, mille sortes d’objets"),
    (2011, "ReLU", "un neurone tout bête, qui laisse tout remonter"),
    (2012, "AlexNet", "deux cartes de jeu, cinq à six jours de calcul"),
    (2014, "VGG, GoogLeNet", "une vingtaine de couches"),
    (2015, "ResNet", "152 couches, et mieux qu’un humain"),
    (2017, "SENet", "le dernier concours : 2,3 %"),
]
HAUTEURS = {2009: 2.9, 2010: 2, 2012: 2.9, 2014: 2}  # des autres : 1,1
CONCOURS = {2010: 28.2, 2011: 25.8, 2012: 16.4, 2013: 11.7, 2014: 6.7, 2015: 3.6, 2016: 3.0, 2017: 2.3}
BETES = [
    ("LeNet-5", 1998, 7, "60 000"),
    ("AlexNet", 2012, 8, "60 millions"),
    ("VGG", 2014, 19, "144 millions"),
    ("GoogLeNet", 2014, 22, "7 millions"),
    ("ResNet", 2015, 152, "60 millions"),
    ("SENet", 2017, 154, "115 millions"),
]


def annees(debut, depart, fin):
    """Un curseur d'années : « 2012 », sans l'espace des milliers."""
    options = [(str(an), an) for an in range(debut, fin + 1)]
    return SelectionSlider(options=options, value=depart, description="année", tooltip="reglages.annee")


def fait(annee):
    """Ce qui s'est passé cette année-là, ou le dernier fait d'avant."""
    an, nom, quoi = max(ligne for ligne in FRISE if ligne[0] <= annee)
    return f"{an} : {nom}, {quoi}" if an == annee else f"{annee} : rien de neuf sur la frise"


def dit_frise(annee):
    """Ce que la frise montre de neuf, et le concours de l'année."""
    concours = f" Concours ImageNet : {CONCOURS[annee]:.1f} % d’erreur." if annee in CONCOURS else ""
    return f"{fait(annee)}.{concours}"


@vue(recit=dit_frise, cadre=[["frise", "frise"], ["erreurs", "betes"]], taille=(12, 5.6))
def frise(frise, erreurs, betes):
    """La frise, le concours et le bestiaire, qui se remplissent jusqu'à l'année choisie."""
    vues.sans_axes(frise).set(xlim=(1996.8, 2018.6), ylim=(-0.9, 4.6))
    frise.plot([1997, 2018.4], [0, 0], color=vues.GRIS, lw=4, solid_capstyle="round")
    for an in range(1998, 2018):
        frise.plot([an, an], [-0.12, 0.12], color=vues.GRIS, lw=1.5)
    titre = frise.text(1997, 4, "2012 : AlexNet", fontsize=20, fontweight="bold", va="center", zorder=6)
    dates = []  # (an, ce qui apparaît cette année-là)
    for an, nom, _ in FRISE:
        haut = HAUTEURS.get(an, 1.1)
        (tige,) = frise.plot([an, an], [0, haut - 0.25], color=vues.BLEU, lw=2)
        (rond,) = frise.plot([an], [0], "o", color=vues.BLEU, ms=15, mec="white", mew=2, zorder=5)
        mot = frise.text(an - 0.2, haut, nom, fontsize=14, va="center", zorder=4)
        sous = f"{an % 100:02d}" if an > 2009 else an
        date = frise.text(an, -0.65, sous, ha="center", va="center")
        dates.append((an, mot, (tige, rond, mot, date)))
    (ici,) = frise.plot([1998], [0], "v", color=vues.ORANGE, ms=22, zorder=6, clip_on=False)
    humain, du_concours = plante_le_concours(erreurs)
    nouveautes = du_concours + plante_le_bestiaire(betes)

    def montre(annee):
        ici.set_data([annee], [0.45])
        titre.set_text(fait(annee))
        for an, mot, acteurs in dates:
            mot.set_fontweight("bold" if an == annee else "normal")
            for acteur in acteurs:
                acteur.set_visible(an <= annee)
        for an, acteur in nouveautes:
            acteur.set_visible(an <= annee)
        return (
            titre,
            ici,
            humain,
            *(a for *_, acteurs in dates for a in acteurs),
            *(a for _, a in nouveautes),
        )

    return montre


def plante_le_concours(axe):
    """Les barres du concours ImageNet ; rend la ligne de l'humain, et ``(année, acteur)``."""
    axe.set(xlim=(2009.4, 2017.6), ylim=(0, 33), title="concours ImageNet : erreur (%)")
    axe.set_xticks(range(2010, 2018), [str(an) for an in range(2010, 2018)])
    barres = []
    avant, apres = dict(fc=vues.ORANGE, hatch="//"), dict(fc=vues.BLEU)
    for nom, quand, style in (
        ("sans réseau profond", range(2010, 2012), avant),
        ("réseau profond", range(2012, 2018), apres),
    ):
        hauteurs = [CONCOURS[an] for an in quand]
        barres += axe.bar(quand, hauteurs, width=0.75, ec="white", lw=0, label=nom, **style)
    axe.legend(loc="upper right", fontsize=14)
    chiffres = [
        axe.text(an, e + 0.6 if e > 5.1 else 5.9, vues.virgules(f"{e:.1f}"), ha="center")
        for an, e in CONCOURS.items()
    ]
    humain = axe.axhline(5.1, color=vues.VERT, lw=3, ls=(0, (4, 2)), zorder=5)
    style = dict(color="#00664a", fontsize=14, ha="right", va="bottom", fontweight="bold", zorder=4)
    axe.text(2017.55, 10.5, "un humain : 5,1", bbox=dict(fc="white", ec="none", pad=1), **style)
    return humain, [*zip(CONCOURS, barres, strict=True), *zip(CONCOURS, chiffres, strict=True)]


def plante_le_bestiaire(axe):
    """Les couches et les boutons de chaque réseau ; rend ``(année, acteur)``."""
    axe.set(xscale="log", xlim=(3, 40000), ylim=(5.6, -0.6))
    axe.set_title("le bestiaire : couches, et boutons")
    axe.set_xticks([10, 100], ["10", "100"])
    axe.minorticks_off()
    axe.set_yticks(range(6), [nom for nom, *_ in BETES], fontsize=15)
    axe.tick_params(axis="y", length=0)
    barres = axe.barh(range(6), [couches for _, _, couches, _ in BETES], height=0.7)
    acteurs = []
    for rang, ((_, an, couches, boutons), barre) in enumerate(zip(BETES, barres, strict=True)):
        mot = f"{couches} couches, {boutons}"
        acteurs += [(an, barre), (an, axe.text(couches * 1.15, rang, mot, va="center", fontsize=14))]
    return acteurs


# --- Le gradient qui s'éteint ---------------------------------------------------------------

petites, chiffres = donnees.chiffres()
petites, cibles = petites.reshape(1797, 64).astype(float), np.eye(10)[chiffres]
NEURONES = {  # ce que le neurone transmet, et ce qu'il laisse remonter du reproche
    "sigmoïde": (lambda somme: 1 / (1 + np.exp(-somme)), lambda sortie: sortie * (1 - sortie)),
    "relu": (lambda somme: np.maximum(somme, 0), lambda sortie: sortie > 0),
}


def tirage(profondeur, neurone):
    """Des boutons de départ, au hasard : chaque sorte de neurone reçoit ceux qui lui conviennent."""
    hasard, tailles = np.random.default_rng(4), [64, *[32] * (profondeur - 1), 10]
    gain = 2 if neurone == "relu" else 1
    return [hasard.normal(0, np.sqrt(gain / a), (a, b)) for a, b in pairwise(tailles)]


class Empile:
    """Un élève fait de couches empilées, toutes du même neurone."""

    def __init__(self, neurone, profondeur):
        self.transmet, self.laisse = NEURONES[neurone]
        self.poids = tirage(profondeur, neurone)
        self.gradients = [np.zeros_like(p) for p in self.poids]
        self.lots, self.justes = 0, 0.0

    def descend(self, taux):
        """Tourne les boutons de toutes ses couches."""
        self.lots += 1
        for p, gradient in zip(self.poids, self.gradients, strict=True):
            p -= taux * gradient

    def examine(self):
        """Note la part des 1 797 images qu'il lit bien."""
        sortie = petites
        for p in self.poids[:-1]:
            sortie = self.transmet(sortie @ p)
        self.justes = float(np.mean((sortie @ self.poids[-1]).argmax(1) == chiffres))


def bilan(sigmoide, relu):
    """La taille du gradient de chaque couche, celle d'un bouton ordinaire ; et le dernier examen."""
    if relu.lots % 5 == 0:
        sigmoide.examine()
        relu.examine()
    tailles = {
        nom: np.array([np.sqrt(np.mean(g**2)) for g in eleve.gradients])
        for nom, eleve in (("sigmoïde", sigmoide), ("relu", relu))
    }
    examen = {"lots": relu.lots // 5 * 5, "relu": relu.justes, "sigmoïde": sigmoide.justes}
    return tailles, examen


def plus_petit(tailles):
    """Combien de fois le gradient de la première couche est plus petit que celui de la dernière."""
    fois = tailles[-1] / max(tailles[0], 1e-300)
    if fois < 2:
        return "à peine"
    if fois > 1e9:
        return "plus d’un milliard de fois"
    return f"{vues.nombre(round(fois))} fois"


def dit_extinction(tailles, examen):
    """Ce qui arrive du reproche à la première couche, et ce que chacun sait lire."""
    sigmoide, relu = plus_petit(tailles["sigmoïde"]), plus_petit(tailles["relu"])
    return (
        f"La première couche reçoit {sigmoide} moins que la dernière avec la sigmoïde, {relu} moins "
        f"avec la ReLU. Bien lus : {100 * examen['sigmoïde']:.0f} % avec la sigmoïde, "
        f"{100 * examen['relu']:.0f} % avec la ReLU."
    )


@vue(recit=dit_extinction, mesure=lambda tailles, examen: examen, vitesse=100)
def extinction(gradients, progres, passe):
    """À gauche la taille du gradient, couche par couche ; à droite ce que chacun sait lire."""
    gradients.set(yscale="log", ylim=(1e-16, 30), xlim=(0.5, 8.5))
    gradients.set_xlabel("couche, de l’entrée (1) à la sortie")
    gradients.xaxis.get_major_locator().set_params(integer=True)
    gradients.set_title("le gradient, couche par couche")
    reperes = {
        1: "1",
        1e-3: "un millième",
        1e-6: "un millionième",
        1e-9: "un milliardième",
        1e-12: "mille fois moins",
    }
    gradients.set_yticks(list(reperes), list(reperes.values()))
    gradients.minorticks_off()
    gradients.grid(True)
    styles = {
        "relu": ("-o", vues.BLEU, "tout bête (ReLU)"),
        "sigmoïde": ("--s", vues.ORANGE, "en S (sigmoïde)"),
    }
    traits = {
        nom: gradients.plot([], [], marque, color=couleur, label=legende, ms=8)[0]
        for nom, (marque, couleur, legende) in styles.items()
    }
    gradients.legend(loc="lower right")
    legendes = {nom: legende for nom, (*_, legende) in styles.items()}
    trace = vues.courbe(progres, legendes, passe, haut=1, titre="chiffres bien lus")
    progres.legend(loc="upper left")
    progres.set_yticks([0, 0.1, 0.5, 1], ["0", "10 %", "50 %", "100 %"])

    def montre(tailles, examen):
        droite = len(tailles["relu"]) + 0.5
        if gradients.get_xlim()[1] != droite:
            gradients.set_xlim(0.5, droite)
        for nom, trait in traits.items():
            trait.set_data(np.arange(len(tailles[nom])) + 1, np.maximum(tailles[nom], 1e-30))
        return *traits.values(), *trace("lots")

    return montre
