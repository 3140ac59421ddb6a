"""Le décor du carnet 07 : une mémoire qui lit, se souvient, invente, s'étonne ; et un regard en arrière.

Un module par moment du carnet ; celui-ci les réunit.
"""

from demystifie.reseaux import Adam

from decors.recurrents_coeur import (
    LECONS,
    PLANTS,
    RIEN,
    VEILLES,
    annonce,
    coeur,
    lisse,
    pioche,
    plante,
    veilleur,
)
from decors.recurrents_communes import (
    COMBIEN,
    INVENTIONS,
    REGIONS,
    communes,
    depart,
    interroge,
)
from decors.recurrents_lettres import (
    FIN,
    deplie,
    lecteur_neuf,
    lettre_apres_lettre,
    lit,
    observe,
    photo,
    remonte,
    tire,
)
from decors.recurrents_rappel import CELLULES, Rappel, bilan, exercice, rappel, vide
from decors.recurrents_regard import ABSCISSES, MOTS, Paire, Tete, instantane, regard
from decors.recurrents_saisie import Liste, Mot

__all__ = [
    "ABSCISSES", "CELLULES", "COMBIEN", "FIN", "INVENTIONS", "LECONS", "MOTS", "PLANTS", "REGIONS",
    "RIEN", "VEILLES", "Adam", "Liste", "Mot", "Paire", "Rappel", "Tete", "annonce", "bilan", "coeur",
    "communes", "depart", "deplie", "exercice", "instantane", "interroge",
    "lecteur_neuf", "lettre_apres_lettre", "lisse", "lit", "observe", "photo", "pioche", "plante",
    "rappel", "regard", "remonte", "tire", "veilleur", "vide",
]  # fmt: skip
