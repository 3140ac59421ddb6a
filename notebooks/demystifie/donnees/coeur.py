"""Un vrai cœur qui bat, et ce que des cardiologues en ont dit."""

from typing import NamedTuple

import numpy as np

from .fichiers import lis, refuse

CADENCE = 360  # mesures par seconde
DUREE = 300  # secondes


class Coeur(NamedTuple):
    """Un électrocardiogramme et ses battements annotés."""

    signal: np.ndarray  # (108 000,), en millivolts
    cadence: int  # mesures par seconde
    instants: np.ndarray  # (149,), en secondes, croissants
    symboles: np.ndarray  # (149,), « V » (extrasystole) ou « F » (battement de fusion)


def coeur() -> Coeur:
    """Cinq minutes d'un électrocardiogramme, et les battements que des cardiologues y ont désignés.

    Il y en a 149 : 93 extrasystoles ventriculaires (``"V"``) et 56 battements de fusion (``"F"``),
    chacun à l'instant de son sommet. Lève une ``FileNotFoundError`` ou une ``ValueError``, en une
    phrase, si le fichier manque ou est abîmé.

    Source : Moody et Mark, MIT-BIH Arrhythmia Database, enregistrement 208, dérivation MLII, de 19 min
    35 à 24 min 35 ; PhysioNet, 2001, ODC-By 1.0.
    """
    ecarts, rangs, symboles = lis("coeur.npz", "ecarts", "rangs", "symboles")
    if ecarts.shape != (CADENCE * DUREE,) or rangs.shape != symboles.shape or ecarts.dtype != np.int16:
        raise refuse("coeur.npz")
    mesures = np.cumsum(ecarts, dtype=np.int32)  # de mesure en mesure, les écarts se serrent mieux
    millivolts = ((mesures - 1024) / 200).astype(np.float32)
    return Coeur(millivolts, CADENCE, rangs / CADENCE, symboles.view("S1").astype(str))
