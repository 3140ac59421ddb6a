"""La maison : le style, et le lanceur qui dit en une phrase ce qui l'empêche."""

import ast
import http.server
import io
import os
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import ClassVar

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
    {"donnees", "francais", "garde"},
    {"point"},
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
    def lignes(*genres):
        fichiers = [f for genre in genres for f in MODULE.glob(f"*.{genre}") if f.name != "reseaux.py"]
        textes = [f.read_text(encoding="utf-8") for f in fichiers]
        return sum(bool(ligne.strip()) for texte in textes for ligne in texte.splitlines())

    assert lignes("py") <= 1500 and lignes("js", "css") <= 300


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
        ("ERROR: on ne sait quoi", "paquet"),
        (
            "Collecting numpy==2\nCollecting pillow==13\nerror: subprocess-exited-with-error",
            "« pillow » manque",
        ),
        ("Collecting numpy==2\nERROR: Failed building wheel for numpy\n", "« numpy » manque"),
        ("Downloading x (407 kB)\nNo matching distribution found for torch", "« torch » manque"),
        (
            # Windows : pip._internal.commands.install.create_os_error_message
            "ERROR: Could not install packages due to an OSError: [Errno 2] No such file…\n"
            "HINT: This error might have occurred since this system does not have Windows Long Path "
            "support enabled. You can find information on how to enable this at …",
            "trop profond pour Windows : déplace-le",
        ),
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


class Index(http.server.BaseHTTPRequestHandler):
    """Un index qui n'a guère que de vieux paquets ; et un mandataire qui veut un mot de passe."""

    ROUES: ClassVar = {}  # ce qui convient à tout le monde : {nom: version}

    def do_GET(self):  # noqa: D102
        nom = self.path.strip("/").split("/")[-1]
        roue = f"{nom}-{self.ROUES[nom]}-py3-none-any.whl" if nom in self.ROUES else ""
        vieille = f"{nom}-1.0-cp27-cp27m-win32.whl"
        corps = "".join(f'<a href="/{n}">{n}</a><br>' for n in (roue, vieille) if n).encode()
        if self.path.endswith(".whl"):
            nom, version, *_ = nom.split("-")
            tampon, infos = io.BytesIO(), f"{nom}-{version}.dist-info"
            with zipfile.ZipFile(tampon, "w") as archive:
                archive.writestr(
                    f"{infos}/METADATA", f"Metadata-Version: 2.1\nName: {nom}\nVersion: {version}\n"
                )
                archive.writestr(
                    f"{infos}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                )
                archive.writestr(f"{infos}/RECORD", "")
            corps = tampon.getvalue()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(corps)

    def do_CONNECT(self):  # noqa: D102
        self.send_error(407, "Proxy Authentication Required")

    def log_message(self, *_):  # noqa: D102
        pass


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """Un vrai .venv, que le lanceur crée et dont il se sert pour de bon."""
    dossier = tmp_path_factory.mktemp("maison")
    (dossier / "requirements.txt").write_text("numpy==2.4.6\ntorch==2.13.0\n")
    subprocess.run([sys.executable, "-m", "venv", dossier / ".venv"], check=True)
    return dossier


@pytest.fixture
def reseau(venv, monkeypatch):
    """Rend de quoi brancher le vrai pip du lanceur sur un faux réseau, qui ne sort pas d'ici."""
    python = venv / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    chemins = {"DEPOT": venv, "VENV": venv / ".venv", "PYTHON": python}
    for nom, chemin in (chemins | {"JOURNAL": venv / ".venv" / "installation.log"}).items():
        monkeypatch.setattr(lancer, nom, chemin)
    monkeypatch.setattr(lancer, "profite_de_torch_sans_gpu", lambda: False)
    monkeypatch.setattr(Index, "ROUES", {})
    for variable in [v for v in os.environ if v.startswith("PIP_") or v.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    reglages = {"CONFIG_FILE": os.devnull, "RETRIES": "1", "TIMEOUT": "3", "NO_CACHE_DIR": "1"}
    serveur = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=serveur.serve_forever, daemon=True).start()

    def branche(index, **variables):
        for nom, valeur in (reglages | {"INDEX_URL": index}).items():
            monkeypatch.setenv(f"PIP_{nom}", valeur)
        for nom, valeur in variables.items():
            monkeypatch.setenv(nom, valeur)

    branche.serveur, branche.adresse = serveur, f"127.0.0.1:{serveur.server_port}"
    yield branche
    serveur.shutdown()
    serveur.server_close()


def test_un_mandataire_qui_veut_un_mot_de_passe(reseau):
    reseau("https://exemple.invalid/simple", HTTPS_PROXY=f"http://{reseau.adresse}")
    with pytest.raises(lancer.Empechement, match=r"mandataire .* veut un nom et un mot de passe"):
        lancer.installe("requirements.txt")


def test_un_certificat_inconnu(reseau, certificat):
    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.load_cert_chain(certificat)
    reseau.serveur.socket = contexte.wrap_socket(reseau.serveur.socket, server_side=True)
    reseau(f"https://localhost:{reseau.serveur.server_port}/simple")
    with pytest.raises(lancer.Empechement, match="certificat inconnu"):
        lancer.installe("requirements.txt")


@pytest.mark.parametrize("index", ["http://127.0.0.1:9/simple", "https://exemple.invalid/simple"])
def test_un_reseau_absent(reseau, index):
    reseau(index)
    with pytest.raises(lancer.Empechement, match="Le réseau ne répond pas"):
        lancer.installe("requirements.txt")


@pytest.mark.parametrize(
    ("ou", "raison"),
    [
        (dict(version_info=(3, 15, 0)), "Python 3.15 est trop récent : installe Python 3.14"),
        (dict(platform="darwin"), "Mac à processeur Intel : prends Binder"),
        (dict(platform="plan9"), "rien n'est prêt pour cette machine"),
    ],
    ids=["trop récent", "Mac Intel", "ailleurs"],
)
def test_pourquoi_un_paquet_n_existe_pas_ici(monkeypatch, ou, raison):
    for nom, valeur in ou.items():
        monkeypatch.setattr(lancer.sys, nom, valeur)
    monkeypatch.setattr(lancer.platform, "machine", lambda: "x86_64")
    assert raison in lancer.pourquoi_sans_roue()


def test_sans_torch_le_reste_s_installe_et_l_importer_dit_pourquoi(reseau, monkeypatch, capsys):
    """Sans numpy, au contraire, on ne peut rien."""
    raison = "rien pour un Mac à processeur Intel"
    monkeypatch.setattr(lancer, "pourquoi_sans_roue", lambda: raison)
    reseau(f"http://{reseau.adresse}/simple")
    with pytest.raises(lancer.Empechement, match=f"Le paquet « numpy » manque : {raison}"):
        lancer.installe("requirements.txt")
    Index.ROUES = {"numpy": "2.4.6"}
    lancer.installe("requirements.txt")
    assert raison in capsys.readouterr().out.splitlines()[-1]
    for nom in ("torch", "torchvision"):
        essai = subprocess.run([lancer.PYTHON, "-c", f"import {nom}"], capture_output=True, text=True)
        assert "ImportError: Les carnets 00 à 05 marchent ici" in essai.stderr and raison in essai.stderr


@pytest.mark.skipif(os.name == "nt", reason="le faux navigateur est un script sh")
def test_le_navigateur_recoit_une_adresse_et_non_un_fichier(tmp_path, monkeypatch):
    """Un navigateur en bac à sable (Snap) ou d'à côté (WSL) ne saurait pas lire le fichier."""
    vu = tmp_path / "vu"
    faux = tmp_path / "navigateur"
    faux.write_text(f'#!/bin/sh\necho "$1" > {vu}.part && mv {vu}.part {vu}\n')
    faux.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{faux} %s")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(lancer, "PYTHON", Path(sys.executable))

    def appelle(commande, **options):
        serveur = subprocess.Popen(
            commande, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        )
        for _ in range(600):
            if vu.exists():
                break
            time.sleep(0.1)
        serveur.terminate()
        serveur.wait(30)

    monkeypatch.setattr(lancer.subprocess, "call", appelle)
    lancer.ouvre(["--port=0"])
    assert vu.read_text().startswith("http://localhost:")
    assert "/lab/tree/notebooks/00_accueil.ipynb?token=" in vu.read_text()


@pytest.mark.parametrize("navigateur", [True, False])
def test_sans_navigateur_il_donne_l_adresse(ailleurs, monkeypatch, capsys, navigateur):
    lancees = []
    monkeypatch.setattr(lancer, "a_un_navigateur", lambda: navigateur)
    monkeypatch.setattr(lancer.subprocess, "call", lambda commande, **_: lancees.append(commande) or 0)
    assert lancer.main([]) == 0
    assert ("--no-browser" in lancees[0]) != navigateur
    dit = capsys.readouterr().out
    assert "navigateur" in dit and "« Tout lancer »" in dit and "Maj+Entrée" in dit
