"""Lire ce qui est embarqué dans ``data/``, et dire en une phrase ce qui en empêche."""

from functools import cache
from pathlib import Path

import numpy as np

EMBARQUEES = Path(__file__).resolve().parents[3] / "data"


def lis(fichier: str, *noms: str) -> list[np.ndarray]:
    """Les tableaux ``noms`` de l'archive ``data/fichier``, dans cet ordre ; jamais de pickle.

    Lève une ``FileNotFoundError`` ou une ``ValueError``, en une phrase, si le fichier manque, s'il est
    abîmé, ou s'il n'a pas ces tableaux.
    """
    try:
        with np.load(EMBARQUEES / fichier, allow_pickle=False) as archive:
            return [archive[nom] for nom in noms]
    except FileNotFoundError:
        raise FileNotFoundError(f"Il manque le fichier data/{fichier} : reprends-le du dépôt.") from None
    except Exception as erreur:  # zipfile, zlib et numpy ont chacun leurs exceptions
        raise ValueError(f"Le fichier data/{fichier} est abîmé : reprends-le du dépôt.") from erreur


def refuse(fichier: str) -> ValueError:
    """L'erreur à lever devant un fichier bien formé, mais qui n'est pas celui du dépôt."""
    return ValueError(f"Le fichier data/{fichier} n'est pas celui du dépôt : reprends-le.")


def court(chemin: Path) -> str:
    """Le chemin vu du dépôt, s'il y est."""
    depot = EMBARQUEES.parent
    return chemin.relative_to(depot).as_posix() if chemin.is_relative_to(depot) else str(chemin)


@cache
def dis_une_fois(phrase: str) -> None:
    """Imprime ``phrase``, sauf si ce noyau l'a déjà dite."""
    print(phrase)
