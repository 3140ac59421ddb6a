"""Un navigateur, un JupyterLab et une page, partagés par tous les essais de ce dossier."""

import contextlib
import os

import carnets
import labo
import pytest
from cable import Cable
from playwright.sync_api import Error

LENT = 60_000  # ms ; on attend qu'une chose arrive, on ne mesure jamais combien elle met


@pytest.fixture(scope="session")
def chromium():
    if labo.chemin_du_navigateur() is None:
        if os.environ.get("CI"):
            pytest.fail("Aucun navigateur : en intégration continue, ces essais doivent tourner.")
        pytest.skip("AUCUN NAVIGATEUR : les essais dans JupyterLab sont sautés.")
    with labo.navigateur() as navigateur:
        yield navigateur


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Un JupyterLab sur une copie : recharger enregistre le carnet, et le dépôt doit rester propre."""
    with labo.serveur(labo.copie_du_depot(tmp_path_factory.mktemp("depot"))) as adresse:
        yield adresse


@pytest.fixture(scope="module")
def cable(lab):
    cable = Cable(int(lab[0].rpartition(":")[2]))
    yield cable
    cable.ferme()


@pytest.fixture
def page(chromium):
    with une_page(chromium) as page:
        yield page


@pytest.fixture(scope="session", params=carnets.NOMS)
def carnet(request, chromium, lab):
    """Chaque carnet, ouvert et exécuté une seule fois pour tous les essais qui le regardent."""
    with une_page(chromium) as page:
        labo.ouvre(page, *lab, f"notebooks/{request.param}.ipynb")
        labo.execute_tout(page)
        yield page


@contextlib.contextmanager
def une_page(chromium):
    contexte = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = contexte.new_page()
    page.set_default_timeout(LENT)
    yield page
    with contextlib.suppress(Error):  # sans page, une scène jouerait encore quinze secondes
        labo.dans_la_page(
            page, "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()"
        )
    contexte.close()
