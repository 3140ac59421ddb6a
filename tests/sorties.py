"""Refait les sorties enregistrées dans les carnets, ou dit lesquelles ont vieilli.

    python tests/sorties.py                     refait tous les carnets
    python tests/sorties.py 01_score 03_sgd     refait ceux-là

Un carnet enregistré montre une image par scène à qui l'ouvre sans l'exécuter. Il ne garde ni identifiant
de widget, ni état, ni date, et ses compteurs vont de 1 en 1 : deux exécutions donnent le même fichier.
"""

import base64
import io
import os
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from PIL import Image

DEPOT = Path(__file__).resolve().parents[1]
CARNETS = sorted((DEPOT / "notebooks").glob("[0-9]*.ipynb"))
VIVANT = "application/vnd.jupyter.widget-view+json"
# Les mêmes sorties sur toutes les machines : que MNIST y soit ou non, on fait comme s'il n'y était pas.
SANS_MNIST = {"DEMYSTIFIE_DONNEES": str(DEPOT / "data" / "absent")}
REPLI = "On continue avec un extrait"  # et l'on dit pourquoi : ce n'est vrai que d'ici


def execute(chemin: Path, env: dict[str, str], autour: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    """Exécute un carnet dans un noyau neuf, où il a cet ``env`` ; rend le carnet.

    ``autour`` : deux cellules de plus, jouées avant et après les siennes.
    """
    carnet = nbformat.read(chemin, as_version=4)
    for place, source in zip((0, len(carnet.cells) + 1), autour, strict=False):
        carnet.cells.insert(place, nbformat.v4.new_code_cell(source))
    noyau = NotebookClient(carnet, timeout=300, resources={"metadata": {"path": chemin.parent}})
    noyau.execute(env=env)
    return carnet


def normalise(carnet: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Le même carnet, sans ce qui change d'une exécution ou d'une machine à l'autre."""
    carnet.metadata.pop("widgets", None)
    carnet.metadata["language_info"] = {"name": "python"}
    for cellule in carnet.cells:
        cellule.metadata.pop("execution", None)
        if cellule.cell_type == "code":
            cellule.outputs = [sortie for sortie in cellule.outputs if _normalise(sortie)]
    return carnet


def _normalise(sortie) -> bool:
    """Retire ce qui change d'une fois sur l'autre ; rend faux s'il ne reste rien à montrer."""
    if REPLI in sortie.get("text", ""):
        return False
    data = sortie.get("data", {})
    if VIVANT in data:
        del data[VIVANT]
        if "image/png" not in data and "text/html" not in data:
            return False
    sortie.pop("transient", None)
    return True


def vieillies(ancien, neuf) -> list[str]:
    """Ce qui distingue les sorties de deux versions d'un carnet, une phrase par cellule."""
    ecarts = []
    ancien, neuf = normalise(ancien), normalise(neuf)
    for i, (avant, apres) in enumerate(zip(ancien.cells, neuf.cells, strict=True)):
        if avant.cell_type == "code":
            ecarts += [f"cellule {i} : {e}" for e in _ecarts(avant.outputs, apres.outputs)]
    return ecarts


def _ecarts(avant, apres):
    if len(avant) != len(apres):
        yield f"{len(avant)} sorties enregistrées, {len(apres)} à l'exécution"
        return
    for vieille, fraiche in zip(avant, apres, strict=True):
        if vieille.output_type != fraiche.output_type or vieille.get("text") != fraiche.get("text"):
            yield "le texte affiché a changé"
        a, b = vieille.get("data", {}), fraiche.get("data", {})
        if a.keys() != b.keys():
            yield f"des sorties {sorted(a)} sont devenues {sorted(b)}"
        elif any(a[genre] != b[genre] for genre in a if genre.startswith("text/")):
            yield "le texte affiché a changé"
        elif "image/png" in a and not _memes_images(a["image/png"], b["image/png"]):
            yield "l'image a changé"


def _memes_images(a: str, b: str) -> bool:
    # Une police lissée autrement bouge quelques pixels ; une scène changée, des milliers.
    une, autre = (np.asarray(_image(octets), dtype=float) for octets in (a, b))
    return une.shape == autre.shape and np.abs(une - autre).mean() < 2


def _image(octets):
    return Image.open(io.BytesIO(base64.b64decode(octets))).convert("L")


def main(noms: list[str]) -> None:
    """Refait les carnets nommés (« 03_sgd »), ou tous."""
    connus = {carnet.stem: carnet for carnet in CARNETS}
    demandes = [Path(nom).stem for nom in noms] or list(connus)
    if inconnus := [nom for nom in demandes if nom not in connus]:
        sys.exit(f"Pas de carnet « {', '.join(inconnus)} » ; il y a : {', '.join(connus)}.")
    for chemin in map(connus.get, demandes):
        carnet = normalise(execute(chemin, os.environ | SANS_MNIST))
        nbformat.write(carnet, chemin)
        print(f"{chemin.name} : {chemin.stat().st_size / 1024:.0f} Kio")


if __name__ == "__main__":
    main(sys.argv[1:])
