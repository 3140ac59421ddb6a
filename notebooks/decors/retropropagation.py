"""Le décor du carnet 04 : un module par moment du carnet ; celui-ci les réunit."""

from .retropropagation_chiffres import (
    BRUIT,
    ECOLES,
    IMAGES,
    RETOUCHES,
    REVES,
    VOULU,
    apres,
    cibles,
    ecole,
    eleve_neuf,
    etiquettes,
    images,
    reponses,
    reve,
    tromper,
)
from .retropropagation_compteur import PATIENCES, compteur
from .retropropagation_points import ESSAIS, profondeur
from .retropropagation_talk import (
    ATTENTES,
    COUPURES,
    PASSAGES,
    VOLONTAIRES,
    a_la_main,
    casse_un_fil,
    neurone,
    reproche,
)
from .retropropagation_vivant import DOSES, impulsions

__all__ = [
    "ATTENTES", "BRUIT", "COUPURES", "DOSES", "ECOLES", "ESSAIS", "IMAGES", "PASSAGES", "PATIENCES",
    "RETOUCHES", "REVES", "VOLONTAIRES", "VOULU", "a_la_main", "apres", "casse_un_fil", "cibles",
    "compteur", "ecole", "eleve_neuf", "etiquettes", "images", "impulsions", "neurone",
    "profondeur", "reponses", "reproche", "reve", "tromper",
]  # fmt: skip
