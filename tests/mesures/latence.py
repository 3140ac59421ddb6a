"""La scène du chapitre 03 contre le même dessin fait avec ``interact`` et pyplot, côte à côte.

    python tests/mesures/latence.py

Dans JupyterLab et Chromium, un seul lancement : le temps entre une touche sur le curseur « taux » et
l'image qui en tient compte (médiane et 95e centile, pendant que l'apprentissage tourne pour la scène,
à l'arrêt pour ``interact`` : il ne sait pas faire les deux), les images par seconde pendant
l'apprentissage, et les pas par seconde de la scène à fond contre ceux de la boucle nue. Deux lignes pour
la scène : pendant que l'apprentissage tourne, et à l'arrêt, comme ``interact``.
"""

import re
import statistics
import sys
import tempfile
import time
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import labo
import nbformat

TOUCHES = 40
DUREE = 6  # secondes d'observation
BOUCLE, VUE, RECIT = "apprentissage", "vue_apprentissage", "recit_apprentissage"

# Un petit carré en bas à gauche change de couleur avec le curseur : c'est lui que l'on guette.
COMMUN = f"""
import math
from types import SimpleNamespace
from matplotlib.patches import Rectangle
CADRE = 3 * [3 * ["gabarits"] + 2 * ["courbes"]] + [3 * ["plus_gros"] + 2 * ["courbes"]]
TAUX = [round(0.001 + 0.0005 * i, 4) for i in range(60)]

def vue_marquee(gabarits, plus_gros, courbes, fantomes, reglages):
    montre = {VUE}(gabarits, plus_gros, courbes, fantomes, reglages)
    figure = gabarits.figure
    marque = figure.add_artist(Rectangle((0, 0), 0.015, 0.03, transform=figure.transFigure, zorder=99))
    def montre_marque(*etat):
        marque.set_facecolor("black" if TAUX.index(reglages.taux) % 2 else "yellow")
        return [*montre(*etat), marque]
    return montre_marque
"""
SCENE = f"""
from ipywidgets import SelectionSlider
Scene({BOUCLE}, vue_marquee, recit={RECIT}, vitesse=math.inf, cadre=CADRE,
      taux=SelectionSlider(options=TAUX, value=TAUX[20], description="taux"),
      lot=(1, 30, 1200), abscisse=["pas", "images", "secondes"])
"""
INTERACT = f"""
%matplotlib inline
%config InlineBackend.print_figure_kwargs = {{"bbox_inches": None}}
import matplotlib.pyplot as plt
from ipywidgets import SelectionSlider, interact
plt.style.use("demystifie/carnets.mplstyle")

def dessine(etat, reglages):
    figure = plt.figure(figsize=(12, 5))
    vue_marquee(**figure.subplot_mosaic(CADRE), fantomes=[], reglages=reglages)(*etat)
    plt.show()

def essaie(taux, lot=30):
    reglages = SimpleNamespace(taux=taux, lot=lot, secondes=0.0, abscisse="pas")
    partie = {BOUCLE}(reglages)
    for _ in range(50):
        etat = next(partie)
    dessine(etat, reglages)

interact(essaie, taux=SelectionSlider(options=TAUX, value=TAUX[20], description="taux"), lot=[30, 100]);
"""
PYPLOT_EN_BOUCLE = f"""
import time
from IPython.display import clear_output
reglages = SimpleNamespace(taux=TAUX[20], lot=30, secondes=0.0, abscisse="pas")
partie, fin = {BOUCLE}(reglages), time.time() + {DUREE + 6}
while time.time() < fin:
    tranche = time.time() + 0.015
    while time.time() < tranche:
        etat = next(partie)
    clear_output(wait=True)
    dessine(etat, reglages)
"""
GUETTE = """images => {
    window.nombre = 0;
    let avant = null, source = null;
    const pinceau = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    document.addEventListener("keydown", () => { window.touche = performance.now(); }, true);
    // Ne regarder que les images neuves : relire un pixel à chaque rafraîchissement de l'écran
    // coûterait plus que ce que l'on mesure.
    const guette = () => {
        const image = document.querySelector(images);
        if (image && image.src !== source && image.complete && image.naturalWidth > 300) {
            source = image.src;
            window.nombre++;
            pinceau.drawImage(image, 4, image.naturalHeight - 6, 1, 1, 0, 0, 1, 1);
            const sombre = pinceau.getImageData(0, 0, 1, 1).data[0] < 128;
            if (avant !== null && sombre !== avant) window.effet?.(performance.now() - window.touche);
            avant = sombre;
        }
        requestAnimationFrame(guette);
    };
    guette();
}"""
ATTENDS = "() => { window.attendu = new Promise(vu => { window.effet = vu }); }"


def cellules_du_chapitre(nom: str = "03_sgd") -> list[str]:
    """Le code d'un carnet, sauf ses scènes et ses paris : on ne garde que ce qui les prépare."""
    gardees = []
    for cellule in carnets.lis(nom).cells:
        if cellule.cell_type == "code":
            source = re.split(r"^(?:Scene\(|pari_)", cellule.source, flags=re.MULTILINE)[0]
            gardees.append(source)
    return [source for source in gardees if source.strip()]


def carnet(dossier: Path, nom: str, *cellules: str) -> None:
    """Écrit un carnet d'essai."""
    feuille = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cellules])
    feuille.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(feuille, dossier / f"{nom}.ipynb")


def latences(page, images: str, bouton: str = "taux") -> list[float]:
    """Millisecondes entre chaque touche sur le curseur ``bouton`` et l'image qui en tient compte."""
    page.evaluate(GUETTE, images)
    page.wait_for_timeout(1000)
    prise = page.locator(
        f".noUi-handle[aria-label='{bouton}'], .widget-inline-hbox:has-text('{bouton}') .noUi-handle"
    )
    prise.first.focus()
    mesurees = []
    for i in range(TOUCHES):
        page.evaluate(ATTENDS)
        page.keyboard.press("ArrowRight" if (i // 10) % 2 == 0 else "ArrowLeft")
        mesurees.append(page.evaluate("() => window.attendu"))
        page.wait_for_timeout(150 + 37 * (i % 5))
    return mesurees


def images_par_seconde(page) -> float:
    """Images nouvelles par seconde."""
    avant = page.evaluate("() => window.nombre")
    page.wait_for_timeout(DUREE * 1000)
    return (page.evaluate("() => window.nombre") - avant) / DUREE


def demande(page, code: str) -> str:
    """Ce qu'imprime ``code``, exécuté par le noyau de la page."""
    return page.evaluate(
        """async code => {
            const noyau = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const futur = noyau.requestExecute({code, store_history: false});
            let texte = ""; futur.onIOPub = m => { if (m.content.text) texte += m.content.text; };
            await futur.done; return texte;
        }""",
        code,
    )


def pas_par_seconde(page) -> float:
    """Pas faits par la scène qui joue, d'après son noyau."""
    numero = "print(Scene._en_lecture.numero)"
    avant, debut = int(demande(page, numero)), time.perf_counter()
    page.wait_for_timeout(DUREE * 1000)
    return (int(demande(page, numero)) - avant) / (time.perf_counter() - debut)


def boucle_nue() -> float:
    """Pas par seconde de la boucle visible, sans scène ni dessin."""
    reglages = types.SimpleNamespace(taux=0.011, lot=30, secondes=0.0, abscisse="pas")
    partie = carnets.execute("03_sgd")[0][BOUCLE](reglages)
    for _ in range(500):
        next(partie)
    debut, pas = time.perf_counter(), 0
    while time.perf_counter() - debut < 3:
        next(partie)
        pas += 1
    return pas / (time.perf_counter() - debut)


def ligne(nom, mesures, cadence=float("nan")):
    """Une ligne du tableau."""
    median = statistics.median(mesures)
    p95 = statistics.quantiles(mesures, n=20)[-1]
    print(f"{nom:26} {median:10.0f} {p95:9.0f} {cadence:10.1f}", flush=True)
    return median, p95, cadence


def main() -> None:
    """Mesure tout, imprime le tableau."""
    nue = boucle_nue()
    preparation = [*cellules_du_chapitre(), COMMUN]
    with tempfile.TemporaryDirectory() as temporaire:
        depot = Path(temporaire)
        (depot / "notebooks").mkdir()
        (depot / "notebooks" / "demystifie").symlink_to(carnets.DOSSIER / "demystifie")
        carnet(depot / "notebooks", "scene", *preparation, SCENE)
        carnet(depot / "notebooks", "interact", *preparation, INTERACT)
        carnet(depot / "notebooks", "pyplot", *preparation, INTERACT.split("interact(essaie")[0],
               PYPLOT_EN_BOUCLE)  # fmt: skip
        print(f"{'':26} {'médiane ms':>10} {'p95 ms':>9} {'images/s':>10}")
        with labo.serveur(depot) as (adresse, jeton), labo.navigateur() as chromium:
            arret = latence_a_l_arret(chromium, adresse, jeton)
            scene, debit = joue_la_scene(chromium, adresse, jeton)
            page = ouvre(chromium, adresse, jeton, "interact")
            mesures = latences(page, ".jp-OutputArea img")
            page.context.close()
            page = ouvre(chromium, adresse, jeton, "pyplot", attends=False)
            page.wait_for_selector(".jp-OutputArea img", timeout=60_000)
            page.evaluate(GUETTE, ".jp-OutputArea img")
            autre = ligne("interact + pyplot", mesures, images_par_seconde(page))
    print("interact, par rapport à la scène :")
    for nom, mesure in (("à l'arrêt tous deux", arret), ("elle joue, lui non", scene)):
        print(f"  {nom:24} {autre[0] / mesure[0]:9.1f}x {autre[1] / mesure[1]:8.1f}x")
    print(f"  {'images, en jouant':24} {'':10} {'':9} {scene[2] / autre[2]:8.1f}x")
    print(f"pas/s : scène à fond {debit:.0f}, boucle nue {nue:.0f} ({100 * debit / nue:.0f} %)")


def latence_a_l_arret(chromium, adresse, jeton):
    """Mesure la scène qui ne joue pas, comme ``interact`` ; rend sa ligne du tableau."""
    page = ouvre(chromium, adresse, jeton, "scene")
    page.locator(".renderview-view").scroll_into_view_if_needed()
    mesures = latences(page, ".renderview-view")
    page.context.close()
    return ligne("scène à l'arrêt", mesures)


def joue_la_scene(chromium, adresse, jeton):
    """Mesure la scène qui joue à fond ; rend sa ligne du tableau et ses pas par seconde."""
    page = ouvre(chromium, adresse, jeton, "scene")
    page.locator(".demystifie-joue").click()
    mesures = latences(page, ".renderview-view")
    page.locator(".demystifie-recit").click()
    cadence, debit = images_par_seconde(page), pas_par_seconde(page)
    page.context.close()
    return ligne("scène qui joue", mesures, cadence), debit


def ouvre(chromium, adresse, jeton, nom, attends=True):
    """Ouvre un carnet d'essai dans une page neuve, et l'exécute."""
    page = chromium.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    labo.ouvre(page, adresse, jeton, f"notebooks/{nom}.ipynb")
    if attends:
        labo.execute_tout(page)
    else:
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    return page


if __name__ == "__main__":
    main()
