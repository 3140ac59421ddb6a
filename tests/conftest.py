"""Ce que plusieurs essais demandent ; et de quoi entendre un essai sauté faute de navigateur."""

import os
import shutil
import subprocess
from pathlib import Path

import carnets
import pytest

COPIE_DE_MNIST = Path(os.environ.get("DEMYSTIFIE_DONNEES", carnets.DEPOT.parent / "shared" / "mnist"))


@pytest.fixture
def vrai_mnist(monkeypatch):
    """Les vrais chiffres, s'ils sont là : (apprentissage, test)."""
    from demystifie import donnees

    if not COPIE_DE_MNIST.exists():
        pytest.skip("MNIST n'est pas là")
    monkeypatch.setenv("DEMYSTIFIE_DONNEES", str(COPIE_DE_MNIST))
    parties = donnees.mnist("apprentissage"), donnees.mnist("test")
    if parties[0].origine != "MNIST":
        pytest.skip("MNIST n'est pas là")
    return parties


@pytest.fixture(scope="session")
def certificat(tmp_path_factory):
    """Un certificat que personne ne connaît, et sa clef, dans un même fichier."""
    if not shutil.which("openssl"):
        pytest.skip("openssl n'est pas là")
    fichier = tmp_path_factory.mktemp("certificat") / "inconnu.pem"
    demande = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout - -out -"
    sortie = subprocess.run(["openssl", *demande.split()], capture_output=True, check=True)
    fichier.write_bytes(sortie.stdout)
    return fichier


def pytest_terminal_summary(terminalreporter):
    sautes = terminalreporter.stats.get("skipped", [])
    if any("AUCUN NAVIGATEUR" in str(saute.longrepr) for saute in sautes):
        terminalreporter.section("ATTENTION", sep="!", red=True)
        terminalreporter.line("AUCUN NAVIGATEUR : les essais dans JupyterLab ont été sautés.")
