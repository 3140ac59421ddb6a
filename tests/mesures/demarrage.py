"""Ce qu'on attend et ce qu'on occupe : ouverture d'un carnet, mémoire de chaque noyau.

    python tests/mesures/demarrage.py

Ouverture : du chargement de la page à la première scène vivante (toutes les cellules exécutées d'un
coup), dans JupyterLab et Chromium. Mémoire : celle du noyau, une fois le carnet exécuté.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import labo
import psutil


def ouverture(page, adresse, jeton, nom: str) -> tuple[float, float]:
    """Secondes jusqu'au carnet prêt (noyau compris), puis jusqu'à la première scène dessinée."""
    debut = time.perf_counter()
    labo.ouvre(page, adresse, jeton, f"notebooks/{nom}.ipynb")
    pret = time.perf_counter()
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    # Une toile hors de l'écran ne se dessine pas : aller la regarder, comme le ferait quelqu'un.
    page.locator(".renderview-view").first.scroll_into_view_if_needed(timeout=120_000)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.renderview-view')].some(i => i.naturalWidth > 300)",
        timeout=120_000,
    )
    return pret - debut, time.perf_counter() - debut


def memoire_des_noyaux() -> float:
    """Mébioctets occupés par les noyaux que ce serveur a lancés."""
    return (
        sum(
            processus.memory_info().rss
            for processus in psutil.Process().children(recursive=True)
            if "ipykernel" in " ".join(processus.cmdline())
        )
        / 2**20
    )


def main() -> None:
    """Imprime un tableau, un carnet par ligne."""
    print(f"{'carnet':24} {'prêt (s)':>9} {'1re scène (s)':>14} {'mémoire (Mio)':>14}")
    for nom in carnets.NOMS:
        with labo.serveur() as (adresse, jeton), labo.navigateur() as chromium:
            page = chromium.new_page(viewport={"width": 1400, "height": 1000})
            pret, scene = ouverture(page, adresse, jeton, nom)
            labo.execute_tout(page)
            print(f"{nom:24} {pret:9.1f} {scene:14.1f} {memoire_des_noyaux():14.0f}", flush=True)


if __name__ == "__main__":
    main()
