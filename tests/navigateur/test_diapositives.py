"""En diapositives, rien n'est coupé ; et chaque touche va là où la main l'attend."""

from pathlib import Path

import labo
import pytest

ECRANS = [(1280, 720), (1024, 768)]
PARCOURS = Path(__file__).with_name("diapositives.js").read_text(encoding="utf-8")
SANS_ATTENDRE = "*, *::before, *::after { transition: none !important; animation: none !important }"


def presente(page):
    labo.commande(page, "slideshow:start-first")
    page.locator(".reveal section.present > section.present").wait_for()
    page.add_style_tag(content=SANS_ATTENDRE)
    page.wait_for_timeout(500)  # le temps de passer en plein écran


def revient_au_carnet(page):
    labo.commande(page, "slideshow:exit")
    page.locator(".reveal").wait_for(state="detached")
    page.set_viewport_size({"width": 1400, "height": 1000})


# --- Rien n'est coupé -----------------------------------------------------------------------


TROIS_PAS_ET_LES_REPONSES = """() => {
    document.querySelectorAll('.demystifie-scene button, .demystifie-pari button').forEach(b => {
        const pas = b.textContent.includes('Un pas'), main = b.closest('.demystifie-pari');
        for (let i = 0; i < (pas ? 3 : main && b.textContent !== '−' ? 1 : 0); i++) b.click();
    });
}"""
PARTIES = """() => [...document.querySelectorAll('.demystifie-temps > .widget-label')]
    .every(numero => numero.textContent !== 'pas 0')"""


def test_aucune_diapositive_ne_coupe_rien_avant_ni_apres_avoir_joue(carnet):
    presente(carnet)
    fautes = parcours(carnet, "au repos")
    carnet.evaluate(TROIS_PAS_ET_LES_REPONSES)
    carnet.wait_for_function(PARTIES)
    fautes += parcours(carnet, "après trois pas")
    revient_au_carnet(carnet)
    assert not fautes, "\n".join(fautes)


def parcours(page, quand) -> list[str]:
    fautes = []
    for largeur, hauteur in ECRANS:
        page.set_viewport_size({"width": largeur, "height": hauteur})
        page.wait_for_timeout(300)
        bilan = labo.dans_la_page(page, PARCOURS, delai=120)
        assert bilan["manquees"] == 0, "le parcours n'a pas tout vu"
        fautes += [f"{faute} ({quand}, en {largeur} × {hauteur})" for faute in bilan["fautes"]]
    return fautes


MORCEAUX = ".demystifie-rangee > *, .renderview-wrapper, .demystifie-recit, .demystifie-pari button"
SORTIS = """morceaux => [...document.querySelectorAll(morceaux)].filter(e => {
        const b = e.getBoundingClientRect(), page = e.closest('.jp-OutputArea').getBoundingClientRect();
        const petite = e.matches('.renderview-wrapper') && b.width < 250;
        return petite || (b.width && (b.right > page.right + 2 || b.left < page.left - 2));
    }).map(e => e.className + ' ' + e.textContent.slice(0, 30))"""


def test_a_deux_cents_pour_cent_le_carnet_reste_utilisable(carnet):
    """Zoomé deux fois, un écran de 1 400 pixels n'en a plus que 700 : rien ne sort sur le côté."""
    carnet.set_viewport_size({"width": 700, "height": 500})
    carnet.wait_for_timeout(300)
    sortis = carnet.evaluate(SORTIS, MORCEAUX)
    carnet.set_viewport_size({"width": 1400, "height": 1000})
    assert not sortis


# --- À qui va une touche --------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(chromium, lab):
    """Le carnet 02, exécuté."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    labo.ouvre(page, *lab, "notebooks/02_gradient.ipynb")
    labo.execute_tout(page)
    yield page
    page.close()


@pytest.fixture
def brouillard(page):
    """Sa scène qui a de tout : des curseurs, une case, des boutons, une figure où l'on clique."""
    return page.locator(".jp-CodeCell", has_text="def brouillard")


@pytest.fixture
def diapositive(page, brouillard):
    """La diapositive de cette scène ; rend où l'on en est, pour voir si une touche en a changé."""
    presente(page)
    for _ in range(30):
        if brouillard.evaluate("e => !!e.closest('section.present > section.present')"):
            break
        page.keyboard.press("Space")
    yield lambda: page.evaluate(ETAT)
    revient_au_carnet(page)


ETAT = "() => [...document.querySelectorAll('.reveal section, .fragment')].map(s => s.className).join()"
FIGURE, CASE = ".renderview-view", "input[type=checkbox]"
TOUT = [FIGURE, CASE, ".demystifie-joue", ".demystifie-scenario"]


@pytest.mark.parametrize("prise", TOUT)
def test_apres_un_clic_maj_entree_execute_la_cellule(page, brouillard, prise):
    brouillard.locator(prise).first.click()
    page.wait_for_timeout(100)
    avant = brouillard.locator(".jp-InputPrompt").inner_text()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(
        "([e, avant]) => /\\d/.test(e.innerText) && e.innerText !== avant",
        arg=[brouillard.locator(".jp-InputPrompt").element_handle(), avant],
    )


@pytest.mark.parametrize("prise", TOUT)
@pytest.mark.parametrize("touche", ["Space", "PageDown"])
def test_apres_un_clic_la_telecommande_avance(page, brouillard, diapositive, prise, touche):
    coche = brouillard.locator(CASE).is_checked()
    brouillard.locator(prise).first.click()
    page.wait_for_timeout(100)
    avant = diapositive()
    page.keyboard.press(touche)
    assert diapositive() != avant
    assert brouillard.locator(CASE).is_checked() == (coche != (prise == CASE)), "cochée une seule fois"


def test_les_fleches_vont_au_curseur_et_les_pages_aux_diapositives(page, brouillard, diapositive):
    vitesse = brouillard.locator(".widget-inline-hbox", has_text="vitesse").first
    prise, lu = vitesse.locator(".noUi-handle"), vitesse.locator(".widget-readout")
    avant = diapositive()
    vitesse.locator(".noUi-base").click()  # la souris aussi lui donne le clavier
    for touche in ("Home", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "End"):
        valeur = lu.inner_text()
        page.keyboard.press(touche)
        page.wait_for_timeout(50)
        assert lu.inner_text() != valeur or touche == "Home", touche
        assert diapositive() == avant, touche
    valeur = lu.inner_text()
    for touche, retour in (("PageDown", "PageUp"), ("Space", "Shift+Space")):
        prise.focus()
        page.keyboard.press(touche)
        assert diapositive() != avant and lu.inner_text() == valeur, touche
        page.keyboard.press(retour)
        assert diapositive() == avant, retour


def test_apres_un_clic_dans_le_texte_les_fleches_changent_de_diapositive(page, brouillard, diapositive):
    brouillard.locator(".demystifie-recit").click()
    avant = diapositive()
    page.keyboard.press("ArrowRight")
    assert diapositive() != avant


def test_au_clavier_seul_on_coche_et_on_joue_sans_changer_de_diapositive(page, brouillard, diapositive):
    avant, case = diapositive(), brouillard.locator(CASE)
    coche = case.is_checked()
    case.press("Enter")
    assert case.is_checked() != coche
    for touche in (
        "Home",
        "ArrowRight",
        "ArrowRight",
    ):  # le temps de voir « Pause »
        brouillard.locator(".noUi-handle").first.press(touche)
    brouillard.locator(".demystifie-joue").press("Enter")
    brouillard.locator(".demystifie-joue", has_text="Pause").wait_for()
    image = brouillard.locator(".renderview-view")
    avant_de_jouer = image.screenshot()
    page.wait_for_timeout(1000)
    assert image.screenshot() != avant_de_jouer, "en diapositives aussi, la scène joue"
    brouillard.locator(".demystifie-joue").press("Enter")
    assert diapositive() == avant


def test_ce_que_l_on_ecrit_reste_ou_on_l_ecrit(page, brouillard, diapositive):
    avant, code = diapositive(), brouillard.locator(".cm-content")
    texte = code.inner_text()
    code.click()
    for touche in ("Home", "Space", "ArrowLeft", "PageDown"):
        page.keyboard.press(touche)
    assert diapositive() == avant and len(code.inner_text()) == len(texte) + 1
    page.keyboard.press("Control+z")
