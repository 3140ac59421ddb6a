"""La boucle « profondeur » du carnet 04 face à un moteur d'objets en JavaScript, dans un seul lancement.

    python tests/mesures/vitesse_reseau.py

Exemples appris par seconde, pour les mêmes réseaux et les mêmes lots. Le moteur (moteur_objets.js) est
écrit à la manière de TensorFlow Playground : un objet par neurone et par fil, un exemple à la fois. Les
deux se relaient, et l'on garde la meilleure fenêtre de chacun : seuls les rapports comptent.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets

MOTEUR = Path(__file__).with_name("moteur_objets.js")
RESEAUX = {"2-3-1": (1, 3), "2-4-1": (1, 4), "2-4-4-1": (2, 4), "2-8-8-1": (2, 8), "2-8-8-8-1": (3, 8)}
LOTS = [10, 32, 250]
EXEMPLES = 2000  # par pas de la boucle, ou le plus grand multiple du lot en dessous
MANCHES, FENETRE = 5, 0.005  # secondes


def vitesse_du_carnet(tours, lot: int, duree: float) -> float:
    """La meilleure fenêtre, en exemples par seconde ; ``tours`` est la boucle du carnet."""
    meilleure, fin = 0.0, time.perf_counter() + duree
    while (debut := time.perf_counter()) < fin:
        faits = 0
        while time.perf_counter() - debut < FENETRE:
            next(tours)
            faits += EXEMPLES // lot * lot
        meilleure = max(meilleure, faits / (time.perf_counter() - debut))
    return meilleure


def vitesse_du_moteur(node: str, tailles: str, lot: int, duree: float) -> float:
    """La même chose, demandée à Node."""
    commande = [node, str(MOTEUR), tailles.replace("-", ","), str(lot), str(duree)]
    sortie = subprocess.run(commande, capture_output=True, text=True, check=True).stdout
    return json.loads(sortie)["vitesse"]


def main() -> None:
    """Imprime un tableau : une ligne par réseau et par lot."""
    node = shutil.which("node")
    if node is None:
        print("Node n'est pas installé : il n'y a rien à quoi comparer la boucle du carnet 04.")
        return
    profondeur = carnets.execute("04_retropropagation")[0]["profondeur"]
    print(f"{'réseau':12} {'lot':>4} {'carnet (ex/s)':>15} {'moteur JS (ex/s)':>17} {'rapport':>8}")
    for nom, (couches, neurones) in RESEAUX.items():
        for lot in LOTS:
            tours = profondeur(
                SimpleNamespace(dessin="cercle", couches=couches, neurones=neurones, lot=lot, taux=0.03)
            )
            carnet = moteur = 0.0
            for _ in range(MANCHES):
                carnet = max(carnet, vitesse_du_carnet(tours, lot, 0.3))
                moteur = max(moteur, vitesse_du_moteur(node, nom, lot, 0.3))
            print(f"{nom:12} {lot:4} {carnet:15,.0f} {moteur:17,.0f} {carnet / moteur:8.2f}", flush=True)


if __name__ == "__main__":
    main()
