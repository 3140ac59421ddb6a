"""Ce que plusieurs essais demandent ; et de quoi entendre un essai sauté faute de navigateur."""

import os
from pathlib import Path

import carnets
import numpy as np
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


@pytest.fixture
def exemples(request):
    """300 chiffres de 28×28 et leurs étiquettes : de MNIST s'il est là, sinon les nôtres, agrandis."""
    from demystifie import donnees

    if COPIE_DE_MNIST.exists():
        _, examen = request.getfixturevalue("vrai_mnist")
        images, etiquettes = examen.images, examen.etiquettes
    else:
        images, etiquettes = donnees._agrandis()
    return images[:300] / np.float32(255), etiquettes[:300]


def pytest_terminal_summary(terminalreporter):
    sautes = terminalreporter.stats.get("skipped", [])
    if any("AUCUN NAVIGATEUR" in str(saute.longrepr) for saute in sautes):
        terminalreporter.section("ATTENTION", sep="!", red=True)
        terminalreporter.line("AUCUN NAVIGATEUR : les essais dans JupyterLab ont été sautés.")
