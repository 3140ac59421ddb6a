"""Le doigt, le clavier et une fenêtre étroite : le carnet 06, ouvert une fois, a tout ce qui se tire."""

import io
import itertools

import labo
import numpy as np
import pytest
from PIL import Image

CARNET = "notebooks/06_convolution.ipynb"
LE_WIDGET = """
from ipywidgets.widgets.widget import _instances
from {0} import {1}
(w,) = [w for w in _instances.values() if isinstance(w, {1})]
"""


@pytest.fixture(scope="module")
def tablette(chromium, lab):
    """Un écran que l'on touche, et le carnet 06 exécuté."""
    contexte = chromium.new_context(viewport={"width": 1200, "height": 900}, has_touch=True)
    page = contexte.new_page()
    page.set_default_timeout(20_000)
    labo.ouvre(page, *lab, CARNET)
    labo.execute_tout(page)
    yield page
    contexte.close()


@pytest.fixture
def loupe(tablette):
    return montre(tablette, ".matrix-wrapper")


@pytest.fixture
def ardoise(tablette):
    return montre(tablette, ".paint-container")


def montre(page, contenu):
    scene = page.locator(".jp-Notebook .demystifie-scene", has=page.locator(contenu))
    scene.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    return scene


def glisse(page, element, *parcours):
    """Un doigt posé sur ``element``, mené d'un point à l'autre (en parts de sa boîte), puis levé."""
    element.scroll_into_view_if_needed()
    boite, doigt = element.bounding_box(), page.context.new_cdp_session(page)
    coin, taille = (boite["x"], boite["y"]), (boite["width"], boite["height"])
    points = [dict(zip("xy", (np.multiply(p, taille) + coin).tolist(), strict=True)) for p in parcours]
    doigt.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for debut, fin in itertools.pairwise(points):
        for t in np.linspace(0, 1, 9)[1:]:
            ici = {k: debut[k] + t * (fin[k] - debut[k]) for k in "xy"}
            doigt.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [ici]})
            page.wait_for_timeout(20)
    doigt.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)


def defilement(page):
    return page.evaluate(
        "() => Math.round([...document.querySelectorAll('.jp-WindowedPanel-outer')].at(-1).scrollTop)"
    )


def encre(scene):
    """La part noircie de l'ardoise."""
    return scene.locator(".paint-container canvas").evaluate(
        "f => { const p = f.getContext('2d').getImageData(0, 0, f.width, f.height).data;"
        " let n = 0; for (let i = 0; i < p.length; i += 4) n += p[i] < 128 && p[i + 3] > 128;"
        " return n / (p.length / 4); }"
    )


def nombres(scene):
    return scene.locator("[role=spinbutton]").all_inner_texts()


def change(page, recit, avant):
    page.wait_for_function("([e, avant]) => e.innerText !== avant", arg=[recit.element_handle(), avant])


def test_le_doigt_dessine_sur_l_ardoise_et_ses_outils_se_pressent_au_clavier(tablette, ardoise):
    feuille = ardoise.locator(".paint-container canvas")
    feuille.scroll_into_view_if_needed()
    ou = defilement(tablette)
    glisse(tablette, feuille, (0.5, 0.2), (0.5, 0.8))
    assert 0.01 < encre(ardoise) < 0.1
    assert defilement(tablette) == ou, "la feuille ne défile pas sous le doigt"
    tablette.wait_for_timeout(500)
    recue = labo.demande(
        tablette, LE_WIDGET.format("demystifie", "Ardoise") + "print(w.value.sum() > 5)"
    )
    assert recue.strip() == "True", "Python a reçu le dessin"
    efface = ardoise.get_by_role("button", name="Tout effacer")
    efface.press("Enter")
    assert encre(ardoise) == 0
    for outil in ("Gomme", "Feutre", "Tout effacer"):
        ardoise.get_by_role("button", name=outil).press("Enter")
    epaisseur = ardoise.get_by_role("slider", name="Épaisseur du trait")
    avant = epaisseur.input_value()
    epaisseur.press("ArrowRight")
    assert epaisseur.input_value() != avant

    feuille.press("Enter")
    for _ in range(9):
        feuille.press("ArrowDown")
    feuille.press("Enter")
    assert 0.005 < encre(ardoise) < 0.1, "au clavier : Entrée pose le stylo, les flèches le mènent"
    assert ardoise.locator(".demystifie-stylo").is_visible()
    ardoise.get_by_role("button", name="Annuler").press("Enter")
    assert encre(ardoise) == 0
    feuille.click()
    tablette.wait_for_function("f => document.activeElement !== f", arg=feuille.element_handle())


def test_les_neuf_nombres_se_tirent_au_doigt_et_aux_fleches(tablette, loupe):
    recit, cases = loupe.locator(".demystifie-recit"), loupe.locator("[role=spinbutton]")
    avant, dit = nombres(loupe), recit.inner_text()
    glisse(tablette, cases.nth(4), (0.2, 0.5), (0.9, 0.5))
    assert nombres(loupe)[4] != avant[4] and nombres(loupe)[:4] == avant[:4]
    change(tablette, recit, dit)
    assert loupe.locator("select").input_value() == "la tienne"
    cases.nth(0).press("ArrowRight")
    assert nombres(loupe)[0] == "−0,5"
    cases.nth(0).press("End")
    assert nombres(loupe)[0] == "9"
    loupe.locator("select").select_option("contours")
    tablette.wait_for_function("e => e.innerText === '8'", arg=cases.nth(4).element_handle())
    assert nombres(loupe) == avant


def test_un_point_se_pousse_aux_fleches_et_se_tire_au_doigt(tablette, loupe):
    recit, image = loupe.locator(".demystifie-recit"), loupe.locator(".renderview-view")
    poignee = loupe.get_by_role("slider", name="ici")
    dit, lu = recit.inner_text(), poignee.get_attribute("aria-valuetext")
    poignee.press("ArrowRight")
    poignee.press("ArrowDown")
    change(tablette, recit, dit)
    tablette.wait_for_function(
        "([e, avant]) => e.ariaValueText !== avant", arg=[poignee.element_handle(), lu]
    )
    image.scroll_into_view_if_needed()
    dit, ou = recit.inner_text(), defilement(tablette)
    glisse(tablette, image, (0.2, 0.7), (0.2, 0.3))
    change(tablette, recit, dit)
    # Une phrase qui s'allonge d'une ligne pousse un peu la page ; un doigt, bien davantage.
    assert abs(defilement(tablette) - ou) < 40, "le doigt tient le point, la page ne bouge pas"


def test_ailleurs_un_doigt_qui_glisse_fait_defiler_la_page(tablette):
    sans_point = ".jp-Notebook .demystifie-scene:has(.demystifie-toile:not(.demystifie-tenue))"
    image = tablette.locator(sans_point).first.locator(".renderview-view")
    image.scroll_into_view_if_needed()
    tablette.wait_for_timeout(500)
    ou = defilement(tablette)
    glisse(tablette, image, (0.5, 0.8), (0.5, 0.1))
    assert abs(defilement(tablette) - ou) > 60


def grande_photo():
    """Un JPEG de plus de 12 Mo : la moitié gauche sombre, la droite claire, et du grain partout."""
    grain = np.random.default_rng(0).integers(0, 90, (3000, 4000, 3), np.uint8)
    grain[:, 2000:] += 160
    tampon = io.BytesIO()
    Image.fromarray(grain).save(tampon, "JPEG", quality=98)
    return tampon.getvalue()


def test_une_photo_de_douze_mega_se_reduit_avant_de_partir(tablette, loupe):
    photo = grande_photo()
    assert len(photo) > 12e6
    apporte, recit = loupe.locator("input[type=file]"), loupe.locator(".demystifie-recit")
    apporte.set_input_files({"name": "IMG.HEIC", "mimeType": "image/heic", "buffer": b"ftypheic" * 99})
    mot = loupe.locator(".demystifie-photo [role=status]")
    mot.get_by_text("JPEG").wait_for()
    dit = recit.inner_text()
    apporte.set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo})
    change(tablette, recit, dit)
    tablette.wait_for_function("e => e.textContent === ''", arg=mot.element_handle())
    assert loupe.get_by_role("button", name="la mienne").get_attribute("class").count("mod-active")
    moyennes = labo.demande(
        tablette,
        LE_WIDGET.format("decors.convolution_saisie", "Photo")
        + "print(w.value.shape == (64, 64), w.value[:, :30].mean() > 0.7, w.value[:, 34:].mean() < 0.3)",
    )
    assert moyennes.split() == ["True"] * 3
    assert (
        tablette.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.connectionStatus"
        )
        == "connected"
    )


@pytest.mark.parametrize("contenu", [".matrix-wrapper", ".paint-container"])
def test_une_fenetre_etroite_met_la_figure_dessous(tablette, contenu):
    tablette.set_viewport_size({"width": 640, "height": 900})
    try:
        scene = montre(tablette, contenu)
        grand, image = scene.locator(contenu), scene.locator(".renderview-view")
        tablette.wait_for_function("i => i.clientWidth > 240", arg=image.element_handle())
        bas = grand.bounding_box()
        assert image.bounding_box()["y"] >= bas["y"] + bas["height"] - 1
        assert scene.evaluate("s => s.scrollWidth <= s.clientWidth + 1")
    finally:
        tablette.set_viewport_size({"width": 1200, "height": 900})
