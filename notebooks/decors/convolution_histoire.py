"""Le décor du carnet 06, troisième partie : la frise, et le gradient qui s'éteint."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from demystifie import donnees, vue, vues
from ipywidgets import SelectionSlider

# --- La frise -------------------------------------------------------------------------------


class Fait(NamedTuple):
    """Ce qui est arrivé une année-là."""

    annee: int
    nom: str
    quoi: str


FRISE = [
    Fait(1998, "LeNet-5", "il lit des chèques"),
    Fait(2006, "CUDA", "les cartes de jeu vidéo se mettent à calculer autre chose"),
    Fait(2009, "ImageNet", "3 millions d’images étiquetées, bientôt 14"),
    Fait(2010, "concours", "un million d’images, mille sortes d’objets"),
    Fait(2011, "ReLU", "un neurone tout bête, qui laisse mieux remonter le reproche"),
    Fait(2012, "AlexNet", "deux cartes de jeu, cinq à six jours de calcul"),
    Fait(2014, "VGG, GoogLeNet", "une vingtaine de couches"),
    Fait(2015, "ResNet", "152 couches, et mieux qu’un humain"),
    Fait(2017, "SENet", "il gagne le dernier concours"),
]
HAUTEURS = {2009: 2.9, 2010: 2, 2012: 2.9, 2014: 2}  # des autres : 1,1
CONCOURS = {2010: 28.2, 2011: 25.8, 2012: 16.4, 2013: 11.7, 2014: 6.7, 2015: 3.6, 2016: 3.0, 2017: 2.3}


def annees(debut, depart, fin):
    """Un curseur d'années : « 2012 », sans l'espace des milliers."""
    options = [(str(an), an) for an in range(debut, fin + 1)]
    return SelectionSlider(options=options, value=depart, description="année", tooltip="reglages.annee")


def nouvelle(annee, arrives):
    """Ce qui s'est passé cette année-là ; « … » s'il ne s'est rien passé."""
    an, nom, quoi = arrives[-1]
    return f"{an} : {nom}, {quoi}" if an == annee else f"{annee} : …"


def dit_frise(annee, arrives, concours):
    """Ce que la frise montre de neuf, et le concours de l'année."""
    fautes = f" Concours ImageNet : {CONCOURS[annee]:.1f} % d’erreur." if annee in concours else ""
    return f"{nouvelle(annee, arrives)}.{fautes}".replace("….", "…")


@vue(recit=dit_frise, cadre=[["frise"], ["erreurs"]], taille=(12, 5.2))
def frise(frise, erreurs):
    """La frise et le concours, qui se remplissent jusqu'à l'année choisie."""
    vues.sans_axes(frise).set(xlim=(1996.8, 2018.6), ylim=(-0.9, 4.6))
    frise.plot([1997, 2018.4], [0, 0], color=vues.GRIS, lw=4, solid_capstyle="round")
    for an in range(1998, 2018):
        frise.plot([an, an], [-0.12, 0.12], color=vues.GRIS, lw=1.5)
    titre = frise.text(1997, 4, "2012 : AlexNet", fontsize=20, fontweight="bold", va="center", zorder=6)
    dates = {}
    for an, nom, _ in FRISE:
        haut = HAUTEURS.get(an, 1.1)
        (tige,) = frise.plot([an, an], [0, haut - 0.25], color=vues.BLEU, lw=2)
        (rond,) = frise.plot([an], [0], "o", color=vues.BLEU, ms=15, mec="white", mew=2, zorder=5)
        mot = frise.text(an - 0.2, haut, nom, fontsize=14, va="center", zorder=4)
        sous = f"{an % 100:02d}" if an > 2009 else an
        date = frise.text(an, -0.65, sous, ha="center", va="center")
        dates[an] = mot, tige, rond, date
    (ici,) = frise.plot([1998], [0], "v", color=vues.ORANGE, ms=22, zorder=6, clip_on=False)
    barres = plante_le_concours(erreurs)
    humain = erreurs.axhline(5.1, color=vues.VERT, lw=3, ls=(0, (4, 2)), zorder=5)

    def montre(annee, arrives, concours):
        ici.set_data([annee], [0.45])
        titre.set_text(nouvelle(annee, arrives))
        connus = {fait.annee for fait in arrives}
        for an, acteurs in dates.items():
            acteurs[0].set_fontweight("bold" if an == annee else "normal")
            for acteur in acteurs:
                acteur.set_visible(an in connus)
        for an, acteurs in barres.items():
            for acteur in acteurs:
                acteur.set_visible(an in concours)
        return titre, ici, humain, *dates.values(), *barres.values()

    return montre


def plante_le_concours(axe):
    """Les barres du concours ImageNet ; rend ``{année: acteurs}``."""
    axe.set(xlim=(2009.4, 2017.6), ylim=(0, 33), title="concours ImageNet : erreur (%)")
    axe.set_xticks(range(2010, 2018), [str(an) for an in range(2010, 2018)])
    acteurs = {}
    avant, apres = dict(fc=vues.ORANGE, hatch="//"), dict(fc=vues.BLEU)
    for nom, quand, style in (
        ("sans réseau profond", range(2010, 2012), avant),
        ("réseau profond", range(2012, 2018), apres),
    ):
        hauteurs = [CONCOURS[an] for an in quand]
        barres = axe.bar(quand, hauteurs, width=0.75, ec="white", lw=0, label=nom, **style)
        for an, erreur, barre in zip(quand, hauteurs, barres, strict=True):
            haut = erreur + 0.6 if erreur > 5.1 else 5.9
            acteurs[an] = barre, axe.text(an, haut, vues.virgules(f"{erreur:.1f}"), ha="center")
    axe.legend(loc="upper right", fontsize=14)
    style = dict(color="#00664a", fontsize=14, ha="right", va="bottom", fontweight="bold", zorder=4)
    axe.text(2017.55, 10.5, "un humain : 5,1", bbox=dict(fc="white", ec="none", pad=1), **style)
    return acteurs


# --- Le gradient qui s'éteint ---------------------------------------------------------------

petites, chiffres = donnees.chiffres()
petites, cibles = petites.reshape(1797, 64).astype(float), np.eye(10)[chiffres]
NEURONES = {  # ce que le neurone transmet, et ce qu'il laisse remonter du reproche
    "sigmoïde": (lambda somme: 1 / (1 + np.exp(-somme)), lambda sortie: sortie * (1 - sortie)),
    "tanh": (np.tanh, lambda sortie: 1 - sortie**2),
    "ReLU": (lambda somme: np.maximum(somme, 0), lambda sortie: sortie > 0),
}
TIRAGES = {"moyen": 1.0, "large": 1.4, "trop large": 2.0, "trop petit": 0.5}
ELEVES = {  # les scénarios : le même élève, un remède après l'autre
    "sigmoïde": dict(neurone="sigmoïde"),
    "tanh": dict(neurone="tanh"),
    "ReLU": dict(neurone="ReLU"),
    "ReLU, tirage large": dict(neurone="ReLU", tirage="large"),
    "sigmoïde, 2 couches": dict(neurone="sigmoïde", profondeur=2),
}


def tire(profondeur, largeur):
    """Les boutons de départ, tirés au hasard, d'autant plus près de zéro qu'ils sont nombreux à entrer.

    ``largeur`` 1 est le tirage de LeCun (1998), qui garde sa force à un signal que l'on laisse passer ;
    1,4 celui de He (2015), pour un neurone qui n'en laisse passer que la moitié.
    """
    hasard, tailles = np.random.default_rng(4), [64, *[32] * (profondeur - 1), 10]
    return [hasard.normal(0, largeur / np.sqrt(a), (a, b)) for a, b in pairwise(tailles)]


class Empile:
    """Un élève fait de couches empilées, toutes du même neurone."""

    def __init__(self, neurone, tirage, profondeur):
        self.nom = f"{neurone}, tirage {_nom(tirage)}, {profondeur} couches"
        self.transmet, self.laisse = NEURONES[neurone]
        self.couches, self.hasard = tire(profondeur, tirage), np.random.default_rng(0)
        self.lots, self.lus = 0, 0.0

    def pioche(self, combien):
        """Des images de son cahier, et ce qu'il faudrait en dire."""
        lot = self.hasard.choice(len(petites), combien)
        return petites[lot], cibles[lot]

    def descend(self, pentes, taux):
        """Tourne les boutons de toutes ses couches."""
        self.lots += 1
        for couche, pente in zip(self.couches, pentes, strict=True):
            couche -= taux * pente

    def bilan(self, pentes):
        """Qui il est, la pente d'un bouton ordinaire de chaque couche, et son dernier examen."""
        if self.lots % 10 == 0:
            self.examine()
        tailles = np.array([np.sqrt(np.mean(pente**2)) for pente in pentes])
        return self.nom, tailles, self.lots // 10 * 10, self.lus

    def examine(self):
        """Note la part des 1 797 images de son cahier qu'il lit bien."""
        sortie = petites
        for couche in self.couches[:-1]:
            sortie = self.transmet(sortie @ couche)
        self.lus = float(np.mean((sortie @ self.couches[-1]).argmax(1) == chiffres))


def a_rebours(*listes):
    """Leurs éléments ensemble, du dernier au premier."""
    return reversed(list(zip(*listes, strict=True)))


def _nom(tirage):
    return next((nom for nom, largeur in TIRAGES.items() if largeur == tirage), vues.nombre(tirage))


RANGS = ["dixième", "centième", "millième", "dix-millième", "cent-millième", "millionième"]


def en_mots(taille):
    """Un nombre, à un zéro près s'il est petit : « un millième »."""
    zeros = round(-np.log10(max(taille, 1e-300)))
    if zeros < 1:
        return vues.nombre(round(taille, 1))
    if zeros <= len(RANGS):
        return f"un {RANGS[zeros - 1]}"
    return "moins d’un milliardième" if zeros > 9 else "moins d’un millionième"


def dit_extinction(nom, tailles, lots, lus):
    """Ce qui arrive du reproche à chaque bout, et ce que l'élève sait lire."""
    return (
        f"{nom[0].upper()}{nom[1:]} : la pente vaut {en_mots(tailles[-1])} à la sortie, "
        f"{en_mots(tailles[0])} à l’entrée. Lot {vues.nombre(lots)} : {100 * lus:.0f} % bien lus."
    )


STYLES = {
    "sigmoïde": dict(color=vues.ORANGE, linestyle="--", marker="s"),
    "tanh": dict(color="#6b4c9a", linestyle="-", marker="^"),
    "ReLU": dict(color=vues.BLEU, linestyle="-", marker="o"),
}
REPERES = {
    1: "1",
    1e-3: "un millième",
    1e-6: "un millionième",
    1e-9: "un milliardième",
    1e-12: "un billionième",
}


@vue(
    recit=dit_extinction,
    mesure=lambda nom, tailles, lots, lus: {"lots": lots, "lus": lus},
    cadre=[5 * ["gradients"] + 6 * [nom] for nom in 3 * ["progres"] + 2 * ["eleves"]],
    taille=(12, 5.2),
    vitesse=100,
)
def extinction(gradients, progres, eleves, passe):
    """À gauche la pente de chaque couche ; à droite ce que lit l'élève, et ceux d'avant, en pâle."""
    gradients.set(yscale="log", ylim=(1e-16, 30), xlim=(0.5, 20.5))
    gradients.set_xlabel("couche, de l’entrée (1) à la sortie")
    gradients.xaxis.get_major_locator().set_params(integer=True)
    gradients.set_title("la pente, couche par couche")
    gradients.set_yticks(list(REPERES), list(REPERES.values()))
    gradients.minorticks_off()
    gradients.grid(True)
    progres.set(title="chiffres bien lus", xlim=(0, 500), ylim=(0, 1), xlabel="lots")
    progres.set_yticks([0, 0.1, 0.5, 1], ["0", "10 %", "50 %", "100 %"])
    progres.grid(True)
    vues.sans_axes(eleves).set(xlim=(0, 10), ylim=(5, 0))
    rangees = []
    for rang in range(5):  # l'élève d'à présent, puis ceux d'avant, du plus récent au plus ancien
        style = dict(alpha=0.45, lw=2, ms=5, zorder=2) if rang else dict(ms=8, zorder=3)
        traits = [gradients.plot([], [], **style)[0], progres.plot([], [], **style)[0]]
        traits += eleves.plot([-0.9, -0.2], [rang + 0.5] * 2, clip_on=False, **style)
        mot = eleves.text(0.1, rang + 0.5, "", va="center", fontsize=14.5, alpha=0.7 if rang else 1)
        rangees.append((*traits, mot))

    def montre(nom, tailles, lots, lus):
        parties = [((nom, tailles, lots, lus), passe["lots"], passe["lus"])]
        for ancien in reversed(passe.fantomes):
            parties.append((ancien.instants[-1].etat, ancien["lots"], ancien["lus"]))
        borne(gradients, 0.5, max(len(etat[1]) for etat, *_ in parties) + 0.5)
        borne(progres, 0, 500 * np.ceil(max(1, *(vus[-1] for _, vus, _ in parties)) / 500))
        for rang, rangee in enumerate(rangees):
            present = rang < len(parties)
            for acteur in rangee:
                acteur.set_visible(present)
            if present:
                remplit(rangee, *parties[rang])
        return rangees

    return montre


def borne(axe, gauche, droite):
    """Pose les bornes d'un axe si elles changent : y toucher refait tout le décor."""
    if axe.get_xlim() != (gauche, droite):
        axe.set_xlim(gauche, droite)


def remplit(rangee, etat, quand, lus):
    """Donne à une rangée d'acteurs la couleur et les mesures de sa partie."""
    nom, tailles, *_, dernier = etat
    profil, progression, trait, mot = rangee
    for ligne in (profil, progression, trait):
        ligne.set(**STYLES[nom.partition(",")[0]])
    progression.set_marker("")
    profil.set_data(np.arange(len(tailles)) + 1, np.maximum(tailles, 1e-30))
    progression.set_data(quand, lus)
    mot.set_text(f"{nom} : {100 * dernier:.0f} %")
