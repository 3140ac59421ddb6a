"""Les dessins qui servent dans plusieurs chapitres, et les petits outils pour écrire une vue.

Chaque fonction plante son décor dans un axe et rend de quoi le mettre à jour : une fonction qui
reçoit des données et rend les acteurs bougés. Aucune ne se souvient de ce qu'elle a montré.
"""

from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap

from .reglages import nombre, virgules

__all__ = ["BLEU", "CONTRE_POUR", "GRIS", "ORANGE", "VERT", "Journal", "barres", "courbe",
           "fil_proche", "fils", "frontiere", "mosaique", "nombre", "places", "sans_axes", "schema",
           "virgules"]  # fmt: skip

BLEU, ORANGE, VERT, GRIS = "#0072B2", "#D55E00", "#009E73", "#9aa5b1"
CONTRE_POUR = LinearSegmentedColormap.from_list("contre_pour", [ORANGE, "#ffffff", BLEU])
"""De l'orange (contre) au bleu (pour) en passant par le blanc (sans avis)."""


class Journal:
    """Ce que la boucle note en marchant : des colonnes de nombres, toutes de même longueur.

    ``journal.note(pas=3, erreur=0.2)`` ajoute une ligne ; ``journal["erreur"]`` rend la colonne,
    un tableau (n,). Garder un état passé ne recopie rien : on n'y retient que la longueur.
    """

    def __init__(self):
        self._colonnes: dict[str, array] = {}
        self._longueur = 0

    def note(self, **mesures: float) -> None:
        """Ajoute une ligne. Lève une ``ValueError`` si ce ne sont pas les mêmes colonnes qu'avant."""
        if self._longueur and mesures.keys() != self._colonnes.keys():
            raise ValueError(f"Ce journal note {', '.join(self._colonnes)} : ni plus, ni moins.")
        for nom, mesure in mesures.items():
            self._colonnes.setdefault(nom, array("d")).append(mesure)
        self._longueur += 1

    def __getitem__(self, nom: str) -> np.ndarray:
        return np.array(self._colonnes.get(nom, array("d"))[: self._longueur])

    def __len__(self) -> int:
        return self._longueur

    def __deepcopy__(self, _):
        fige = Journal()
        fige._colonnes, fige._longueur = self._colonnes, self._longueur
        return fige


def sans_axes(axe: Axes, titre: str = "") -> Axes:
    """Vide un axe de son cadre et de ses graduations, pour y mettre une image ou un schéma."""
    axe.set(xticks=[], yticks=[], title=titre)
    axe.spines[:].set_visible(False)
    return axe


def _borne(valeur: float) -> float:
    """Le premier nombre rond (1, 2 ou 5 suivi de zéros) qui contient ``valeur``."""
    if not 0 < valeur < 1e30:
        return 1.0
    echelle = 10 ** np.floor(np.log10(valeur))
    return next(m * echelle for m in (1, 2, 5, 10) if m * echelle >= valeur)


def courbe(
    axe: Axes,
    mesures: dict[str, str],
    *,
    fantomes: Sequence[tuple] = (),
    haut: float | None = None,
    titre: str = "",
) -> Callable:
    """Des mesures qui évoluent, avec en gris celles des parties précédentes.

    ``mesures`` : ``{colonne du journal: légende}``. ``fantomes`` : la liste que la scène donne à la
    vue. ``haut`` : le haut de l'échelle, sinon il suit les données. Rend
    ``trace(journal, abscisse="pas")``, où ``abscisse`` est une autre colonne du journal.
    """
    axe.set(title=titre, ylim=(0, haut or 1), xlim=(0, 10))
    axe.grid(True)
    styles = ("-", (0, (4, 1.5)), (0, (1, 1)))
    lignes = {
        nom: axe.plot([], [], ls=styles[i % 3], label=legende, zorder=3)[0]
        for i, (nom, legende) in enumerate(mesures.items())
    }
    principale = next(iter(mesures))
    gris = [axe.plot([], [], color="#cbd2d9", lw=2, zorder=2)[0] for _ in range(4)]
    if len(mesures) > 1:
        axe.legend(loc="upper right")

    def trace(journal: Journal, abscisse: str = "pas"):
        anciens = [next(e for e in etat if isinstance(e, Journal)) for etat in fantomes]
        for ligne, ancien in zip(gris, [*anciens, *[Journal()] * len(gris)], strict=False):
            _pose(ligne, ancien[abscisse], ancien[principale])
        for nom, ligne in lignes.items():
            _pose(ligne, journal[abscisse], journal[nom])
        _borne_axe(axe, journal, anciens, abscisse)
        return *gris, *lignes.values()

    def _borne_axe(axe, journal, anciens, abscisse):
        droite = _borne(max((j[abscisse].max() for j in (journal, *anciens) if len(j)), default=1))
        sommet = haut or _borne(max((journal[n].max() for n in lignes if len(journal)), default=1))
        # Toucher aux bornes refait tout le décor : seulement quand il le faut.
        if axe.get_xlim() != (0, droite) or axe.get_ylim() != (0, sommet):
            axe.set(xlim=(0, droite), ylim=(0, sommet))
        if axe.get_xlabel() != abscisse:
            axe.set_xlabel(abscisse)

    axe.set_xlabel("pas")
    return trace


def _pose(ligne, x, y):
    saut = 1 + len(x) // 1000  # plus de points que de pixels ne se voient pas
    ligne.set_data(x[::saut], y[::saut])


def mosaique(
    axe: Axes,
    lignes: int,
    colonnes: int,
    forme: tuple[int, int] = (8, 8),
    *,
    etiquettes: Sequence = (),
    palette="gray_r",
    limite: float | None = None,
    titre: str = "",
) -> Callable:
    """Plusieurs petites images de ``forme`` (hauteur, largeur) rangées dans un axe.

    Rend ``montre(images)``, où ``images`` est de forme (n, hauteur, largeur), n ≤ lignes×colonnes.
    ``limite`` : la valeur la plus foncée, sinon la plus grande des images. Une palette à deux
    branches (``CONTRE_POUR``) est centrée sur zéro.
    """
    haut, large = forme
    marge = 1
    grand = np.full((lignes * (haut + marge) - marge, colonnes * (large + marge) - marge), np.nan)
    sans_axes(axe, titre)
    centree = palette is CONTRE_POUR
    image = axe.imshow(grand, cmap=palette, vmin=-1 if centree else 0, vmax=1)
    coins = [
        (ligne * (haut + marge), colonne * (large + marge))
        for ligne in range(lignes)
        for colonne in range(colonnes)
    ]
    style = dict(fontsize=14, fontweight="bold", ha="left", va="top", color="#52606d", zorder=3)
    noms = [
        axe.text(x - 0.3, y - 0.3, str(etiquette), **style)
        for (y, x), etiquette in zip(coins, etiquettes, strict=False)
    ]

    def montre(images):
        plan = grand.copy()
        for (y, x), petite in zip(coins, images, strict=False):
            plan[y : y + haut, x : x + large] = petite
        sommet = limite or max(float(np.nanmax(np.abs(plan))), 1e-9)
        image.set_data(plan)
        image.set_clim(-sommet if centree else 0, sommet)
        return image, *noms

    return montre


def barres(
    axe: Axes, etiquettes: Sequence, *, bas: float = 0, haut: float = 1, titre: str = ""
) -> Callable:
    """Une barre par classe. Rend ``montre(valeurs, vraie=None)`` : la plus haute est en orange.

    Si ``vraie`` est donnée, sa barre est en vert : quand l'orange n'est pas là, c'est gagné.
    """
    axe.set(title=titre, xlim=(-0.6, len(etiquettes) - 0.4), ylim=(bas, haut))
    axe.set_xticks(range(len(etiquettes)), [str(e) for e in etiquettes], fontsize=16)
    axe.tick_params(axis="x", length=0)
    axe.axhline(0, color=GRIS, lw=1)
    rectangles = axe.bar(range(len(etiquettes)), [0] * len(etiquettes), width=0.8)

    def montre(valeurs, vraie=None):
        gagnante = int(np.argmax(valeurs))
        for i, (rectangle, valeur) in enumerate(zip(rectangles, valeurs, strict=True)):
            rectangle.set_height(valeur)
            rectangle.set_color(VERT if i == vraie else ORANGE if i == gagnante else "#b8c4ce")
        return tuple(rectangles)

    return montre


def places(tailles: Sequence[int], large: float | None = None, haut: float | None = None) -> list:
    """Où tombent les neurones d'un réseau dessiné : un tableau (n, 2) par couche, de gauche à droite.

    D'ordinaire deux unités entre deux couches, et une entre deux neurones de la plus grande ; sinon
    le réseau s'étale sur ``large`` et ``haut``.
    """
    x = np.linspace(0, 2 * (len(tailles) - 1) if large is None else large, len(tailles))
    ecart = (haut or max(tailles)) / max(tailles)
    return [
        np.column_stack([np.full(n, x[couche]), ((n - 1) / 2 - np.arange(n)) * ecart])
        for couche, n in enumerate(tailles)
    ]


def _bouts(ou: list) -> np.ndarray:
    """Les deux bouts de chaque fil, (n, 2, 2) : par couche, par neurone d'arrivée, puis de départ."""
    return np.array([(a, b) for gauche, droite in pairwise(ou) for b in droite for a in gauche])


def fil_proche(tailles: Sequence[int], x: float, y: float) -> tuple[int, int, int]:
    """Le fil d'un ``schema`` le plus proche du point ``(x, y)`` : (couche, arrivée, départ).

    Son poids est donc ``poids[couche][arrivée, départ]``.
    """
    bouts = _bouts(places(tailles))
    long = bouts[:, 1] - bouts[:, 0]
    part = np.clip((([x, y] - bouts[:, 0]) * long).sum(1) / (long**2).sum(1), 0, 1)
    ecarts = bouts[:, 0] + part[:, None] * long - [x, y]
    noms = [(c, b, a) for c, (m, n) in enumerate(pairwise(tailles)) for b in range(n) for a in range(m)]
    return noms[int(np.hypot(*ecarts.T).argmin())]


def fils(axe: Axes, epais: float = 3) -> Callable:
    """Les fils d'un réseau, sans ses neurones. Rend ``montre(poids, ou)`` ; ``ou`` vient de ``places``.

    ``poids`` : un tableau (arrivées, départs) par couche. Un poids positif est bleu et plein, un
    négatif orange et en tirets, un nul gris et pointillé ; plus il pèse, plus son fil est large
    (``epais`` est la largeur d'un poids de 1).
    """
    collection = axe.add_collection(LineCollection([], zorder=1))

    def montre(poids, ou):
        valeurs = np.concatenate([np.ravel(p) for p in poids])
        collection.set_segments(_bouts(ou))
        collection.set_linewidths(np.clip(epais * np.abs(valeurs), 0.3 * epais, 4 * epais))
        collection.set_color([BLEU if v > 0 else ORANGE if v else GRIS for v in valeurs])
        collection.set_linestyle(
            ["-" if v > 0 else (0, (2, 0.8)) if v else (0, (1, 2)) for v in valeurs]
        )
        return collection

    return montre


def schema(axe: Axes, tailles: Sequence[int], noms: Sequence[str] = ()) -> Callable:
    """Un réseau dessiné, les entrées à gauche : un rond par neurone, un trait par fil (voir ``fils``).

    ``tailles`` : le nombre de neurones de chaque couche. ``noms`` : écrits au-dessus des ronds.

    Rend ``montre(poids, valeurs=(), dessous=(), notes=(), choisi=None)`` : ``valeurs``, les nombres
    écrits dans les ronds, une liste par couche ; ``dessous`` et ``notes``, des mots en pastilles, sous
    chaque rond et sur chaque fil, dans l'ordre ; ``choisi``, le fil à souligner (voir ``fil_proche``).
    """
    sans_axes(axe).set(
        xlim=(-0.6, 2 * len(tailles) - 1.4), ylim=(-max(tailles) / 2 - 0.2, max(tailles) / 2 + 0.1)
    )
    ou = places(tailles)
    ronds, bouts = np.vstack(ou), _bouts(ou)
    rangs = [(c, b, a) for c, (m, n) in enumerate(pairwise(tailles)) for b in range(n) for a in range(m)]
    montre_fils = fils(axe)
    (halo,) = axe.plot([], [], color="#ffe08a", lw=26, solid_capstyle="round", zorder=0)
    style = dict(s=3000, c="white", edgecolors="#52606d", linewidths=2.5, zorder=3)
    cercles = axe.scatter(*ronds.T, **style)
    # Un poids s'écrit du côté où ses fils s'écartent, au tiers du chemin ; sa pastille, plus loin.
    vers = np.array([m < n for m, n in pairwise(tailles) for _ in range(m * n)])[:, None]
    large, etroit = np.where(vers, bouts[:, 1], bouts[:, 0]), np.where(vers, bouts[:, 0], bouts[:, 1])
    pastille = dict(color="white", weight="bold", bbox=dict(boxstyle="round", fc="#a63c00", ec="white"))
    fond = dict(boxstyle="round,pad=0.1", fc="white", ec="none")

    def prepare(points, taille, decale=0, **style):
        style |= dict(xytext=(0, decale), textcoords="offset points", ha="center", va="center")
        return [axe.annotate("", point, fontsize=taille, zorder=5, **style) for point in points]

    au_dessus = prepare(ronds, 14, 40, color="#52606d")
    dedans = prepare(ronds, 16, weight="bold")
    pesees = prepare(0.66 * large + 0.34 * etroit, 15, bbox=fond)
    sous = prepare(ronds, 14, -38, **pastille)
    sur = prepare(0.38 * large + 0.62 * etroit, 14, **pastille)
    for texte, nom in zip(au_dessus, noms, strict=False):
        texte.set_text(nom)

    def montre(poids, valeurs=(), dessous=(), notes=(), choisi=None):
        halo.set_data(*(bouts[rangs.index(choisi)].T if choisi is not None else ([], [])))
        _ecrit(dedans, [nombre(v) for couche in valeurs for v in couche])
        for texte in dedans:  # un nombre long s'écrit plus petit, pour tenir dans son rond
            texte.set_fontsize(min(16, 74 / max(len(texte.get_text()), 1)))
        _ecrit(pesees, [nombre(v) for couche in poids for v in np.ravel(couche)])
        _ecrit(sous, dessous)
        _ecrit(sur, notes)
        return halo, montre_fils(poids, ou), cercles, au_dessus, dedans, pesees, sous, sur

    return montre


def _ecrit(textes, mots):
    for rang, texte in enumerate(textes):
        mot = mots[rang] if rang < len(mots) else ""
        texte.set_text(mot)
        texte.set_visible(bool(mot))  # une pastille vide se verrait


def frontiere(axe: Axes, cote: int = 60, etendue: float = 1.1) -> Callable:
    """Deux familles de points, et la frontière qu'un élève trace entre elles.

    Rend ``montre(devine, points, classes)`` : ``devine`` donne à des points (2, n) un avis (n,) de -1
    à 1 ; ``points`` (2, m) et ``classes`` (m,), de 1 ou de -1, sont ceux que l'on dessine.
    ``cote`` : la finesse du fond, en points ; ``etendue`` : il va de ``-etendue`` à ``etendue``.
    """
    sans_axes(axe).set(xlim=(-etendue, etendue), ylim=(-etendue, etendue), aspect="equal")
    carre = np.linspace(-etendue, etendue, cote, dtype=np.float32)
    grille = np.stack(np.meshgrid(carre, carre)).reshape(2, -1)
    fond = axe.imshow(
        np.zeros((cote, cote)), cmap=CONTRE_POUR, vmin=-1.4, vmax=1.4, origin="lower",
        extent=2 * (-etendue, etendue), interpolation="bilinear",
    )  # fmt: skip
    familles = [
        axe.plot([], [], forme, color=couleur, ms=7, mec="white", mew=0.8, ls="", zorder=3)[0]
        for forme, couleur in (("o", BLEU), ("s", ORANGE))
    ]

    def montre(devine, points, classes):
        fond.set_data(np.reshape(devine(grille), (cote, cote)))
        for famille, classe in zip(familles, (1, -1), strict=True):
            famille.set_data(*points[:, np.ravel(classes) == classe])
        return fond, familles

    return montre
