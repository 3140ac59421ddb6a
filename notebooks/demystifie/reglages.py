"""D'une valeur Python au bouton, comme ``interact``, et l'objet vivant que la boucle lit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import ipywidgets as widgets
import numpy as np
import traitlets

CRANS = 60  # assez pour être fin, assez peu pour qu'une touche du clavier se voie


def virgules(texte: str) -> str:
    """Écrit les nombres de ``texte`` à la française : « 0,5 » et « −2 » pour « 0.5 » et « -2 »."""
    texte = re.sub(r"(?<=\d)\.(?=\d)", ",", texte)
    return re.sub(r"(?<![\w,.)])-(?=\d)", "−", texte)


def nombre(valeur: float) -> str:
    """Un nombre pour un humain : « 0,05 », « 1 797 » (espace fine insécable), « −2 »."""
    if abs(valeur) >= 1000:
        return virgules(f"{valeur:,.0f}".replace(",", "\u202f"))
    return virgules(f"{valeur:.4g}")


class Point(widgets.HBox):
    """Un réglage que l'on pose en cliquant (ou en tirant) dans un axe de la figure.

    ``axe`` est le nom d'un axe de la vue ; ``value`` vaut ``(x, y)``, dans les unités de cet axe.
    Le premier enfant est l'étiquette, où s'écrira le nom du réglage.
    """

    value = traitlets.Tuple(traitlets.Float(), traitlets.Float())

    def __init__(self, axe: str, depart: tuple[float, float] = (0.0, 0.0)):
        super().__init__([widgets.Label()])
        self.axe, self.value = axe, depart


@dataclass(frozen=True)
class Bouton:
    """Un réglage posé à l'écran : son widget, comment on le lit, comment on le pose."""

    widget: widgets.Widget
    lit: Callable[[], Any]
    pose: Callable[[Any], None]


def bouton(nom: str, valeur: Any) -> Bouton:
    """Choisit le bouton qui convient à ``valeur``.

    ``(mini, départ, maxi)`` donne un curseur (logarithmique au-delà de deux décades), un booléen
    une case, une liste ou un dictionnaire un choix ; un widget qui a une ``value`` est pris tel
    quel. Lève une ``ValueError`` qui nomme le réglage quand rien de tout cela ne convient.
    """
    if isinstance(valeur, bool):
        case = widgets.Checkbox(valeur, description=nom, indent=False)
        return _direct(nom, case, lambda v: isinstance(v, bool | np.bool_), "vrai ou faux")
    if isinstance(valeur, Point):
        valeur.children[0].value = f"{nom} : cliquer dans la figure « {valeur.axe} »"
        return _direct(nom, valeur, _est_un_point, "un point (x, y)")
    if isinstance(valeur, widgets.Widget) and hasattr(valeur, "value"):
        return _direct(nom, valeur, lambda v: True, "")
    if isinstance(valeur, Mapping):
        return _choix(nom, {str(cle): v for cle, v in valeur.items()})
    if isinstance(valeur, list):
        return _choix(nom, {nombre(v) if _est_reel(v) else str(v): v for v in valeur})
    if isinstance(valeur, tuple) and len(valeur) == 3 and all(map(_est_reel, valeur)):
        return _curseur(nom, *valeur)
    raise ValueError(
        f"Le réglage « {nom} » vaut {valeur!r} : il faut (mini, départ, maxi), une liste ou un "
        "dictionnaire de choix, un booléen, un Point, ou un widget qui a une « value »."
    )


def _est_reel(valeur) -> bool:
    return isinstance(valeur, Real) and not isinstance(valeur, bool) and np.isfinite(valeur)


def _est_un_point(valeur) -> bool:
    return isinstance(valeur, tuple) and len(valeur) == 2 and all(map(_est_reel, valeur))


def _direct(nom, widget, convient, attendu) -> Bouton:
    def pose(valeur):
        if not convient(valeur):
            raise ValueError(f"Le réglage « {nom} » attend {attendu}, pas {valeur!r}.")
        widget.value = valeur

    return Bouton(widget, lambda: widget.value, pose)


def _choix(nom, valeurs: dict[str, Any]) -> Bouton:
    if not valeurs:
        raise ValueError(f"Le réglage « {nom} » n'a aucun choix à proposer.")
    # Peu de choix : tous visibles, un seul clic sur scène. Beaucoup : une liste déroulante.
    en_vue = len(valeurs) <= 10 and sum(map(len, valeurs)) <= 60
    genre = widgets.ToggleButtons if en_vue else widgets.Dropdown
    widget = genre(options=list(valeurs), description=nom)

    def pose(valeur):
        for etiquette, candidat in valeurs.items():
            # Deux tableaux ne se comparent pas : d'eux, on ne reconnaît que l'étiquette ou l'identité.
            egal = np.isscalar(candidat) and np.isscalar(valeur) and candidat == valeur
            if egal or candidat is valeur or (isinstance(valeur, str) and valeur == etiquette):
                widget.value = etiquette
                return
        raise ValueError(f"Le réglage « {nom} » se choisit parmi {', '.join(valeurs)} ; pas {valeur!r}.")

    return Bouton(widget, lambda: valeurs[widget.value], pose)


def _crans(mini, depart, maxi) -> set:
    entiers = all(isinstance(borne, int | np.integer) for borne in (mini, depart, maxi))
    if mini > 0 and maxi / mini > 100:
        crans = [float(f"{cran:.2g}") for cran in np.geomspace(mini, maxi, CRANS)]
    elif entiers and maxi - mini <= 200:
        crans = range(mini, maxi + 1)
    else:
        crans = [float(f"{cran:.4g}") for cran in np.linspace(mini, maxi, CRANS + 1)]
    bornes = {mini, depart, maxi}
    return bornes | {round(cran) if entiers else cran for cran in crans if mini < cran < maxi}


def _curseur(nom, mini, depart, maxi) -> Bouton:
    if not mini <= depart <= maxi or mini == maxi:
        raise ValueError(
            f"Le réglage « {nom} » vaut ({mini}, {depart}, {maxi}) : il faut mini ≤ départ ≤ maxi, "
            "et deux bornes différentes."
        )
    # Un curseur à crans : l'étiquette peut être écrite en français, et la valeur lue est
    # exactement celle qui est affichée.
    crans = _crans(mini, depart, maxi)

    def options():
        return [(nombre(cran), cran) for cran in sorted(crans)]

    widget = widgets.SelectionSlider(options=options(), value=depart, description=nom)

    def pose(valeur):
        if not _est_reel(valeur) or not mini <= valeur <= maxi:
            raise ValueError(
                f"Le réglage « {nom} » va de {nombre(mini)} à {nombre(maxi)} ; pas {valeur!r}."
            )
        if valeur not in crans:
            crans.add(valeur)
            widget.options = options()
        widget.value = valeur

    return Bouton(widget, lambda: widget.value, pose)


class Reglages:
    """Ce que la boucle reçoit : ``reglages.taux`` vaut ce que dit le curseur, à l'instant.

    ``reglages.secondes`` est le temps que la boucle a passé à calculer depuis son départ, dessin
    non compris. ``lus`` retient les noms lus : c'est ainsi que la scène sait ce qui fait repartir.
    """

    def __init__(self, boutons: dict[str, Bouton]):
        self.__dict__.update(_boutons=boutons, lus=set(), secondes=0.0)

    def __getattr__(self, nom):
        boutons = self.__dict__.get("_boutons", {})
        if nom not in boutons:
            raise AttributeError(
                f"Aucun réglage ne s'appelle « {nom} » (il y a : {', '.join(boutons) or 'rien'})."
            )
        self.lus.add(nom)
        return boutons[nom].lit()

    def __setattr__(self, nom, valeur):
        raise AttributeError(f"La boucle lit « {nom} » ; c'est la main, sur le bouton, qui le change.")
