"""Ce qu'on attend et ce qu'on occupe : ouverture d'un carnet, mémoire de chaque noyau.

    python tests/mesures/demarrage.py

Ouverture, dans JupyterLab et Chromium : un carnet vide prêt à travailler, puis, pour chaque chapitre, ce
qu'il faut de plus pour que sa première scène soit vivante (toutes les cellules exécutées d'un coup).
Mémoire : celle du noyau, une fois le carnet exécuté.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import labo
import latence
import psutil


def ouverture(page, adresse, jeton, carnet: str) -> float:
    """Secondes jusqu'à un carnet dont le noyau est prêt."""
    debut = time.perf_counter()
    labo.ouvre(page, adresse, jeton, carnet)
    return time.perf_counter() - debut


def premiere_scene(page) -> float:
    """Secondes, une fois tout exécuté d'un coup, jusqu'à la première scène dessinée."""
    debut = time.perf_counter()
    page.evaluate(
        """() => {
            window.fini = false;
            const fin = () => { window.fini = true };
            window.jupyterapp.commands.execute("notebook:run-all-cells").then(fin, fin);
        }"""
    )
    # Une toile hors de l'écran ne se dessine pas : aller la regarder, comme le ferait quelqu'un.
    page.locator(".renderview-view").first.scroll_into_view_if_needed(timeout=120_000)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.renderview-view')].some(i => i.naturalWidth > 300)",
        timeout=120_000,
    )
    return time.perf_counter() - debut


def memoire_du_noyau() -> float:
    """Mébioctets occupés par le plus gros des noyaux que ce serveur a lancés."""
    return max(
        processus.memory_info().rss / 2**20
        for processus in psutil.Process().children(recursive=True)
        if "ipykernel" in " ".join(processus.cmdline())
    )


def main() -> None:
    """Imprime un tableau, un carnet par ligne."""
    with tempfile.TemporaryDirectory() as temporaire:
        depot = Path(temporaire)
        (depot / "notebooks").symlink_to(carnets.DOSSIER)
        latence.carnet(depot, "vide", "1 + 1")
        print(f"{'carnet':24} {'vide prêt (s)':>14} {'+ 1re scène (s)':>16} {'mémoire (Mio)':>14}")
        for nom in sys.argv[1:] or carnets.NOMS:
            with labo.serveur(depot) as (adresse, jeton), labo.navigateur() as chromium:
                page = chromium.new_page(viewport={"width": 1400, "height": 1000})
                ouverture(page, adresse, jeton, "vide.ipynb")  # la première fois, Chromium découvre tout
                vide = ouverture(page, adresse, jeton, "vide.ipynb")
                chapitre = ouverture(page, adresse, jeton, f"notebooks/{nom}.ipynb")
                scene = chapitre - vide + premiere_scene(page)
                # Toutes les cellules : entre deux, le noyau se dit libre, et n'occupe pas encore tout.
                page.wait_for_function("() => window.fini", timeout=180_000)
                print(f"{nom:24} {vide:14.1f} {scene:16.1f} {memoire_du_noyau():14.0f}", flush=True)


if __name__ == "__main__":
    main()
