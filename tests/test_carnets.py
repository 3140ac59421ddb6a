"""Les règles de la maison qu'un programme peut vérifier, sur chaque carnet et chaque scène."""

import builtins
import contextlib
import inspect
import itertools
import os
import re
import shutil
import symtable
from statistics import median

import carnets
import numpy as np
import pytest
import sorties
from demystifie import Point
from demystifie.partie import DIVERGE

CARNETS = {nom: carnets.lis(nom) for nom in carnets.NOMS}
SCENES = [(nom, boucle) for nom in carnets.NOMS for boucle in carnets.scenes(nom)]

scene = pytest.mark.parametrize(("nom", "boucle"), SCENES, ids=[f"{n}-{b}" for n, b in SCENES])
carnet = pytest.mark.parametrize("nom", carnets.NOMS)


def texte(nom):
    return [c.source for c in CARNETS[nom].cells if c.cell_type == "markdown" and not notes(c)]


def notes(cellule):
    return cellule.metadata.get("slideshow", {}).get("slide_type") == "notes"


def repliee(cellule):
    return cellule.metadata.get("jupyter", {}).get("source_hidden", False)


def visibles(nom):
    return [c.source for c in CARNETS[nom].cells if c.cell_type == "code" and not repliee(c)]


# --- le texte -------------------------------------------------------------------------------


@carnet
def test_ni_formule_ni_alphabet_grec_ni_emoji(nom):
    prose = "\n".join(texte(nom))
    assert not re.search(r"\$|\\\(|\\\[|\\frac|\\sum", prose), "pas de LaTeX"
    assert not re.search(r"[\u0370-\u03ff∂∇∑∫√]", prose), "pas de grec"
    assert not re.search(r"[\U0001f300-\U0001faff\u2600-\u27bf]", "\n".join(texte(nom) + visibles(nom)))


@carnet
def test_la_typographie_est_francaise(nom):
    for prose in texte(nom):
        prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>", "", prose, flags=re.DOTALL)
        assert not re.search(r"(?<=\w) [;!?:»%]|« (?=\w)", prose), f"espace sécable : {prose[:80]}"
        assert not re.search(r"\w'\w", prose), f"apostrophe droite : {prose[:80]}"
        assert not re.search(r"\d\.\d", prose), f"point décimal : {prose[:80]}"
        assert not re.search(r"\b(A|Etat|Etape|Eleve|Ecole)\b (?=l[a’]|un)", prose), (
            "majuscule sans accent"
        )


@carnet
def test_la_longueur_est_celle_d_un_chapitre(nom):
    cellules = [c for c in CARNETS[nom].cells if not notes(c) and not repliee(c)]  # ni les paris
    assert 10 <= len(cellules) <= 25
    for prose in texte(nom):
        assert len(prose.split()) <= 170, f"un texte trop long : {prose[:60]}"


def lignes(source):
    return sum(bool(ligne.strip()) for ligne in source.splitlines())


@carnet
def test_une_cellule_visible_tient_l_algorithme_et_rien_d_autre(nom):
    longueurs = {source.splitlines()[0]: lignes(source) for source in visibles(nom)}
    assert max(longueurs.values()) <= 18, longueurs
    assert median(longueurs.values()) <= 12, longueurs
    for source in visibles(nom):
        assert not re.search(r"# fmt:|# noqa|NBVAL|\b(cadre|taille|recit|cadence|vitesse)=", source)


@carnet
def test_rien_ne_se_cache_qui_ne_soit_une_reponse(nom):
    """Sur GitHub rien n'est replié, et Maj+Entrée montre quelque chose à chaque fois."""
    for cellule in CARNETS[nom].cells:
        if cellule.cell_type == "code" and repliee(cellule):
            assert re.search(r"Pari\(|\.devoile\(", cellule.source), "seuls les paris sont repliés"
            assert lignes(cellule.source) <= 6


@carnet
def test_le_carnet_commence_par_une_courte_cellule_d_imports(nom):
    premiere = visibles(nom)[0]
    assert lignes(premiere) <= 6
    assert all(re.match(r"(from|import) |$", ligne) for ligne in premiere.splitlines())


@carnet
def test_un_carnet_commence_par_une_question_et_finit_par_la_suivante(nom):
    debut, fin = "".join(texte(nom)[:3]), texte(nom)[-1].strip().splitlines()[-1]
    questions = debut + "".join(c.source for c in CARNETS[nom].cells[:6] if "Pari(" in c.source)
    assert "?" in questions
    assert "?" in fin
    suivant = carnets.NOMS.index(nom) + 1
    if nom != "00_accueil" and suivant < len(carnets.NOMS):  # l'accueil, lui, mène à tous
        assert f"({carnets.NOMS[suivant]}.ipynb)" in fin


@carnet
def test_les_diapositives_sont_posees(nom):
    cellules = CARNETS[nom].cells
    assert cellules[0].source.startswith("# ")
    genres = [c.metadata.get("slideshow", {}).get("slide_type", "-") for c in cellules]
    assert set(genres) <= {"slide", "subslide", "fragment", "skip", "notes", "-"}
    assert genres.count("slide") >= 3 and "notes" in genres
    for cellule in cellules:
        if notes(cellule):
            assert cellule.source.startswith("> **Pour qui présente.**")


@carnet
def test_la_boucle_et_sa_scene_sont_dans_la_meme_cellule(nom):
    for cellule in CARNETS[nom].cells:
        if cellule.cell_type == "code" and (appel := re.search(r"\bScene\(\s*(\w+)", cellule.source)):
            assert not repliee(cellule) and f"def {appel.group(1)}(reglages)" in cellule.source


@carnet
def test_un_pari_ne_montre_pas_sa_reponse(nom):
    """Le code d'un pari dit la bonne réponse : il reste replié."""
    for cellule in CARNETS[nom].cells:
        if cellule.cell_type == "code" and re.search(r"= Pari\(|\.devoile\(", cellule.source):
            assert repliee(cellule)


@carnet
def test_les_noms_des_boucles_sont_distincts(nom):
    definies = re.findall(r"^def (\w+)", "\n".join(c.source for c in CARNETS[nom].cells), re.MULTILINE)
    assert len(definies) == len(set(definies))


# --- les minutes, et le parcours de 45 minutes ------------------------------------------------

PARCOURS = "parcours-45"
DUREE = r"> \*\*Pour qui présente\.\*\*\s(\d+)\smin, (?:(à jouer)(?: en (\d+))?|si l’on a le temps)\.\s"


def annonces():
    """Par carnet, ce que dit le README : les minutes, celles du parcours, et leur total jusque-là."""
    lu = (carnets.DEPOT / "README.md").read_text(encoding="utf-8")
    rangs = re.findall(r"^\| \[(\w+)\].* \| (\d+) \| (\d+) \| (\d+) \|$", lu, re.MULTILINE)
    return {nom: tuple(map(int, minutes)) for nom, *minutes in rangs}


def etiquetee(cellule):
    return PARCOURS in cellule.metadata.get("tags", [])


@carnet
def test_les_minutes_des_notes_font_celles_que_l_on_annonce(nom):
    tout = parcours = 0
    for cellule in filter(notes, CARNETS[nom].cells):
        lu = re.match(DUREE, cellule.source)
        assert lu or not re.search(r"\bminutes?\b|\bmin\b", cellule.source[:50]), cellule.source[:80]
        a_jouer = lu and lu[2]
        tout += int(lu[1]) if lu else 0
        parcours += int(lu[3] or lu[1]) if a_jouer else 0
        assert bool(a_jouer) == etiquetee(cellule), f"à jouer, donc « {PARCOURS} » : {cellule.id}"
    assert (tout, parcours) == annonces()[nom][:2]


def test_le_parcours_fait_quarante_cinq_minutes_dans_le_readme_comme_a_l_accueil():
    annonce = annonces()
    assert list(annonce) == carnets.NOMS
    minutes = [parcours for _, parcours, _ in annonce.values()]
    assert [total for *_, total in annonce.values()] == list(itertools.accumulate(minutes))
    assert sum(minutes) == 45
    accueil = "\n".join(texte("00_accueil"))
    chemin = re.findall(r"^\| \[(\d\d)\].* \| (\d+) \|$", accueil, re.MULTILINE)
    parcours = re.findall(r"^\| \[?(\d\d)\b.* \| (\d+) \| (\d+) \|$", accueil, re.MULTILINE)
    assert parcours == [(nom[:2], str(p), str(total)) for nom, (_, p, total) in annonce.items()]
    assert {(nom[:2], str(tout)) for nom, (tout, *_) in annonce.items()} - {("00", "7")} <= {*chemin}


@carnet
def test_le_parcours_se_joue_sans_le_reste(nom):
    """Ses cellules de code ne se servent que de noms qu'elles définissent elles-mêmes."""
    code = [c.source for c in CARNETS[nom].cells if c.cell_type == "code" and etiquetee(c)]
    assert any("Scene(" in source for source in code)
    module = symtable.symtable("\n".join(code), nom, "exec")
    ici = {s.get_name() for s in module.get_symbols() if s.is_assigned() or s.is_imported()}
    assert not noms_lus(module) - ici - set(dir(builtins))
    if nom < "04":  # ceux-là se jouent en une seconde : autant les jouer
        with contextlib.chdir(carnets.DOSSIER):
            exec("\n".join(code), {"__name__": "__main__"})


def noms_lus(table):
    """Les noms que ``table``, ou une fonction définie dedans, va chercher au plus haut."""
    haut = table.get_type() == "module"
    noms = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (haut or s.is_global())}
    return noms.union(*map(noms_lus, table.get_children()))


# --- ce qui est enregistré ------------------------------------------------------------------


@carnet
def test_le_carnet_enregistre_ne_garde_rien_de_changeant(nom):
    enregistre = CARNETS[nom]
    assert "widgets" not in enregistre.metadata
    compteurs = [c.execution_count for c in enregistre.cells if c.cell_type == "code"]
    assert compteurs == list(range(1, len(compteurs) + 1))
    for cellule in enregistre.cells:
        assert re.fullmatch(r"[a-z0-9-]+", cellule.id)
        if cellule.cell_type == "code":
            for sortie in cellule.outputs:
                assert sorties.VIVANT not in sortie.get("data", {})
                assert sortie.output_type != "error"
            if "Scene(" in cellule.source and "def " in cellule.source and not repliee(cellule):
                assert any("image/png" in s.get("data", {}) for s in cellule.outputs), "scène sans image"


# Un noyau neuf, que le réseau refuse, et un data/ sans MNIST, même si quelqu'un l'a déjà téléchargé.
AVANT = """
import socket
from pathlib import Path
from demystifie.donnees import fichiers

def refuse(*_, **__):
    appels.append(1)
    raise OSError(101, "le réseau est inaccessible")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
fichiers.EMBARQUEES = Path({data!r})
"""
APRES = """
import sys
from demystifie import Scene

lourds = {"torch", "torch._dynamo", "torchvision", "matplotlib.pyplot", "scipy"} & {*sys.modules}
print(len(appels), *lourds)
for scene in [affiche for affiche in montres.values() if isinstance(affiche, Scene)]:
    scene.pas(3)
    assert scene.recit() and scene.image().std() > 1 and not scene.erreur, scene.nom
    print(scene.nom)
"""


@pytest.fixture(scope="module", params=carnets.NOMS)
def joue(request, tmp_path_factory):
    """Un carnet exécuté dans ce noyau : son nom, ses cellules, ce qu'elles et ``APRES`` impriment."""
    data = tmp_path_factory.mktemp("depot") / "data"
    shutil.copytree(carnets.DEPOT / "data", data, ignore=shutil.ignore_patterns("MNIST"))
    autour = (  # dans leur espace à elles : le carnet, lui, n'a que ce qu'il importe
        f"_autour = {{'appels': []}}\nexec({AVANT.format(data=str(data))!r}, _autour)",
        f"exec({APRES!r}, _autour | {{'montres': Out}})",
    )
    env = {cle: valeur for cle, valeur in os.environ.items() if cle != "DEMYSTIFIE_DONNEES"}
    execute = sorties.execute(carnets.DOSSIER / f"{request.param}.ipynb", env, autour)
    imprime = [
        "".join(sortie.get("text", "") for sortie in cellule.outputs)
        for cellule in execute.cells
        if cellule.cell_type == "code"
    ]
    del execute.cells[0], execute.cells[-1]
    return request.param, execute, "".join(imprime[:-1]), imprime[-1].splitlines()


def test_les_sorties_enregistrees_n_ont_pas_vieilli(joue):
    nom, fraiches, *_ = joue
    ecarts = sorties.vieillies(CARNETS[nom], fraiches)
    assert not ecarts, f"refais-les par « python3 lancer.py sorties » : {ecarts}"


def test_chaque_carnet_marche_hors_ligne_et_les_premiers_restent_legers(joue):
    nom, _, dit, (constat, *vues) = joue
    appels, *lourds = constat.split()
    assert vues == list(carnets.scenes(nom))
    assert set(lourds) <= ({"torch"} if nom >= "06" else set()), "rien que ce dont il se sert"
    if appels != "0":  # il a essayé, et il l'a dit
        assert nom >= "06" and dit.count("le réseau ne répond pas") == 1


# --- les scènes -----------------------------------------------------------------------------


@scene
def test_chaque_reglage_a_ses_deux_bouts_laisse_une_scene_qui_marche(nom, boucle):
    s = carnets.scenes(nom)[boucle]
    for reglage, valeurs in bouts(s).items():
        carnets.remise_a_neuf(nom, boucle).pas(3)
        for valeur in valeurs:
            if s.verdict:  # le bout d'avant l'a finie
                carnets.remise_a_neuf(nom, boucle).pas(3)
            s.regle(**{reglage: valeur})
            s.pas(6)
            assert s.recit().strip() and s.image().std() > 1


def bouts(s) -> dict[str, list]:
    """Pour chaque réglage : ses valeurs extrêmes, ou tous ses choix."""
    tous = {}
    for nom, b in s.boutons.items():
        widget = b.widget
        if type(widget).__name__ == "SelectionSlider":
            tous[nom] = [widget.options[0][1], widget.options[-1][1]]
        elif hasattr(widget, "options"):
            tous[nom] = list(widget.options)
        elif isinstance(widget.value, bool):
            tous[nom] = [False, True]
        elif type(widget).__name__ == "Point":
            axe = s.axes[widget.axe]
            (x0, x1), (y0, y1) = axe.get_xlim(), axe.get_ylim()
            tous[nom] = [(x0, y0), (x1, y1)]
    return tous


@scene
def test_meme_graine_meme_histoire(nom, boucle):
    s = carnets.remise_a_neuf(nom, boucle)
    histoires = []
    for _ in range(2):
        s.recommence()
        s.pas(8)
        histoires.append((s.recit(), s.numero, s.verdict))
    assert histoires[0] == histoires[1]


@scene
def test_chaque_scenario_part_et_se_raconte(nom, boucle):
    s = carnets.scenes(nom)[boucle]
    images = set()
    for scenario in s.scenarios:
        s.scenario(scenario)
        depart = s.image()
        images.add(depart.tobytes())
        s.pas(30)
        bouge = (s.image() != depart).any()
        assert bouge or not s.partie.avec_temps, f"« {scenario} » ne montre rien"
        if s.verdict == DIVERGE:
            assert np.isfinite(s.image()).all() and s.recit()
            s.recommence()
            assert not s.verdict
    if not s.partie.avec_temps:  # sans temps, c'est d'un scénario à l'autre que l'on voit quelque chose
        assert len(images) == len(s.scenarios)


@scene
def test_une_scene_qui_a_un_temps_a_des_scenarios(nom, boucle):
    s = carnets.scenes(nom)[boucle]
    assert s.scenarios or not s.partie.avec_temps


# Tout ce qui se lit sur un bouton, relu par quelqu'un : un nouveau mot doit y être ajouté.
ETIQUETTES = set((carnets.DEPOT / "tests" / "etiquettes.txt").read_text(encoding="utf-8").splitlines())


@scene
def test_chaque_reglage_est_un_mot_du_code_ecrit_en_francais(nom, boucle):
    s = carnets.scenes(nom)[boucle]
    source = "\n".join(c.source for c in CARNETS[nom].cells if c.cell_type == "code")
    source += inspect.getsource(inspect.getmodule(s.vue.plante))
    for reglage, b in s.boutons.items():
        assert f"reglages.{reglage}" in source
        affiche, infobulle = getattr(b.widget, "description", ""), b.widget.tooltip
        if isinstance(b.widget, Point):  # son étiquette est une page : un mot gras, et son infobulle
            affiche = re.sub("<[^>]*>", "", b.widget.children[0].value)
            (infobulle,) = re.findall("title='(.*?)'", b.widget.children[0].value)
        if affiche:
            assert affiche in ETIQUETTES, f"relis « {affiche} », puis ajoute-le à tests/etiquettes.txt"
            assert infobulle == f"reglages.{reglage}", "le mot du code, en infobulle"


@scene
def test_remonter_le_temps_ne_change_pas_le_passe(nom, boucle):
    s = carnets.scenes(nom)[boucle]
    s.recommence()
    depart = s.image()
    s.pas(10)
    s.remonte(0)
    assert (s.image() == depart).mean() > 0.99
    s.remonte(-1)
