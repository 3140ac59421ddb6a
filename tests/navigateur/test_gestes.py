"""Des gestes au hasard dans un vrai navigateur, pannes comprises : la scène s'en remet toujours.

``DEMYSTIFIE_GESTES=10000`` en fait bien plus, à la main.
"""

import os
import random

import labo
import pytest
from playwright.sync_api import TimeoutError
from test_navigateur import attends_le_bouton, attends_une_autre_image, joue, photo

CARNET = "notebooks/03_sgd.ipynb"
GESTES = int(os.environ.get("DEMYSTIFIE_GESTES", 200))
# Ce que JupyterLab laisse échapper quand son câble est débranché, quand il redémarre juste après, ou
# quand une scène se ferme pendant qu'il la dessine encore.
JUPYTERLAB = (
    "Cannot send",
    "Canceled future for kernel_info_request",
    "Cannot read properties of undefined (reading 'create_view')",
)


class _Main:
    """Une main qui fait n'importe quoi, sur la scène de la droite."""

    def __init__(self, page, acces, graine, cable):
        self.page, self.cable, self.hasard = page, cable, random.Random(graine)
        self.fautes, self.faits = [], []
        page.on("pageerror", self._note)
        labo.ouvre(page, *acces, CARNET)
        labo.execute_tout(page)

    def _note(self, faute):
        if not str(faute).startswith(JUPYTERLAB):
            self.fautes.append(str(faute))

    @property
    def scene(self):
        """Celle du carnet ; une autre vue, à côté, en montre peut-être une seconde."""
        return self.page.locator(".jp-Notebook .demystifie-scene").first

    def bouton(self):
        boutons = self.scene.locator("button:visible:not([disabled])")
        rang = self.hasard.randrange(boutons.count())
        try:
            boutons.nth(rang).click(timeout=10_000)
        except TimeoutError:  # éteint ou parti entre-temps : la main l'a manqué
            assert boutons.count() <= rang, "un bouton est là, et ne se presse pas"

    def curseur(self):
        prises = self.scene.locator(".noUi-handle")
        touche = self.hasard.choice(["ArrowLeft", "ArrowRight", "Home", "End", "PageUp"])
        prises.nth(self.hasard.randrange(prises.count())).press(touche)

    def scenario(self):
        scenarios = self.scene.locator(".widget-toggle-button:visible")
        if scenarios.count():
            scenarios.nth(self.hasard.randrange(scenarios.count())).click()

    def attend(self):
        self.page.wait_for_timeout(self.hasard.choice([20, 100, 400]))

    def defile(self):
        self.page.mouse.wheel(0, self.hasard.choice([-900, 900]))

    def coupe(self):
        with self.cable.coupe(franchement=self.hasard.random() < 0.5):
            self.page.wait_for_timeout(self.hasard.choice([200, 1500]))
        labo.attends_le_noyau(self.page)

    def rejoue_la_cellule(self):
        self.choisis_sa_cellule()
        labo.commande(self.page, "notebook:run-cell")  # recharger avant sa sortie la perdrait
        labo.attends_le_noyau(self.page)

    def recharge(self):
        labo.commande(self.page, "docmanager:save")
        self.page.reload()
        labo.attends_le_noyau(self.page)
        self.scene.wait_for()

    def redemarre(self):
        labo.dans_la_page(
            self.page, "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
        )
        labo.attends_le_noyau(self.page)
        labo.execute_tout(self.page)

    def seconde_vue(self):
        if self.page.locator(".jp-LinkedOutputView").count():
            return
        self.choisis_sa_cellule()
        carnet = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.id")
        labo.commande(self.page, "notebook:create-output-view")
        self.page.evaluate("carnet => window.jupyterapp.shell.activateById(carnet)", carnet)

    def choisis_sa_cellule(self):
        self.page.evaluate(
            """() => {
                const carnet = window.jupyterapp.shell.currentWidget.content;
                carnet.activeCellIndex = carnet.widgets.findIndex(
                    c => c.node.querySelector(".demystifie-scene"));
                carnet.deselectAll();
            }"""
        )

    FREQUENTS = (bouton, bouton, curseur, curseur, scenario, attend, defile)
    RARES = (coupe, rejoue_la_cellule, recharge, redemarre, seconde_vue)

    def fait(self, combien):
        """``combien`` gestes ; un sur vingt est une panne."""
        for _ in range(combien):
            geste = self.hasard.choice(self.RARES if self.hasard.random() < 0.05 else self.FREQUENTS)
            self.faits.append(geste.__name__)
            geste(self)

    def repose(self):
        """Revient devant la scène et, quand on l'a vue, la rend sage : deux parties qui explosent ont la
        même image."""
        self.scene.locator(".renderview-view").scroll_into_view_if_needed()
        image = self.scene.locator("img").element_handle()
        self.page.wait_for_function("i => i.naturalWidth > 300", arg=image)
        self.page.wait_for_timeout(500)
        self.scene.get_by_role("button", name="prudent").click()
        attends_le_bouton(self.scene, "Pause")


@pytest.mark.timeout(600 + 3 * GESTES)
@pytest.mark.parametrize("graine", [1, 2])
def test_aucune_suite_de_gestes_et_de_pannes_ne_fait_taire_une_scene(page, lab, cable, graine):
    main = _Main(page, (f"http://127.0.0.1:{cable.port}", lab[1]), graine, cable)
    for _ in range(4):
        main.fait(GESTES // 8)
        main.repose()
        joue(main.scene)
        avant = attends_une_autre_image(page, main.scene, photo(main.scene))
        joue(main.scene)
        attends_une_autre_image(page, main.scene, avant)
        assert not main.fautes + labo.erreurs(page), main.faits
