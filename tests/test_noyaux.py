"""Un noyau neuf, lancé comme par notre JupyterLab : jouer une cellule seule dit quoi presser."""

import os
import sys

import carnets
import pytest
from jupyter_client.manager import KernelManager

sys.path.insert(0, str(carnets.DEPOT / "binder" / "jupyter"))

from noyaux import NoyauxSecourus


@pytest.fixture(scope="module")
def erreur():
    """Rend ce que montre une cellule jouée dans un noyau où l'on n'a rien joué du carnet 03."""
    noyau = KernelManager(kernel_name="python3")
    noyau.kernel_spec_manager = NoyauxSecourus()
    carnet = carnets.DOSSIER / "03_sgd.ipynb"
    noyau.start_kernel(env=os.environ | {"JPY_SESSION_NAME": str(carnet)}, cwd=carnets.DOSSIER)
    client = noyau.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def joue(source):
        return client.execute_interactive(source, output_hook=lambda _: None)["content"]["traceback"]

    yield joue
    client.stop_channels()
    noyau.shutdown_kernel(now=True)


def test_une_cellule_jouee_seule_dit_quoi_presser(erreur):
    scene = next(c.source for c in carnets.lis("03_sgd").cells if "Scene(" in c.source)
    phrase, *reste = erreur(scene)
    assert phrase.startswith("« Scene » vient d’une autre cellule") and "▶ Tout lancer" in phrase
    assert "NameError" in reste[-1] and len(reste) == 1


@pytest.mark.parametrize(
    ("source", "dit"),
    [
        ("def boucle():\n    return tauux\n\nboucle()", "return tauux"),
        ("descente()\n\ndef descente():\n    pass", "descente()"),  # donné, mais trop tard
        ("def f():\n    print(Scene)\n    Scene = 1\n\nf()", "UnboundLocalError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_une_vraie_faute_garde_sa_pile(erreur, source, dit):
    pile = "\n".join(erreur(source))
    assert "Traceback" in pile and "Tout lancer" not in pile
    assert dit.split("(")[0].split()[-1] in pile
