"""Les données des carnets ; tout ce qui est ici marche sans réseau."""

import errno
import hashlib
import importlib
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from . import animaux
from .ardoise import cadre28

EMBARQUEES = Path(__file__).resolve().parents[2] / "data"

SANS_ECRIRE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOTDIR, errno.EEXIST}
DELAI = 4  # secondes sans nouvelles du réseau avant de s'en passer
SOMMES = {  # sha256 des fichiers décompressés : torchvision ne vérifie que les .gz
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def chiffres() -> tuple[np.ndarray, np.ndarray]:
    """Les 1 797 chiffres manuscrits de l'UCI, en 8×8.

    Rend ``(images, etiquettes)`` : des réels de 0 (papier) à 1 (encre), de forme (1797, 8, 8), et
    des entiers de 0 à 9, de forme (1797,). L'ordre est celui d'origine : les derniers chiffres
    ont été écrits par d'autres mains que les premiers. Lève une ``FileNotFoundError`` ou une
    ``ValueError``, en une phrase, si le fichier manque ou est abîmé.

    Source : Alpaydin et Kaynak, « Optical Recognition of Handwritten Digits », UCI Machine
    Learning Repository, 1998, CC BY 4.0.
    """
    images, etiquettes = _lit("chiffres.npz", "images", "etiquettes")
    if images.shape != (1797, 8, 8) or etiquettes.shape != (1797,):
        raise ValueError("Le fichier data/chiffres.npz n'est pas celui du dépôt : reprends-le.")
    return images / np.float32(16), etiquettes.astype(int)


def chats_et_chiens(combien: int, cote: int = 32) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Des chats et des chiens dessinés ici même, toujours les mêmes, un chat puis un chien.

    Rend ``(images, chiens)`` : ``images["canapé"]``, ``images["herbe"]`` et ``images["papier"]``
    montrent les mêmes animaux, posés sur trois fonds, en octets, de forme (combien, cote, cote, 3) ;
    ``chiens`` dit vrai pour les chiens, de forme (combien,). Le ``i``-ième animal ne dépend ni de
    ``combien`` ni de ``cote``. Lève une ``ValueError`` si l'un des deux n'est pas au moins 1.
    """
    if combien < 1 or cote < 1:
        raise ValueError(f"Il faut au moins un animal et un pixel ; pas {combien} et {cote}.")
    chiens = np.arange(combien) % 2 == 1
    dessins = [animaux.dessine(chien, graine, cote) for graine, chien in enumerate(chiens)]
    return {fond: np.stack([d[fond] for d in dessins]) for fond in animaux.FONDS}, chiens


class Mnist(NamedTuple):
    """Une partie de MNIST, ou ce qui en tient lieu."""

    images: np.ndarray  # (n, 28, 28), des octets, de 0 (papier) à 255 (encre)
    etiquettes: np.ndarray  # (n,), de 0 à 9
    origine: str


def mnist(partie: str = "apprentissage") -> Mnist:
    """Les chiffres de MNIST, en 28×28 : 60 000 pour l'``"apprentissage"``, 10 000 pour le ``"test"``.

    Ils sont lus dans le dossier que nomme la variable ``DEMYSTIFIE_DONNEES`` (celui qui contient
    ``MNIST/raw``, jamais modifié), ou sinon dans ``data/``, où torchvision les télécharge la première
    fois. Faute de mieux, une phrase le dit, et ce sont les 1 797 chiffres embarqués, agrandis et
    cadrés de même : 1 200 et 597. Lève une ``ValueError`` si ``partie`` est autre chose.
    """
    if partie not in ("apprentissage", "test"):
        raise ValueError(f"MNIST a deux parties, « apprentissage » et « test » ; pas « {partie} ».")
    ailleurs = os.environ.get("DEMYSTIFIE_DONNEES")
    racine = Path(ailleurs).expanduser() if ailleurs else EMBARQUEES
    raw = racine / "MNIST" / "raw"
    octets, souci = _octets_mnist(raw)
    if souci and not ailleurs:
        octets, souci = _telecharge_mnist(racine, raw, souci)
    if souci:
        remplacants = "les 1 797 chiffres embarqués, agrandis"
        print(f"{souci}. On continue avec {remplacants}.")
        images, etiquettes = _agrandis()
        coupe = slice(1200) if partie == "apprentissage" else slice(1200, None)
        return Mnist(images[coupe].copy(), etiquettes[coupe].copy(), remplacants)
    prefixe = "train" if partie == "apprentissage" else "t10k"
    images = np.frombuffer(octets[f"{prefixe}-images-idx3-ubyte"], np.uint8, offset=16)
    etiquettes = np.frombuffer(octets[f"{prefixe}-labels-idx1-ubyte"], np.uint8, offset=8)
    return Mnist(images.reshape(-1, 28, 28).copy(), etiquettes.astype(np.int64), "MNIST")


def _octets_mnist(raw):
    """Les quatre fichiers, vérifiés en entier, ou la phrase qui dit ce qui leur manque.

    Les quatre, même pour une seule partie : apprentissage et test ont toujours la même origine.
    """
    if not raw.is_dir():
        return None, f"MNIST n'est pas dans {_court(raw.parents[1])}"
    octets = {}
    for nom, somme in SOMMES.items():
        try:
            octets[nom] = (raw / nom).read_bytes()
        except FileNotFoundError:
            return None, f"Il manque à MNIST le fichier {_court(raw / nom)}"
        except OSError:
            return None, f"Le fichier {_court(raw / nom)} ne se lit pas"
        if hashlib.sha256(octets[nom]).hexdigest() != somme:
            return None, f"Le fichier {_court(raw / nom)} est abîmé"
    return octets, ""


def _court(chemin):
    """Le chemin vu du dépôt, s'il y est."""
    depot = EMBARQUEES.parent
    return chemin.relative_to(depot).as_posix() if chemin.is_relative_to(depot) else chemin


def _telecharge_mnist(racine, raw, souci):
    """Comme ``_octets_mnist``, après avoir fait télécharger ce qui manque ou est abîmé."""
    try:
        jeu = importe_torchvision().datasets.MNIST
    except (ImportError, OSError, RuntimeError, AttributeError):
        return None, f"{souci}, et torchvision, qui le télécharge, ne se charge pas"
    miroirs = _repondent(jeu.mirrors)
    if not miroirs:
        return None, f"{souci}, et le réseau ne répond pas"
    print(f"{souci} : MNIST se télécharge dans data/ (12 Mo, une seule fois)…")
    for miroir in 2 * miroirs:  # ce qui est déjà arrivé, et dont la somme est bonne, n'est pas redemandé
        # Un miroir à la fois : sur une ligne coupée, torchvision n'essaie pas le suivant. Et rien de
        # ce que d'anciennes versions rangeaient ailleurs, en pickle.
        dici = {"mirrors": [miroir], "_check_legacy_exist": lambda _: False}
        try:
            _ecarte_les_abimes(raw)
            with _delai(DELAI):
                type("MNIST", (jeu,), dici)(racine, download=True)
        except Exception as erreur:  # urllib, http, gzip, zlib, torchvision : chacun a les siennes
            if getattr(erreur, "errno", None) in SANS_ECRIRE:
                return None, f"{souci}, et on ne peut pas écrire dans {_court(raw)}"
        octets, souci = _octets_mnist(raw)
        if not souci:
            return octets, ""
    return None, f"{souci}, et le téléchargement s'est interrompu : il reprendra la prochaine fois"


def _ecarte_les_abimes(raw):
    """Efface ce qui n'a pas la bonne somme : torchvision se contente de voir que le fichier existe."""
    for nom, somme in SOMMES.items():
        chemin = raw / nom
        if chemin.is_file() and hashlib.sha256(chemin.read_bytes()).hexdigest() != somme:
            chemin.unlink()


def _repondent(miroirs):
    """Ceux des miroirs qui répondent dans le délai, dans l'ordre.

    On demande à tous à la fois, chacun dans son fil : sans réseau, la recherche du nom d'un hôte
    peut durer des minutes, et rien ne sait l'interrompre.
    """
    presents = set()

    def sonne(miroir):
        demande = urllib.request.Request(miroir + "t10k-labels-idx1-ubyte.gz", method="HEAD")
        try:
            urllib.request.urlopen(demande, timeout=DELAI).close()
        except urllib.error.HTTPError:
            pass  # il ne veut pas de cette question, mais il est là
        except Exception:  # hors d'atteinte, muet, ou qui parle une autre langue
            return
        presents.add(miroir)

    fils = [threading.Thread(target=sonne, args=[m], daemon=True) for m in miroirs]
    for fil in fils:
        fil.start()
    echeance = time.monotonic() + DELAI
    for fil in fils:
        fil.join(max(0, echeance - time.monotonic()))
    return [miroir for miroir in miroirs if miroir in presents]


@contextmanager
def _delai(secondes):
    """Le temps d'attente du réseau, le temps d'un bloc : torchvision attendrait sans fin."""
    avant = socket.getdefaulttimeout()
    socket.setdefaulttimeout(secondes)
    try:
        yield
    finally:
        socket.setdefaulttimeout(avant)


@cache
def _agrandis():
    """Les chiffres 8×8, agrandis et cadrés comme un dessin sur l'ardoise."""
    images, etiquettes = chiffres()
    grandes = [Image.fromarray(i).resize((112, 112), Image.Resampling.BICUBIC) for i in images]
    cadrees = np.array([cadre28(np.asarray(grande)) for grande in grandes])
    return np.round(255 * cadrees).astype(np.uint8), etiquettes.astype(np.int64)


def importe_torchvision():
    """Importe torchvision, même bancal à côté de ce torch ; le rend.

    Un torchvision compilé pour une carte graphique, à côté d'un torch qui n'en connaît pas, ne
    charge pas ses opérateurs, et s'arrête à « operator torchvision::nms does not exist ». Ils ne
    servent qu'à la détection d'objets : les déclarer, vides, suffit pour tout le reste. On ne le
    fait qu'après un échec, car un torchvision bien portant les déclare lui-même, et deux fois non plus
    ne va pas.
    """
    try:
        return importlib.import_module("torchvision")
    except (RuntimeError, AttributeError):  # AttributeError : un autre l'a essayé avant nous, en vain
        import torch

    for module in [nom for nom in sys.modules if nom.partition(".")[0] == "torchvision"]:
        del sys.modules[module]  # ce que l'essai manqué a laissé à moitié chargé
    declare = torch.library.Library("torchvision", "FRAGMENT")
    for operateur in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, operateur):
            declare.define(f"{operateur}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    importe_torchvision.garde = declare  # l'oublier effacerait les déclarations
    return importlib.import_module("torchvision")


def _lit(fichier, *noms):
    chemin = EMBARQUEES / fichier
    try:
        with np.load(chemin, allow_pickle=False) as archive:
            return [archive[nom] for nom in noms]
    except FileNotFoundError:
        raise FileNotFoundError(f"Il manque le fichier data/{fichier} : reprends-le du dépôt.") from None
    except Exception as erreur:  # zipfile, zlib et numpy ont chacun leurs exceptions
        raise ValueError(f"Le fichier data/{fichier} est abîmé : reprends-le du dépôt.") from erreur
