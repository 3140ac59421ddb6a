"""Le chapitre 08 : ce que regarder une partie lui coûte, et la mémoire du noyau.

    python tests/mesures/gan.py

Un seul lancement de JupyterLab et de Chromium, un seul noyau, le carnet exécuté en entier. Pour chaque
scène qui apprend : les pas par seconde de sa boucle nue, puis de la scène jouée à fond, à l'écran, et le
rapport. La boucle nue se mesure avant et après, et l'on garde la meilleure.
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import demarrage
import labo
import latence

SCENES = {"billets": 1, "anneau": 2, "en_direct": 4}  # et leur rang dans le carnet
MEMOIRE_MAXIMALE = 400  # Mio
PREPARE = """
import time
from itertools import islice
from types import SimpleNamespace
from demystifie.page import Page

def trouve(nom):
    scenes = (s for _, scenes in Page._par_cellule.values() for s in scenes)
    return next(s for s in scenes if s.nom == nom)

def nue(nom):
    partie = globals()[nom](SimpleNamespace(**trouve(nom).boutons.departs))
    list(islice(partie, 50))
    debut, pas = time.perf_counter(), 0
    while time.perf_counter() - debut < 3:
        next(partie)
        pas += 1
    print(pas / (time.perf_counter() - debut))
"""
A_FOND = "s = trouve({nom!r}); s.recommence(); s.page.vitesse.value = float('inf'); s.joue()"


def mesure(page, nom: str, rang: int) -> None:
    """Imprime une ligne du tableau."""
    avant = float(labo.demande(page, f"nue({nom!r})", delai=600))
    toile = page.locator(".demystifie-scene .renderview-view").nth(rang)
    toile.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    labo.demande(page, A_FOND.format(nom=nom))
    page.wait_for_timeout(2000)
    scene = latence.pas_par_seconde(page)
    labo.demande(page, "s.pause()")
    meilleure = max(avant, float(labo.demande(page, f"nue({nom!r})", delai=600)))
    print(f"{nom:12} {meilleure:14.0f} {scene:14.0f} {scene / meilleure:9.0%}", flush=True)


def main() -> None:
    """Mesure tout, imprime le tableau."""
    with tempfile.TemporaryDirectory() as temporaire:
        dossier = Path(temporaire) / "notebooks"  # une copie : JupyterLab enregistre tout seul
        dossier.mkdir()
        shutil.copy(carnets.DOSSIER / "08_gan.ipynb", dossier)
        for module in ("decors", "demystifie"):
            (dossier / module).symlink_to(carnets.DOSSIER / module)
        with labo.serveur(dossier.parent) as (adresse, jeton), labo.navigateur() as chromium:
            mesure_tout(chromium, adresse, jeton)


def mesure_tout(chromium, adresse, jeton) -> None:
    """Le tableau, dans cette page."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    labo.ouvre(page, adresse, jeton, "notebooks/08_gan.ipynb")
    labo.execute_tout(page)
    ouvert = demarrage.memoire_du_noyau()
    labo.demande(page, PREPARE, delai=600)
    print(f"{'scène':12} {'boucle (pas/s)':>14} {'scène (pas/s)':>14} {'rapport':>9}")
    for nom, rang in SCENES.items():
        mesure(page, nom, rang)
    labo.demande(page, "trouve('sois_l_expert').pas(2)")  # le juge s'exerce
    fini = demarrage.memoire_du_noyau()
    print(f"mémoire : {ouvert:.0f} Mio ouvert, {fini:.0f} à la fin (visé : {MEMOIRE_MAXIMALE})")


if __name__ == "__main__":
    main()
