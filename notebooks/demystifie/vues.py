"""Les dessins qui servent dans plusieurs chapitres, et les petits outils pour écrire une vue.

Chaque fonction plante son décor dans un axe et rend de quoi le mettre à jour : une fonction qui
reçoit des données et rend les acteurs bougés. Aucune ne se souvient de ce qu'elle a montré.
"""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch

from .francais import nombre, virgules
from .partie import FANTOMES_GARDES, Passe

__all__ = ["BLEU", "CONTRE_POUR", "ENCRE", "GRIS", "ORANGE", "VERT", "barres", "courbe", "habille",
           "mosaique", "nombre", "sans_axes", "virgules"]  # fmt: skip

POINTS_DE_COURBE = 100
BLEU, ORANGE, VERT, GRIS = "#0072B2", "#D55E00", "#009E73", "#9aa5b1"
ENCRE = "#1f2933"  # ni juste, ni faux : une autre mesure
CONTRE_POUR = LinearSegmentedColormap.from_list("contre_pour", [ORANGE, "#ffffff", BLEU])
"""De l'orange (contre) au bleu (pour) en passant par le blanc (sans avis)."""


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
    axe: Axes, mesures: dict[str, str], passe: Passe, *, haut: float | None = None, titre: str = ""
) -> Callable:
    """Des mesures qui évoluent, avec en gris la première d'entre elles, aux parties précédentes.

    ``mesures`` : ``{nom de la mesure: légende}``. ``passe`` : celui que la scène donne à la vue.
    ``haut`` : le haut de l'échelle, sinon il suit les données. Rend ``trace(abscisse="pas")``, où
    ``abscisse`` est le nom d'une autre mesure.
    """
    axe.set(title=titre, ylim=(0, haut or 1), xlim=(0, 10), xlabel="pas")
    axe.grid(True)
    # Peu de graduations : « 1 000 » et « 1 250 » se toucheraient ; la dernière sortirait de la figure.
    axe.locator_params(axis="x", nbins=4, min_n_ticks=1, prune="upper")
    styles = ((BLEU, "-"), (ENCRE, (0, (3, 1))), (GRIS, (0, (1, 1))))
    lignes = {}
    for i, (nom, legende) in enumerate(mesures.items()):
        couleur, trait = styles[i % 3]
        (lignes[nom],) = axe.plot([], [], color=couleur, ls=trait, label=legende, zorder=3)
    principale = next(iter(mesures))
    gris = [axe.plot([], [], color="#cbd2d9", lw=2, zorder=2)[0] for _ in range(FANTOMES_GARDES)]
    if len(mesures) > 1:
        axe.legend(loc="upper right")

    def trace(abscisse: str = "pas"):
        for rang, ligne in enumerate(gris):
            ancien = passe.fantomes[rang] if rang < len(passe.fantomes) else None
            ligne.set_data(*(_allege(ancien[abscisse], ancien[principale]) if ancien else ([], [])))
        for nom, ligne in lignes.items():
            ligne.set_data(*_allege(passe[abscisse], passe[nom]))
        droite = _borne(max(p[abscisse].max() for p in (passe, *passe.fantomes)))
        sommet = haut or _borne(max(passe[nom].max() for nom in lignes))
        # Toucher aux bornes refait tout le décor : seulement quand il le faut.
        if (axe.get_xlim(), axe.get_ylim(), axe.get_xlabel()) != ((0, droite), (0, sommet), abscisse):
            axe.set(xlim=(0, droite), ylim=(0, sommet), xlabel=abscisse)
            entiers = "secondes" not in abscisse  # il n'y a ni demi-pas, ni demi-essai
            axe.locator_params(axis="x", integer=entiers)
        return *gris, *lignes.values()

    return trace


def _allege(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Un point sur deux, sur trois… : une courbe qui tremble ne doit pas devenir une tache."""
    rangs = np.unique([*range(0, len(x), 1 + len(x) // POINTS_DE_COURBE), len(x) - 1])
    return x[rangs], y[rangs]


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
    grand = np.full((lignes * (haut + 1) - 1, colonnes * (large + 1) - 1), np.nan)
    sans_axes(axe, titre)
    centree = palette is CONTRE_POUR
    image = axe.imshow(grand, cmap=palette, vmin=-1 if centree else 0, vmax=1)
    coins = [(y * (haut + 1), x * (large + 1)) for y, x in np.ndindex(lignes, colonnes)]
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
    """Une barre par classe. Rend ``montre(valeurs, vraie=None)`` : la plus haute se voit.

    En bleu si l'on ne sait pas ce qui est juste. Sinon la barre ``vraie`` est en vert, et la plus haute,
    si c'est une autre, en orange et bordée de pointillés : quand l'orange n'est pas là, c'est gagné.
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
            habille(rectangle, "juste" if i == vraie else "ni" if i != gagnante
                    else "pour" if vraie is None else "faux")  # fmt: skip
        return tuple(rectangles)

    return montre


def habille(rectangle: Patch, comment: str) -> None:
    """Colore une barre : « juste » (vert), « faux » (orange, pointillé), « pour » (bleu), « ni »."""
    bord, fond = {"juste": (VERT, VERT), "faux": (ORANGE, "#f6cdb1"), "pour": (BLEU, BLEU),
                  "ni": ("#b8c4ce", "#b8c4ce")}[comment]  # fmt: skip
    rectangle.set(ec=bord, fc=fond, lw=3 if comment == "faux" else 0)
    rectangle.set_linestyle((0, (1, 1)) if comment == "faux" else "-")
