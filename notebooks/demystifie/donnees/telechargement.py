"""Faire télécharger MNIST par torchvision, sans jamais attendre sans fin un réseau qui se tait."""

import errno
import os
import re
import socket
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .fichiers import court
from .originaux import SOMMES, lis_les_quatre, verifie
from .vision import importe_torchvision

SANS_ECRIRE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
PROFOND = 215  # caractères : les noms des fichiers de MNIST mènent au-delà des 260 de Windows
DELAI = 4  # secondes sans nouvelles du réseau avant de s'en passer
PORTAIL = "un portail d'accueil a répondu à la place du site qui le donne"
MIROIRS = [  # ceux de torchvision, qu'il faudrait importer, et 85 Mio avec lui, rien que pour les lire
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
]


def telecharge(racine: Path, raw: Path, souci: str) -> tuple[dict[str, np.ndarray], str]:
    """Comme ``lis_les_quatre``, après avoir fait télécharger ce qui manque ou est abîmé."""
    miroirs, refus = _repondent(MIROIRS)
    if not miroirs:
        muet = "le réseau ne répond pas : vérifie la connexion"
        return {}, f"{souci}, et {next(filter(None, map(_cause, refus)), muet)}"
    try:
        jeu = importe_torchvision().datasets.MNIST  # 85 Mio : seulement s'il y a de quoi télécharger
    except (ImportError, OSError, RuntimeError, AttributeError):
        return {}, f"{souci}, et torchvision, qui le télécharge, ne se charge pas"
    cause = None
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
            if empechement := _sur_le_disque(erreur, raw):
                return {}, f"{souci}, et {empechement}"
            cause = _cause(erreur) or cause
        octets, souci = lis_les_quatre(raw)
        if not souci:
            return octets, ""
    coupe = (
        "le téléchargement s'est interrompu, ou un portail a répondu à la place : "
        "il reprendra la prochaine fois"
    )
    return {}, f"{souci}, et {cause or coupe}"


def _cause(erreur):
    """Ce que le réseau reproche, et le remède ; ``None`` s'il s'est seulement tu."""
    dit = str(erreur)  # torchvision met bout à bout ce que chaque miroir a répondu
    if "407" in dit:
        return (
            "le mandataire (proxy) de ce réseau veut un nom et un mot de passe : écris-les dans les "
            "variables HTTP_PROXY et HTTPS_PROXY (http://nom:secret@adresse:port), ou change de réseau"
        )
    if "CERTIFICATE_VERIFY_FAILED" in dit:
        return (
            "le réseau présente un certificat inconnu : règle l'heure, nomme ce certificat dans la "
            "variable SSL_CERT_FILE, ou change de réseau"
        )
    if PORTAIL in dit:
        return f"{PORTAIL} : ouvre une page dans ton navigateur, accepte, puis relance le noyau"
    if refus := re.search(r"HTTP Error (\d+)", dit):
        return f"le site qui le donne a refusé ({refus[1]}) : change de réseau, ou réessaie plus tard"
    return None


def _sur_le_disque(erreur, raw):
    """Ce qui empêche d'écrire dans ``raw``, et le remède ; ``None`` si ce n'est pas cela."""
    numero = getattr(erreur, "errno", None)
    long = os.name == "nt" and numero == errno.ENOENT and len(str(raw)) > PROFOND
    if long or numero == errno.ENAMETOOLONG or getattr(erreur, "winerror", None) == 206:
        return (
            "ce dossier est trop profond pour Windows : déplace-le en haut du disque, dans C:\\carnets"
        )
    if numero == errno.ENOSPC:
        return "il n'y a plus de place sur le disque : libères-en"
    return f"on ne peut pas écrire dans {court(raw)}" if numero in SANS_ECRIRE else None


def _ecarte_les_abimes(raw):
    """Efface ce qui n'a pas la bonne somme : torchvision se contente de voir que le fichier existe."""
    for nom in SOMMES:
        chemin = raw / nom
        if chemin.is_file() and not verifie(chemin.read_bytes(), nom):
            chemin.unlink()


def _repondent(miroirs):
    """Ceux des miroirs qui répondent dans le délai, dans l'ordre ; et les erreurs des autres.

    On demande à tous à la fois, chacun dans son fil : sans réseau, la recherche du nom d'un hôte
    peut durer des minutes, et rien ne sait l'interrompre.
    """
    presents, refus = set(), []

    def sonne(miroir):
        demande = urllib.request.Request(miroir + "t10k-labels-idx1-ubyte.gz", method="HEAD")
        try:
            with urllib.request.urlopen(demande, timeout=DELAI) as reponse:
                if reponse.headers.get_content_type() == "text/html":
                    raise OSError(PORTAIL)
        except Exception as erreur:  # hors d'atteinte, muet, ou qui parle une autre langue
            if getattr(erreur, "code", None) not in (405, 501):
                refus.append(erreur)
                return  # sinon, il ne veut pas de cette question, mais il est là
        presents.add(miroir)

    fils = [threading.Thread(target=sonne, args=[m], daemon=True) for m in miroirs]
    for fil in fils:
        fil.start()
    echeance = time.monotonic() + DELAI
    for fil in fils:
        fil.join(max(0, echeance - time.monotonic()))
    return [miroir for miroir in miroirs if miroir in presents], refus


@contextmanager
def _delai(secondes):
    """Le temps d'attente du réseau, le temps d'un bloc : torchvision attendrait sans fin."""
    avant = socket.getdefaulttimeout()
    socket.setdefaulttimeout(secondes)
    try:
        yield
    finally:
        socket.setdefaulttimeout(avant)
