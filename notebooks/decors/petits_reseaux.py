"""De petits réseaux qui apprennent vite, de quoi les nourrir, et un banc d'essai qui compte.

Tout le calcul du carnet 04 que ses cellules ne montrent pas ; rien ne se dessine ici.
"""

import gc
import time
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

# --- Deux familles de points ----------------------------------------------------------------


def _cercle(hasard):
    rayons = np.concatenate([hasard.uniform(0, 0.45, 250), hasard.uniform(0.62, 1, 250)])
    angles = hasard.uniform(0, 2 * np.pi, 500)
    return rayons * np.stack([np.cos(angles), np.sin(angles)])


def _deux_tas(hasard):
    centres = np.repeat([[-0.5, 0.5], [-0.4, 0.4]], 250, axis=1)
    return np.clip(centres + hasard.normal(0, 0.17, (2, 500)), -1, 1)


def _spirale(hasard):
    rayons = np.tile(np.linspace(0.08, 1, 250), 2)
    angles = 1.75 * 2 * np.pi * rayons + np.repeat([0, np.pi], 250)
    return rayons * np.stack([np.cos(angles), np.sin(angles)]) + hasard.normal(0, 0.02, (2, 500))


CLASSES = np.repeat([[1, -1]], 250, axis=1).astype(np.float32)
DESSINS = {
    nom: dessin(np.random.default_rng(0)).astype(np.float32)
    for nom, dessin in {"cercle": _cercle, "deux tas": _deux_tas, "spirale": _spirale}.items()
}
"""500 points (2, 500) par dessin ; les 250 premiers sont de la classe 1, les autres de la classe -1."""

EXEMPLES = 2000  # par pas, ou le plus grand multiple du lot en dessous


def pioche(hasard: np.random.Generator, points: np.ndarray, lot: int) -> tuple:
    """2 000 exemples au hasard, rangés lot par lot : positions (n, 2, lot) et classes (n, 1, lot)."""
    pris = hasard.integers(0, 500, EXEMPLES // lot * lot)
    positions = points.take(pris, 1).reshape(2, -1, lot).swapaxes(0, 1)
    return positions, CLASSES.take(pris).reshape(-1, 1, lot)


# --- Un réseau, et comment il apprend -------------------------------------------------------


def reseau_neuf(hasard: np.random.Generator, tailles: list[int]) -> list[np.ndarray]:
    """Un tableau de poids par couche ; la dernière colonne pèse une entrée qui vaut toujours 1."""
    return [
        hasard.normal(0, 1 / np.sqrt(n + 1), (m, n + 1)).astype(np.float32) for n, m in pairwise(tailles)
    ]


def sorties(reseau: list[np.ndarray], points: np.ndarray) -> list[np.ndarray]:
    """Ce que rend chaque neurone pour ces points (2, n) : un tableau (neurones, n) par couche."""
    valeurs = [points]
    for poids in reseau:
        valeurs.append(np.tanh(poids[:, :-1] @ valeurs[-1] + poids[:, -1:]))
    return valeurs


def bien_classes(reseau: list[np.ndarray], points: np.ndarray) -> float:
    """La part de ces 500 points que le réseau met dans la bonne famille."""
    return np.mean(sorties(reseau, points)[-1] * CLASSES > 0)


def apprends(reseau: list[np.ndarray], positions: np.ndarray, classes: np.ndarray, taux: float) -> None:
    """Descend d'un pas par lot, sur place : en avant, le reproche, en arrière, on tourne.

    C'est la rétropropagation de la scène « ecole », pour autant de couches que l'on veut. Sur de si
    petits réseaux, chercher une méthode ou créer un tableau coûte autant que calculer : on le fait une
    fois pour tous les lots.
    """
    lot = positions.shape[2]
    arrivees = [np.ones((poids.shape[1], lot), np.float32) for poids in reseau]  # une ligne reste à 1
    sorties = [*(suivante[:-1] for suivante in arrivees[1:]), np.ones((1, lot), np.float32)]
    couches = list(zip(reseau, arrivees, sorties, strict=True))
    en_avant = [(poids.dot, arrivee, sortie) for poids, arrivee, sortie in couches]
    en_arriere = [(poids, poids[:, :-1].T.dot, arrivee.T, sortie) for poids, arrivee, sortie in couches]
    (premiers, _, entrees, vu), *en_arriere = en_arriere
    en_arriere.reverse()
    entree, reponse, tanh = arrivees[0][:-1], sorties[-1], np.tanh
    dose = np.full((1, lot), 2 * taux / lot, np.float32)
    for position, classe in zip(positions, classes, strict=True):
        entree[:] = position
        for pese, arrivee, sortie in en_avant:
            tanh(pese(arrivee, sortie), sortie)
        reproche = (reponse - classe) * dose
        for poids, renvoie, arrivee, sortie in en_arriere:
            reproche -= reproche * sortie * sortie  # à fond, on bouge peu
            pente = reproche.dot(arrivee)  # la part de chaque fil
            reproche = renvoie(reproche)  # puis les neurones d'avant
            poids -= pente  # on tourne
        reproche -= reproche * vu * vu
        premiers -= reproche.dot(entrees)  # avant les entrées, plus personne à qui le faire


# --- Le banc d'essai ------------------------------------------------------------------------

UN_PAR_UN, RETRO = "un par un", "d’un coup"
BANCS = {10: (4, 2), 100: (9, 10), 1000: (24, 40), 10_000: (99, 100), 100_000: (249, 400)}
"""Pour chaque nombre de boutons, combien d'entrées et de neurones cachés y mènent exactement."""


class Banc:
    """Un réseau à une couche cachée, un exercice, et de quoi compter les passages et le temps."""

    def __init__(self, taille: int):
        hasard = np.random.default_rng(taille)
        entrees, caches = BANCS[taille]
        self.taille = taille
        self.boutons = np.concatenate(
            [hasard.normal(0, entrees**-0.5, caches * entrees), hasard.normal(0, caches**-0.5, caches)]
        )
        # Les mêmes boutons, vus comme deux couches : en tourner un change la couche.
        self._cachee = self.boutons[:-caches].reshape(caches, entrees)
        self._sortie = self.boutons[-caches:]
        self._entree, self._attendu = hasard.normal(size=entrees), 1.0
        self._qui = UN_PAR_UN
        self.passages = {UN_PAR_UN: 0, RETRO: 0}
        self.secondes = {UN_PAR_UN: 0.0, RETRO: 0.0}
        self.un_par_un, self.d_un_coup = [], np.zeros(taille)
        for _ in range(3):  # un tour de chauffe, qui ne compte pas
            self.retour(self.aller())
        self.passages[UN_PAR_UN] = 0

    def aller(self) -> float:
        """Un aller à travers le réseau : de combien il se trompe ; le compteur avance."""
        self.passages[self._qui] += 1
        self._vu = np.tanh(self._cachee @ self._entree)
        return self._sortie @ self._vu - self._attendu

    def erreur(self) -> float:
        """L'erreur du réseau : un aller, mis au carré."""
        return self.aller() ** 2

    def retour(self, ecart: float) -> np.ndarray:
        """Un retour, après l'aller qui a rendu ``ecart`` : toutes les pentes ; le compteur avance."""
        self.passages[self._qui] += 1
        reproche = 2 * ecart * self._sortie * (1 - self._vu**2)
        return np.concatenate([np.outer(reproche, self._entree).ravel(), 2 * ecart * self._vu])

    @contextmanager
    def chronometre(self, qui: str):
        """Compte pour ``qui`` les passages et le temps, montre en main."""
        menage = gc.isenabled()
        gc.disable()  # Python fera son ménage quand la montre sera arrêtée
        self._qui, debut = qui, time.perf_counter()
        try:
            yield
            self.secondes[qui] += time.perf_counter() - debut
        finally:
            self._qui = UN_PAR_UN
            if menage:
                gc.enable()

    def cherche_encore(self, patience: float) -> bool:
        """Vrai s'il reste des boutons à tourner un par un, et de la patience, en secondes."""
        return len(self.un_par_un) < self.taille and self.secondes[UN_PAR_UN] < patience

    def prochains(self, combien: int) -> range:
        """Les numéros des ``combien`` prochains boutons à tourner."""
        return range(self.taille)[len(self.un_par_un) :][:combien]

    def releve(self) -> dict:
        """Où en est la course, en quelques nombres, et 200 pentes trouvées des deux façons."""
        tournes = len(self.un_par_un)
        quels = np.unique(np.linspace(0, tournes - 1, 200).astype(int)) if tournes else []
        return dict(
            taille=self.taille,
            tournes=tournes,
            passages=dict(self.passages),
            secondes=dict(self.secondes),
            pentes=np.array([[self.d_un_coup[i], self.un_par_un[i]] for i in quels]).reshape(-1, 2),
        )


def prevues(releve: dict) -> float:
    """Les secondes qu'il faudrait pour tourner tous les boutons un par un, à ce train-là."""
    return releve["secondes"][UN_PAR_UN] * releve["taille"] / max(releve["tournes"], 1)
