"""Le décor du carnet 03 : une droite, dix gabarits, une course, un bilan."""

import time
from contextlib import contextmanager
from functools import cache

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

# --- Une droite dans un nuage ---------------------------------------------------------------

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, 200)
y = 1.2 * x - 0.4 + rng.normal(0, 0.5, 200)

A, B = np.meshgrid(np.linspace(-3, 3, 60), np.linspace(-3, 3, 60))
RELIEF = LinearSegmentedColormap.from_list("relief", ["#3d8ec9", "#8fc1e3", "#d3e6f4", "#ffffff"], 13)


def carte_des_erreurs(lot):
    """L'erreur de toutes les droites de la carte sur ce lot (sa racine : les creux se voient mieux)."""
    u, v = x[lot], y[lot]
    au_carre = (
        A * A * np.mean(u * u)
        + B * B
        + np.mean(v * v)
        + 2 * (A * B * np.mean(u) - A * np.mean(u * v) - B * np.mean(v))
    )
    return np.sqrt(np.maximum(au_carre, 0)).astype(np.float32)


def dit_descente(a, b, lot):
    """L'erreur sur tout le nuage, et où en est la bille."""
    erreur = np.mean((a * x + b - y) ** 2)
    points = "d’un seul point" if len(lot) == 1 else f"de {len(lot)} points"
    ou = "dans le creux" if erreur < 0.3 else "loin du creux" if erreur > 1 else "près du creux"
    combien = f"{erreur:.2f}" if erreur < 1e6 else "plus d’un million"
    return f"Lot {points} ; erreur sur tout le nuage : {combien} ; la bille est {ou}."


@vue(recit=dit_descente, mesure=lambda a, b, lot: {"a": a, "b": b}, vitesse=10)
def descente(nuage, carte, passe):
    """À gauche le nuage et la droite ; à droite la carte des erreurs, où roule la bille."""
    nuage.scatter(x, y, s=28, color="#b8c4ce")
    nuage.set(xlim=(-1.1, 1.1), ylim=(-3, 3), title="le nuage, et le lot pioché")
    nuage.set(xticks=[-1, -0.5, 0, 0.5, 1], xlabel="x", ylabel="y")
    carte.set(xlim=(-3, 3), ylim=(-3, 3), title="couleurs : ce lot ; tirets : les 200")
    carte.set(xlabel="a : l’inclinaison", ylabel="b : la hauteur")

    cadre = dict(extent=(-3, 3, -3, 3), origin="lower", aspect="auto")
    relief = carte.imshow(
        A, cmap=RELIEF, vmin=0, vmax=4.3, interpolation="bilinear", zorder=0.5, **cadre
    )
    vraie = carte.contour(
        A,
        B,
        carte_des_erreurs(np.arange(200)),
        levels=[0.7, 1.3, 2, 2.7, 3.4],
        colors="#1f2933",
        linewidths=1.1,
        linestyles="dashed",
        zorder=1,
    )
    (chemin,) = carte.plot([], [], color=vues.ORANGE, lw=2, zorder=2)
    (bille,) = carte.plot([], [], "o", color=vues.ORANGE, mec="white", mew=2, ms=18, zorder=3)
    bille.set_clip_on(False)
    alarme = carte.text(
        0.5,
        0.9,
        "",
        fontsize=15,
        fontweight="bold",
        color="#b3261e",
        ha="center",
        zorder=5,
        bbox=dict(boxstyle="round,pad=0.3", fc="white", ec="none"),
        transform=carte.transAxes,
    )

    ecarts = nuage.add_collection(LineCollection([], colors=vues.ORANGE, lw=1.5, zorder=2))
    pioches = nuage.scatter([], [], s=70, color=vues.ORANGE, edgecolor="white", zorder=3)
    (droite,) = nuage.plot([], [], color=vues.BLEU, lw=4, zorder=4)

    def montre(a, b, lot):
        u, v = x[lot], y[lot]
        pioches.set_offsets(np.column_stack([u, v]))
        ecarts.set_linewidth(1.5 if len(lot) < 50 else 0.5)
        bouts = np.clip(a * u + b, -1e6, 1e6)
        ecarts.set_segments(np.stack([np.stack([u, v], 1), np.stack([u, bouts], 1)], 1))
        droite.set_data([-1.1, 1.1], [b - 1.1 * a, b + 1.1 * a])
        relief.set_data(carte_des_erreurs(lot))
        chemin.set_data([*passe["a"], a], [*passe["b"], b])
        bille.set_data([np.clip(a, -2.9, 2.9)], [np.clip(b, -2.9, 2.9)])
        dehors = max(abs(a), abs(b)) > 3
        alarme.set_text(f"sortie de la carte ! b = {vues.nombre(b)}" if dehors else "")
        return relief, vraie, chemin, bille, alarme, ecarts, pioches, droite

    return montre


# --- De vrais chiffres ----------------------------------------------------------------------

images, chiffres = donnees.chiffres()
images = images.reshape(1797, 64)
cibles = np.eye(10, dtype=np.float32)[chiffres]  # 1 pour le bon chiffre, 0 pour les neuf autres


def rates(boutons):
    """La part d’images dont le meilleur score n’est pas celui du bon chiffre."""
    ratees = (images @ boutons.T).argmax(1) != chiffres
    return {"exercices": ratees[:1200].mean(), "tiroir": ratees[1200:].mean()}


def dit_apprentissage(boutons, lues):
    """Ce que l'élève rate, dans le cahier et dans le tiroir."""
    ratees, sommet = rates(boutons), np.abs(boutons).max()
    etat = " Les boutons s’emballent !" if sommet > 10 else ""
    quand = f"Après {vues.nombre(lues)} image{'s lues' if lues > 1 else ' lue'}"
    return (
        f"{quand if lues else 'Avant la première image'}, l’élève rate "
        f"{100 * ratees['exercices']:.1f} % des images d’exercice et "
        f"{100 * ratees['tiroir']:.1f} % de celles du tiroir.{etat}"
    )


def mesure_apprentissage(boutons, lues):
    """Ce que trace la courbe."""
    return {"images": lues, **rates(boutons)}


@vue(
    recit=dit_apprentissage,
    mesure=mesure_apprentissage,
    cadre=3 * [3 * ["gabarits"] + 2 * ["courbes"]] + [3 * ["plus_gros"] + 2 * ["courbes"]],
)
def apprentissage(gabarits, plus_gros, courbes, passe, reglages):
    """Les dix gabarits, la jauge du plus gros bouton, et ce qui est raté."""
    peint = vues.mosaique(
        gabarits, 2, 5, palette=vues.CONTRE_POUR, limite=0.15, titre="les dix gabarits"
    )
    gabarits.set(facecolor="#e4e7eb", aspect="auto")  # toute la hauteur : on les regarde de loin
    gabarits.set_xlabel("bleu : cette encre vote pour ; orange : contre", fontsize=15)
    for n in range(10):  # dans la marge : l’image, un acteur, recouvrirait le décor
        gabarits.text(9 * (n % 5) - 1, 9 * (n // 5) - 0.5, n, fontweight="bold", ha="center", va="top")
    trace = vues.courbe(
        courbes,
        {"tiroir": "du tiroir", "exercices": "d’exercice"},
        passe,
        haut=1,
    )
    courbes.set_yticks([0, 0.1, 0.25, 0.5, 0.75, 1], ["0", "10 %", "25 %", "50 %", "75 %", "100 %"])
    # Au-dessus du cadre : au hasard ou à fond, les courbes passent partout dedans.
    courbes.legend(
        loc="lower right", bbox_to_anchor=(1.02, 0.98), ncols=2, handlelength=1.2, columnspacing=1
    )
    courbes.set_title("part d’images ratées", pad=36)
    graduations = MaxNLocator(3)
    courbes.xaxis.set_major_locator(graduations)
    plus_gros.set(xscale="log", xlim=(0.01, 1e9), ylim=(-1, 1), yticks=[])
    plus_gros.set_title("le plus gros bouton", loc="left")
    reperes = {0.01: "0,01", 1: "1", 100: "100", 1e4: "10 000", 1e6: "1 million", 1e9: "1 milliard"}
    plus_gros.set_xticks(list(reperes), list(reperes.values()))
    plus_gros.minorticks_off()
    plus_gros.spines["left"].set_visible(False)
    (jauge,) = plus_gros.plot([], [], lw=18, solid_capstyle="butt")
    valeur = plus_gros.text(
        1, 1.25, "", ha="right", fontsize=17, fontweight="bold", transform=plus_gros.transAxes
    )

    def montre(boutons, lues):
        sommet = float(np.abs(boutons).max())
        jauge.set_data([0.001, max(sommet, 0.001)], [0, 0])
        jauge.set_color(vues.BLEU if sommet < 10 else vues.ORANGE)
        valeur.set_text(vues.nombre(round(sommet, 2) if sommet >= 0.1 else float(f"{sommet:.1g}")))
        # Quand ça diverge, tout change de signe à chaque pas : les couleurs restent en deçà des plus
        # vives, pour que la salle voie clignoter les gabarits sans en être éblouie.
        dessins = (boutons * min(1, 0.5 / max(sommet, 0.5))).clip(-0.12, 0.12).reshape(10, 8, 8)
        graduations.set_params(integer=reglages.abscisse != "secondes")
        return peint(dessins), jauge, valeur, trace(reglages.abscisse)

    return montre


# --- La course ------------------------------------------------------------------------------

BUDGETS = {"pas": 100, "images": 6000, "secondes": 0.02}
NOMS = ["lot de 1", "lot de 10", "lot de 100", "toutes les données"]
STYLES = [(vues.ORANGE, (0, (1, 1))), (vues.VERT, "-"), (vues.BLEU, (0, (5, 1.5))), ("#52606d", "-.")]


class Couloir:
    """Un élève de la course : ses boutons, et ce qu'il a dépensé."""

    def __init__(self, taille):
        self.taille, self.boutons = taille, np.zeros((10, 64), np.float32)
        self.pas, self.images, self.secondes = 0, 0, 0.0

    def en_retard(self, budget, part):
        """Vrai tant qu'il n'a pas dépensé ``part`` pour cent de son ``budget``."""
        return getattr(self, budget) < BUDGETS[budget] * part / 100

    @contextmanager
    def chronometre(self):
        """Compte un pas, ses images, et le temps qu'il prend, montre en main."""
        depart = time.perf_counter()
        yield
        self.secondes += time.perf_counter() - depart
        self.pas, self.images = self.pas + 1, self.images + self.taille


def mesure_course(part, couloirs):
    """Les ratés de chacun, dans l'ordre des couloirs."""
    return {"part": part, "rates": [rates(c.boutons)["exercices"] for c in couloirs]}


def classement(ratees):
    """Les numéros des couloirs, du meilleur au moins bon."""
    return sorted(range(len(ratees)), key=lambda i: ratees[i])


def explose(part, rate):
    """Vrai pour qui, la course finie, rate presque tout : au hasard, on raterait neuf images sur dix."""
    return part == 100 and rate > 0.8


def resultat(part, rate):
    """Ce qu'affiche le podium."""
    return "a explosé" if explose(part, rate) else f"{100 * rate:.1f} %"


def dit_course(part, couloirs):
    """Le classement, en une phrase."""
    if part == 0:
        return "Quatre élèves sur la ligne de départ ; aucun ne sait rien."
    ratees = mesure_course(part, couloirs)["rates"]
    places = [f"{NOMS[i]} ({resultat(part, ratees[i])})" for i in classement(ratees)]
    return f"Budget dépensé à {part:.0f} %. Ratés, du meilleur au moins bon : {', '.join(places)}."


@vue(recit=dit_course, mesure=mesure_course)
def course(courbes, podium, passe):
    """Une courbe par couloir, et le podium."""
    courbes.set(xlim=(0, 100), ylim=(0.03, 1), yscale="log", xlabel="part du budget dépensée (%)")
    courbes.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["5 %", "10 %", "20 %", "50 %", "100 %"])
    courbes.minorticks_off()
    courbes.grid(True)
    courbes.set_title("part d’images d’exercice ratées")
    vues.sans_axes(podium, "le classement").set(xlim=(0, 10), ylim=(4.05, 0))
    laurier = podium.axhspan(0.02, 0.98, color="#eef6fb")
    style = dict(fontsize=34, va="center", ha="center", color=vues.GRIS)
    numeros = [podium.text(0.5, rang + 0.5, rang + 1, **style) for rang in range(len(NOMS))]
    lignes, rangs = [], []
    for nom, (couleur, tirets) in zip(NOMS, STYLES, strict=True):
        (ligne,) = courbes.plot([], [], color=couleur, ls=tirets)
        (trait,) = podium.plot([], [], color=couleur, ls=tirets, lw=5)
        titre = podium.text(2.5, 0, nom, fontsize=17, fontweight="bold", va="center", color=couleur)
        affiche = podium.text(9.9, 0, "", fontsize=21, fontweight="bold", va="center", ha="right")
        depense = podium.text(2.5, 0, "", fontsize=15, va="center", color="#52606d")
        lignes.append(ligne)
        rangs.append((trait, titre, affiche, depense))

    def montre(part, couloirs):
        ratees = passe["rates"]
        ordre = classement(ratees[-1])
        laurier.set_visible(part > 0 and not explose(part, ratees[-1][ordre[0]]))
        for rang, i in enumerate(ordre):
            couloir, rate, (trait, titre, affiche, depense) = couloirs[i], ratees[-1][i], rangs[i]
            lignes[i].set_data(passe["part"], ratees[:, i])
            trait.set_data([1.1, 2.3], [rang + 0.36, rang + 0.36])
            titre.set_y(rang + 0.36)
            affiche.set_y(rang + 0.36)
            depense.set_y(rang + 0.74)
            affiche.set_text(vues.virgules(resultat(part, rate)))
            affiche.set_color("#b3261e" if explose(part, rate) else "#1f2933")
            affiche.set_fontsize(17 if explose(part, rate) else 21)
            pas, lues = vues.nombre(couloir.pas), vues.nombre(couloir.images)
            millisecondes = vues.virgules(f"{1000 * couloir.secondes:.1f}")
            depense.set_text(f"{pas} pas, {lues} images, {millisecondes} ms")
        return laurier, numeros, lignes, *rangs

    return montre


# --- Le bilan -------------------------------------------------------------------------------


@cache
def a_mi_parcours():
    """Les boutons, (10, 64), d'un élève qui a fait trente pas sur tout le cahier."""
    boutons = np.zeros((10, 64))
    for _ in range(30):
        boutons -= 0.1 * (images[:1200] @ boutons.T - cibles[:1200]).T @ images[:1200] / 1200
    return boutons


def evalue(bouton):
    """La part d'images ratées et l'erreur de l'élève, un de ses 640 boutons mis à ``bouton`` : (2,)."""
    boutons = a_mi_parcours().copy()
    boutons[9, 52] = bouton
    scores = images[:12] @ boutons.T
    juste_ou_faux = np.mean(scores.argmax(1) != chiffres[:12])
    return np.array([juste_ou_faux, np.mean(np.sum((scores - cibles[:12]) ** 2, axis=1))])


def sens(pente):
    """De quel côté tourner le bouton pour descendre."""
    if pente == 0:
        return "tout plat : et maintenant ?"
    return "ça descend à gauche" if pente > 0 else "ça descend à droite"


def dit_bilan(bouton, hauteurs, pentes):
    """Ce que chaque évaluation conseille."""
    return (
        f"Bouton à {bouton:.2f}. Avec juste ou faux, {100 * hauteurs[0]:.0f} % d’images ratées "
        f"({sens(pentes[0])}). L’erreur, elle, est de {hauteurs[1]:.2f} ({sens(pentes[1])})."
    )


@vue(recit=dit_bilan)
def bilan(juste_ou_faux, erreur):
    """L'escalier et la vallée."""
    valeurs = np.linspace(-1, 1, 401)
    courbes = np.array([evalue(v) for v in valeurs]).T
    juste_ou_faux.set_title("juste ou faux : part d’images ratées")
    erreur.set_title("l’erreur, en moyenne sur ces images")
    juste_ou_faux.set_yticks([0, 0.25, 0.5, 0.75], ["0", "25 %", "50 %", "75 %"])
    billes, fleches, mots = [], [], []
    for axe, courbe in zip((juste_ou_faux, erreur), courbes, strict=True):
        axe.plot(valeurs, courbe, color=vues.BLEU)
        axe.set(xlim=(-1.1, 1.1), ylim=(0, 1.15 * courbe.max()), xticks=[-1, -0.5, 0, 0.5, 1])
        axe.set_xlabel("la valeur du bouton")
        fleches += axe.plot([], [], color=vues.VERT, lw=6, solid_capstyle="round")
        billes += axe.plot([], [], "o", color=vues.ORANGE, mec="white", mew=2, ms=20)
        mots.append(axe.text(0, 1.05 * courbe.max(), "", fontsize=16, fontweight="bold", ha="center"))

    def montre(bouton, hauteurs, pentes):
        for i in range(2):
            billes[i].set_data([bouton], [hauteurs[i]])
            bout = bouton + np.array([-0.15, 0.15])
            fleches[i].set_data(bout, hauteurs[i] + pentes[i] * (bout - bouton))
            mots[i].set_text(sens(pentes[i]))
        return *fleches, *billes, *mots

    return montre
