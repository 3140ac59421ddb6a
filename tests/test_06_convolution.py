"""Le carnet 06 : la loupe compte juste, les réseaux tiennent leurs promesses, les faits aussi."""

import io
import os
import subprocess
import sys
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
import torch
from decors import convolution as decor
from decors import convolution_bestiaire as menagerie
from decors import convolution_course as piste
from decors import convolution_histoire as histoire
from decors import convolution_saisie as saisie
from demystifie import donnees, reseaux
from demystifie.partie import TERMINE
from PIL import Image
from torch import nn


def neuve(nom, scenario=None, **reglages):
    scene = carnets.remise_a_neuf("06_convolution", nom, scenario)
    if reglages:
        scene.regle(**reglages)
    return scene


def test_cinq_scenes_se_passent_de_torch():
    code = """if True:
        import carnets, sys
        carnet = carnets.lis("06_convolution")
        sans_torch = "imports loupe compteur bestiaire frise extinction".split()
        carnet.cells = [c for c in carnet.cells if c.id in sans_torch]
        carnets.lis = lambda nom: carnet
        print(len(carnets.scenes("06_convolution")), "torch" in sys.modules)"""
    ici = os.environ | {"PYTHONPATH": str(carnets.DEPOT / "tests")}
    dit = subprocess.run([sys.executable, "-c", code], env=ici, capture_output=True, text=True)
    assert dit.stdout.split() == ["5", "False"], dit.stderr


# --- La loupe -------------------------------------------------------------------------------------


@pytest.mark.parametrize("image", ["un chiffre", "un chat"])
def test_la_loupe_calcule_une_vraie_convolution(image):
    scene = neuve("loupe")
    for nom, noyau in decor.LOUPES.items():
        scene.regle(image=(image, None), noyau=noyau)
        photo, nombres, carte, _ = scene.etat
        photo, nombres = (torch.tensor(t, dtype=torch.float64)[None, None] for t in (photo, nombres))
        assert carte == pytest.approx(nn.functional.conv2d(photo, nombres)[0, 0].numpy(), abs=1e-9), nom
        assert carte.std() > 0.01


@pytest.mark.parametrize("point", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.0, 1.0)])
def test_la_somme_affichee_est_celle_du_carre(point):
    photo, nombres, carte, ici = neuve("loupe", ici=point).etat
    ligne, colonne = decor.sous_le_doigt(ici, len(carte))
    carre = photo[ligne : ligne + 3, colonne : colonne + 3]
    assert carre.shape == (3, 3)
    assert carte[ligne, colonne] == pytest.approx((carre * nombres).sum())


def test_le_flou_adoucit_et_les_contours_annulent_le_plat():
    cartes = [neuve("loupe", noyau=decor.LOUPES[nom]).etat[2] for nom in ("flou", "rien")]
    flou, net = (np.abs(np.diff(carte, axis=1)).mean() / np.ptp(carte) for carte in cartes)
    assert flou < net
    plat = neuve("loupe", image=("la mienne", np.full((64, 64), 0.4)))
    assert plat.etat[2] == pytest.approx(0, abs=1e-12)


def test_un_noyau_se_choisit_et_se_modifie():
    noyau = decor.Noyau()
    assert noyau.value == noyau.nombres.value == decor.LOUPES["contours"]
    noyau._choix.value = "relief"
    assert noyau.value == decor.LOUPES["relief"]
    noyau.nombres.value = [[5, 0, 0], [0, 0, 0], [0, 0, 0]]  # comme la main qui tire
    assert noyau.value[0][0] == 5
    assert noyau._choix.value == "la tienne"
    noyau._choix.value = "relief"  # et l'on peut revenir
    noyau._choix.value = "la tienne"
    assert noyau.value == noyau.nombres.value == decor.LOUPES["relief"]
    noyau.value = decor.LOUPES["flou"]  # comme un scénario
    assert noyau.nombres.value == decor.LOUPES["flou"]


def fichier(image):
    tampon = io.BytesIO()
    image.save(tampon, "PNG")
    return memoryview(tampon.getvalue())


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16"])
def test_une_image_apportee_est_reduite(mode):
    image = saisie.lis_image(fichier(Image.new(mode, (300, 120))))
    assert image.shape == (64, 64)
    assert 0 <= image.min() <= image.max() <= 1
    assert mode != "RGBA" or not image.any()  # transparente : posée sur du blanc


BONNE = bytes(fichier(Image.new("RGB", (200, 200), "red")))
MAUVAISES = {
    "pas une image": [b"", b"bonjour", BONNE[:60], b"%PDF-1.4" + bytes(500)],
    "Mo": [bytes(6_000_000)],
    "pixels": [fichier(Image.new("1", cotes)) for cotes in ((5000, 5000), (2, 40))],
}


@pytest.mark.parametrize("mot", MAUVAISES)
def test_ce_qui_n_est_pas_une_image_donne_une_phrase(mot):
    for contenu in MAUVAISES[mot]:
        with pytest.raises(ValueError, match=mot) as refus:
            saisie.lis_image(contenu)
        assert "\n" not in str(refus.value)


def test_un_fichier_refuse_se_dit_a_cote_du_bouton_et_ne_change_rien():
    album = decor.Album()
    apporte = album._photo
    for refusee, mot in ((b"bonjour", "pas une image"), (None, "HEIC")):
        apporte.recoit(refusee)
        assert album.value == ("un chat", None) and mot in apporte.message
    apporte.recoit(fichier(Image.new("L", (90, 70), 200)))
    assert album.value[0] == "la mienne" and not apporte.message
    scene = neuve("loupe", image=album.value)
    assert "Loupe sur" in scene.recit()
    assert "toute blanche" in neuve("loupe", image=("la mienne", None)).recit()
    bonne = apporte.value
    apporte.recoit(b"bonjour")
    assert apporte.value is bonne and "pas une image" in apporte.message


# --- Le compteur ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reglages", [(28, 6, 5), (224, 6, 5), (8, 100, 11)])
def test_le_compteur_compte_comme_torch(reglages):
    cote, detecteurs, largeur = reglages
    scene = neuve("compteur", cote=cote, detecteurs=detecteurs, largeur=largeur)
    vrais = nn.Linear(cote**2, detecteurs), nn.Conv2d(1, detecteurs, largeur)
    assert scene.etat[2] == tuple(sum(p.numel() for p in couche.parameters()) for couche in vrais)


def test_les_boutons_annonces():
    assert neuve("compteur").etat[2] == (4_710, 156)
    assert neuve("compteur", cote=224).etat[2] == (301_062, 156)
    lenet, dense = (
        sum(p.numel() for p in decor.reseau(nom).parameters()) for nom in ("lenet5", "dense")
    )
    assert (lenet, dense) == (61_706, 266_610)
    assert 4 < dense / lenet < 5


# --- Le chiffre décalé, les passes ----------------------------------------------------------------


def test_decaler_pousse_et_perd_ce_qui_sort():
    image = np.zeros((28, 28), np.float32)
    image[10, 12] = 1
    assert np.argwhere(decor.decale(image, 3, -4)).tolist() == [[6, 15]]
    assert not decor.decale(image, 20, 0).any()
    paquet = decor.decale(np.stack([image, image]), -2, 5)
    assert np.argwhere(paquet).tolist() == [[0, 15, 10], [1, 15, 10]]


def test_la_scene_decalee_montre_ce_qu_elle_dit():
    scene = neuve("chiffre_decale", copie=5)
    image, dense_dit, filtres_dit, vrai = scene.etat
    assert vrai == decor.examen().etiquettes[4]
    for nom, dit in (("dense", dense_dit), ("lenet5", filtres_dit)):
        with torch.no_grad():
            assert dit == pytest.approx(decor.reseau(nom)(reseaux.tenseur(image))[0].softmax(0).numpy())
    scene.regle(droite=8, bas=8)
    assert scene.etat[0].sum() < image.sum()
    assert scene.image().std() > 1  # au-delà de huit pixels, rien n'a été mesuré


def test_le_dense_perd_le_chiffre_et_les_filtres_le_gardent():
    filtres, dense = ([decor.reussite(nom, d) for d in decor.DECALAGES] for nom in ("lenet5", "dense"))
    assert min(filtres[0], dense[0]) > 0.97  # bien centrés, les deux savent lire
    assert 0.2 < 1 - dense[4] < 0.3  # « une fois sur quatre »
    assert 1 - filtres[4] < 0.55 * (1 - dense[4])  # « deux fois moins »
    assert filtres[5] < 0.8  # « à cinq pixels, ils vacillent aussi »
    assert all(f > d for f, d in zip(filtres, dense, strict=True))


def test_la_copie_2_de_la_note():
    scene = neuve("chiffre_decale", copie=2)
    assert "Le dense lit 1 (juste) ; les filtres lisent 1 (juste)" in scene.recit()
    scene.regle(droite=4)
    assert "Le dense lit 7 (raté) ; les filtres lisent 1 (juste)" in scene.recit()


def test_les_passes_viennent_du_reseau_et_un_dessin_passe_avant_la_copie():
    image = decor.copie(4)[0]
    (sorties,) = neuve("passes", copie=4).etat
    assert (sorties[0][0, 0].numpy() == image).all()
    noms = dict(decor.reseau("lenet5").named_children())
    assert list(noms) == decor.COUCHES and len(sorties) == 1 + len(noms)
    formes = [tuple(sorties[1 + decor.COUCHES.index(nom)].shape[1:]) for nom in ("relu1", "relu2")]
    assert formes == [(6, 28, 28), (16, 10, 10)] and noms["dense1"].out_features + 84 == 204
    assert torch.equal(sorties[-1], decor.reseau("lenet5")(reseaux.tenseur(image)))
    assert noms["filtres1"].kernel_size == (5, 5)  # « vingt-cinq pixels »
    dessin = np.zeros((28, 28), np.float32)
    dessin[5:23, 13:15] = 1
    scene = neuve("passes", dessin=dessin)
    assert (scene.etat[0][0][0, 0].numpy() == dessin).all()
    assert "lit 1" in scene.recit()


# --- La course ------------------------------------------------------------------------------------


@pytest.fixture
def cahiers_neufs():
    """Ce que la course a déjà lu est oublié, avant et après."""
    for lecture in (piste.cahier, piste.examen):
        lecture.cache_clear()
    yield
    for lecture in (piste.cahier, piste.examen):
        lecture.cache_clear()


@pytest.fixture
def montres_truquees(monkeypatch):
    """Un lot de LeNet-5 dure toujours autant que deux lots du dense (ici, plutôt quatre)."""
    heure, pas = [0.0], reseaux.Adam.step

    def compte(adam, taux):
        pas(adam, taux)
        heure[0] += (2 if len(adam.boutons) == 10 else 1) / 1024

    monkeypatch.setattr(reseaux.Adam, "step", compte)
    monkeypatch.setattr(piste, "time", SimpleNamespace(perf_counter=lambda: heure[0]))


def test_la_course_se_court_a_secondes_egales_et_sans_mnist_le_gagnant_est_le_meme(
    cahiers_neufs, montres_truquees, monkeypatch
):
    monkeypatch.setenv("DEMYSTIFIE_DONNEES", "absent")
    scene = neuve("course", "l’échauffement")
    scene.pas(200)
    _, lenet, dense, fini = scene.etat
    assert scene.verdict == TERMINE and fini
    assert (lenet.lots, dense.lots) == (140, 280)
    assert lenet.secondes == dense.secondes > 0
    assert "Examen final, sur 1 000 images" in scene.recit().replace("\u202f", " ")
    quand, erreur = np.unique(scene.passe["examens"][:, 0], axis=0).T
    assert len(quand) == 5  # aux lots 0, 10, 30, 70 et 140
    assert (quand[-1], erreur[-1]) == (lenet.quand, lenet.erreur)
    assert 0.3 < lenet.erreur / dense.erreur < 0.8  # « de trois à huit fautes pour dix »


def test_lenet_lit_sous_un_pour_cent_et_l_apprend_vite(vrai_mnist, cahiers_neufs, monkeypatch):
    """Ceux que l'on embarque ont couru plus longtemps ; la course entière est dans tests/mesures."""
    lenet, dense = (decor.reseau(nom).erreur_de_test for nom in ("lenet5", "dense"))
    assert lenet < 0.01 < dense and 0.3 < lenet / dense < 0.8
    monkeypatch.setattr(piste, "time", SimpleNamespace(perf_counter=lambda: 0.0))  # le dense attend
    examine = piste.Coureur.examine  # un seul, le dernier, et petit : les autres ne changent rien
    monkeypatch.setattr(piste.Coureur, "examine", lambda e, en_entier: en_entier and examine(e, False))
    for graine in (1, 2):
        scene = neuve("course", lots=140, graine=graine)
        scene.pas(200)
        _, lenet, dense, _ = scene.etat
        assert (lenet.copies, dense.lots) == (2000, 0)
        assert lenet.erreur < 0.05


def test_un_paquet_passe_en_entier_avant_de_repasser(monkeypatch):
    images = piste.cahier()[0]
    numeros = torch.arange(len(images))  # à la place des réponses : qui est passé ?
    monkeypatch.setattr(piste, "cahier", lambda: (images, numeros))
    eleve = piste.Coureur(nn.Linear(1, 1), 0.1)
    lots = [eleve.pioche(128) for _ in range(len(numeros) // 128)]
    assert len(torch.cat([vus for _, vus in lots]).unique()) == 128 * len(lots)
    lues, vus = lots[0]
    assert torch.equal(lues, reseaux.tenseur(images[vus]))


# --- La frise et le bestiaire ---------------------------------------------------------------------


def test_chaque_annee_de_la_frise_se_raconte():
    scene = neuve("frise")
    for annee in range(1998, 2018):
        scene.regle(annee=annee)
        assert scene.recit().startswith(f"{annee} :")
        assert scene.recit().endswith("…") == (annee in range(1999, 2006) or annee in (2007, 2008))
    assert "3,0 %" in neuve("frise", annee=2016).recit()
    assert (neuve("frise", annee=1998).image() != neuve("frise", annee=2006).image()).any()


def test_le_recit_du_texte_est_dans_les_faits():
    faits = {fait.annee: fait.nom for fait in histoire.FRISE}
    assert faits[2006] == "CUDA" and faits[2009] == "ImageNet" and 2012 - 1998 == 14
    concours = histoire.CONCOURS
    assert list(concours.values()) == sorted(concours.values(), reverse=True)
    assert concours[2014] > 5.1 > concours[2015]  # « mieux qu'un humain », en 2015
    for nom, bete in menagerie.BETES.items():  # la meilleure de l'année, sauf VGG, deuxième en 2014
        assert nom in ("LeNet-5", "VGG", "un humain") or bete["erreur"] == concours[bete["année"]]


def range_(critere, *ordre, devoile=True):
    return neuve("bestiaire", rangement=(critere, list(ordre), devoile))


def test_plus_recent_plus_profond_moins_de_fautes():
    """« Trois fois le même ordre » ; l'humain passe entre GoogLeNet et ResNet ; les boutons, non."""
    ordres = {critere: range_(critere).etat[2] for critere in menagerie.SENS}
    assert all(range_("année", *ordres["couches"]).etat[3])  # VGG et GoogLeNet sont de la même année
    assert [nom for nom in ordres["erreur"] if nom != "un humain"] == ordres["couches"][1:]
    assert not all(range_("boutons", *ordres["couches"]).etat[3])
    assert ordres["erreur"].index("un humain") == 3
    assert menagerie.BETES["VGG"]["boutons"] > 20 * menagerie.BETES["GoogLeNet"]["boutons"]
    assert menagerie.BETES["ResNet"]["couches"] > 100 > menagerie.BETES["GoogLeNet"]["couches"]


def test_la_salle_range_puis_devoile():
    juste = ["LeNet-5", "AlexNet", "GoogLeNet", "VGG", "ResNet", "SENet"]  # deux de 2014 : comme on veut
    assert range_("année", *juste).etat[3] == [True] * 6
    assert range_("couches", *juste).etat[3] == [True, True, False, False, True, True]
    scene = range_("année", *juste, devoile=False)
    avant, image = scene.recit(), scene.image()
    assert "2012" not in avant and "6 sur 6" in avant
    scene.regle(rangement=("année", juste, True))
    assert "AlexNet (2012)" in scene.recit() and "6 à leur place" in scene.recit()
    assert (scene.image() != image).any()


def test_le_rangement_se_fait_en_cliquant():
    rangement = menagerie.Rangement()
    for nom in ("VGG", "ResNet", "VGG", "AlexNet"):  # deux fois : on l'ôte
        rangement._bouton[nom].click()
    rangement._devoile.value = True
    assert rangement.value == ("année", ["ResNet", "AlexNet"], True)
    assert rangement._bouton["AlexNet"].description == "2. AlexNet"
    rangement._critere.value = "erreur"  # un autre ordre : tout est à refaire, rien n'est soufflé
    assert rangement.value == ("erreur", [], False)
    assert rangement._bouton["LeNet-5"].layout.display == "none"


@pytest.mark.parametrize(
    ("bete", "nom"),
    [("AlexNet", "AlexNet"), ("VGG", "VGG19"), ("GoogLeNet", "GoogLeNet"), ("ResNet", "ResNet152")],
)
def test_les_boutons_du_bestiaire_sont_ceux_de_torchvision(bete, nom):
    fiche = getattr(donnees.importe_torchvision().models, f"{nom}_Weights").IMAGENET1K_V1.meta
    assert fiche["num_params"] / 1e6 == pytest.approx(menagerie.BETES[bete]["boutons"], abs=1.2)


def test_les_couches_de_lenet_qui_ont_des_boutons():
    couches = [c for c in decor.reseau("lenet5") if list(c.parameters())]
    assert len(couches) == menagerie.BETES["LeNet-5"]["couches"]
    assert 0.06e6 <= sum(p.numel() for c in couches for p in c.parameters()) < 0.062e6


# --- Le gradient qui s'éteint ---------------------------------------------------------------------


@pytest.mark.parametrize("neurone", histoire.NEURONES)
def test_le_reproche_remonte_juste(neurone):
    """Les pentes de la boucle visible, contre celles que torch calcule tout seul."""
    en_torch = {"sigmoïde": torch.sigmoid, "tanh": torch.tanh, "ReLU": torch.relu}[neurone]
    _, tailles, _, _ = neuve("extinction", neurone=neurone, profondeur=3).etat
    lot = np.random.default_rng(0).choice(1797, 64)
    poids = [torch.tensor(p, requires_grad=True) for p in histoire.tire(3, 1.0)]
    sortie = torch.tensor(histoire.petites[lot])
    for p in poids[:-1]:
        sortie = en_torch(sortie @ p)
    erreur = (sortie @ poids[-1] - torch.tensor(histoire.cibles[lot])) ** 2 / 2
    (erreur.sum() / 64).backward()
    assert tailles == pytest.approx([float(p.grad.square().mean().sqrt()) for p in poids])


def test_la_sigmoide_ne_laisse_qu_un_quart_et_la_relu_fait_taire_un_neurone_sur_deux():
    sommes = np.linspace(-20, 20, 2001)
    for nom, plafond in (("sigmoïde", 0.25), ("tanh", 1), ("ReLU", 1)):
        transmet, laisse = histoire.NEURONES[nom]
        assert np.max(laisse(transmet(sommes))) == pytest.approx(plafond, abs=1e-4)
    eleve, sortie = histoire.Empile("ReLU", 1.0, 20), histoire.petites
    forces = []
    for couche in eleve.couches[:-1]:
        sortie = eleve.transmet(sortie @ couche)
        assert 0.25 < np.mean(sortie > 0) < 0.75
        forces.append(np.sqrt(np.mean(sortie**2)))
    assert forces[-1] < forces[0] / 100  # « le signal fond dès l'aller »


@pytest.mark.parametrize("graine", [0, 1])
def test_a_vingt_couches_la_forme_et_le_tirage_decident_ensemble(graine, monkeypatch):
    """« Vingt couches, tirage moyen, 400 lots » : la tanh seule ; tiré plus large, la ReLU aussi."""
    tire = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda g: tire(g + 10 * graine))
    lus = {}
    for nom in histoire.ELEVES:
        scene = neuve("extinction", nom)
        pentes = scene.etat[1]
        assert (pentes[-1] > 1e9 * pentes[0]) == (nom == "sigmoïde")
        scene.pas(200 if "2 couches" in nom else 400)
        lus[nom] = scene.etat[3]
    assert lus["tanh"] > 0.6 and max(lus["sigmoïde"], lus["ReLU"]) < 0.25, lus
    assert lus["ReLU, tirage large"] > 0.35 and lus["sigmoïde, 2 couches"] > 0.5, lus


@pytest.mark.parametrize("neurone", histoire.NEURONES)
def test_a_deux_couches_tous_apprennent(neurone):
    scene = neuve("extinction", neurone=neurone, profondeur=2)
    scene.pas(200)
    assert scene.etat[3] > 0.5


def test_les_anciennes_parties_restent_en_pale():
    scene = neuve("extinction", "sigmoïde")
    scene.pas(25)
    scene.scenario("tanh")
    scene.image()
    mots = [t.get_text() for t in scene.axes["eleves"].texts if t.get_visible()]
    assert [mot.partition(",")[0] for mot in mots] == ["tanh", "sigmoïde"]


def test_une_loupe_plus_grande_que_l_image_se_dit():
    scene = neuve("compteur", cote=8, largeur=11)
    assert "plus grande que l’image" in scene.recit()
    scene.regle(cote=28)
    assert "plus grande" not in scene.recit()
