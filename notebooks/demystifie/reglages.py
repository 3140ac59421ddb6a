"""D'une valeur Python au bouton, comme ``interact``, et l'objet vivant que la boucle lit."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np

from .francais import etiquette, lieu, nombre
from .point import Point, est_reel

CRANS = 60  # assez pour être fin, assez peu pour qu'une touche du clavier se voie


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
        case = widgets.Checkbox(valeur, indent=False, **_nomme(nom))
        return _direct(nom, case, lambda v: isinstance(v, bool | np.bool_), "vrai ou faux")
    if isinstance(valeur, Point):
        mot = f"<b title='reglages.{nom}'>{etiquette(nom)}</b>"
        valeur.children[0].value = f"{mot} : clique dans {lieu(valeur.axe)}"
        return _direct(nom, valeur, valeur.convient, "un point (x, y)")
    if isinstance(valeur, widgets.Widget) and hasattr(valeur, "value"):
        return _direct(nom, valeur, lambda v: True, "")
    if isinstance(valeur, Mapping):
        return _choix(nom, {str(cle): v for cle, v in valeur.items()})
    if isinstance(valeur, list):
        return _choix(nom, {nombre(v) if est_reel(v) else str(v): v for v in valeur})
    if isinstance(valeur, tuple) and len(valeur) == 3 and all(map(est_reel, valeur)):
        return _curseur(nom, *valeur)
    raise ValueError(
        f"Le réglage « {nom} » vaut {valeur!r} : il faut (mini, départ, maxi), une liste ou un "
        "dictionnaire de choix, un booléen, un Point, ou un widget qui a une « value »."
    )


def _nomme(nom) -> dict:
    """Ce qui se lit sur le bouton, et en infobulle le mot du code."""
    return {"description": etiquette(nom), "tooltip": f"reglages.{nom}"}


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
    widget = genre(options=list(valeurs), **_nomme(nom))

    def pose(valeur):
        for affiche, candidat in valeurs.items():
            # Deux tableaux ne se comparent pas : d'eux, on ne reconnaît que l'étiquette ou l'identité.
            egal = np.isscalar(candidat) and np.isscalar(valeur) and candidat == valeur
            if egal or candidat is valeur or (isinstance(valeur, str) and valeur == affiche):
                widget.value = affiche
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

    widget = widgets.SelectionSlider(options=options(), value=depart, **_nomme(nom))

    def pose(valeur):
        if not est_reel(valeur) or not mini <= valeur <= maxi:
            raise ValueError(
                f"Le réglage « {nom} » va de {nombre(mini)} à {nombre(maxi)} ; pas {valeur!r}."
            )
        if valeur not in crans:
            crans.add(valeur)
            widget.options = options()
        widget.value = valeur

    return Bouton(widget, lambda: widget.value, pose)


class Boutons(dict[str, Bouton]):
    """Les boutons d'une scène, par nom de réglage ; ``departs`` : leurs valeurs à la naissance."""

    def __init__(self, reglages: Mapping[str, Any]):
        super().__init__((nom, bouton(nom, valeur)) for nom, valeur in reglages.items())
        self.departs = self.valeurs()
        self.en_train = False  # un curseur que l'on pose passe parfois par une autre valeur

    def valeurs(self) -> dict[str, Any]:
        """Ce que disent les boutons, à l'instant."""
        return {nom: b.lit() for nom, b in self.items()}

    def pose(self, valeurs: Mapping[str, Any]) -> None:
        """Pose tout ou rien. Lève une ``ValueError`` qui nomme le réglage absent ou mal servi."""
        avant = self.valeurs()
        self.en_train = True
        try:
            for nom, valeur in valeurs.items():
                if nom not in self:
                    raise ValueError(inconnu("réglage", nom, self))
                self[nom].pose(valeur)
        except ValueError:
            for nom in valeurs.keys() & avant.keys():
                self[nom].pose(avant[nom])
            raise
        finally:
            self.en_train = False

    def verifie(self, scenarios: Mapping[str, dict]) -> None:
        """Lève une ``ValueError`` qui nomme le premier scénario impossible."""
        for nom, valeurs in scenarios.items():
            try:
                self.pose(valeurs)
            except ValueError as erreur:
                raise ValueError(f"Scénario « {nom} » : {erreur}") from None
        self.pose(self.departs)


def inconnu(genre: str, nom: str, connus: Iterable[str]) -> str:
    """La phrase qui refuse ``nom``."""
    return f"Aucun {genre} ne s'appelle « {nom} » (il y a : {', '.join(connus) or 'rien'})."


class Reglages:
    """Ce que la boucle reçoit : ``reglages.taux`` vaut ce que dit le curseur, à l'instant.

    Ce sont des attributs ordinaires, que la main met à jour (``fixe``) : les lire ne coûte rien.
    Avant le premier état seulement (``ecoute``), chaque lecture est notée : elle dit ce qui fait
    repartir.
    """

    def __init__(self, boutons: Boutons):
        vars(self).update(_boutons=boutons, _lus=set())

    def __getattr__(self, nom):
        boutons = vars(self).get("_boutons", {})
        if nom not in boutons:
            raise AttributeError(inconnu("réglage", nom, boutons))
        self._lus.add(nom)
        return boutons[nom].lit()

    def __setattr__(self, nom, valeur):
        raise AttributeError(f"La boucle lit « {nom} » ; c'est la main, sur le bouton, qui le change.")


def ecoute(reglages: Reglages) -> None:
    """Note désormais ce qui est lu, jusqu'à ``fixe``."""
    vars(reglages).update(_lus=set())
    for nom in reglages._boutons:
        vars(reglages).pop(nom, None)


def fixe(reglages: Reglages) -> frozenset[str]:
    """Fait de chaque réglage un attribut ordinaire, à sa valeur de l'instant ; rend ceux déjà lus."""
    vars(reglages).update(reglages._boutons.valeurs())
    return frozenset(reglages._lus)
