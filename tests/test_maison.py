"""La maison : le style, et le lanceur qui dit en une phrase ce qui l'empêche."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lancer

DEPOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("regle", [["check"], ["format", "--check"]], ids=" ".join)
def test_le_style_est_celui_de_la_maison(regle):
    commande = [sys.executable, "-m", "ruff", *regle, "--no-cache", "."]
    sortie = subprocess.run(commande, cwd=DEPOT, capture_output=True, text=True)
    assert sortie.returncode == 0, sortie.stdout


MODULE = DEPOT / "notebooks" / "demystifie"
ETAGES = [  # du plus bas au plus haut : chacun n'importe que ceux d'en dessous
    {"donnees", "francais"},
    {"reglages", "dessin", "reseaux", "pari", "ardoise", "toile"},
    {"partie", "pupitre"},
    {"vues", "page"},
    {"lecture"},
    {"scene"},
    {"__init__"},
]
SOURCES = [f for dossier in ("demystifie/**", "decors") for f in DEPOT.glob(f"notebooks/{dossier}/*.py")]


def longueur(fichier):
    return len(fichier.read_text(encoding="utf-8").splitlines())


def test_le_coeur_se_lit_d_une_traite():
    a_part = {MODULE / "reseaux.py"}
    coeur = [f for genre in ("py", "js", "css") for f in MODULE.glob(f"*.{genre}") if f not in a_part]
    lignes = [ligne for f in coeur for ligne in f.read_text(encoding="utf-8").splitlines()]
    assert sum(bool(ligne.strip()) for ligne in lignes) <= 1500


@pytest.mark.parametrize("fichier", SOURCES, ids=lambda f: f.relative_to(DEPOT / "notebooks").as_posix())
def test_rien_n_est_trop_long_et_rien_ne_remonte(fichier):
    arbre = ast.parse(fichier.read_text(encoding="utf-8"))
    dans_le_module = fichier.is_relative_to(MODULE)
    assert longueur(fichier) <= (350 if dans_le_module else 600)
    for noeud in ast.walk(arbre):
        if isinstance(noeud, ast.ClassDef):
            assert noeud.end_lineno - noeud.lineno < 200, f"{noeud.name} est trop longue"
        if isinstance(noeud, ast.ImportFrom):
            prives = [a.name for a in noeud.names if a.name.startswith("_")]
            assert not prives, f"{prives} est à quelqu'un d'autre"
            if dans_le_module:
                assert noeud.module is None or not noeud.module.startswith("decors")
    if fichier.parent == MODULE:
        rang = next(i for i, etage in enumerate(ETAGES) if fichier.stem in etage)
        for noeud in ast.walk(arbre):
            if isinstance(noeud, ast.ImportFrom) and noeud.level == 1:
                vises = [noeud.module] if noeud.module else [a.name for a in noeud.names]
                for vise in vises:
                    haut = next(i for i, etage in enumerate(ETAGES) if vise.split(".")[0] in etage)
                    assert haut < rang, f"{fichier.stem} importe {vise}, qui n'est pas en dessous"


@pytest.fixture
def ailleurs(tmp_path, monkeypatch):
    """Le lanceur dans un dossier vide, sans rien installer pour de bon : les commandes sont notées."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "requirements.txt").write_text("# rien\ntorch==2.13.0\nnumpy==2.4.6\n")
    (tmp_path / "tests" / "requirements.txt").write_text("pytest\n")
    venv = tmp_path / ".venv"
    monkeypatch.setattr(lancer, "DEPOT", tmp_path)
    monkeypatch.setattr(lancer, "VENV", venv)
    monkeypatch.setattr(lancer, "JOURNAL", venv / "installation.log")
    monkeypatch.setattr(lancer, "PYTHON", venv / "bin" / "python")
    notees = []

    def appelle(*commande):
        notees.append([str(mot) for mot in commande])
        if "venv" in notees[-1]:
            lancer.PYTHON.parent.mkdir(parents=True)
            lancer.PYTHON.touch()
        return 0

    monkeypatch.setattr(lancer, "appelle", appelle)
    monkeypatch.setattr(lancer, "profite_de_torch_sans_gpu", lambda: False)
    return notees


def test_la_seconde_fois_n_installe_rien(ailleurs):
    lancer.installe("requirements.txt")
    premiere = len(ailleurs)
    lancer.installe("requirements.txt")
    assert premiere >= 2 and len(ailleurs) == premiere


def test_une_liste_changee_se_reinstalle(ailleurs):
    lancer.installe("requirements.txt")
    (lancer.DEPOT / "requirements.txt").write_text("numpy\n")
    avant = len(ailleurs)
    lancer.installe("requirements.txt")
    assert len(ailleurs) > avant


def test_une_installation_coupee_est_reprise(ailleurs, monkeypatch):
    def coupe(*commande):
        if "install" in commande:
            raise KeyboardInterrupt
        return 0

    monkeypatch.setattr(lancer, "appelle", coupe)
    lancer.PYTHON.parent.mkdir(parents=True)
    lancer.PYTHON.touch()
    with pytest.raises(KeyboardInterrupt):
        lancer.installe("requirements.txt")
    assert not list(lancer.VENV.glob("complet-*"))
    monkeypatch.setattr(lancer, "appelle", lambda *commande: ailleurs.append(commande) or 0)
    lancer.installe("requirements.txt")
    assert any("install" in commande for commande in ailleurs)


def test_un_venv_a_moitie_fait_est_refait(ailleurs):
    lancer.VENV.mkdir()
    (lancer.VENV / "reste").touch()
    lancer.installe("requirements.txt")
    assert not (lancer.VENV / "reste").exists()
    assert any("venv" in commande for commande in ailleurs)


@pytest.mark.parametrize(
    ("journal", "phrase"),
    [
        ("OSError: [Errno 28] No space left on device", "place"),
        ("pip._vendor.urllib3.exceptions.NewConnectionError: …", "réseau"),
        ("ERROR: No matching distribution", "paquet"),
    ],
)
def test_pip_qui_echoue_se_dit_en_une_phrase(ailleurs, monkeypatch, journal, phrase):
    def echoue(*commande):
        lancer.VENV.mkdir(exist_ok=True)
        lancer.JOURNAL.write_text(journal)
        return 1 if "install" in commande else 0

    monkeypatch.setattr(lancer, "appelle", echoue)
    lancer.PYTHON.parent.mkdir(parents=True)
    lancer.PYTHON.touch()
    with pytest.raises(lancer.Empechement, match=phrase):
        lancer.installe("requirements.txt")
    assert not list(lancer.VENV.glob("complet-*"))


def test_le_disque_plein_se_dit_avant_de_commencer(ailleurs, monkeypatch):
    plein = type("Usage", (), {"free": 10})
    monkeypatch.setattr(lancer.shutil, "disk_usage", lambda chemin: plein)
    with pytest.raises(lancer.Empechement, match="3 Go"):
        lancer.installe("requirements.txt")
    assert not ailleurs


def test_un_python_sans_venv_le_dit(ailleurs, monkeypatch):
    monkeypatch.setattr(lancer, "appelle", lambda *commande: 1)
    with pytest.raises(lancer.Empechement, match="python3-venv"):
        lancer.installe("requirements.txt")
    assert not lancer.VENV.exists()


def test_un_python_trop_vieux_le_dit(monkeypatch):
    monkeypatch.setattr(lancer.sys, "version_info", (3, 8, 1))
    with pytest.raises(lancer.Empechement, match=r"3\.11 .* 3\.8"):
        lancer.verifie_python()


def test_le_torch_leger_se_replie_en_silence(ailleurs, monkeypatch):
    monkeypatch.setattr(lancer, "profite_de_torch_sans_gpu", lambda: True)
    memoire = lancer.appelle

    def sans_index(*commande):
        memoire(*commande)
        return 1 if "--index-url" in commande else 0

    monkeypatch.setattr(lancer, "appelle", sans_index)
    lancer.installe("requirements.txt")
    essai = next(commande for commande in ailleurs if "--index-url" in commande)
    assert "torch==2.13.0" in essai and "numpy==2.4.6" not in essai and "--retries" in essai


def test_une_action_inconnue_est_nommee():
    with pytest.raises(lancer.Empechement, match="« danse »"):
        lancer.main(["danse"])


def test_le_lanceur_se_lit_avec_un_vieux_python():
    """Il doit pouvoir dire « trop vieux » : sa syntaxe est celle de Python 3.6."""
    ast.parse((DEPOT / "lancer.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("navigateur", [True, False])
def test_sans_navigateur_il_donne_l_adresse(ailleurs, monkeypatch, capsys, navigateur):
    lancees = []
    monkeypatch.setattr(lancer, "a_un_navigateur", lambda: navigateur)
    monkeypatch.setattr(lancer.subprocess, "call", lambda commande, **_: lancees.append(commande) or 0)
    assert lancer.main([]) == 0
    assert ("--no-browser" in lancees[0]) != navigateur
    assert "navigateur" in capsys.readouterr().out
