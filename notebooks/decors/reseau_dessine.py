"""Un réseau dessiné : des ronds, des fils, des nombres dedans et des pastilles dessus.

Chaque fonction plante son décor dans un axe et rend de quoi le mettre à jour, comme celles de
``demystifie.vues``.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from demystifie import vues
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection


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


def tous_les_fils(tailles: Sequence[int]) -> list[tuple[int, int, int]]:
    """Le nom de chaque fil, (couche, arrivée, départ), dans l'ordre où on les dessine.

    Son poids est donc ``poids[couche][arrivée, départ]``.
    """
    couches = enumerate(pairwise(tailles))
    return [(c, arrivee, depart) for c, (m, n) in couches for arrivee in range(n) for depart in range(m)]


def fil_proche(tailles: Sequence[int], x: float, y: float) -> tuple[int, int, int]:
    """Le fil d'un ``schema`` le plus proche du point ``(x, y)`` : (couche, arrivée, départ)."""
    bouts = _bouts(places(tailles))
    long = bouts[:, 1] - bouts[:, 0]
    part = np.clip((([x, y] - bouts[:, 0]) * long).sum(1) / (long**2).sum(1), 0, 1)
    ecarts = bouts[:, 0] + part[:, None] * long - [x, y]
    return tous_les_fils(tailles)[int(np.hypot(*ecarts.T).argmin())]


def _bouts(ou: list) -> np.ndarray:
    """Les deux bouts de chaque fil, (n, 2, 2), dans l'ordre de ``tous_les_fils``."""
    return np.array([(a, b) for gauche, droite in pairwise(ou) for b in droite for a in gauche])


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
        collection.set_color([vues.BLEU if v > 0 else vues.ORANGE if v else vues.GRIS for v in valeurs])
        collection.set_linestyle(
            ["-" if v > 0 else (0, (2, 0.8)) if v else (0, (1, 2)) for v in valeurs]
        )
        return collection

    return montre


def schema(axe: Axes, tailles: Sequence[int], noms: Sequence[str] = ()) -> Callable:
    """Un réseau dessiné, les entrées à gauche : un rond par neurone, un trait par fil (voir ``fils``).

    ``tailles`` : le nombre de neurones de chaque couche. ``noms`` : écrits au-dessus des ronds.

    Rend ``montre(poids, valeurs=(), dessous=(), pastilles=(), choisi=None)`` : ``valeurs``, les nombres
    écrits dans les ronds, une liste par couche ; ``dessous`` et ``pastilles``, des mots encadrés, sous
    chaque rond et sur chaque fil, dans l'ordre ; ``choisi``, le fil à souligner (voir ``fil_proche``).
    """
    vues.sans_axes(axe).set(
        xlim=(-0.6, 2 * len(tailles) - 1.4), ylim=(-max(tailles) / 2 - 0.2, max(tailles) / 2 + 0.1)
    )
    ou = places(tailles)
    ronds, bouts, rangs = np.vstack(ou), _bouts(ou), tous_les_fils(tailles)
    montre_fils = fils(axe)
    (halo,) = axe.plot([], [], color="#ffe08a", lw=26, solid_capstyle="round", zorder=0)
    style = dict(s=3400, c="white", edgecolors="#52606d", linewidths=2.5, zorder=3)
    cercles = axe.scatter(*ronds.T, **style)
    # Un poids s'écrit du côté où ses fils s'écartent, au tiers du chemin ; sa pastille, plus loin.
    vers = np.array([m < n for m, n in pairwise(tailles) for _ in range(m * n)])[:, None]
    large, etroit = np.where(vers, bouts[:, 1], bouts[:, 0]), np.where(vers, bouts[:, 0], bouts[:, 1])
    pastille = dict(color="white", weight="bold", bbox=dict(boxstyle="round", fc="#a63c00", ec="white"))
    fond = dict(boxstyle="round,pad=0.1", fc="white", ec="none")

    def prepare(points, taille, decale=0, **style):
        style |= dict(xytext=(0, decale), textcoords="offset points", ha="center", va="center")
        return [axe.annotate("", point, fontsize=taille, zorder=5, **style) for point in points]

    au_dessus = prepare(ronds, 15, 42, color="#52606d")
    dedans = prepare(ronds, 16, weight="bold")
    pesees = prepare(0.66 * large + 0.34 * etroit, 15, bbox=fond)
    sous = prepare(ronds, 15, -40, **pastille)
    sur = prepare(0.38 * large + 0.62 * etroit, 15, **pastille)
    for texte, nom in zip(au_dessus, noms, strict=False):
        texte.set_text(nom)

    def montre(poids, valeurs=(), dessous=(), pastilles=(), choisi=None):
        halo.set_data(*(bouts[rangs.index(choisi)].T if choisi is not None else ([], [])))
        _ecrit(dedans, [au_millieme(v) for couche in valeurs for v in couche])
        for texte in dedans:  # un nombre long s'écrit plus petit, pour tenir dans son rond
            texte.set_fontsize(min(16, 80 / max(len(texte.get_text()), 1)))
        _ecrit(pesees, [au_millieme(v) for couche in poids for v in np.ravel(couche)])
        _ecrit(sous, dessous)
        _ecrit(sur, pastilles)
        return halo, montre_fils(poids, ou), cercles, au_dessus, dedans, pesees, sous, sur

    return montre


def au_millieme(valeur: float) -> str:
    """Le nombre qu'une pastille a la place de dire : « 2,75 », « −0,025 »."""
    return vues.nombre(round(float(valeur), 3) + 0.0)


def _ecrit(textes, mots):
    for rang, texte in enumerate(textes):
        mot = mots[rang] if rang < len(mots) else ""
        texte.set_text(mot)
        texte.set_visible(bool(mot))  # une pastille vide se verrait
