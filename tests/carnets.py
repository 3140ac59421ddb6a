"""Les carnets vus par les tests : leurs cellules exécutées ici même, leurs scènes à conduire."""

import ast
import contextlib
import functools
import sys
from pathlib import Path

import nbformat

DEPOT = Path(__file__).resolve().parents[1]
DOSSIER = DEPOT / "notebooks"
NOMS = [chemin.stem for chemin in sorted(DOSSIER.glob("[0-9]*.ipynb"))]

sys.path.insert(0, str(DOSSIER))


def lis(nom: str) -> nbformat.NotebookNode:
    """Le carnet ``nom`` (sans extension), tel qu'il est enregistré."""
    return nbformat.read(DOSSIER / f"{nom}.ipynb", as_version=4)


@functools.cache
def execute(nom: str) -> tuple[dict, list]:
    """Exécute les cellules de code de ``nom``, sans noyau ni navigateur.

    Rend l'espace de noms final et la liste des valeurs affichées (la dernière ligne de chaque cellule).
    """
    espace = {"__name__": "__main__"}
    affiche = []
    with contextlib.chdir(DOSSIER):
        for i, cellule in enumerate(lis(nom).cells):
            if cellule.cell_type != "code":
                continue
            arbre = ast.parse(cellule.source, f"{nom}, cellule {i}")
            derniere = arbre.body.pop() if arbre.body and isinstance(arbre.body[-1], ast.Expr) else None
            exec(compile(arbre, f"{nom}, cellule {i}", "exec"), espace)
            if derniere is not None:
                expression = ast.Expression(derniere.value)
                affiche.append(eval(compile(expression, f"{nom}, cellule {i}", "eval"), espace))
    return espace, affiche


def scenes(nom: str) -> dict:
    """Les scènes affichées par ``nom``, chacune sous le nom de sa boucle, dans l'ordre."""
    from demystifie import Scene

    return {s.nom: s for s in execute(nom)[1] if isinstance(s, Scene)}


def remise_a_neuf(nom: str, boucle: str, scenario: str | None = None):
    """La scène ``boucle`` du carnet ``nom``, telle qu'à sa naissance, ou au départ de ``scenario``."""
    scene = scenes(nom)[boucle]
    scene.regle(**scene.boutons.departs)
    scene.recommence() if scenario is None else scene.scenario(scenario)
    scene.passe.fantomes.clear()
    return scene
