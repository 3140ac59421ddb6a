"""La course du chapitre 06 : combien de secondes pour passer sous 1 %, et ce qu'il en coûte de regarder.

    DEMYSTIFIE_DONNEES=../shared/mnist python tests/mesures/lenet.py

Demande le vrai MNIST. D'abord la boucle nue, avec un fil de calcul puis deux ; ensuite la même, jouée
à fond par la scène dans JupyterLab et Chromium : secondes, images que tous deux lisent par seconde,
leurs fautes, temps entre une touche sur un curseur et l'image qui en tient compte, mémoire du noyau.
"""

import os
import sys
import tempfile
import time
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import demarrage
import labo
import latence
import torch
from decors import convolution_course as piste

LOTS, IMAGES = 938, 128
SCENE = """
from dataclasses import replace
from ipywidgets import SelectionSlider
from matplotlib.patches import Rectangle

def marque(courbes, tableau, filtres, passe, reglages):
    montre = piste.course.plante(courbes, tableau, filtres, passe)
    figure = courbes.figure
    carre = figure.add_artist(Rectangle((0, 0), 0.015, 0.03, transform=figure.transFigure, zorder=99))
    def montre_marque(*etat):
        carre.set_facecolor("black" if reglages.temoin % 2 else "yellow")
        return [*montre(*etat), carre]
    return montre_marque

piste.cahier()
temoin = SelectionSlider(options=range(60), value=20, description="temoin")
scene = Scene(course, replace(piste.course, plante=marque), lots=(140, 938, 1876), graine=[1, 2, 3],
              temoin=temoin)
scene
"""
FIN = """() => document.querySelector(".demystifie-recit b").textContent.includes("terminé")"""


def cellules() -> list[str]:
    """Les imports du carnet, et la boucle de la course, sans sa scène."""
    sources = {cellule.id: cellule.source for cellule in carnets.lis("06_convolution").cells}
    return [sources["imports"], sources["course"].split("\nScene(")[0]]


def boucle_nue(fils: int) -> tuple[float, float, float, float]:
    """Secondes (examens compris), images lues par seconde, et erreurs finales, sans scène ni dessin."""
    course = carnets.execute("06_convolution")[0]["course"]
    torch.set_num_threads(fils)
    debut = time.perf_counter()
    for _, lenet, dense, _ in course(types.SimpleNamespace(lots=LOTS, graine=1)):
        lus = lenet.lots + dense.lots
    secondes = time.perf_counter() - debut
    torch.set_num_threads(1)
    return secondes, lus * IMAGES / secondes, lenet.erreur, dense.erreur


def ligne(nom, secondes, debit, lenet, dense):
    """Une ligne du tableau."""
    fautes = f"LeNet-5 {100 * lenet:.2f} % d'erreur, dense {100 * dense:.2f} %"
    print(f"{nom:28} {secondes:8.1f} s {debit:8.0f} images/s   {fautes}", flush=True)


def main() -> None:
    """Mesure tout, imprime le tableau."""
    if dossier := os.environ.get("DEMYSTIFIE_DONNEES"):  # le carnet, lui, s'exécute depuis son dossier
        os.environ["DEMYSTIFIE_DONNEES"] = str(Path(dossier).resolve())
    if len(piste.cahier()[0]) != 60_000:
        sys.exit("Il faut le vrai MNIST : nomme son dossier dans DEMYSTIFIE_DONNEES.")
    nue = boucle_nue(1)
    ligne("boucle nue, un fil", *nue)
    ligne("boucle nue, deux fils", *boucle_nue(2))
    with tempfile.TemporaryDirectory() as temporaire:
        depot = Path(temporaire)
        (depot / "notebooks").mkdir()
        for nom in ("demystifie", "decors"):
            (depot / "notebooks" / nom).symlink_to(carnets.DOSSIER / nom)
        latence.carnet(depot / "notebooks", "scene", *cellules(), SCENE)
        with labo.serveur(depot) as (adresse, jeton), labo.navigateur() as chromium:
            page = latence.ouvre(chromium, adresse, jeton, "scene")
            page.locator(".demystifie-scene img").scroll_into_view_if_needed()  # sinon elle n'avance pas
            debut = time.perf_counter()
            page.locator(".demystifie-joue").click()
            page.wait_for_function(FIN, timeout=300_000, polling=500)
            secondes = time.perf_counter() - debut
            fin = labo.demande(page, "print(*scene.etat[1][:4], *scene.etat[2][:4])").split()
            lus, erreurs = float(fin[0]) + float(fin[4]), (float(fin[3]), float(fin[7]))
            scene = secondes, lus * IMAGES / secondes, *erreurs
            ligne("scène, dans JupyterLab", *scene)
            print(f"la scène lit {100 * scene[1] / nue[1]:.0f} % des images de la boucle nue")
            page.locator(".demystifie-joue").click()
            mesures = latence.latences(page, ".renderview-view", "temoin")
            latence.ligne("pendant qu'il apprend", mesures, latence.images_par_seconde(page))
            print(f"mémoire du noyau : {demarrage.memoire_du_noyau():.0f} Mio")


if __name__ == "__main__":
    main()
