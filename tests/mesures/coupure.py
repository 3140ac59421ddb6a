"""Le câble débranché pendant qu'une scène joue, puis rebranché : quand l'image repart-elle, seule ?

    python tests/mesures/coupure.py           cinq coupures de 30 secondes, franches ou non
    python tests/mesures/coupure.py 8 20      vingt coupures de 8 secondes

Un vrai JupyterLab, un vrai Chromium, et entre les deux un câble. « Perdu » : personne ne sait que rien
ne passe plus, comme en sortant de la portée du Wi-Fi. Imprime, pour chaque coupure, les secondes entre
le rebranchement et la première image neuve, sans que personne ne touche à rien, et où en est la scène.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "navigateur"))

import labo
from cable import Cable

NUMERO = ".demystifie-temps > .widget-label"


def main() -> None:
    """Imprime une ligne par coupure."""
    duree = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    combien = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with (
        tempfile.TemporaryDirectory() as temporaire,
        labo.serveur(labo.copie_du_depot(Path(temporaire))) as (adresse, jeton),
        labo.navigateur() as chromium,
    ):
        cable = Cable(int(adresse.rpartition(":")[2]))
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        labo.ouvre(page, f"http://127.0.0.1:{cable.port}", jeton, "notebooks/03_sgd.ipynb")
        labo.execute_tout(page)
        scene = page.locator(".demystifie-scene", has=page.locator(".demystifie-joue")).first
        scene.locator(".renderview-view").scroll_into_view_if_needed()
        image = scene.locator("img").element_handle()
        print(f"{'coupure':>8} {'reprise (s)':>12}")
        for i in range(combien):
            if "Jouer" in scene.locator(".demystifie-joue").inner_text():
                scene.locator(".demystifie-joue").click()
            page.wait_for_timeout(3000)
            with cable.coupe(franchement=bool(i % 2)):
                page.wait_for_timeout(duree * 1000)
                fige = image.get_attribute("src")
            debut = time.monotonic()
            page.wait_for_function(
                "([image, fige]) => image.src !== fige", arg=[image, fige], timeout=120_000
            )
            nom = "coupé" if i % 2 else "perdu"
            print(
                f"{nom:>8} {time.monotonic() - debut:12.1f}  {scene.locator(NUMERO).inner_text()}",
                flush=True,
            )
        cable.ferme()


if __name__ == "__main__":
    main()
