"""Ce que plusieurs essais demandent ; et de quoi entendre un essai sauté faute de navigateur."""

import os
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


def pytest_terminal_summary(terminalreporter):
    sautes = terminalreporter.stats.get("skipped", [])
    if any("AUCUN NAVIGATEUR" in str(saute.longrepr) for saute in sautes):
        terminalreporter.section("ATTENTION", sep="!", red=True)
        terminalreporter.line("AUCUN NAVIGATEUR : les essais dans JupyterLab ont été sautés.")
