"""Les boucles visibles, abîmées exprès, comme en direct : chaque faute se voit sous sa scène."""

import ast
import functools

import carnets
import numpy as np
import pytest
from demystifie import Scene, garde
from demystifie.partie import DIVERGE
from test_carnets import SCENES

UNE_PAR_CARNET = [next(paire for paire in SCENES if paire[0] == nom) for nom in carnets.NOMS]


class Abime(ast.NodeTransformer):
    """Glisse une ligne après le premier état que rend la boucle, ou au début si elle n'en rend qu'un."""

    def __init__(self, ligne):
        (self.faute,) = ast.parse(ligne).body
        self.faite = False

    def visit_Expr(self, expression):  # noqa: D102
        if self.faite or not isinstance(expression.value, ast.Yield):
            return expression
        self.faite = True
        return [expression, self.faute]

    def visit_FunctionDef(self, fonction):  # noqa: D102
        self.generic_visit(fonction)
        if not self.faite:
            self.faite = True
            fonction.body.insert(0, self.faute)
        return fonction


def rejoue(nom, boucle, change):
    """Rejoue, la boucle changée, la cellule de cette scène ; rend la scène."""
    texte = next(c.source for c in carnets.lis(nom).cells if f"def {boucle}(reglages)" in c.source)
    arbre = ast.parse(texte)
    arbre.body[-1] = ast.Assign([ast.Name("rejouee", ast.Store())], arbre.body[-1].value)
    rang = next(i for i, n in enumerate(arbre.body) if getattr(n, "name", "") == boucle)
    arbre.body[rang] = change(arbre.body[rang])
    espace = carnets.execute(nom)[0] | {"pas_des_nombres": pas_des_nombres}
    exec(compile(ast.fix_missing_locations(arbre), f"{nom}, {boucle}", "exec"), espace)
    return espace["rejouee"]


def ce_qui_se_lit(nom, boucle, ligne):
    """Ce que la page montre, une fois la cellule rejouée avec cette ligne, et trois pas faits."""
    try:
        scene = rejoue(nom, boucle, Abime(ligne).visit)
    except (Exception, KeyboardInterrupt) as souci:  # sous la cellule : elle n'a pas pu naître
        return garde.raconte(souci)
    scene.page.construis()
    with scene.sous_la_scene():
        scene.pas(3)
    lu = scene.page.dit.erreur
    scene.ferme()
    return lu


@pytest.mark.parametrize(("nom", "boucle"), SCENES, ids=[f"{n}-{b}" for n, b in SCENES])
def test_une_faute_de_frappe_se_voit_sous_sa_scene(nom, boucle):
    lu = ce_qui_se_lit(nom, boucle, "reglage_oublie")
    assert "name 'reglage_oublie' is not defined" in lu and f"{nom}, {boucle}" in lu


@pytest.mark.parametrize(("nom", "boucle"), UNE_PAR_CARNET)
def test_une_mauvaise_forme_aussi(nom, boucle):
    assert "shapes (3,) and (4,) not aligned" in ce_qui_se_lit(
        nom, boucle, "__import__('numpy').zeros(3).dot([1, 2, 3, 4])"
    )


@pytest.mark.parametrize(("nom", "boucle"), UNE_PAR_CARNET)
def test_une_boucle_sans_fin_est_interrompue(nom, boucle, monkeypatch):
    monkeypatch.setattr(garde, "PATIENCE", 0.4)
    avec_temps = carnets.scenes(nom)[boucle].partie.avec_temps
    monkeypatch.setattr(garde, "PATIENCE_AU_DEPART", 5 if avec_temps else 0.4)
    assert "La boucle ne revient pas" in ce_qui_se_lit(nom, boucle, "while True: pass")


def pas_des_nombres(boucle):
    """La même boucle, dont tous les nombres à virgule se perdent après le premier état."""

    @functools.wraps(boucle)
    def perdue(reglages):
        for rang, etat in enumerate(boucle(reglages)):
            yield etat if rang == 0 else tuple(_nan(valeur) for valeur in etat)

    return perdue


def _nan(valeur):
    if isinstance(valeur, float | np.floating):
        return np.nan
    if isinstance(valeur, np.ndarray) and valeur.dtype.kind == "f":
        return np.full_like(valeur, np.nan)
    return valeur


@pytest.mark.parametrize(
    ("nom", "boucle"), [("02_gradient", "le_pas"), ("03_sgd", "descente"), ("03_sgd", "apprentissage")]
)
def test_un_nombre_perdu_est_un_verdict_et_l_image_reste_lisible(nom, boucle):
    def decoree(fonction):
        fonction.decorator_list.append(ast.Name("pas_des_nombres", ast.Load()))
        return fonction

    scene = rejoue(nom, boucle, decoree)
    assert isinstance(scene, Scene)
    scene.page.construis()
    scene.pas(3)
    assert scene.verdict == DIVERGE and not scene.page.dit.erreur
    assert scene.image().std() > 1 and scene.recit().strip()
    scene.ferme()
