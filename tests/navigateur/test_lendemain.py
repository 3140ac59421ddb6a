"""Le lendemain : un carnet enregistré, fermé, rouvert sans noyau, montre encore ce qu'il montrait."""

import json

import labo
import pytest

CARNET = "notebooks/00_accueil.ipynb"
SCENE, MORT = ".demystifie-scene", ".jupyter-widgets-error-widget, .jp-Notebook :text('model not found')"


@pytest.fixture(scope="module")
def copie(tmp_path_factory):
    return labo.copie_du_depot(tmp_path_factory.mktemp("depot"))


def vues(fichier):
    return fichier.read_text(encoding="utf-8").count("application/vnd.jupyter.widget-view+json")


def eteins_les_noyaux(page):
    labo.dans_la_page(page, "() => window.jupyterapp.serviceManager.sessions.shutdownAll()")


def montre_ses_images(page):
    page.locator(".jp-Notebook .jp-RenderedImage img").first.wait_for()
    page.wait_for_timeout(1500)  # le temps qu'un widget mort se dise mort
    assert page.locator(MORT).count() == 0 and page.locator(SCENE).count() == 0
    assert "des dizaines de fois" in page.locator(".jp-OutputArea-output").first.inner_text()


def test_rouvert_sans_noyau_il_montre_ses_images(page, copie):
    fichier = copie / CARNET
    with labo.serveur(copie) as acces:
        labo.ouvre(page, *acces, CARNET)
        labo.execute_tout(page)
        vivantes = page.locator(SCENE).count()
        page.get_by_text("Tout est en place :").and_(page.locator(".jp-OutputArea-output p")).wait_for()
        page.get_by_text("Le navigateur : il ").wait_for()  # l'aller-retour est chronométré
        labo.commande(page, "docmanager:save")
        assert vues(fichier) >= 3, "le noyau vit : le fichier garde ses widgets"

        page.reload()
        labo.attends_le_noyau(page)
        page.locator(SCENE).first.wait_for()
        assert page.locator(SCENE).count() == vivantes, "recharger retrouve les scènes"

        eteins_les_noyaux(page)
        labo.ouvre(page, *acces, CARNET)  # JupyterLab en lance un neuf, qui n'a aucun widget
        montre_ses_images(page)
        page.reload()  # le noyau neuf est là, et ne connaît pas les widgets du fichier
        labo.attends_le_noyau(page)
        montre_ses_images(page)
        assert vues(fichier) >= 3, "lire n'écrit rien"

        labo.commande(page, "docmanager:save")
        enregistre = json.loads(fichier.read_text(encoding="utf-8"))
        sorties = [sortie for cellule in enregistre["cells"] for sortie in cellule.get("outputs", ())]
        assert any("image/png" in sortie.get("data", {}) for sortie in sorties)
        assert vues(fichier) == 0, "enregistrer garde les images"

        labo.execute_tout(page)
        assert page.locator(SCENE).count() == vivantes, "et tout relancer rend les scènes"
