"""Chaque carnet dans un vrai JupyterLab : on exécute, on joue, on tire les curseurs, on recharge."""

import re

import labo
from axe_playwright_python.sync_playwright import Axe


def ouvre_et_execute(page, lab, nom):
    labo.ouvre(page, *lab, f"notebooks/{nom}.ipynb")
    labo.execute_tout(page)
    return page.locator(".demystifie-scene").all()


# Dix fois plus vite qu'une photo de l'écran, dont Chromium recompose d'abord toute la page.
PIXELS = """async image => {
    await image.decode().catch(() => {});  // remplacée entre-temps : on lit alors la suivante
    const largeur = image.naturalWidth || 1, hauteur = image.naturalHeight || 1;
    const pinceau = new OffscreenCanvas(largeur, hauteur).getContext('2d');
    pinceau.drawImage(image, 0, 0);
    const {data} = pinceau.getImageData(0, 0, largeur, hauteur);
    return [...new Uint32Array(await crypto.subtle.digest('SHA-256', data))].join();
}"""


def photo(scene) -> str:
    """L'empreinte de l'image que montre la scène."""
    return scene.locator(".renderview-view").evaluate(PIXELS)


def image_et_pas(scene) -> tuple[str, ...]:
    """De quoi voir jouer même une scène qui attend la main pour changer d'image."""
    return photo(scene), *scene.locator(".demystifie-temps > .widget-label").all_inner_texts()


def attends_une_autre_image(page, scene, avant, regarde=photo):
    for _ in range(100):
        apres = regarde(scene)
        if apres != avant:
            return apres
        page.wait_for_timeout(100)
    raise AssertionError("l'image n'a pas changé")


def attends_le_bouton(scene, mot: str):
    scene.locator(".demystifie-joue", has_text=mot).wait_for()


def joue(scene):
    """Appuie sur Jouer, si la scène est à l'arrêt (au départ, terminée, divergée)."""
    if "Jouer" in scene.locator(".demystifie-joue").inner_text():
        scene.locator(".demystifie-joue").click()


def test_chaque_scene_joue_et_chaque_curseur_agit(carnet):
    page, scenes = carnet, carnet.locator(".demystifie-scene").all()
    assert scenes, "un carnet sans scène"
    page.wait_for_timeout(1200)  # le temps que chaque récit nomme les boutons de sa scène
    chaque_reglage_a_le_nom_que_l_on_voit(scenes)
    fautes = Axe().run(page, context={"include": [[".jp-OutputArea-output"]]}).response["violations"]
    assert not [(f["id"], f["nodes"][0]["html"]) for f in fautes], "axe-core : inaccessible"
    for scene in scenes:
        scene.scroll_into_view_if_needed()
        scene.locator(".renderview-view").scroll_into_view_if_needed()
        page.wait_for_function("i => i.naturalWidth > 300", arg=scene.locator("img").element_handle())
        recit = scene.locator(".demystifie-recit").inner_text()
        assert recit and scene.locator("img").get_attribute("alt") in recit
        if scene.locator(".demystifie-joue").count():
            avant = image_et_pas(scene)
            scene.locator(".demystifie-joue").click()
            attends_une_autre_image(page, scene, avant, image_et_pas)
        tire_chaque_curseur(page, scene)
        assert not labo.erreurs(page)


def chaque_reglage_a_le_nom_que_l_on_voit(scenes):
    """Le nom que lit une voix, calculé par le navigateur ; axe se contente d'un blanc invisible."""
    roles = "checkbox|button|slider|spinbutton|combobox|textbox|application"
    for scene in scenes:
        arbre = scene.aria_snapshot()
        assert not re.findall(rf"^ *- (?:{roles})(?! \".*\w).*", arbre, re.M), "un réglage sans nom"
        for role, vu in (
            ("checkbox", ".widget-checkbox .widget-label-basic"),
            ("slider", ".widget-hslider > .widget-label"),
            ("combobox", ".widget-dropdown > .widget-label"),
            ("slider", ".demystifie-poignee[tabindex]"),
        ):
            for nom in scene.locator(vu).all_inner_texts():
                assert scene.get_by_role(role, name=nom.strip(), exact=True).count(), f"{role} « {nom} »"


def tire_chaque_curseur(page, scene):
    """Au clavier, d'un bout à l'autre ; une scène qui a un temps joue pendant ce temps."""
    reglages = scene.locator(".widget-inline-hbox:not(.demystifie-temps *)")
    for reglage in [r for r in reglages.all() if r.locator(".noUi-handle").count()]:
        prise, lu = reglage.locator(".noUi-handle"), reglage.locator(".widget-readout")
        nom = reglage.locator(".widget-label").inner_text()
        if nom == "vitesse":
            continue
        assert prise.get_attribute("aria-label") == nom, "un curseur sans nom accessible"
        if scene.locator(".demystifie-joue").count():
            joue(scene)
        vus, images = {lu.inner_text()}, {photo(scene)}
        for touche in ("ArrowRight", "Home", "End"):
            prise.press(touche)
            page.wait_for_timeout(100)
            vus.add(lu.inner_text())
            images.add(photo(scene))
        assert len(vus) >= 2, f"le curseur « {nom} » n'a pas bougé"
        if len(images) == 1:
            attends_une_autre_image(page, scene, images.pop())


def test_une_scene_qui_joue_survit_au_rechargement_de_la_page(carnet):
    page = carnet
    scene = page.locator(".demystifie-scene", has=page.locator(".demystifie-joue")).first
    labo.commande(page, "docmanager:save")
    joue(scene)  # peut-être dans un réglage qui explose aussitôt : on n'attend pas d'y lire « Pause »
    attends_un_envoi(page, scene)
    page.reload()
    labo.attends_le_noyau(page)
    scene.locator(".renderview-view").scroll_into_view_if_needed()
    page.wait_for_function("i => i.naturalWidth > 300", arg=scene.locator("img").element_handle())
    for _ in range(4):  # à l'arrêt aussi, une page rechargée en reçoit une ou deux
        joue(scene)  # sortie de l'écran en se rechargeant, ou terminée
        attends_un_envoi(page, scene)
    assert not labo.erreurs(page)


def attends_un_envoi(page, scene):
    """Une image de plus, même pareille : une scène qui joue attend parfois la main pour changer."""
    image = scene.locator("img").element_handle()
    arg = [image, image.get_attribute("src")]
    page.wait_for_function("([image, avant]) => image.src !== avant", arg=arg)


def test_fermer_un_onglet_rend_la_memoire_de_son_noyau(page, lab):
    """Dix carnets ouverts ne tiendraient pas dans les 2 Go de Binder ; recharger, lui, ne ferme rien."""
    ouvre_et_execute(page, lab, "03_sgd")
    noyaux = "() => [...window.jupyterapp.serviceManager.sessions.running()].map(s => s.path)"
    assert "notebooks/03_sgd.ipynb" in page.evaluate(noyaux)
    labo.commande(page, "docmanager:save")
    labo.commande(page, "application:close")
    page.wait_for_function(
        """async () => {
            const sessions = window.jupyterapp.serviceManager.sessions;
            await sessions.refreshRunning();
            return ![...sessions.running()].some(s => s.path.includes('03_sgd'));
        }"""
    )


def test_une_cellule_rejouee_cinquante_fois_ne_laisse_rien(page, lab):
    ouvre_et_execute(page, lab, "00_accueil")
    compte = (
        "import gc, asyncio, ipywidgets, matplotlib.figure; gc.collect(); "
        "print('bilan', len([t for t in asyncio.all_tasks() if 'Lecture._lit' in repr(t)]), "
        "len([o for o in gc.get_objects() if isinstance(o, matplotlib.figure.Figure)]), "
        "len(ipywidgets.widgets.widget._instances))"
    )

    def rejoue(fois: int):
        labo.dans_la_page(
            page,
            """async fois => {
                const app = window.jupyterapp, carnet = app.shell.currentWidget.content;
                carnet.activeCellIndex = carnet.widgets.findIndex(
                    c => c.model.type === 'code' && c.model.sharedModel.source.startsWith('def eleve'));
                carnet.deselectAll();
                for (let i = 0; i < fois; i++) await app.commands.execute('notebook:run-cell');
            }""",
            fois,
        )
        page.locator(".demystifie-joue").first.click()
        attends_le_bouton(page.locator(".demystifie-scene").first, "Pause")

    rejoue(2)
    bilan = labo.demande(page, compte).split()
    rejoue(50)
    assert labo.demande(page, compte).split() == bilan
    assert bilan[:2] == ["bilan", "1"]
    assert not labo.erreurs(page)


def test_tout_se_passe_dans_le_fil_du_noyau(chromium, tmp_path_factory):
    """Sans nos réglages, JupyterLab fait passer les messages des widgets par d'autres fils du noyau."""
    depot = labo.copie_du_depot(tmp_path_factory.mktemp("depot"))
    with labo.serveur(depot, reglages=depot / "ailleurs") as adresse:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        labo.ouvre(page, *adresse, "notebooks/00_accueil.ipynb")
        labo.execute_tout(page)
        labo.demande(page, ESPION)
        scene = page.locator(".demystifie-scene").first
        scene.locator(".demystifie-joue").click()
        attends_le_bouton(scene, "Pause")
        prise = scene.locator(".noUi-handle").first
        for _ in range(12):
            prise.press("ArrowRight")
            scene.locator(".widget-toggle-button").nth(1).click()
            scene.locator(".widget-toggle-button").nth(2).click()
            page.wait_for_timeout(60)
        assert labo.demande(page, "print(*sorted(fils))").split() == ["MainThread"]
        assert not labo.erreurs(page)
        page.close()


ESPION = """
import threading
from demystifie.dessin import Dessin
from demystifie.partie import Partie
fils = set()
for classe, nom in ((Dessin, "peint"), (Partie, "part"), (Partie, "avance")):
    def note(*arguments, _vrai=getattr(classe, nom), **options):
        fils.add(threading.current_thread().name)
        return _vrai(*arguments, **options)
    setattr(classe, nom, note)
"""
