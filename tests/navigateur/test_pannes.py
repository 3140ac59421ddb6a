"""Ce qui casse sur scène : le câble, la veille, le noyau, une boucle sans fin, deux vues à la fois."""

import labo
import pytest
from test_navigateur import attends_le_bouton, attends_une_autre_image, photo

CARNET = "00_accueil"
NOYAU = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
SCENE = """
import itertools, math, time
import demystifie.garde, demystifie.page
from demystifie import Point, Scene, vue

def plante(carte):
    carte.set(xlim=(-2, 2), ylim=(-2, 2))
    (bille,) = carte.plot([], [], "o", ms=40)
    def montre(x, y, t):
        bille.set_data([x + math.sin(t / 9) / 2], [y])
        return bille
    return montre

def boucle(reglages):
    for t in itertools.count():
        yield *reglages.cible, t
        CORPS

recit = lambda x, y, t: f"{t} pas"
scene = Scene(boucle, vue(recit=recit, taille=(12, 4))(plante), cible=Point("carte", (0.0, 0.0)),
              elan=(1, 1, 9))
scene
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Un serveur à part : aucun autre essai n'y a laissé de noyau."""
    with labo.serveur(labo.copie_du_depot(tmp_path_factory.mktemp("pannes"))) as acces:
        yield acces


@pytest.fixture(scope="module")
def atelier(chromium, lab, cable):
    """Un carnet ouvert une fois, au bout du câble, et dont rien n'a encore tourné."""
    contexte = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = contexte.new_page()
    page.set_default_timeout(20_000)
    labo.ouvre(page, f"http://127.0.0.1:{cable.port}", lab[1], f"notebooks/{CARNET}.ipynb")
    yield page
    contexte.close()


def lance(page, debut, source=None):
    """Joue seule la cellule qui commence par ``debut``, sa source changée pour ``source``."""
    labo.dans_la_page(
        page,
        """async ([debut, source]) => {
            const app = window.jupyterapp, carnet = app.shell.currentWidget.content;
            carnet.activeCellIndex = carnet.widgets.findIndex(
                c => c.model.type === "code" && c.model.sharedModel.source.startsWith(debut));
            carnet.deselectAll();
            if (source) carnet.activeCell.model.sharedModel.setSource(source);
            await app.commands.execute("notebook:run-cell");
        }""",
        [debut, source],
    )
    labo.attends_le_noyau(page)


def scene_neuve(page, corps="pass"):
    debut = "import itertools" if page.locator(".jp-Notebook .demystifie-scene").count() else "def eleve"
    lance(page, debut, SCENE.strip().replace("CORPS", corps))
    scene = page.locator(".jp-Notebook .demystifie-scene")
    scene.locator(".renderview-view").scroll_into_view_if_needed()
    page.wait_for_function("i => i.naturalWidth > 300", arg=scene.locator("img").element_handle())
    return scene


def joue(scene):
    scene.locator(".demystifie-joue").click()
    attends_le_bouton(scene, "Pause")


def bouge(page, scene):
    attends_une_autre_image(page, scene, photo(scene))


def test_une_cellule_jouee_seule_dit_quoi_presser(atelier):
    lance(atelier, "def eleve")
    assert "▶ Tout lancer" in labo.erreurs(atelier)[0]


def test_une_boucle_sans_fin_est_interrompue_par_nous_ou_par_le_bouton_d_arret(atelier, tmp_path):
    bloquee = tmp_path / "bloquée"
    trace = f"if t == 3: open({str(bloquee)!r}, 'w').close()"
    scene = scene_neuve(atelier, f"print('pas', t)\n        {trace}\n        while t == 3: pass")
    faute = scene.locator(".demystifie-erreur")
    labo.demande(atelier, "demystifie.garde.PATIENCE = 1")
    scene.locator(".demystifie-joue").click()
    faute.get_by_text("La boucle ne revient pas").wait_for()
    attends_le_bouton(scene, "Jouer")
    assert "while t == 3" in faute.inner_text()
    assert "pas 2\npas 3" in scene.locator(".demystifie-paroles").inner_text()
    labo.demande(atelier, "demystifie.garde.PATIENCE = 999")
    atelier.wait_for_timeout(1000)
    bloquee.unlink()
    joue(scene)
    while not bloquee.exists():
        atelier.wait_for_timeout(100)
    scene.locator(".demystifie-joue").click()  # on s'impatiente : ce clic ne doit rien relancer
    atelier.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
    )
    faute.get_by_text("⏹").wait_for()
    attends_le_bouton(scene, "Jouer")
    labo.demande(atelier, "demystifie.garde.PATIENCE = 10")


@pytest.mark.parametrize("franchement", [True, False], ids=["coupé", "perdu"])
def test_le_reseau_coupe_puis_rendu_la_scene_reprend_seule(atelier, cable, franchement):
    scene = scene_neuve(atelier)
    labo.demande(atelier, "demystifie.page.SANS_ECRAN = 3")
    joue(scene)
    bouge(atelier, scene)
    with cable.coupe(franchement):
        atelier.wait_for_timeout(5000)
    labo.attends_le_noyau(atelier)
    atelier.locator(".jp-Dialog").wait_for(state="detached")  # « Erreur de connexion au serveur »
    attends_le_bouton(scene, "Pause")
    bouge(atelier, scene)
    bouge(atelier, scene)
    scene.locator(".noUi-handle").nth(1).press("End")
    scene.locator(".widget-readout:text-is('9')").first.wait_for()
    assert labo.demande(atelier, "print(scene.boutons['elan'].lit())").strip() == "9", "la main aussi"
    scene.locator(".demystifie-joue").click()
    attends_le_bouton(scene, "Jouer")


def test_un_essai_manque_ne_defait_pas_celui_qui_a_reussi(atelier, cable):
    """JupyterLab revient sur un essai manqué 10 à 30 s plus tard : ici, dix fois plus vite."""
    scene_neuve(atelier)
    atelier.evaluate(
        f"""() => {{
            const vrai = window.vraiSetTimeout = window.setTimeout;
            window.setTimeout = (f, ms, ...reste) => vrai(f, ms < 10000 ? ms : ms / 10, ...reste);
            window.prises = [];
            {NOYAU}.connectionStatusChanged.connect((_, statut) => {{ window.prises.push(statut); }});
        }}"""
    )
    with cable.coupe(franchement=True):
        for _ in range(4):
            atelier.wait_for_function(f"() => {NOYAU}._ws?.readyState === WebSocket.CLOSED")
            atelier.evaluate(f"() => {{ {NOYAU}.reconnect().catch(() => {{}}); }}")
    labo.attends_le_noyau(atelier)
    rebranchee = atelier.evaluate("() => window.prises.length")
    atelier.wait_for_timeout(4000)
    apres = atelier.evaluate(
        "() => { window.setTimeout = vraiSetTimeout; return window.prises.length; }"
    )
    assert apres == rebranchee


def test_l_ordinateur_endormi_puis_reveille_la_scene_reprend_seule(atelier):
    scene = scene_neuve(atelier)
    joue(scene)
    sommeil = atelier.context.new_cdp_session(atelier)
    labo.demande(atelier, "demystifie.page.SANS_ECRAN = 3")
    sommeil.send("Page.setWebLifecycleState", {"state": "frozen"})
    atelier.wait_for_timeout(5000)
    sommeil.send("Page.setWebLifecycleState", {"state": "active"})
    attends_le_bouton(scene, "Pause")
    bouge(atelier, scene)
    bouge(atelier, scene)


def test_deux_vues_le_clic_tombe_juste_et_l_une_suffit(atelier):
    scene = scene_neuve(atelier)
    labo.dans_la_page(
        atelier,
        """async () => {
            const app = window.jupyterapp, carnet = app.shell.currentWidget;
            await app.commands.execute("notebook:create-output-view");
            app.shell.activateById(carnet.id);
        }""",
    )
    autre = atelier.locator(".jp-LinkedOutputView .demystifie-scene")
    autre.locator(".renderview-view").wait_for()
    atelier.wait_for_timeout(1000)
    vises, largeurs = [], []
    for vue in (scene, autre):
        image = vue.locator(".renderview-view")
        boite = image.bounding_box()
        largeurs.append(boite["width"])
        image.click(position={"x": 0.3 * boite["width"], "y": 0.3 * boite["height"]})
        atelier.wait_for_timeout(500)
        vise = labo.demande(atelier, "print(*scene.boutons['cible'].lit())")
        vises.append([float(x) for x in vise.split()])
    assert abs(largeurs[0] - largeurs[1]) > 30, "deux vues de largeurs différentes"
    assert vises[0] == pytest.approx(vises[1], abs=0.03) and vises[0][0] < -0.5
    joue(autre)
    atelier.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()
    atelier.wait_for_timeout(1000)
    assert not scene.locator("img").evaluate("i => i.getBoundingClientRect().top < innerHeight")
    attends_le_bouton(autre, "Pause")
    bouge(atelier, autre)
    atelier.evaluate(
        """() => [...window.jupyterapp.shell.widgets("main")].filter(
            widget => widget.node.querySelector(".jp-LinkedOutputView")).forEach(vue => vue.close())"""
    )


@pytest.mark.parametrize("code", ["redémarré", "tué"])
def test_un_noyau_redemarre_laisse_une_scene_qui_dit_quoi_presser(atelier, code):
    scene = scene_neuve(atelier)
    joue(scene)
    meurs = "requestExecute({code: 'import os; os.kill(os.getpid(), 9)'})"
    atelier.evaluate(f"() => {{ {NOYAU}.{'restart()' if code == 'redémarré' else meurs} }}")
    scene.locator(".demystifie-joue").wait_for(state="hidden")
    dit = scene.evaluate("e => getComputedStyle(e, '::before').content")
    assert "▶ Tout lancer" in dit and scene.locator(".renderview-view").is_visible()
    labo.attends_le_noyau(atelier)
    atelier.wait_for_timeout(500)
    for dialogue in atelier.locator(".jp-Dialog button.jp-mod-accept").all():
        dialogue.click()  # « Redémarrage du noyau », dit JupyterLab aussi
    scene = scene_neuve(atelier)
    joue(scene)
    bouge(atelier, scene)


def test_un_pari_joue_seul_dit_aussi_quoi_presser(page, lab):
    labo.ouvre(page, *lab, f"notebooks/{CARNET}.ipynb")
    lance(page, "import numpy")
    lance(page, "pari_du_matin")
    pari = page.locator(".jp-Notebook .demystifie-pari")
    choix = pari.locator("button").first
    choix.click()
    pari.get_by_text("1 main").wait_for()
    page.evaluate(f"() => {{ {NOYAU}.restart() }}")
    choix.wait_for(state="hidden")  # on ne lève plus une main que personne ne compterait
    assert "▶ Tout lancer" in pari.evaluate("e => getComputedStyle(e, '::before').content")
    labo.attends_le_noyau(page)
