"""Les données embarquées : les vraies, et une phrase claire quand un fichier manque ou est abîmé."""

import shutil
import subprocess
import sys

import carnets
import numpy as np
import pytest
from demystifie import donnees
from demystifie.donnees import fichiers

LUES = {"chiffres.npz": donnees.chiffres, "mnist.npz": donnees.mnist_extrait}


def test_les_chiffres_sont_les_vrais():
    images, etiquettes = donnees.chiffres()
    assert images.shape == (1797, 8, 8) and images.min() == 0 and images.max() == 1
    assert np.bincount(etiquettes).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert etiquettes[:10].tolist() == list(range(10))
    assert round(float(images.mean() * 16), 4) == 4.8842, "la moyenne publiée par scikit-learn"


# --- ce qui manque, ce qui est abîmé --------------------------------------------------------------


def coupe(chemin):
    chemin.write_bytes(chemin.read_bytes()[:3000])


def range_autre_chose(valeur):
    """Une archive bien formée, aux mêmes noms, mais qui tient autre chose."""

    def abime(chemin):
        with np.load(chemin) as archive:
            noms = archive.files
        np.savez(chemin, **dict.fromkeys(noms, valeur))

    return abime


@pytest.mark.parametrize("fichier", LUES)
@pytest.mark.parametrize(
    ("abime", "erreur", "phrase"),
    [
        (lambda chemin: chemin.unlink(), FileNotFoundError, "manque"),
        (coupe, ValueError, "abîmé"),
        (lambda chemin: chemin.write_bytes(b""), ValueError, "abîmé"),
        (range_autre_chose(np.zeros(3)), ValueError, "n'est pas celui"),
        (lambda chemin: np.savez(chemin, autre=np.zeros(3)), ValueError, "abîmé"),
        (range_autre_chose(np.array([{}])), ValueError, "abîmé"),
    ],
    ids=["absent", "tronqué", "vide", "autre forme", "autres noms", "pickle"],
)
def test_un_fichier_abime_se_dit_en_une_phrase(tmp_path, monkeypatch, fichier, abime, erreur, phrase):
    abime(shutil.copy(fichiers.EMBARQUEES / fichier, tmp_path / fichier))
    monkeypatch.setattr(fichiers, "EMBARQUEES", tmp_path)
    with pytest.raises(erreur, match=phrase) as dit:
        LUES[fichier]()
    assert fichier in str(dit.value)


# --- légères --------------------------------------------------------------------------------------


def test_importer_les_donnees_ne_charge_rien_de_lourd():
    """Le paquet seul, sans les scènes : ni torch, ni widgets, ni de quoi parler au réseau."""
    code = """
import sys, types
paquet = types.ModuleType("demystifie")
paquet.__path__ = ["demystifie"]
sys.modules["demystifie"] = paquet
from demystifie import donnees
lourds = {"torch", "torchvision", "ipywidgets", "wigglystuff", "matplotlib", "urllib.request", "ssl"}
print(*(lourds & set(sys.modules)), *(m for m in sys.modules if m.startswith("demystifie.")
      and not m.startswith("demystifie.donnees")))"""
    commande = [sys.executable, "-c", code]
    sortie = subprocess.run(commande, cwd=carnets.DOSSIER, capture_output=True, text=True)
    assert sortie.returncode == 0 and not sortie.stdout.strip(), sortie.stdout + sortie.stderr
