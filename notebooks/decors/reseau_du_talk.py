"""Le réseau du talk : une pièce, puis neuf fils entre trois entrées et une réponse."""

import ipywidgets as widgets
import numpy as np
from demystifie import Point

from .reseau_dessine import fil_proche, places, tous_les_fils

ACTIVATIONS = {
    "zéro ou plus": lambda somme: np.maximum(somme, 0),
    "tout ou rien": lambda somme: np.where(somme > 0, 1.0, 0.0),
    "écrase": np.tanh,
    "aucune": lambda somme: somme * 1.0,
}
"""Ce que fait un neurone de la somme qui lui arrive."""

ENTREES = np.array([-1.0, 2.0, 3.0])
TAILLES = (3, 1, 3, 1)
NOMS = ["entrée 1", "entrée 2", "entrée 3", "A", "B", "C", "D", "réponse"]


def poids_du_talk():
    """Les neuf poids, neufs : une ligne par neurone d'arrivée, une colonne par fil qui lui arrive."""
    return [
        np.array([[0.5, 0.5, 1.0]]),
        np.array([[0.5], [-1.0], [1.0]]),
        np.array([[-0.5, -2.0, 3.0]]),
    ]


# --- Ses fils -------------------------------------------------------------------------------

FILS = tous_les_fils(TAILLES)
RANGS = np.cumsum([0, *TAILLES])


def nom_du_fil(fil):
    """« A → C » pour le fil (1, 1, 0)."""
    couche, arrivee, depart = fil
    return f"{NOMS[RANGS[couche] + depart]} → {NOMS[RANGS[couche + 1] + arrivee]}"


def _milieu(fil):
    ou, (couche, arrivee, depart) = places(TAILLES), fil
    return tuple(map(float, (ou[couche][depart] + ou[couche + 1][arrivee]) / 2))


MILIEUX = {nom_du_fil(fil): _milieu(fil) for fil in FILS}
FIL_DE_3 = MILIEUX["D → réponse"]


def fil_vise(point):
    """Le fil sous ce point du schéma, (couche, arrivée, départ) : ``poids[couche][arrivee, depart]``."""
    return fil_proche(TAILLES, *point)


class Fil(Point):
    """Un fil du schéma : on clique dessus, ou on le prend dans la liste. ``value`` en est le milieu."""

    fleches = False  # la liste s'en charge

    def __init__(self, axe, depart=FIL_DE_3):
        super().__init__(axe, depart)
        liste = widgets.Dropdown(
            options=list(MILIEUX), value=nom_du_fil(fil_vise(depart)), description="ou"
        )
        self.children = [*self.children, liste]
        liste.observe(lambda change: self.set_trait("value", MILIEUX[change.new]), "value")
        self.observe(lambda change: liste.set_trait("value", nom_du_fil(fil_vise(change.new))), "value")


# --- Ses exercices --------------------------------------------------------------------------

EXERCICES = np.array([[-1.0, 2.0, 3.0], [2.0, 1.0, -1.0], [1.0, -2.0, 2.0]])
ATTENDUES = np.array([5.0, 5.0, 0.0])
