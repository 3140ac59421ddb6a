"""La descente d'Adam, écrite en numpy pour les petits réseaux des carnets 08 et 09."""

import numpy as np


class Adam:
    """Le pas de chaque bouton, réglé sur les reproches qu'il a reçus (Kingma et Ba, 2015).

    ``suit`` : la mémoire de son élan ; ``echelle`` : celle de la taille habituelle de ses pentes.
    """

    def __init__(self, suit: float = 0.9, echelle: float = 0.999):
        self.suit, self.echelle, self.tours = suit, echelle, 0
        self.elan = self.carres = 0.0

    def pas(self, pentes: np.ndarray, taux: float) -> np.ndarray:
        """De combien tourner chaque bouton, contre sa pente : un tableau de la forme de ``pentes``."""
        self.tours += 1
        self.elan += np.float32(1 - self.suit) * (pentes - self.elan)
        self.carres += np.float32(1 - self.echelle) * (pentes * pentes - self.carres)
        # Au début, les deux moyennes partent de zéro : cette dose les corrige.
        dose = np.sqrt(1 - self.echelle**self.tours) / (1 - self.suit**self.tours)
        return np.float32(taux * dose) * (self.elan / (np.sqrt(self.carres) + np.float32(1e-8)))
