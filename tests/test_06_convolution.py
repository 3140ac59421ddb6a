"""Le carnet 06 : la loupe compte juste, les réseaux tiennent leurs promesses, les faits aussi."""

import io

import carnets
import numpy as np
import pytest
import torch
from demystifie import donnees
from demystifie.scene import TERMINE
from PIL import Image
from torch import nn


@pytest.fixture(scope="module")
def espace():
    return carnets.execute("06_convolution")[0]


def neuve(nom, **reglages):
    scene = carnets.scenes("06_convolution")[nom]
    scene.regle(**scene._departs)
    scene.regle(**reglages)
    scene.recommence()
    return scene


@pytest.fixture
def carnet_sur_mnist(espace, vrai_mnist, monkeypatch):
    """Le carnet, dont on remplace les chiffres de repli par ceux de MNIST."""
    apprentissage, examen = vrai_mnist
    neufs = {
        "examen": examen,
        "copies": examen.images[:100] / np.float32(255),
        "images": torch.from_numpy(apprentissage.images),
        "reponses": torch.from_numpy(apprentissage.etiquettes),
        "SAUT": 5,
    }
    for nom, valeur in neufs.items():
        monkeypatch.setitem(espace, nom, valeur)
    return espace


# --- La loupe -------------------------------------------------------------------------------------


@pytest.mark.parametrize("image", ["un chiffre", "un chat"])
def test_la_loupe_calcule_une_vraie_convolution(espace, image):
    scene = neuve("loupe")
    for nom, noyau in espace["LOUPES"].items():
        scene.regle(image=(image, None, ""), noyau=noyau)
        photo, nombres, carte, _, _ = scene.etat
        attendue = nn.functional.conv2d(
            *(torch.tensor(t, dtype=torch.float64)[None, None] for t in (photo, nombres))
        )
        assert carte == pytest.approx(attendue[0, 0].numpy(), abs=1e-9), nom
        assert carte.std() > 0.01


@pytest.mark.parametrize("point", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.0, 1.0)])
def test_la_somme_affichee_est_celle_du_carre(point):
    photo, nombres, carte, (ligne, colonne), _ = neuve("loupe", ici=point).etat
    carre = photo[ligne : ligne + 3, colonne : colonne + 3]
    assert carre.shape == (3, 3)
    assert carte[ligne, colonne] == pytest.approx((carre * nombres).sum())


def test_le_flou_adoucit_et_les_contours_annulent_le_plat(espace):
    scene = neuve("loupe", image=("un chat", None, ""))
    plat = ("la mienne", np.full((64, 64), 0.4), "")

    def contraste(carte):
        return np.abs(np.diff(carte, axis=1)).mean() / np.ptp(carte)

    scene.regle(noyau=espace["LOUPES"]["rien"])
    net = contraste(scene.etat[2])
    scene.regle(noyau=espace["LOUPES"]["flou"])
    assert contraste(scene.etat[2]) < net
    scene.regle(noyau=espace["LOUPES"]["contours"], image=plat)
    assert scene.etat[2] == pytest.approx(0, abs=1e-12)


def test_un_noyau_se_choisit_et_se_modifie(espace):
    noyau = espace["Noyau"]()
    assert noyau.value == espace["LOUPES"]["contours"]
    noyau._choix.value = "relief"
    assert noyau.value == espace["LOUPES"]["relief"]
    noyau.children[1].matrix = [[5, 0, 0], [0, 0, 0], [0, 0, 0]]  # comme la main qui tire
    assert noyau.value[0][0] == 5
    assert noyau._choix.value == "la tienne"
    noyau._choix.value = "relief"  # et l'on peut revenir
    assert noyau.value == noyau.children[1].matrix == espace["LOUPES"]["relief"]
    noyau._choix.value = "la tienne"
    assert noyau.value == espace["LOUPES"]["relief"]


def test_les_retouches_du_tableau_tiennent_toujours(espace):
    """Nous retouchons le JavaScript de wigglystuff : qu'une autre version le change, et on le saura."""
    source = espace["Nombres"]._esm
    assert "toFixed(config.digits)" not in source.split("function updateMatrixValue")[0]
    assert "matrix[element.dataset.row][element.dataset.col]" in source
    assert "pixelsPerStep: 6" in source


def fichier(image=None, contenu=None, format="PNG", **options):
    if contenu is None:
        tampon = io.BytesIO()
        image.save(tampon, format, **options)
        contenu = tampon.getvalue()
    return {"name": "apporte", "content": memoryview(contenu)}


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16"])
def test_une_image_apportee_est_reduite(espace, mode):
    image = espace["lis_image"](fichier(Image.new(mode, (300, 120))))
    assert image.shape == (64, 64)
    assert 0 <= image.min() <= image.max() <= 1


def test_une_image_transparente_est_posee_sur_du_blanc(espace):
    assert espace["lis_image"](fichier(Image.new("RGBA", (9, 9), (0, 0, 0, 0)))).max() == 0


def test_ce_qui_n_est_pas_une_image_donne_une_phrase(espace):
    bonne = bytes(fichier(Image.new("RGB", (200, 200), "red"))["content"])
    mauvaises = {
        "pas une image": [b"", b"bonjour", bonne[:60], b"%PDF-1.4" + bytes(500)],
        "Mo": [bytes(6_000_000)],
        "pixels": [bytes(fichier(Image.new("1", (5000, 5000)))["content"]),
                   bytes(fichier(Image.new("L", (2, 40)))["content"])],
    }  # fmt: skip
    for mot, contenus in mauvaises.items():
        for contenu in contenus:
            with pytest.raises(ValueError, match=mot) as refus:
                espace["lis_image"](fichier(contenu=contenu))
            assert "\n" not in str(refus.value)


def test_un_fichier_refuse_se_dit_sous_la_scene(espace):
    album = espace["Album"]()
    album._recoit(type("change", (), {"new": (fichier(contenu=b"bonjour"),)}))
    assert album.value[0] == "la mienne"
    scene = neuve("loupe", image=album.value)
    assert "pas une image" in scene.recit()
    album._recoit(type("change", (), {"new": (fichier(Image.new("L", (90, 70), 200)),)}))
    scene.regle(image=album.value)
    assert "Loupe sur" in scene.recit()


# --- Le compteur ----------------------------------------------------------------------------------


def test_le_compteur_compte_comme_torch():
    scene = neuve("compteur")
    for cote, neurones, filtres, largeur in [(28, 300, 6, 5), (224, 300, 6, 5), (8, 10, 100, 11)]:
        scene.regle(cote=cote, neurones=neurones, filtres=filtres, largeur=largeur)
        vrais = nn.Linear(cote**2, neurones), nn.Conv2d(1, filtres, largeur)
        assert scene.etat[2] == tuple(sum(p.numel() for p in couche.parameters()) for couche in vrais)


def test_les_boutons_annonces():
    assert neuve("compteur").etat[2] == (235_500, 156)
    relier, promener = neuve("compteur", cote=224).etat[2]
    assert 15.0e6 <= relier < 15.1e6
    assert promener == 156


def test_les_deux_reseaux_ont_les_boutons_du_texte(espace):
    tailles = [sum(p.numel() for p in espace[nom].parameters()) for nom in ("lenet", "dense")]
    assert tailles == [61_706, 266_610]
    assert 4 < tailles[1] / tailles[0] < 5


# --- Le chiffre décalé ----------------------------------------------------------------------------


def test_decaler_pousse_et_perd_ce_qui_sort(espace):
    image = np.zeros((28, 28), np.float32)
    image[10, 12] = 1
    pousse = espace["decale"](image, 3, -4)
    assert pousse.shape == (28, 28)
    assert np.argwhere(pousse).tolist() == [[6, 15]]
    assert not espace["decale"](image, 20, 0).any()
    paquet = espace["decale"](np.stack([image, image]), -2, 5)
    assert np.argwhere(paquet).tolist() == [[0, 15, 10], [1, 15, 10]]


def test_la_scene_decalee_montre_ce_qu_elle_dit(espace):
    scene = neuve("chiffre_decale", copie=5)
    image, dense_dit, filtres_dit, vrai = scene.etat
    assert vrai == espace["examen"].etiquettes[4]
    assert (dense_dit.sum(), filtres_dit.sum()) == pytest.approx((1, 1), abs=1e-5)
    scene.regle(droite=8, bas=8)
    assert scene.etat[0].sum() < image.sum()


def test_le_dense_perd_le_chiffre_et_les_filtres_le_gardent(carnet_sur_mnist):
    espace = carnet_sur_mnist
    filtres, dense = (espace["reussites"](espace[nom]) for nom in ("lenet", "dense"))
    assert min(filtres[0], dense[0]) > 0.97  # bien centrés, les deux savent lire
    assert 0.2 < 1 - dense[4] < 0.3  # « une fois sur quatre »
    assert 1 - filtres[4] < 0.55 * (1 - dense[4])  # « deux fois moins »
    assert filtres[5] < 0.8  # « à cinq pixels, ils vacillent aussi »
    assert all(f > d for f, d in zip(filtres, dense, strict=True))


def test_la_copie_3_de_la_note(carnet_sur_mnist):
    _, dense_dit, filtres_dit, vrai = neuve("chiffre_decale", copie=3, droite=4).etat
    assert (dense_dit.argmax(), filtres_dit.argmax(), vrai) == (4, 1, 1)


# --- Plusieurs passes -----------------------------------------------------------------------------


def test_les_passes_viennent_du_reseau(espace):
    image, un, deux, derniers, avis = neuve("passes", copie=4).etat
    assert (un.shape[0], deux.shape[0], derniers.shape) == (6, 16, (204,))
    assert avis.sum() == pytest.approx(1, abs=1e-5)
    assert (espace["copies"][3] == image).all()


def test_un_dessin_passe_avant_la_copie():
    dessin = np.zeros((28, 28), np.float32)
    dessin[5:23, 13:15] = 1
    scene = neuve("passes", dessin=dessin)
    assert (scene.etat[0] == dessin).all()
    assert "lit 1" in scene.recit()


# --- La course ------------------------------------------------------------------------------------


def test_la_course_se_court_a_secondes_egales():
    scene = neuve("course", lots=70)
    scene.pas(200)
    assert scene.verdict == TERMINE
    (conv, plat), fini, montres = scene.etat[1:]
    assert fini
    assert montres == [(j["lots"][-1], j["secondes"][-1]) for j in (conv, plat)]
    assert conv["lots"][-1] == 70
    assert plat["lots"][-1] > 0
    assert plat["secondes"][-1] >= conv["secondes"][-1] > 0
    assert "Examen final" in scene.recit()
    assert conv["erreur"][-1] < conv["erreur"][0]


def test_lenet_seul_ne_fait_pas_courir_le_dense():
    scene = neuve("course", lots=70, adversaire=False)
    scene.pas(20)
    assert [lots for lots, _ in scene.etat[3]] == [20, 0]
    assert "dense" not in scene.recit()
    scene.scenario("la course")
    scene.pas(3)
    assert [lots > 0 for lots, _ in scene.etat[3]] == [True, True]
    assert "dense" in scene.recit()


def test_chacun_sa_montre(espace, monkeypatch):
    """Avec une montre truquée où chaque lot dure autant, les deux lisent autant de lots."""
    maintenant = iter(range(10**9))
    monkeypatch.setattr(espace["time"], "perf_counter", lambda: next(maintenant) / 1024)
    conv, plat = espace["Coureur"](nn.Linear(1, 1), 0.1), espace["Coureur"](nn.Linear(1, 1), 0.1)
    for _ in range(50):
        for eleve in espace["a_temps_egal"](conv, plat):
            with eleve.montre(0):
                pass
    assert (conv.lots, plat.lots) == (50, 50)
    assert conv.secondes == plat.secondes == 50 / 1024


def test_un_paquet_passe_en_entier_avant_de_repasser(espace, monkeypatch):
    numeros = torch.arange(len(espace["images"]))  # à la place des réponses : qui est passé ?
    monkeypatch.setitem(espace, "reponses", numeros)
    eleve = espace["Coureur"](nn.Linear(1, 1), 0.1)
    lots = [eleve.pioche() for _ in range(len(numeros) // 128)]
    assert len(torch.cat([vus for _, vus in lots]).unique()) == 128 * len(lots)
    images, vus = lots[0]
    assert torch.equal(images, espace["reseaux"].tenseur(espace["images"][vus]))


def test_lenet_passe_sous_un_pour_cent(carnet_sur_mnist):
    """« LeNet-5 passe sous 1 %, le dense finit vers 1,4 % », avec la recette de la scène."""
    scene = neuve("course")
    scene.pas(2000)
    (conv, plat), fini, _ = scene.etat[1:]
    assert fini and conv["copies"][-1] == 10_000
    assert conv["lots"][-1] == 938
    assert abs(128 * 938 - 2 * 60_000) < 100
    assert conv["erreur"][-1] < 0.01
    assert 0.011 < plat["erreur"][-1] < 0.02
    assert conv["erreur"][-1] < 0.8 * plat["erreur"][-1]


# --- Les filtres appris ---------------------------------------------------------------------------


def test_les_grands_filtres_naissent_du_bruit():
    scene = neuve("filtres11")
    depart, _, ignorant, _ = scene.etat
    scene.pas(400)
    filtres, lots, faux, alexnet = scene.etat
    assert filtres.shape == (16, 11, 11)
    assert lots == 400
    assert faux < ignorant / 4
    assert alexnet is None

    def rugosite(noyaux):  # de combien deux cases voisines diffèrent
        return np.abs(np.diff(noyaux, axis=2)).mean() / noyaux.std()

    assert rugosite(filtres) < 0.8 * rugosite(depart)
    apres_80_lots = {}
    for nom in scene.scenarios:
        scene.scenario(nom)
        scene.pas(80)
        apres_80_lots[nom] = scene.etat[2]
    assert apres_80_lots["juste bien"] < 0.7 * apres_80_lots["prudent"]
    assert apres_80_lots["prudent"] < ignorant / 2 < 0.7 * apres_80_lots["trop fort"]


def test_alexnet_ne_se_telecharge_que_sur_demande(espace, monkeypatch):
    monkeypatch.setattr(
        torch.hub, "load_state_dict_from_url", lambda *_, **__: pytest.fail("téléchargé")
    )
    assert espace["filtres_alexnet"](False) is None


def test_sans_reseau_alexnet_manque_sans_panne(espace, monkeypatch, capsys):
    def en_panne(*_, **__):
        raise OSError("pas de réseau")

    monkeypatch.setattr("urllib.request.urlopen", en_panne)
    monkeypatch.setattr(torch.hub, "download_url_to_file", en_panne)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: "/nulle/part")
    monkeypatch.setattr("os.makedirs", en_panne)
    assert espace["filtres_alexnet"](True) is None
    assert "on continue avec nos filtres" in capsys.readouterr().out


def test_la_planche_d_alexnet_se_dessine(espace):
    noyaux = np.random.default_rng(0).normal(size=(64, 11, 11, 3)).astype(np.float32)
    planche = espace["planche"](noyaux)
    assert planche.shape == (95, 95, 3)
    assert (planche.min(), planche.max()) == (0, 1)
    scene = neuve("filtres11")
    filtres, lots, faux, _ = scene.etat
    assert scene._dessin.peint((filtres, lots, faux, noyaux)).std() > 1
    assert "à droite, ceux d’AlexNet" in espace["recit_filtres11"](filtres, lots, faux, noyaux)


# --- La frise et le bestiaire ---------------------------------------------------------------------


def test_chaque_annee_de_la_frise_se_raconte(espace):
    scene = neuve("frise")
    images = set()
    for annee in range(1998, 2018):
        scene.regle(annee=annee)
        assert scene.recit().startswith(str(annee))
        images.add(scene.image().tobytes())
    assert len(images) == 20


def test_le_recit_du_texte_est_dans_les_faits(espace):
    faits = {an: nom for an, nom, _ in espace["FRISE"]}
    assert faits[2006] == "CUDA" and faits[2009] == "ImageNet" and 2012 - 1998 == 14
    concours = espace["CONCOURS"]
    assert list(concours.values()) == sorted(concours.values(), reverse=True)
    assert concours[2014] > 5.1 > concours[2015]  # « mieux qu'un humain », en 2015
    couches = {nom: n for nom, _, n, _ in espace["BETES"]}
    assert couches["ResNet"] > 100 > couches["GoogLeNet"]  # « plus de cent couches »


@pytest.mark.parametrize(
    ("bete", "nom", "options"),
    [
        ("AlexNet", "alexnet", {}),
        ("VGG", "vgg19", {"init_weights": False}),
        ("GoogLeNet", "googlenet", {"init_weights": False, "aux_logits": False}),
        ("ResNet", "resnet152", {}),
    ],
)
def test_les_boutons_du_bestiaire_sont_ceux_de_torchvision(espace, bete, nom, options):
    models = donnees.importe_torchvision().models
    with torch.device("meta"):
        taille = sum(p.numel() for p in getattr(models, nom)(**options).parameters())
    (annonce,) = [int(mot.split()[0]) for b, _, _, mot in espace["BETES"] if b == bete]
    assert taille / 1e6 == pytest.approx(annonce, abs=1.2)


# --- Le gradient qui s'éteint ---------------------------------------------------------------------


@pytest.mark.parametrize("neurone", ["relu", "sigmoïde"])
def test_le_reproche_remonte_juste(espace, neurone, monkeypatch):
    """Le pas de la boucle visible, contre des différences finies."""
    scene = neuve("extinction", profondeur=3)
    departs = {nom: espace["tirage"](3, nom) for nom in espace["NEURONES"]}
    gardes = {nom: [p.copy() for p in poids] for nom, poids in departs.items()}
    monkeypatch.setitem(espace, "tirage", lambda _, nom: departs[nom])
    scene.recommence()
    tailles = scene.etat[0][neurone]
    scene.pas()
    gradients = [(a - b) / 0.05 for a, b in zip(gardes[neurone], departs[neurone], strict=True)]
    lot = np.random.default_rng(0).choice(1797, 64)
    transmet = espace["NEURONES"][neurone][0]

    def erreur(poids):
        sortie = espace["petites"][lot]
        for p in poids[:-1]:
            sortie = transmet(sortie @ p)
        return np.sum((sortie @ poids[-1] - espace["cibles"][lot]) ** 2) / 128

    for couche, ou in [(0, (20, 5)), (1, (3, 30)), (2, (7, 2))]:
        essais = []
        for rien in (1e-5, -1e-5):
            poids = [p.copy() for p in gardes[neurone]]
            poids[couche][ou] += rien
            essais.append(erreur(poids))
        assert gradients[couche][ou] == pytest.approx((essais[0] - essais[1]) / 2e-5, abs=1e-6)
        assert tailles[couche] == pytest.approx(np.sqrt(np.mean(gradients[couche] ** 2)))


def test_la_sigmoide_ne_laisse_qu_un_quart_et_la_relu_tout(espace):
    sommes = np.linspace(-20, 20, 2001)
    for nom, plafond in (("sigmoïde", 0.25), ("relu", 1)):
        transmet, laisse = espace["NEURONES"][nom]
        assert np.max(laisse(transmet(sommes))) == pytest.approx(plafond)


@pytest.mark.parametrize(("profondeur", "perte"), [(8, 1e3), (20, 1e10)])
def test_le_gradient_s_eteint_avec_la_sigmoide_seulement(profondeur, perte):
    tailles, _ = neuve("extinction", profondeur=profondeur).etat
    assert tailles["sigmoïde"][-1] / tailles["sigmoïde"][0] > perte
    assert 0.05 < tailles["relu"][-1] / tailles["relu"][0] < 20


def test_profonde_la_sigmoide_n_apprend_pas():
    scene = neuve("extinction")
    scene.scenario("2 couches")
    scene.pas(600)
    assert min(scene.etat[1][nom][-1] for nom in ("relu", "sigmoïde")) > 0.7  # à deux, les deux savent
    scene.scenario("8 couches")
    scene.pas(600)
    assert scene.etat[1]["relu"][-1] > 0.7
    assert scene.etat[1]["sigmoïde"][-1] < 0.2
    scene.scenario("20 couches")
    scene.pas(600)
    assert scene.etat[1]["relu"][-1] > 2 * scene.etat[1]["sigmoïde"][-1]
