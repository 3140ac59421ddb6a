"""Refait tout ce qui est embarqué dans ``data/``, ou seulement ce que l'on nomme.

    pip install scikit-learn==1.8.0                       # pour chiffres
    npm pack @etalab/decoupage-administratif@6.0.0        # pour communes
    pip download --no-deps --python-version 3.11 --only-binary=:all: scipy==1.11.4    # coeur, photos
    pip download --no-deps --python-version 3.11 --only-binary=:all: scikit-image==0.25.2    # photos
    pip download --no-deps --python-version 3.11 --only-binary=:all: scikit-learn==1.8.0     # photos
    python data/preparer.py [chiffres] [mnist] [communes] [coeur] [photos]
    python data/preparer.py [lenet5] [dense] [filtres11] [lettres] [faussaire]

Ces jeux voyagent dans des paquets : c'est là qu'on les prend, faute de pouvoir compter sur un site.
Ceux que l'on télécharge sont lus dans le dossier où l'on se trouve. Les fichiers produits sont les
mêmes, octet pour octet, d'une fois sur l'autre.

Les réseaux (voir ``entrainements.py``) demandent quelques minutes chacun, et presque tous MNIST en
entier. Leurs poids sont gardés en demi-précision, et ce qu'ils valent, mesuré après cet arrondi, est
écrit à côté.
"""

import bz2
import io
import json
import sys
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

ICI = Path(__file__).resolve().parent
sys.path.insert(0, str(ICI.parent / "notebooks"))

from entrainements import ENTRAINEMENTS, mnist_complet  # noqa: E402


def ecris(fichier: str, **tableaux: np.ndarray) -> None:
    """Écrit une archive ``.npz`` sans date, pour que refaire les données ne change rien au dépôt."""
    with zipfile.ZipFile(ICI / fichier, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for nom, tableau in tableaux.items():
            octets = io.BytesIO()
            np.save(octets, tableau, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{nom}.npy"), octets.getvalue(), zipfile.ZIP_DEFLATED)
    print(f"{fichier} : {(ICI / fichier).stat().st_size / 1024:.0f} Kio")


def chiffres() -> None:
    """Les 1 797 chiffres 8×8 (de 0 à 16 par pixel), et leurs étiquettes."""
    from sklearn.datasets import load_digits

    jeu = load_digits()
    ecris(
        "chiffres.npz",
        images=jeu.images.astype(np.uint8),
        etiquettes=jeu.target.astype(np.uint8),
    )


def mnist() -> None:
    """200 images de chaque chiffre pour apprendre et 100 pour l'examen, tirées au sort dans MNIST."""
    hasard = np.random.default_rng(0)
    tableaux = {}
    for partie, combien in (("apprentissage", 200), ("test", 100)):
        jeu = mnist_complet(partie)
        rangs = [hasard.permutation(np.flatnonzero(jeu.etiquettes == c))[:combien] for c in range(10)]
        rangs = np.stack(rangs, axis=1).ravel()  # 0, 1… 9, 0, 1…
        tableaux[f"images_{partie}"] = jeu.images[rangs]
        tableaux[f"etiquettes_{partie}"] = jeu.etiquettes[rangs].astype(np.uint8)
        tableaux[f"rangs_{partie}"] = rangs.astype(np.uint16)  # où chacune est dans le jeu complet
    ecris("mnist.npz", **tableaux)


def paquet(nom: str) -> Path:
    """Le paquet dont le nom commence ainsi, dans le dossier où l'on se trouve."""
    trouves = sorted(Path().glob(f"{nom}*"))
    if not trouves:
        sys.exit(f"Il manque ici le paquet {nom} : l'en-tête de ce programme dit comment l'avoir.")
    return trouves[0]


def communes() -> None:
    """Les noms des communes actuelles et leur région ; deux homonymes d'une région n'en font qu'un."""
    with tarfile.open(paquet("etalab-decoupage-administratif-6.0.0")) as archive:
        lues, regions = (
            json.load(archive.extractfile(f"package/data/{quoi}.json"))
            for quoi in ("communes", "regions")
        )
    nom_de_region = {region["code"]: region["nom"] for region in regions}
    actuelles = [c for c in lues if c["type"] == "commune-actuelle"]
    couples = sorted({(c["nom"], nom_de_region[c["region"]]) for c in actuelles})
    toutes = sorted(nom_de_region.values())
    ecris(
        "communes.npz",
        noms=texte(nom for nom, _ in couples),
        regions=texte(toutes),
        region=np.array([toutes.index(region) for _, region in couples], np.uint8),
    )


def embarque(nom: str) -> None:
    """Entraîne le réseau ``nom``, et range ses poids, et ce qu'il vaut."""
    reseau, mesures = ENTRAINEMENTS[nom]()
    poids = {cle: valeur.numpy().astype(np.float16) for cle, valeur in reseau.state_dict().items()}
    ecris(f"{nom}.npz", **poids, **{quoi: np.array(mesure) for quoi, mesure in mesures.items()})
    print(f"{nom} : {mesures}")


def texte(lignes) -> np.ndarray:
    """Des lignes de texte, en octets : numpy, lui, donnerait à toutes la place de la plus longue."""
    return np.frombuffer("\n".join(lignes).encode(), np.uint8)


def coeur() -> None:
    """Le signal, en écarts d'une mesure à la suivante ; le rang et le symbole des battements annotés."""
    with zipfile.ZipFile(paquet("scipy-1.11.4")) as archive:
        mesures = np.load(io.BytesIO(archive.read("scipy/misc/ecg.dat")), allow_pickle=False)["ecg"]
    annotes = json.loads((ICI / "coeur_etiquettes.json").read_text(encoding="utf-8"))
    # Tels que publiés ici, les instants précèdent de 12 mesures, en médiane, le sommet du battement.
    battements = sorted(
        (round(instant * 360) + 12, symbole)
        for symbole in "VF"
        for instant in annotes[f"{symbole}_mitbih"]
    )
    ecris(
        "coeur.npz",
        ecarts=np.diff(mesures.astype(np.int16), prepend=np.int16(0)),
        rangs=np.array([rang for rang, _ in battements], np.uint32),
        symboles=np.frombuffer("".join(symbole for _, symbole in battements).encode(), np.uint8),
    )


PHOTOS = {  # nom : le paquet, et le fichier qu'on y lit
    "astronaute": ("scikit_image-0.25.2", "skimage/data/astronaut.png"),
    "chat": ("scikit_image-0.25.2", "skimage/data/chelsea.png"),
    "dahlia": ("scikit_learn-1.8.0", "sklearn/datasets/images/flower.jpg"),
    "fusee": ("scikit_image-0.25.2", "skimage/data/rocket.jpg"),
    "raton": ("scipy-1.11.4", "scipy/misc/face.dat"),
    "tasse": ("scikit_image-0.25.2", "skimage/data/coffee.png"),
    "temple": ("scikit_learn-1.8.0", "sklearn/datasets/images/china.jpg"),
}


def photos() -> None:
    """Sept photos, réduites à 384 pixels de petit côté."""
    (ICI / "photos").mkdir(exist_ok=True)
    for nom, (dans, fichier) in PHOTOS.items():
        with zipfile.ZipFile(paquet(dans)) as archive:
            octets = archive.read(fichier)
        if fichier.endswith(".dat"):  # des pixels tels quels, serrés
            photo = Image.frombytes("RGB", (1024, 768), bz2.decompress(octets))
        else:
            photo = Image.open(io.BytesIO(octets)).convert("RGB")
        echelle = min(1, 384 / min(photo.size))
        taille = [round(echelle * cote) for cote in photo.size]
        chemin = ICI / "photos" / f"{nom}.webp"
        photo.resize(taille, Image.Resampling.LANCZOS).save(chemin, quality=85, method=6)
        print(f"photos/{nom}.webp : {chemin.stat().st_size / 1024:.0f} Kio")


TACHES = {"chiffres": chiffres, "mnist": mnist, "communes": communes, "coeur": coeur, "photos": photos}
TACHES |= {nom: partial(embarque, nom) for nom in ENTRAINEMENTS}


def main(choix: list[str]) -> None:
    """Refait ce que nomme ``choix``, ou tout."""
    if inconnus := set(choix) - set(TACHES):
        sys.exit(f"« {inconnus.pop()} » n'est pas embarqué ; il y a : {', '.join(TACHES)}.")
    for nom in choix or TACHES:  # dans cet ordre : le faussaire est jugé par LeNet-5
        TACHES[nom]()


if __name__ == "__main__":
    main(sys.argv[1:])
