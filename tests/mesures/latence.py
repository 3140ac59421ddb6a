"""La scène du chapitre 03 contre le même dessin fait avec ``interact`` et pyplot, côte à côte.

    python tests/mesures/latence.py

Dans JupyterLab et Chromium, un seul lancement : le temps entre une touche sur le curseur « taux » et
l'image qui en tient compte (médiane et 95e centile), et les images par seconde. Cinq lignes : le
plancher (la même touche ne fait que changer une toute petite image unie, par jupyter_rfb), la scène à
l'arrêt, la scène qui apprend à fond, ``interact`` à l'arrêt (il ne sait pas faire autrement), et pyplot
dans une boucle pour les images. Puis les pas par seconde : à fond dans le navigateur, sans navigateur,
et de la boucle nue.
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
import numpy as np

TOUCHES = 40
DUREE = 6  # secondes d'observation
# Un petit carré en bas à gauche change de couleur avec le curseur : c'est lui que l'on guette.
COMMUN = """
import math
from dataclasses import replace
from types import SimpleNamespace
from demystifie.partie import Instant, Passe
from ipywidgets import SelectionSlider
from matplotlib.patches import Rectangle
TAUX = [round(0.001 + 0.0005 * i, 4) for i in range(60)]
curseur = SelectionSlider(options=TAUX, value=TAUX[20], description="taux")

def marque(gabarits, plus_gros, courbes, passe, reglages):
    montre = decor.apprentissage.plante(gabarits, plus_gros, courbes, passe, reglages)
    figure = gabarits.figure
    carre = figure.add_artist(Rectangle((0, 0), 0.015, 0.03, transform=figure.transFigure, zorder=99))
    def montre_marque(*etat):
        carre.set_facecolor("black" if TAUX.index(reglages.taux) % 2 else "yellow")
        return [*montre(*etat), carre]
    return montre_marque

marquee = replace(decor.apprentissage, plante=marque, vitesse=math.inf)
"""
SCENE = """
Scene(apprentissage, marquee, taux=curseur, lot=(1, 30, 1200), abscisse=["pas", "images", "secondes"])
"""
PLANCHER = """
from jupyter_rfb import RemoteFrameBuffer

class Plancher(RemoteFrameBuffer):
    def get_frame(self):
        return np.full((90, 320, 3), 255 * (TAUX.index(curseur.value) % 2), np.uint8)

toile = Plancher(css_width="320px", css_height="90px")
curseur.observe(lambda _: toile.request_draw(), "value")
display(curseur, toile)
"""
DESSINE = """
%matplotlib inline
%config InlineBackend.print_figure_kwargs = {"bbox_inches": None}
import matplotlib.pyplot as plt
from ipywidgets import interact
plt.style.use("demystifie/carnets.mplstyle")

def dessine(passe, reglages):
    figure = plt.figure(figsize=marquee.taille)
    axes = figure.subplot_mosaic(marquee.cadre)
    marquee.plante(**axes, passe=passe, reglages=reglages)(*passe.instants[-1].etat)
    plt.show()

def joue(reglages, passe=None):
    passe = passe or Passe(marquee.mesure)
    for pas, etat in enumerate(apprentissage(reglages)):
        passe.instants.append(Instant(etat, pas, 0.0))
        del passe.instants[:-300]
        yield passe
"""
INTERACT = (
    DESSINE
    + """
def essaie(taux, lot=30):
    reglages = SimpleNamespace(taux=taux, lot=lot, abscisse="pas")
    partie = joue(reglages)
    for _ in range(50):
        passe = next(partie)
    dessine(passe, reglages)

interact(essaie, taux=curseur, lot=[30, 100]);
"""
)
PYPLOT_EN_BOUCLE = f"""
import time
from IPython.display import clear_output
reglages = SimpleNamespace(taux=TAUX[20], lot=30, abscisse="pas")
partie, fin = joue(reglages), time.time() + {DUREE + 6}
while time.time() < fin:
    tranche = time.time() + 0.015
    while time.time() < tranche:
        passe = next(partie)
    clear_output(wait=True)
    dessine(passe, reglages)
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
            const x = 0.006 * image.naturalWidth, y = 0.985 * image.naturalHeight;
            pinceau.drawImage(image, x, y, 1, 1, 0, 0, 1, 1);
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


def pas_par_seconde(page) -> float:
    """Pas faits par la scène qui joue, d'après son noyau."""
    numero = (
        "from demystifie.lecture import Lecture; import time; "
        "print(Lecture.en_cours._partie.numero, time.perf_counter())"
    )
    avant = [float(mot) for mot in labo.demande(page, numero).split()]
    page.wait_for_timeout(DUREE * 1000)
    apres = [float(mot) for mot in labo.demande(page, numero).split()]
    return (apres[0] - avant[0]) / (apres[1] - avant[1])


def debit(avance, pas: int = 200_000) -> float:
    """Pas par seconde de ``avance(pas)``."""
    debut = time.perf_counter()
    avance(pas)
    return pas / (time.perf_counter() - debut)


def boucle_nue(pas: int) -> None:
    """La boucle visible, sans scène ni dessin."""
    reglages = types.SimpleNamespace(taux=0.011, lot=30, abscisse="pas")
    partie = carnets.execute("03_sgd")[0]["apprentissage"](reglages)
    for _ in range(pas):
        next(partie)


def ligne(nom, mesures, cadence=float("nan")):
    """Une ligne du tableau."""
    median = statistics.median(mesures)
    p95 = statistics.quantiles(mesures, n=20)[-1]
    print(f"{nom:26} {median:10.0f} {p95:9.0f} {cadence:10.1f}", flush=True)
    return median, p95, cadence


def main() -> None:
    """Mesure tout, imprime le tableau."""
    scene_nue = carnets.remise_a_neuf("03_sgd", "apprentissage")
    # Tour à tour, et le meilleur de trois : sur une machine partagée, seul le rapport est sûr.
    nue, sans_ecran = np.max([(debit(boucle_nue), debit(scene_nue.pas)) for _ in range(3)], axis=0)
    preparation = [*cellules_du_chapitre(), COMMUN]
    with tempfile.TemporaryDirectory() as temporaire:
        depot = Path(temporaire)
        (depot / "notebooks").mkdir()
        for nom in ("demystifie", "decors"):
            (depot / "notebooks" / nom).symlink_to(carnets.DOSSIER / nom)
        for nom, fin in (("scene", [SCENE]), ("plancher", [PLANCHER]), ("interact", [INTERACT]),
                         ("pyplot", [DESSINE, PYPLOT_EN_BOUCLE])):  # fmt: skip
            carnet(depot / "notebooks", nom, *preparation, *fin)
        print(f"{'':26} {'médiane ms':>10} {'p95 ms':>9} {'images/s':>10}")
        with labo.serveur(depot) as (adresse, jeton), labo.navigateur() as chromium:
            plancher = a_l_arret(chromium, adresse, jeton, "plancher")
            arret = a_l_arret(chromium, adresse, jeton, "scene")
            scene, a_fond = joue_la_scene(chromium, adresse, jeton)
            page = ouvre(chromium, adresse, jeton, "interact")
            mesures = latences(page, ".jp-OutputArea img")
            page.context.close()
            page = ouvre(chromium, adresse, jeton, "pyplot", attends=False)
            page.wait_for_selector(".jp-OutputArea img", timeout=60_000)
            page.evaluate(GUETTE, ".jp-OutputArea img")
            autre = ligne("interact + pyplot", mesures, images_par_seconde(page))
    print("rapports (médiane, p95) :")
    for nom, un, deux in (
        ("à l'arrêt / plancher", arret, plancher),
        ("elle joue / plancher", scene, plancher),
        ("interact / à l'arrêt", autre, arret),
        ("interact / elle joue", autre, scene),
    ):
        print(f"  {nom:24} {un[0] / deux[0]:8.2f} {un[1] / deux[1]:8.2f}")
    print(f"  images, elle joue / pyplot {scene[2] / autre[2]:6.1f}")
    for nom, combien in (("dans le navigateur, à fond", a_fond), ("sans navigateur", sans_ecran)):
        print(
            f"pas/s {nom} : {combien:.0f}, soit {100 * combien / nue:.0f} % de la boucle nue ({nue:.0f})"
        )


def a_l_arret(chromium, adresse, jeton, nom):
    """Mesure le carnet ``nom``, où rien ne joue ; rend sa ligne du tableau."""
    page = ouvre(chromium, adresse, jeton, nom)
    image = page.locator(".renderview-view")
    image.scroll_into_view_if_needed()
    mesures = latences(page, ".renderview-view")
    page.context.close()
    return ligne({"plancher": "plancher", "scene": "scène à l'arrêt"}[nom], mesures)


def joue_la_scene(chromium, adresse, jeton):
    """Mesure la scène qui joue à fond ; rend sa ligne du tableau et ses pas par seconde."""
    page = ouvre(chromium, adresse, jeton, "scene")
    page.locator(".demystifie-joue").click()
    mesures = latences(page, ".renderview-view")
    page.locator(".demystifie-recit").click()
    cadence, a_fond = images_par_seconde(page), pas_par_seconde(page)
    page.context.close()
    return ligne("scène qui joue", mesures, cadence), a_fond


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
