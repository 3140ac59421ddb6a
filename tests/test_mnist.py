"""MNIST : lu, téléchargé, coupé, abîmé, absent ; jamais un demi-fichier pris pour bon."""

import errno
import gzip
import hashlib
import http.server
import os
import shutil
import ssl
import subprocess
import sys
import threading
import urllib.request

import carnets
import numpy as np
import pytest
from demystifie import donnees
from demystifie.donnees import fichiers, originaux, telechargement

APPRENTISSAGE, TEST = 60, 20  # images de la maquette


@pytest.fixture(scope="session")
def maquette():
    """Un MNIST de 80 images, au format du vrai : {nom de fichier: octets}."""
    hasard = np.random.default_rng(0)
    fichiers = {}
    for prefixe, combien in (("train", APPRENTISSAGE), ("t10k", TEST)):
        images = hasard.integers(0, 256, (combien, 28, 28), dtype=np.uint8)
        etiquettes = hasard.integers(0, 10, combien, dtype=np.uint8)
        for nature, tableau, magie in (("images-idx3", images, 2051), ("labels-idx1", etiquettes, 2049)):
            entete = np.array([magie, *tableau.shape], ">i4").tobytes()
            fichiers[f"{prefixe}-{nature}-ubyte"] = entete + tableau.tobytes()
    return fichiers


class Miroir(http.server.BaseHTTPRequestHandler):
    """Un site qui sert la maquette, bien ou mal selon ``server.humeur``."""

    def do_HEAD(self):  # noqa: D102
        self.repond(corps=False)

    def do_GET(self):  # noqa: D102
        self.repond(corps=True)

    def do_CONNECT(self):  # noqa: D102
        self.repond(corps=False)

    def repond(self, corps):  # noqa: D102
        site = self.server
        if site.humeur == "mandataire":
            self.send_error(407, "Proxy Authentication Required")
            return
        octets = site.fichiers[self.path.lstrip("/")]
        if corps:
            site.demandes.append(self.path)
        humeur = site.humeurs.pop(0) if corps and site.humeurs else site.humeur
        if humeur == "muet":
            site.ferme.wait(10)
            return
        if humeur == "introuvable":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(octets)))
        if humeur == "portail":
            self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if corps:
            envoi = {
                "coupe": octets[: len(octets) // 2],
                "abime": octets[:-40] + bytes(40),
            }.get(humeur, octets)
            self.wfile.write(envoi)

    def log_message(self, *_):  # noqa: D102
        pass


@pytest.fixture(autouse=True)
def noyau_neuf():
    """Rien n'a encore été dit dans ce noyau."""
    fichiers.dis_une_fois.cache_clear()


@pytest.fixture
def site(maquette, tmp_path, monkeypatch):
    """Le module, réglé sur la maquette, un dossier vide et un miroir local ; rend le miroir."""
    serveur = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Miroir)
    serveur.fichiers = {f"{nom}.gz": gzip.compress(o, mtime=0) for nom, o in maquette.items()}
    serveur.humeur, serveur.humeurs, serveur.demandes = "sain", [], []
    serveur.ferme = threading.Event()
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    jeu = donnees.importe_torchvision().datasets.MNIST
    sommes = [(nom, hashlib.md5(octets).hexdigest()) for nom, octets in serveur.fichiers.items()]
    monkeypatch.setattr(telechargement, "MIROIRS", [f"http://127.0.0.1:{serveur.server_port}/"])
    monkeypatch.setattr(jeu, "resources", sommes)
    regle_sur(maquette, tmp_path, monkeypatch)
    monkeypatch.delenv("DEMYSTIFIE_DONNEES", raising=False)
    monkeypatch.setattr(telechargement, "DELAI", 2)
    yield serveur
    serveur.ferme.set()
    serveur.shutdown()
    serveur.server_close()


def regle_sur(maquette, dossier, monkeypatch):
    sommes = {nom: hashlib.sha256(octets).hexdigest() for nom, octets in maquette.items()}
    monkeypatch.setattr(originaux, "SOMMES", sommes)
    dossier.mkdir(exist_ok=True)
    shutil.copy(fichiers.EMBARQUEES / "mnist.npz", dossier)
    monkeypatch.setattr(fichiers, "EMBARQUEES", dossier)


def raw(dossier):
    return dossier / "MNIST" / "raw"


def pose(maquette, dossier):
    raw(dossier).mkdir(parents=True)
    for nom, octets in maquette.items():
        (raw(dossier) / nom).write_bytes(octets)


def verifie_la_maquette(maquette, jeu, prefixe="train"):
    assert jeu.origine == "MNIST"
    octets = np.frombuffer(maquette[f"{prefixe}-images-idx3-ubyte"], np.uint8)[16:]
    assert np.array_equal(jeu.images.ravel(), octets) and jeu.images.dtype == np.uint8
    jeu.images[0] = 7  # c'est une copie, que l'on peut modifier
    attendues = np.frombuffer(maquette[f"{prefixe}-labels-idx1-ubyte"], np.uint8)[8:]
    assert np.array_equal(jeu.etiquettes, attendues)


def verifie_le_repli(jeu, capsys, *mots, combien=2000):
    """L'extrait embarqué, annoncé en une phrase, sans pile d'appels."""
    assert jeu.origine == "extrait de MNIST"
    assert jeu.images.shape == (combien, 28, 28) and jeu.etiquettes.shape == (combien,)
    dit = capsys.readouterr().out
    assert dit.count("On continue avec un extrait") == 1 and "Traceback" not in dit
    for mot in mots:
        assert mot in dit


def rien_de_faux_sous_un_vrai_nom(maquette, dossier):
    for nom, octets in maquette.items():
        chemin = raw(dossier) / nom
        assert not chemin.exists() or chemin.read_bytes() == octets


# --- télécharger ----------------------------------------------------------------------------------


def test_mnist_se_telecharge_une_seule_fois(site, maquette, tmp_path, capsys):
    verifie_la_maquette(maquette, donnees.mnist())
    assert "une seule fois" in capsys.readouterr().out
    assert len(set(site.demandes)) == 4
    site.demandes.clear()
    verifie_la_maquette(maquette, donnees.mnist("test"), "t10k")
    assert not site.demandes
    assert capsys.readouterr().out == ""


def test_une_ligne_coupee_reprend_toute_seule(site, maquette):
    site.humeurs = 3 * ["sain"] + ["coupe"]  # torchvision demande deux fois, pour suivre les renvois
    verifie_la_maquette(maquette, donnees.mnist())
    premier, second, *_ = dict.fromkeys(site.demandes)
    assert site.demandes.count(premier) == 2, "ce qui était bien arrivé n'est pas redemandé"
    assert site.demandes.count(second) == 4


@pytest.mark.parametrize(
    ("humeur", "cause"),
    [
        (
            "coupe",
            "s'est interrompu, ou un portail a répondu à la place : il reprendra la prochaine fois",
        ),
        ("abime", "il reprendra la prochaine fois"),
        ("introuvable", "a refusé (404) : change de réseau"),
        ("portail", "un portail d'accueil a répondu à la place"),
    ],
)
def test_un_mauvais_miroir_ne_laisse_rien_de_faux(site, maquette, tmp_path, capsys, humeur, cause):
    site.humeur = humeur
    verifie_le_repli(donnees.mnist(), capsys, cause)
    rien_de_faux_sous_un_vrai_nom(maquette, tmp_path)
    site.humeur = "sain"
    verifie_la_maquette(maquette, donnees.mnist())


def test_un_miroir_muet_ne_fait_pas_attendre(site, monkeypatch, capsys):
    monkeypatch.setattr(telechargement, "DELAI", 0.2)
    site.humeur = "muet"
    verifie_le_repli(donnees.mnist(), capsys, "le réseau ne répond pas")


def test_un_miroir_qui_se_tait_au_milieu_ne_fait_pas_attendre(site, monkeypatch, capsys):
    monkeypatch.setattr(telechargement, "DELAI", 0.2)
    site.humeurs = ["sain", *20 * ["muet"]]
    verifie_le_repli(donnees.mnist(), capsys, "s'est interrompu")


def test_sans_reseau_on_le_dit_et_on_continue(site, monkeypatch, capsys):
    injoignables = ["http://127.0.0.1:9/", "http://pas.un.site.invalid/"]
    monkeypatch.setattr(telechargement, "MIROIRS", injoignables)
    verifie_le_repli(donnees.mnist("test"), capsys, "le réseau ne répond pas", combien=1000)


@pytest.mark.parametrize("protocole", ["http", "https"])
def test_un_mandataire_qui_veut_un_mot_de_passe(site, monkeypatch, capsys, protocole):
    monkeypatch.setattr(urllib.request, "_opener", None)  # il ne lit les variables qu'à sa naissance
    monkeypatch.setenv(f"{protocole}_proxy", f"http://127.0.0.1:{site.server_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    site.humeur = "mandataire"
    monkeypatch.setattr(telechargement, "MIROIRS", [f"{protocole}://exemple.invalid/"])
    verifie_le_repli(donnees.mnist(), capsys, "veut un nom et un mot de passe", "HTTPS_PROXY")


def test_un_certificat_inconnu(site, certificat, monkeypatch, capsys):
    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.load_cert_chain(certificat)
    site.socket = contexte.wrap_socket(site.socket, server_side=True)
    monkeypatch.setattr(telechargement, "MIROIRS", [f"https://localhost:{site.server_port}/"])
    verifie_le_repli(donnees.mnist(), capsys, "certificat inconnu", "SSL_CERT_FILE")


@pytest.mark.parametrize(
    ("numero", "cause"),
    [
        (errno.ENAMETOOLONG, "trop profond pour Windows : déplace-le"),
        (errno.ENOSPC, "plus de place sur le disque"),
        (errno.EROFS, "on ne peut pas écrire dans"),
    ],
)
def test_un_disque_qui_refuse(site, monkeypatch, capsys, numero, cause):
    def refuse(*_, **__):
        raise OSError(numero, os.strerror(numero))

    monkeypatch.setattr(donnees.importe_torchvision().datasets.MNIST, "download", refuse)
    verifie_le_repli(donnees.mnist(), capsys, cause)


def test_le_second_miroir_sert_quand_le_premier_manque(site, maquette, monkeypatch):
    monkeypatch.setattr(telechargement, "MIROIRS", ["http://127.0.0.1:9/", *telechargement.MIROIRS])
    verifie_la_maquette(maquette, donnees.mnist())


@pytest.mark.parametrize("abime", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_un_fichier_a_moitie_decompresse_est_refait(site, maquette, tmp_path, abime):
    pose(maquette, tmp_path)
    for archive in set(site.fichiers) - {f"{abime}.gz"}:
        (raw(tmp_path) / archive).write_bytes(site.fichiers[archive])
    entier = maquette[abime]
    (raw(tmp_path) / abime).write_bytes(entier[: len(entier) // 2])
    verifie_la_maquette(maquette, donnees.mnist())
    assert (raw(tmp_path) / abime).read_bytes() == entier
    assert set(site.demandes) == {f"/{abime}.gz"}


def test_un_dossier_ou_l_on_ne_peut_pas_ecrire(site, tmp_path, capsys):
    (tmp_path / "MNIST").write_text("un fichier, là où il faudrait un dossier")
    verifie_le_repli(donnees.mnist(), capsys, "on ne peut pas écrire")
    assert (tmp_path / "MNIST").read_text().startswith("un fichier")


def test_un_pickle_d_une_ancienne_version_n_est_pas_lu(site, maquette, tmp_path):
    ancien = tmp_path / "MNIST" / "processed"
    ancien.mkdir(parents=True)
    for nom in ("training.pt", "test.pt"):
        (ancien / nom).write_bytes(b"\x80\x04cos\nsystem\n")
    verifie_la_maquette(maquette, donnees.mnist())
    assert len(set(site.demandes)) == 4


# --- lire ailleurs --------------------------------------------------------------------------------


def test_la_variable_nomme_le_dossier(maquette, tmp_path, monkeypatch):
    pose(maquette, tmp_path / "ailleurs")
    regle_sur(maquette, tmp_path, monkeypatch)
    monkeypatch.setenv("DEMYSTIFIE_DONNEES", str(tmp_path / "ailleurs"))
    verifie_la_maquette(maquette, donnees.mnist())


@pytest.mark.parametrize(
    ("abime", "mot"),
    [
        (lambda chemin: chemin.unlink(), "Il manque à MNIST le fichier"),
        (lambda chemin: chemin.write_bytes(chemin.read_bytes()[:20]), "est abîmé"),
        (lambda chemin: chemin.write_bytes(b""), "est abîmé"),
        (lambda chemin: chemin.write_bytes(chemin.read_bytes()[:-1] + b"\xff"), "est abîmé"),
        (lambda chemin: (chemin.unlink(), chemin.mkdir()), "ne se lit pas"),
    ],
    ids=["manque", "tronqué", "vide", "un octet", "dossier"],
)
def test_ailleurs_rien_n_est_modifie(maquette, tmp_path, monkeypatch, capsys, abime, mot):
    pose(maquette, tmp_path)
    regle_sur(maquette, tmp_path / "data", monkeypatch)
    monkeypatch.setenv("DEMYSTIFIE_DONNEES", str(tmp_path))
    abime(raw(tmp_path) / "t10k-labels-idx1-ubyte")
    avant = sorted((f.name, f.stat().st_size) for f in raw(tmp_path).iterdir())
    # Il manque à une partie : les deux se replient, car elles ne se comparent qu'à origine égale.
    verifie_le_repli(donnees.mnist(), capsys, mot, "t10k-labels-idx1-ubyte")
    assert avant == sorted((f.name, f.stat().st_size) for f in raw(tmp_path).iterdir())
    assert [fichier.name for fichier in (tmp_path / "data").iterdir()] == ["mnist.npz"]


@pytest.mark.parametrize("jeu", [donnees.mnist, donnees.mnist_extrait])
def test_une_partie_inconnue_se_dit(jeu):
    with pytest.raises(ValueError, match="« validation »"):
        jeu("validation")


def test_le_repli_ne_se_dit_qu_une_fois(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DEMYSTIFIE_DONNEES", str(tmp_path))
    verifie_le_repli(donnees.mnist(), capsys, "MNIST n'est pas dans")
    donnees.mnist()
    donnees.mnist("test")
    assert capsys.readouterr().out == ""


# --- l'extrait embarqué ---------------------------------------------------------------------------


def test_l_extrait_est_equilibre_et_pese_peu():
    assert (fichiers.EMBARQUEES / "mnist.npz").stat().st_size < 600_000
    for partie, combien in (("apprentissage", 2000), ("test", 1000)):
        jeu = donnees.mnist_extrait(partie)
        assert jeu.images.shape == (combien, 28, 28) and jeu.images.dtype == np.uint8
        assert jeu.etiquettes.tolist() == list(range(10)) * (combien // 10)
        jeu.images[0] = 7  # un carnet qui abîme sa copie n'abîme pas celle du suivant
        assert donnees.mnist_extrait(partie).images[0].max() > 200


def test_aucune_image_de_l_examen_n_a_ete_apprise():
    apprises, examen = (
        {image.tobytes() for image in donnees.mnist_extrait(partie).images}
        for partie in ("apprentissage", "test")
    )
    assert len(apprises) == 2000 and len(examen) == 1000 and not apprises & examen


def test_l_extrait_vient_du_vrai(vrai_mnist):
    """Chaque image est, octet pour octet, celle du jeu complet dont l'archive donne le rang."""
    for partie, entier in zip(("apprentissage", "test"), vrai_mnist, strict=True):
        (rangs,) = fichiers.lis("mnist.npz", f"rangs_{partie}")
        extrait = donnees.mnist_extrait(partie)
        assert np.array_equal(entier.images[rangs], extrait.images)
        assert np.array_equal(entier.etiquettes[rangs], extrait.etiquettes)


def test_le_vrai_mnist_est_le_vrai(vrai_mnist):
    apprentissage, examen = vrai_mnist
    assert (apprentissage.images.shape, examen.images.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert examen.etiquettes[:5].tolist() == [7, 2, 1, 0, 4]
    assert apprentissage.images.mean() / 255 == pytest.approx(0.1307, abs=1e-4)  # la moyenne connue


# --- torchvision, bien portant, bancal ou absent --------------------------------------------------

BIEN_PORTANT = "donnees_des_operateurs = 'les siens'\n"
BANCAL = """
import torch
if not hasattr(torch.ops.torchvision, "nms"):
    raise RuntimeError("operator torchvision::nms does not exist")
torch.ops.torchvision.qnms
"""
ABSENT = "raise ImportError('aucun module de ce nom')\n"


def importe_avec(tmp_path, contenu, apres):
    """Importe un torchvision qui dit ``contenu``, dans un Python neuf ; rend ce qu'imprime ``apres``."""
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(contenu)
    code = f"from demystifie import donnees\n{apres}"
    chemin = os.pathsep.join([str(tmp_path), str(carnets.DOSSIER)])
    sortie = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": chemin, "DEMYSTIFIE_DONNEES": ""},
    )  # fmt: skip
    assert sortie.returncode == 0, sortie.stderr
    return sortie.stdout


def test_un_torchvision_bien_portant_est_laisse_tranquille(tmp_path):
    apres = """
import sys
print(donnees.importe_torchvision().donnees_des_operateurs, "torch" in sys.modules)"""
    assert importe_avec(tmp_path, BIEN_PORTANT, apres).split() == ["les", "siens", "False"]


def test_un_torchvision_bancal_est_redresse(tmp_path):
    apres = "print(donnees.importe_torchvision().__name__, donnees.importe_torchvision().__name__)"
    assert importe_avec(tmp_path, BANCAL, apres).split() == ["torchvision", "torchvision"]


def test_meme_apres_un_premier_echec(tmp_path):
    apres = """
try:
    import torchvision
except RuntimeError:
    print("raté", end=" ")
print(donnees.importe_torchvision().__name__)"""
    assert importe_avec(tmp_path, BANCAL, apres).split() == ["raté", "torchvision"]


def test_sans_torchvision_on_continue(tmp_path):
    shutil.copy(fichiers.EMBARQUEES / "mnist.npz", tmp_path)
    apres = f"""
from pathlib import Path
donnees.fichiers.EMBARQUEES = Path({str(tmp_path)!r})
from demystifie.donnees import telechargement
telechargement.MIROIRS = ["data:,"]  # il répond toujours, même sans réseau
print(donnees.mnist().origine)"""
    dit = importe_avec(tmp_path, ABSENT, apres)
    assert "torchvision, qui le télécharge, ne se charge pas" in dit
    assert dit.splitlines()[-1] == "extrait de MNIST"


def test_le_torchvision_d_ici_sert_pour_de_bon():
    """Celui qui est installé, quel que soit son état : données, transformations, modèles."""
    tv = donnees.importe_torchvision()
    import torch
    from torchvision.transforms import v2

    assert tv.datasets.MNIST.resources and tv.datasets.MNIST.mirrors == telechargement.MIROIRS
    assert v2.Resize(14)(torch.zeros(1, 28, 28)).shape == (1, 14, 14)
    with torch.device("meta"):
        assert sum(p.numel() for p in tv.models.alexnet().parameters()) == 61_100_840
