"""La course du chapitre 06 : combien de secondes pour passer sous 1 %, et ce qu'il en coûte de regarder.

    DEMYSTIFIE_DONNEES=../shared/mnist python tests/mesures/lenet.py

Demande le vrai MNIST. D'abord la boucle nue, avec un fil de calcul puis deux ; ensuite la même, jouée
à fond par la scène dans JupyterLab et Chromium : secondes, images lues par seconde, temps entre une
touche sur un curseur et l'image qui en tient compte, mémoire du noyau.
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

LOTS, IMAGES = 938, 128
SCENE = """
from ipywidgets import SelectionSlider

def vue_marquee(courbes, tableau, filtres, reglages):
    montre = vue_course(courbes, tableau, filtres)
    figure = courbes.figure
    marque = figure.add_artist(Rectangle((0, 0), 0.015, 0.03, transform=figure.transFigure, zorder=99))
    def montre_marque(*etat):
        marque.set_facecolor("black" if reglages.temoin % 2 else "yellow")
        return [montre(*etat), marque]
    return montre_marque

Scene(course, vue_marquee, recit=recit_course, vitesse=math.inf, cadence=8, taille=(12, 5.6),
      cadre=4 * [["courbes"] * 4 + ["tableau"] * 3] + 2 * [["filtres"] * 4 + ["tableau"] * 3],
      lots=(70, 938, 1876), graine=[1, 2, 3], adversaire=False,
      temoin=SelectionSlider(options=range(60), value=20, description="temoin"))
"""
FIN = """() => document.querySelector(".demystifie-recit b").textContent.includes("terminé")"""


def boucle_nue(fils: int) -> tuple[float, float, float]:
    """Secondes (examens compris), images lues par seconde, et erreur finale, sans scène ni dessin."""
    course = carnets.execute("06_convolution")[0]["course"]
    torch.set_num_threads(fils)
    debut = time.perf_counter()
    for etat in course(types.SimpleNamespace(lots=LOTS, graine=1, adversaire=False)):
        conv = etat[1][0]
    secondes = time.perf_counter() - debut
    torch.set_num_threads(1)
    return secondes, LOTS * IMAGES / secondes, conv["erreur"][-1]


def ligne(nom, secondes, debit, erreur):
    """Une ligne du tableau."""
    print(
        f"{nom:28} {secondes:8.1f} s {debit:8.0f} images/s   {100 * erreur:.2f} % d'erreur", flush=True
    )


def main() -> None:
    """Mesure tout, imprime le tableau."""
    if dossier := os.environ.get("DEMYSTIFIE_DONNEES"):  # le carnet, lui, s'exécute depuis son dossier
        os.environ["DEMYSTIFIE_DONNEES"] = str(Path(dossier).resolve())
    if len(carnets.execute("06_convolution")[0]["images"]) != 60_000:
        sys.exit("Il faut le vrai MNIST : nomme son dossier dans DEMYSTIFIE_DONNEES.")
    nue = boucle_nue(1)
    ligne("boucle nue, un fil", *nue)
    ligne("boucle nue, deux fils", *boucle_nue(2))
    with tempfile.TemporaryDirectory() as temporaire:
        depot = Path(temporaire)
        (depot / "notebooks").mkdir()
        (depot / "notebooks" / "demystifie").symlink_to(carnets.DOSSIER / "demystifie")
        preparation = latence.cellules_du_chapitre("06_convolution")
        latence.carnet(depot / "notebooks", "scene", *preparation, SCENE)
        with labo.serveur(depot) as (adresse, jeton), labo.navigateur() as chromium:
            page = latence.ouvre(chromium, adresse, jeton, "scene")
            debut = time.perf_counter()
            page.locator(".demystifie-joue").click()
            page.wait_for_function(FIN, timeout=300_000, polling=500)
            secondes = time.perf_counter() - debut
            finale = """print([s for _, scenes in Scene._par_cellule.values()
                            for s in scenes][-1].etat[1][0]["erreur"][-1])"""
            scene = secondes, LOTS * IMAGES / secondes, float(latence.demande(page, finale))
            ligne("scène, dans JupyterLab", *scene)
            print(f"la scène lit {100 * scene[1] / nue[1]:.0f} % des images de la boucle nue")
            page.locator(".demystifie-joue").click()
            mesures = latence.latences(page, ".renderview-view", "temoin")
            latence.ligne("pendant qu'il apprend", mesures, latence.images_par_seconde(page))
            print(f"mémoire du noyau : {demarrage.memoire_des_noyaux():.0f} Mio")


if __name__ == "__main__":
    main()
