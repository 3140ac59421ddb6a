"""Les boucles du carnet 07, dans leur scène et toutes nues, et la mémoire de leur noyau.

    python tests/mesures/recurrents.py

Pas par seconde, à fond, dans un seul lancement : la boucle nue ; la partie, qui garde son passé ; la
scène jouée sous asyncio, sans navigateur (elle compte ses tranches et raconte, mais ne peint pas). Elles
se relaient, et l'on garde la meilleure manche de chacune : seuls les rapports comptent. Puis la mémoire
d'un vrai noyau (sous Linux).
"""

import asyncio
import itertools
import math
import sys
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import nbformat
from nbclient import NotebookClient

NOM = "07_reseaux_recurrents"
BOUCLES = {
    "rappel": "la porte",
    "communes": "de rien",
    "coeur": "quinze secondes calmes",
    "regard": "dix lettres",
}
JOUE = """
import gc
for scene in [objet for objet in gc.get_objects() if isinstance(objet, Scene)]:
    scene.pas(200), scene.image(), scene.dessin.repose()
"""
MANCHES, DUREE = 3, 1.5  # secondes


def nue(boucle, reglages: dict) -> float:
    """La boucle seule."""
    suite = boucle(SimpleNamespace(**reglages))
    next(suite)
    return cadence(lambda: next(suite))


def cadence(avance) -> float:
    """Combien de fois par seconde on peut appeler ``avance``."""
    debut, faits = time.perf_counter(), 0
    while time.perf_counter() - debut < DUREE:
        avance()
        faits += 1
    return faits / (time.perf_counter() - debut)


def partie(scene) -> float:
    """La même, qui garde ses états et les mesure."""
    scene.recommence()
    return cadence(lambda: scene.partie.avance(1))


async def jouee(scene) -> float:
    """La même, jouée à fond en tâche de fond."""
    scene.recommence()
    scene.page.vitesse.value = math.inf
    debut = time.perf_counter()
    scene.joue()
    await asyncio.sleep(DUREE)
    scene.pause()
    return scene.numero / (time.perf_counter() - debut)


def memoire(suite: str) -> float:
    """Les Mio d'un vrai noyau qui a exécuté le carnet, puis ``suite``."""
    carnet = carnets.lis(NOM)
    dit = "print(int(open('/proc/self/statm').read().split()[1]) * 4096 / 2**20)"
    carnet.cells.append(nbformat.v4.new_code_cell(f"{suite}\n{dit}"))
    NotebookClient(carnet, timeout=300, resources={"metadata": {"path": carnets.DOSSIER}}).execute()
    return float(carnet.cells[-1].outputs[-1].text)


def main() -> None:
    """Imprime un tableau."""
    espace = carnets.execute(NOM)[0]
    print(f"{'boucle':10} {'nue (pas/s)':>12} {'partie':>8} {'jouée':>8}")
    for boucle, scenario in BOUCLES.items():
        scene = carnets.remise_a_neuf(NOM, boucle, scenario)
        reglages = scene.boutons.departs | scene.scenarios[scenario]
        meilleures = [0.0, 0.0, 0.0]
        for _, quoi in itertools.product(range(MANCHES), range(3)):
            mesure = (
                nue(espace[boucle], reglages)
                if quoi == 0
                else partie(scene)
                if quoi == 1
                else asyncio.run(jouee(scene))
            )
            meilleures[quoi] = max(meilleures[quoi], mesure)
        seule, gardee, en_scene = meilleures
        print(f"{boucle:10} {seule:12.0f} {gardee / seule:8.0%} {en_scene / seule:8.0%}", flush=True)
    print(f"mémoire du noyau, carnet exécuté : {memoire(''):.0f} Mio")
    print(f"et deux cents pas joués dans chaque scène : {memoire(JOUE):.0f} Mio")


if __name__ == "__main__":
    main()
