"""Les réseaux embarqués tiennent leur promesse ; un dessin est reconnu où qu'il soit."""

import os
import subprocess
import sys

import carnets
import numpy as np
import pytest
import torch
from demystifie import donnees, reseaux
from demystifie.donnees import fichiers
from demystifie.donnees.cadrage import cadre28
from PIL import Image, ImageDraw


@pytest.fixture(scope="module")
def exemples():
    """300 vrais chiffres (28, 28), de 0 à 1, et leurs étiquettes."""
    jeu = donnees.mnist_extrait("test")
    return jeu.images[:300] / np.float32(255), jeu.etiquettes[:300]


# --- l'ardoise, en 28×28 --------------------------------------------------------------------------


def sur_une_grande_page(chiffre, x, y, taille, cote=280):
    """Un chiffre (28, 28), agrandi à ``taille`` pixels et posé en ``(x, y)`` sur une feuille blanche."""
    page = Image.new("F", (cote, cote))
    page.paste(Image.fromarray(chiffre).resize((taille, taille), Image.Resampling.BICUBIC), (x, y))
    return np.asarray(page).clip(0, 1)


PLACES = {"centré": (0, 0, 280), "en haut à gauche": (0, 0, 140), "en bas à droite": (140, 140, 140),
          "au milieu, petit": (100, 100, 80), "minuscule": (200, 10, 56)}  # fmt: skip


def test_un_dessin_est_reconnu_ou_qu_il_soit(exemples):
    images, etiquettes = exemples
    lenet = reseaux.charger("lenet5")
    rates = {}
    for nom, place in PLACES.items():
        dessins = np.array([cadre28(sur_une_grande_page(image, *place)) for image in images])
        rates[nom] = reseaux.erreur(lenet, dessins, etiquettes)
    assert rates["centré"] < 0.06
    assert max(rates.values()) <= rates["centré"] + 0.02, rates


def test_sans_recadrage_il_ne_le_serait_pas(exemples):
    """L'essai d'au-dessus ne réussit que grâce au cadrage."""
    images, etiquettes = exemples
    pages = [sur_une_grande_page(image, *PLACES["en haut à gauche"]) for image in images]
    bruts = [np.asarray(Image.fromarray(p).resize((28, 28), Image.Resampling.BOX)) for p in pages]
    assert reseaux.erreur(reseaux.charger("lenet5"), np.array(bruts), etiquettes) > 0.3


def test_un_dessin_cadre_tient_dans_sa_boite(exemples):
    images, _ = exemples
    for image in images[:50]:
        cadree = cadre28(sur_une_grande_page(image, 30, 60, 200))
        lignes, colonnes = np.nonzero(cadree)
        assert max(np.ptp(lignes), np.ptp(colonnes)) < 20 and cadree.max() <= 1
        masse = [(np.indices((28, 28))[i] * cadree).sum() / cadree.sum() for i in (0, 1)]
        assert masse == pytest.approx([14, 14], abs=0.51)


@pytest.mark.parametrize("epaisseur", [1, 4, 12, 26])
def test_un_trait_fin_ou_gras_est_reconnu(epaisseur):
    """Un 1, un 0 et un 7 tracés à la souris, avec tous les stylos."""
    lenet = reseaux.charger("lenet5")
    traces = {
        1: lambda d: d.line([150, 60, 135, 220], fill=255, width=epaisseur),
        0: lambda d: d.ellipse([95, 60, 190, 220], outline=255, width=epaisseur),
        7: lambda d: d.line([90, 70, 190, 70, 130, 220], fill=255, width=epaisseur, joint="curve"),
    }
    for chiffre, trace in traces.items():
        page = Image.new("L", (280, 280))
        trace(ImageDraw.Draw(page))
        cadree = cadre28(np.asarray(page) / 255)
        assert reseaux.erreur(lenet, cadree[None], [chiffre]) == 0, chiffre


@pytest.mark.parametrize(("faux", "refus"), [(np.zeros(5), ValueError), ([[float("nan")]], ValueError)])
def test_ce_qui_n_est_pas_un_dessin_est_refuse(faux, refus):
    with pytest.raises(refus):
        cadre28(faux)


def test_un_point_et_un_pave_ont_un_cadre():
    assert not cadre28(np.zeros((280, 280))).any()
    point = np.zeros((280, 280))
    point[3, 277] = 1
    for dessin in (point, np.ones((280, 280)), np.eye(280)):
        assert cadre28(dessin).shape == (28, 28) and cadre28(dessin).max() > 0.9


# --- les réseaux embarqués ------------------------------------------------------------------------


@pytest.mark.parametrize("nom", ["lenet5", "dense"])
def test_un_reseau_embarque_tient_sa_promesse(nom, vrai_mnist):
    """L'erreur écrite à côté des poids est bien la leur, sur les 10 000 chiffres de test."""
    _, examen = vrai_mnist
    reseau = reseaux.charger(nom)
    mesuree = reseaux.erreur(reseau, examen.images, examen.etiquettes)
    # À trois images près : les processeurs n'arrondissent pas tous pareil.
    assert mesuree == pytest.approx(reseau.erreur_de_test, abs=3e-4)
    assert mesuree < {"lenet5": 0.009, "dense": 0.02}[nom]


def test_les_poids_embarques_sont_des_tableaux_et_pesent_peu():
    poids = list(fichiers.EMBARQUEES.glob("*.npz"))
    photos = list((fichiers.EMBARQUEES / "photos").iterdir())
    assert sum(photo.stat().st_size for photo in photos) < 250_000
    assert sum(fichier.stat().st_size for fichier in poids + photos) < 2_250_000
    assert all((fichiers.EMBARQUEES / f"{nom}.npz") in poids for nom in reseaux.FABRIQUES)
    for fichier in poids:
        with np.load(fichier, allow_pickle=False) as archive:
            assert all(archive[nom].dtype.kind in "fiu" for nom in archive.files)


@pytest.mark.parametrize(
    ("abime", "erreur", "phrase"),
    [
        (lambda chemin: chemin.unlink(), FileNotFoundError, "manque"),
        (lambda chemin: chemin.write_bytes(chemin.read_bytes()[:3000]), ValueError, "abîmé"),
        (lambda chemin: refait(chemin, lambda poids: poids.ravel()), ValueError, "n'est pas celui"),
        (lambda chemin: refait(chemin, lambda poids: poids * np.nan), ValueError, "n'est pas celui"),
    ],
    ids=["absent", "tronqué", "autre forme", "pas des nombres"],
)
@pytest.mark.parametrize("nom", ["lenet5", "lettres"])
def test_des_poids_abimes_se_disent_en_une_phrase(tmp_path, monkeypatch, nom, abime, erreur, phrase):
    copie = tmp_path / f"{nom}.npz"
    copie.write_bytes((fichiers.EMBARQUEES / copie.name).read_bytes())
    monkeypatch.setattr(fichiers, "EMBARQUEES", tmp_path)
    abime(copie)
    with pytest.raises(erreur, match=phrase):
        reseaux.charger(nom)


def refait(chemin, change):
    with np.load(chemin) as archive:
        tableaux = {nom: archive[nom] for nom in archive.files}
    np.savez(chemin, **tableaux | {"avis.weight": change(tableaux["avis.weight"])})


def test_un_reseau_inconnu_ou_une_image_de_travers():
    with pytest.raises(ValueError, match="« resnet »"):
        reseaux.charger("resnet")
    lenet = reseaux.charger("lenet5")
    with pytest.raises(ValueError, match="28×28"):
        reseaux.tenseur(np.zeros((8, 8)))
    octets = np.full((2, 28, 28), 51, np.uint8)
    assert torch.allclose(reseaux.tenseur(octets), torch.full((2, 1, 28, 28), 0.2))
    with pytest.raises(ValueError, match="une image, pas 2"):
        reseaux.cartes(lenet, np.zeros((2, 28, 28)))


def test_les_cartes_sont_celles_du_reseau():
    lenet = reseaux.charger("lenet5")
    image = donnees.chiffres()[0][0].repeat(3, 0).repeat(3, 1)
    image = np.pad(image, 2).astype(np.float32)
    cartes = dict(reseaux.cartes(lenet, image))
    formes = {nom: carte.shape for nom, carte in cartes.items()}
    assert formes == {
        "filtres1": (6, 28, 28), "reduction1": (6, 14, 14), "filtres2": (16, 10, 10),
        "reduction2": (16, 5, 5), "dense1": (120,), "dense2": (84,), "avis": (10,),
    }  # fmt: skip
    with torch.no_grad():
        entiere = lenet(reseaux.tenseur(image))[0].numpy()
    assert np.allclose(cartes["avis"], entiere, atol=1e-5)
    assert cartes["filtres1"].min() == 0, "après la ReLU"


# --- celui qui lit des noms -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def lecteur():
    return reseaux.charger("lettres")


def test_le_lecteur_de_communes_tient_sa_promesse(lecteur):
    _, jamais_lus = donnees.communes_a_lire()
    mesuree = reseaux.hesitation(lecteur, jamais_lus)
    assert mesuree == pytest.approx(lecteur.hesitation, abs=0.01) and mesuree < 5.2


def test_il_invente_plus_qu_il_ne_recopie(lecteur):
    lus, jamais_lus = map(set, donnees.communes_a_lire())
    noms = reseaux.invente(lecteur, 1000, hasard=torch.Generator().manual_seed(0))
    recopies = sum(nom in lus for nom in noms)
    assert 20 < recopies < 150, "6 % environ"
    assert any(nom in jamais_lus for nom in noms), "le gros lot : il existe, et n'a jamais été lu"
    assert all(len(nom) <= 30 for nom in noms) and len(set(noms)) > 900


def test_lire_d_un_trait_ou_lettre_apres_lettre_revient_au_meme(lecteur):
    lues, _ = reseaux.code(["l'haÿ-les-roses", "aÿ"])
    with torch.no_grad():
        d_un_trait, (courte, longue) = lecteur(lues)
        memoire, un_a_un = None, []
        for lettre in lues.split(1, dim=1):
            avis, memoire = lecteur(lettre, memoire)
            un_a_un.append(avis)
    assert torch.allclose(torch.cat(un_a_un, dim=1), d_un_trait, atol=1e-5)
    assert d_un_trait.shape == (2, 16, 44) and courte.shape == longue.shape == (1, 2, 160)


def test_la_taille_se_choisit():
    assert sum(p.numel() for p in reseaux.Lettres(32, 128).parameters()) == 90_028
    petit = reseaux.Lettres(regard=4, memoire=8)
    assert 30 < reseaux.hesitation(petit, ["aast", "œuilly"]) < 60, "il n'a rien appris"
    assert petit.training, "mesurer n'arrête pas d'apprendre"


def test_un_nom_se_code_et_se_decode():
    noms = ["aÿ", "l'isle-d'abeau", ""]
    lues, suivantes = reseaux.code(noms)
    assert lues.shape == suivantes.shape == (3, 15) and not lues[:, 0].any()
    assert reseaux.decode(lues[:, 1:]) == noms
    assert [int((ligne >= 0).sum()) for ligne in suivantes] == [3, 15, 1], "la fin compte"
    assert torch.equal(lues[1, 1:], suivantes[1, :-1])
    with pytest.raises(ValueError, match="inconnues : A ñ"):
        reseaux.code(["aast", "Añ"])


def test_le_debut_s_impose_et_l_audace_se_regle(lecteur):
    def noms(audace):
        return reseaux.invente(lecteur, 50, audace, "plou", torch.Generator().manual_seed(1))

    assert all(nom.startswith("plou") for nom in noms(1))
    assert noms(1) == noms(1) and len(set(noms(0.1))) < len(set(noms(2)))
    for audace in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="audace"):
            noms(audace)


# --- le faussaire ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def faussaire():
    return reseaux.charger("faussaire")


def deux_mille_faux(faussaire):
    demandes = np.arange(2000) % 10
    return demandes, reseaux.contrefait(faussaire, demandes, hasard=torch.Generator().manual_seed(0))


def test_le_faussaire_obeit_a_dix_demandes_sur_dix(faussaire):
    demandes, faux = deux_mille_faux(faussaire)
    rates = reseaux.erreur(reseaux.charger("lenet5"), faux, demandes)
    assert 1 - rates == pytest.approx(faussaire.obeissance, abs=2e-3) and rates < 0.01
    assert sum(faussaire.lus) == 2000 and min(faussaire.lus) > 190


def test_il_ne_recopie_pas(faussaire, vrai_mnist):
    """Un faux est aussi loin de l'image apprise la plus proche qu'un vrai, jamais vu."""
    appris = torch.as_tensor(vrai_mnist[0].images / np.float32(255)).flatten(1)
    vrais = torch.as_tensor(donnees.mnist_extrait("test").images / np.float32(255))
    faux = deux_mille_faux(faussaire)[1][:1000]
    vrais, faux = vrais[::3], faux[::3]  # un sur trois : la moyenne y est, à peu de chose près
    for images, promis in ((faux, faussaire.voisin_des_faux), (vrais, faussaire.voisin_des_vrais)):
        voisins = [torch.cdist(lot, appris).amin(dim=1) for lot in images.flatten(1).split(100)]
        assert float(torch.cat(voisins).mean()) == pytest.approx(promis, abs=0.2)
    assert faussaire.voisin_des_faux > 0.9 * faussaire.voisin_des_vrais


def test_le_bruit_fait_la_variete_et_les_demandes_se_melent(faussaire):
    pareils = reseaux.contrefait(faussaire, [7] * 5, audace=0)
    varies = reseaux.contrefait(faussaire, [7] * 5)
    assert pareils.std(dim=0).max() < 1e-6 and varies.std(dim=0).max() > 0.1
    assert varies.shape == (5, 28, 28) and varies.min() >= 0 and varies.max() <= 1
    bruit, entre = torch.zeros(1, faussaire.BRUIT), torch.zeros(1, 10)
    entre[0, [3, 8]] = 0.5
    with torch.no_grad():
        assert faussaire(bruit, entre).max() > 0.5, "ni 3, ni 8, mais de l'encre"


def test_sous_le_module_reseaux_se_charge_a_la_demande():
    assert reseaux.__name__ == "demystifie.reseaux"
    code = """
import sys, demystifie
print("torch" in sys.modules, hasattr(demystifie, "autre_chose"))"""
    env = os.environ | {"PYTHONPATH": str(carnets.DOSSIER)}
    sortie = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert sortie.stdout.split() == ["False", "False"], sortie.stderr


def test_notre_adam_est_celui_de_torch():
    torch.manual_seed(0)
    un, autre = torch.nn.Linear(5, 3), torch.nn.Linear(5, 3)
    autre.load_state_dict(un.state_dict())
    notre = reseaux.Adam(un.parameters(), 0.01, inertie=0.99)
    leur = torch.optim.Adam(autre.parameters(), 0.01, betas=(0.9, 0.99))
    for pas in range(20):
        x = torch.randn(7, 5)
        for reseau in (un, autre):
            reseau.zero_grad()
            reseau(x).square().sum().backward()
        leur.param_groups[0]["lr"] = 0.01 * pas / 20
        notre.step(0.01 * pas / 20)
        leur.step()
    assert torch.allclose(un.weight, autre.weight, atol=1e-6)
