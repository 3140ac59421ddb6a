"""Les données embarquées : les vraies, et une phrase claire quand un fichier manque ou est abîmé."""

import shutil
import subprocess
import sys
from collections import Counter

import carnets
import numpy as np
import pytest
from demystifie import donnees
from demystifie.donnees import fichiers
from demystifie.donnees.lettres import FIN, LETTRES
from demystifie.donnees.photos import TAILLES
from PIL import Image

LUES = {
    "chiffres.npz": donnees.chiffres,
    "mnist.npz": donnees.mnist_extrait,
    "communes.npz": donnees.communes.__wrapped__,  # sans sa mémoire
    "coeur.npz": donnees.coeur,
}


def test_les_chiffres_sont_les_vrais():
    images, etiquettes = donnees.chiffres()
    assert images.shape == (1797, 8, 8) and images.min() == 0 and images.max() == 1
    assert np.bincount(etiquettes).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert etiquettes[:10].tolist() == list(range(10))
    assert round(float(images.mean() * 16), 4) == 4.8842, "la moyenne publiée par scikit-learn"


# --- les communes ---------------------------------------------------------------------------------


def test_les_communes_sont_toutes_la():
    noms, regions = donnees.communes()
    assert len(noms) == len(regions) == len(set(zip(noms, regions, strict=True))) == 34_216
    par_region = Counter(regions)
    assert len(par_region) == 26 and par_region["Bretagne"] == 1196 and par_region["Corse"] == 360
    assert list(noms) == sorted(noms) and noms[0] == "Aast"
    assert ("L'Haÿ-les-Roses", "Île-de-France") in zip(noms, regions, strict=True)


def test_ce_qu_un_reseau_en_lit():
    lus, jamais_lus = donnees.communes_a_lire()
    assert (len(lus), len(jamais_lus)) == (30_681, 2000) and not set(lus) & set(jamais_lus)
    assert len({*lus, *jamais_lus}) == 32_681, "sans doublon"
    assert {nom.lower() for nom in donnees.communes().noms if len(nom) <= 30 and "(" not in nom} == {
        *lus,
        *jamais_lus,
    }
    assert set("".join(lus + jamais_lus)) == set(LETTRES) - {FIN} and len(LETTRES) == 44
    # Les poids embarqués ont appris avec ce partage-ci : s'il change, ils sont à refaire.
    assert lus[0] == "elbeuf-en-bray" and jamais_lus[0] == "moutiers-saint-jean"


def test_le_partage_est_le_meme_dans_chaque_region():
    lus, jamais_lus = donnees.communes_a_lire()
    for region, combien in (("Bretagne", 1124), ("Corse", 332)):
        ici = donnees.communes_a_lire(region)
        assert len(ici.lus) == combien and ici.jamais_lus
        assert set(ici.lus) < set(lus) and set(ici.jamais_lus) < set(jamais_lus)
    with pytest.raises(ValueError, match="« Savoie »"):
        donnees.communes_a_lire("Savoie")


@pytest.mark.parametrize(
    ("texte", "lettres"),
    [
        ("L’Haÿ-les-Roses", "l'haÿ-les-roses"),
        ("  Tyrannosaurus\tRex\n2 ", "tyrannosaurus rex"),
        ("E\u0301TRETAT", "étretat"),
        ("niño æther 🏰 №", "nino aether"),
        ("x" * 100_000, "x" * 30),
        ("🏰 123", ""),
        ("", ""),
    ],
)
def test_tout_texte_se_ramene_aux_lettres_connues(texte, lettres):
    assert donnees.en_lettres(texte) == lettres


# --- le cœur --------------------------------------------------------------------------------------


def test_le_coeur_est_le_vrai():
    signal, cadence, instants, symboles = donnees.coeur()
    assert signal.shape == (300 * cadence,) and cadence == 360 and signal.dtype == np.float32
    assert (signal.min(), signal.max()) == pytest.approx((-3.485, 3.65))
    assert Counter(symboles.tolist()) == {"V": 93, "F": 56}
    assert (np.diff(instants) > 0).all() and instants[-1] < 300
    assert instants[0] > 15, "les quinze premières secondes sont tranquilles"


def test_les_battements_annotes_sont_sur_leur_sommet():
    """Trois fois sur quatre à une mesure près : l'annotation et le signal ne sont pas décalés."""
    signal, cadence, instants, _ = donnees.coeur()
    ecarts = []
    for rang in np.round(instants * cadence).astype(int):
        autour = signal[max(0, rang - 30) : rang + 31]
        ecarts.append(np.argmax(autour) - 30)
    assert np.median(ecarts) == 0 and np.mean(np.abs(ecarts) <= 3) > 0.8


# --- les photos -----------------------------------------------------------------------------------


def test_les_photos_sont_les_vraies():
    photos = donnees.photos()
    assert {nom: image.shape[1::-1] for nom, image in photos.items()} == TAILLES
    couleurs = {nom: image.mean(axis=(0, 1)) for nom, image in photos.items()}
    assert couleurs["dahlia"].argmin() == 0 and couleurs["fusee"].argmax() == 2  # ni rouge ; bleue
    assert couleurs["tasse"].argmax() == 0 and min(image.std() for image in photos.values()) > 30


def test_un_morceau_est_pris_dans_sa_photo_et_l_examen_ailleurs():
    pixels, photo, sens = donnees.morceaux("test", 300, np.random.default_rng(0))
    assert pixels.shape == (300, 48, 48, 3) and pixels.dtype == np.uint8
    assert set(photo) == set(range(7)) and set(sens) == set(range(4))
    encore = donnees.morceaux("test", 300, np.random.default_rng(0))
    assert (encore.pixels == pixels).all()
    ailleurs = donnees.morceaux("apprentissage", 300, np.random.default_rng(0))
    assert not (ailleurs.pixels == pixels).all(axis=(1, 2, 3)).any()
    with pytest.raises(ValueError, match="« examen »"):
        donnees.morceaux("examen", 1, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("abime", "erreur", "phrase"),
    [
        (lambda photo: photo.unlink(), FileNotFoundError, "manque"),
        (lambda photo: photo.write_bytes(photo.read_bytes()[:3000]), ValueError, "abîmé"),
        (lambda photo: Image.new("RGB", (40, 30)).save(photo), ValueError, "n'est pas celui"),
        (lambda photo: Image.new("RGB", (576, 384)).save(photo, "PNG"), ValueError, "abîmé"),
    ],
    ids=["absente", "tronquée", "autre taille", "autre format"],
)
def test_une_photo_abimee_se_dit_en_une_phrase(tmp_path, monkeypatch, abime, erreur, phrase):
    shutil.copytree(fichiers.EMBARQUEES / "photos", tmp_path / "photos")
    abime(tmp_path / "photos" / "temple.webp")
    monkeypatch.setattr(fichiers, "EMBARQUEES", tmp_path)
    with pytest.raises(erreur, match=phrase) as dit:
        donnees.photos()
    assert "photos/temple.webp" in str(dit.value)


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
