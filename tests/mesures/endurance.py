"""Une scène qui joue longtemps : la mémoire grossit-elle, dans le noyau ou dans la page ?

    python tests/mesures/endurance.py                     la droite du 03, une heure
    python tests/mesures/endurance.py 05_surapprentissage 10 1    10 minutes de la seconde scène du 05

Un vrai JupyterLab, un vrai Chromium. La scène joue à la vitesse de sa glissière ; finie, elle repart ;
toutes les dix secondes, une main pousse un curseur. Imprime, dix fois : mémoire propre du noyau (USS),
mémoire vivante de la page (après ramassage), objets de la page, images vues ; puis de combien chacune a
grossi depuis le premier dixième, le temps que le passé de la scène se remplisse.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import labo
import psutil

COMPTE_LES_IMAGES = """image => {
    window.images = 0;
    const compte = new MutationObserver(() => window.images++);
    compte.observe(image, {attributes: true, attributeFilter: ["src"]});
}"""


def memoire_du_noyau() -> float:
    """Mébioctets propres au seul noyau que ce serveur a lancé."""
    enfants = psutil.Process().children(recursive=True)
    (noyau,) = [e for e in enfants if "ipykernel" in " ".join(e.cmdline())]
    return noyau.memory_full_info().uss / 2**20


def memoire_de_la_page(chrome) -> tuple[float, int]:
    """Mébioctets que le JavaScript de la page garde vraiment, et nœuds de son document."""
    chrome.send("HeapProfiler.collectGarbage")
    tas = chrome.send("Runtime.getHeapUsage")["usedSize"]
    return tas / 2**20, chrome.send("Memory.getDOMCounters")["nodes"]


def joue(page, scene, secondes: float) -> None:
    """Laisse jouer ``secondes``, relance ce qui finit, et pousse un curseur de temps en temps."""
    fin, touche = time.monotonic() + secondes, 0
    while time.monotonic() < fin:
        if "Jouer" in scene.locator(".demystifie-joue").inner_text():
            scene.locator(".demystifie-joue").click()
        touche += 1
        scene.locator(".noUi-handle").first.press("ArrowRight" if touche % 2 else "ArrowLeft")
        page.wait_for_timeout(min(10, max(0, fin - time.monotonic())) * 1000)


def main() -> None:
    """Imprime un tableau, un dixième de la durée par ligne."""
    nom = sys.argv[1] if len(sys.argv) > 1 else "03_sgd"
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    laquelle = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with (
        tempfile.TemporaryDirectory() as temporaire,
        labo.serveur(labo.copie_du_depot(Path(temporaire))) as acces,
        labo.navigateur() as chromium,
    ):
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        labo.ouvre(page, *acces, f"notebooks/{nom}.ipynb")
        labo.execute_tout(page)
        chrome = page.context.new_cdp_session(page)
        jouables = page.locator(".demystifie-scene", has=page.locator(".demystifie-joue"))
        scene = jouables.nth(laquelle)
        scene.locator(".renderview-view").scroll_into_view_if_needed()
        page.evaluate(COMPTE_LES_IMAGES, scene.locator("img").element_handle())
        print(f"{'minutes':>7} {'noyau (Mio)':>12} {'page (Mio)':>11} {'nœuds':>7} {'images':>8}")
        depart = None
        for dixieme in range(1, 11):
            joue(page, scene, minutes * 6)
            bilan = memoire_du_noyau(), *memoire_de_la_page(chrome)
            depart = depart or bilan
            images = page.evaluate("() => window.images")
            noyau, tas, noeuds = bilan
            passees = dixieme * minutes / 10
            print(f"{passees:7.1f} {noyau:12.1f} {tas:11.1f} {noeuds:7} {images:8}", flush=True)
            assert not labo.erreurs(page)
        croissances = [f"{fin / debut - 1:+.1%}" for debut, fin in zip(depart, bilan, strict=True)]
        print("de plus qu'au premier dixième : noyau {}, page {}, nœuds {}".format(*croissances))


if __name__ == "__main__":
    main()
