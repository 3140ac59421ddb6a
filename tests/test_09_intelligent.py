"""Le carnet 09 : ce qu'il affirme des données et des explications se mesure, sur plusieurs graines."""

import re
import subprocess
import sys
from functools import partial
from itertools import combinations

import carnets
import numpy as np
import pytest
from decors import intelligent_biais as biais
from decors import intelligent_donnees as cahiers
from decors import intelligent_explications as regards
from decors.intelligent import REPONSES, Releve
from demystifie import Pari, donnees

NOM = "09_intelligent_vraiment"
GRAINES = (1, 2, 3)
scene = partial(carnets.remise_a_neuf, NOM)
a_toute_graine = pytest.mark.usefixtures("graine")


@pytest.fixture(params=GRAINES)
def graine(request, monkeypatch):
    """La graine du carnet, puis d'autres : ce que l'on raconte ne tient pas à un tirage."""
    tire = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda _: tire(request.param))
    return request.param


def joue(boucle, pas, **reglages):
    """La scène, ses réglages posés, ``pas`` pas plus loin."""
    s = scene(boucle)
    s.regle(**reglages)
    s.recommence()
    s.pas(pas)
    return s


def prose():
    return "\n".join(c.source for c in carnets.lis(NOM).cells if c.cell_type == "markdown")


def test_rien_de_lourd_ne_s_importe_avant_de_servir():
    ordre = (
        "import sys; sys.path.insert(0, 'notebooks')\n"
        "from decors import intelligent, intelligent_biais, intelligent_donnees\n"
        "from decors import intelligent_explications\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", ordre], cwd=carnets.DEPOT, check=True)


# --- L'élève --------------------------------------------------------------------------------


def test_l_eleve_descend_bien_la_pente_de_son_erreur():
    images, etiquettes = cahiers.EXERCICES[:50], cahiers.JUSTES[:50]

    def perte(eleve):
        return -np.log(eleve.avis(images)[np.arange(50), etiquettes]).mean()

    eleve = cahiers.Eleve(64, 32, np.random.default_rng(0))
    eleve.boutons = [b.astype(float) for b in eleve.boutons]
    avant = [b.copy() for b in eleve.boutons]
    pentes = []
    for couche, ou in ((0, (20, 3)), (0, (36, 11)), (1, 5), (2, (7, 4)), (3, 2)):
        eleve.boutons[couche][ou] += 1e-5
        pentes.append(perte(eleve))
        eleve.boutons[couche][ou] -= 2e-5
        pentes[-1] = (pentes[-1] - perte(eleve), couche, ou)
        eleve.boutons[couche][ou] += 1e-5
    eleve.apprend(images, etiquettes, 0.001)
    for pente, couche, ou in pentes:  # au premier pas, Adam avance d'un taux, dans le sens de la pente
        bouge = eleve.boutons[couche][ou] - avant[couche][ou]
        assert abs(pente) > 1e-9 and np.sign(bouge) == -np.sign(pente)
        assert abs(bouge) == pytest.approx(0.001, rel=0.05)


# --- L'appétit ------------------------------------------------------------------------------


@pytest.fixture
def jeu(request, monkeypatch):
    """Avec l'extrait embarqué, et avec MNIST entier s'il est là."""
    if request.param == "complet":
        parties = request.getfixturevalue("vrai_mnist")
    else:
        parties = donnees.mnist_extrait("apprentissage"), donnees.mnist_extrait("test")
    monkeypatch.setattr(cahiers, "mnist", lambda: parties)
    cahiers.feuille.cache_clear()
    yield request.param
    cahiers.feuille.cache_clear()


def courbe(jusqu_a):
    """Ce que rate un élève de chaque taille, jusqu'à celle-là."""
    s = scene("appetit")
    while len(s.etat[2]) <= cahiers.TAILLES.index(jusqu_a):
        s.pas(7)
    assert "images étiquetées" in s.recit() and not s.verdict
    return dict(zip(cahiers.TAILLES, s.etat[2], strict=False))


def marches(rates):
    """Par combien les fautes sont divisées à chaque marche de dix fois plus d'images, dès cent."""
    return [rate / rates[10 * n] for n, rate in rates.items() if n >= 100 and 10 * n in rates]


@pytest.mark.parametrize("jeu", ["extrait"], indirect=True)
@a_toute_graine
def test_dix_fois_plus_d_images_deux_fois_moins_de_fautes(jeu):
    rates = courbe(1000)
    assert rates[10] > 0.4 and len(marches(rates)) == 1
    assert all(1.5 < marche < 3 for marche in marches(rates)), rates


@pytest.mark.parametrize("jeu", ["complet"], indirect=True)
def test_et_encore_deux_fois_moins_avec_tout_mnist(jeu):
    rates = courbe(10_000)
    assert all(1.5 < marche < 3.2 for marche in marches(rates)), rates


@pytest.mark.parametrize("jeu", ["extrait", "complet"], indirect=True)
def test_l_appetit_va_au_bout_de_ce_que_l_on_a(jeu):
    assert cahiers.tailles()[-1] == {"extrait": 2000, "complet": 60_000}[jeu]
    assert cahiers.feuille(cahiers.tailles()[-1]).shape == (640, 640)
    vu = cahiers.feuille(100)
    assert vu.shape == (280, 280) or vu.shape == (640, 640)


def test_le_prix_se_dit_comme_on_le_dirait():
    assert cahiers.duree(60_000 * 5 / 3600) == "2,4 semaines de bureau"  # « deux semaines et demie »
    assert [cahiers.duree(n) for n in (50 / 3600, 0.5, 3, 35)] == [
        "50 s", "30 min", "3 h", "1,0 semaine de bureau",
    ]  # fmt: skip


# --- Les étiquettes sales -------------------------------------------------------------------


def test_chaque_facon_de_salir_fait_ce_qu_elle_dit():
    justes = cahiers.JUSTES
    for comment in cahiers.COMMENT:
        assert (cahiers.salit(comment, 0) == justes).all()
    au_hasard, pareil, uns, annotateur = (cahiers.salit(comment, 100) for comment in cahiers.COMMENT)
    assert (au_hasard != justes).all() and len(np.unique(au_hasard[justes == 3])) == 9
    assert (pareil == (justes + 1) % 10).all()
    assert (uns[justes == 1] == 7).all() and (uns == justes)[justes != 1].all()
    assert (annotateur != justes).sum() == 120
    assert 0.35 < np.mean(cahiers.salit("au hasard", 40) != justes) < 0.45


@a_toute_graine
def test_une_faute_toujours_pareille_fait_bien_plus_de_degats():
    tiroir, trouvees = {}, {}
    for nom, reglages in {
        "propre": dict(sales=0), "au hasard": dict(sales=40),
        "toujours pareil": dict(sales=40, comment="toujours pareil"),
    }.items():  # fmt: skip
        s = joue("etiquettes_sales", 600, **reglages)
        tiroir[nom], trouvees[nom] = np.median(s.passe["tiroir"][-30:]), s.passe["trouvees"][-1]
    assert tiroir["propre"] < 0.1
    assert 1.5 < tiroir["au hasard"] / tiroir["propre"] < 2.7  # « à peu près deux fois plus »
    assert 4.5 < tiroir["toujours pareil"] / tiroir["propre"] < 7.2  # « cinq fois plus »
    assert trouvees["au hasard"] >= 48  # « presque toutes fausses »


@a_toute_graine
def test_la_salete_concentree_se_cache_et_relire_finit_par_la_trouver():
    s = joue("etiquettes_sales", 600, comment="les 1 notés 7", sales=80)
    assert s.passe["chiffres"][-1][1] > 0.9 and s.passe["tiroir"][-1] < 0.2
    lesquelles = cahiers.les_plus_suspectes(*s.etat)
    fausses = s.etat[1][lesquelles] != cahiers.JUSTES[lesquelles]
    assert len(lesquelles) == 50 and fausses.sum() <= 30
    assert np.mean(cahiers.JUSTES[lesquelles][~fausses] == 1) > 0.4  # les bons 1 ont l'air suspects
    s.regle(relire=True)
    s.pas(1200)
    _, notees, relues = s.etat
    assert relues.sum() == 300 and (notees != cahiers.JUSTES).sum() <= 3
    assert s.passe["tiroir"][-1] < 0.11 and s.passe["chiffres"][-1][1] < 0.4
    assert "300 relues" in s.recit()


def test_quand_tout_est_relu_il_n_y_a_plus_de_suspect():
    eleve = cahiers.Eleve(64, 32, np.random.default_rng(0))
    relues = np.ones(1200, bool)
    assert len(cahiers.les_plus_suspectes(eleve, cahiers.JUSTES, relues)) == 0
    relues[:3] = False
    assert set(cahiers.les_plus_suspectes(eleve, cahiers.JUSTES, relues)) == {0, 1, 2}
    assert "aucune" in cahiers.dit_sales(eleve, cahiers.JUSTES, relues)


# --- Le un à la française -------------------------------------------------------------------


def rates(crochet, angle):
    return int((scene_un(crochet, angle).etat[3] != 1).sum())


def scene_un(crochet, angle, **reste):
    s = scene("un")
    s.regle(crochet=crochet, angle=angle, **reste)
    return s


def test_un_crochet_couche_fait_d_un_1_un_7():
    assert rates(0, 45) == 0
    assert 15 <= rates(0.5, 45) <= 21  # « dix-huit ratés sur cent »
    couche = scene_un(0.5, 30)
    lus = couche.etat[3]
    assert np.sum(lus != 1) > 90 and np.sum(lus == 7) > 85  # « presque tous »
    assert "pris pour des 7" in couche.recit()
    assert rates(0.5, 60) < 6


def test_le_crochet_ne_fait_qu_ajouter_de_l_encre_a_gauche_du_sommet():
    for un in biais.UNS[:20]:
        sans, avec = biais.accroche(un, 0), biais.accroche(un, 0.5, 40)
        assert sans.shape == avec.shape == (28, 28) and avec.sum() > sans.sum()
        lignes, colonnes = np.nonzero(avec > 40)
        assert np.ptp(lignes) <= 20 and np.ptp(colonnes) <= 20
        assert abs(np.average(np.arange(28), weights=avec.sum(0)) - 14) < 1.5


def test_sur_tout_mnist_aussi(vrai_mnist):
    _, examen = vrai_mnist
    uns = examen.images[examen.etiquettes == 1]
    hasard = np.random.default_rng(0)
    accroches = np.array(
        [biais.accroche(u, hasard.uniform(0.4, 0.6), hasard.uniform(35, 60)) for u in uns]
    )
    assert 0.15 < np.mean(biais.avis(accroches).argmax(axis=1) != 1) < 0.3
    assert np.mean(biais.avis(uns).argmax(axis=1) != 1) < 0.01


def test_lenet5_fait_cinq_fautes_sur_mille():
    assert regards.entraine().erreur_de_test == pytest.approx(0.005, abs=0.0005)
    assert regards.rate(regards.entraine()) < 0.012


def test_le_dessin_de_la_salle_remplace_la_copie():
    dessin = np.zeros((28, 28))
    dessin[4:24, 13:15] = 1
    s = scene_un(0.5, 30, dessin=dessin)
    assert (s.etat[0] == dessin).all() and s.etat[1].argmax() == 1
    s.regle(dessin=np.zeros((28, 28)))


# --- La moyenne qui cache -------------------------------------------------------------------


def test_la_moyenne_ne_voit_pas_ceux_qu_on_a_oublies(graine):
    crochets, tous = {}, {}
    for part in (0, 5, 20, 50) if graine == 1 else (0, 50):
        s = joue("moyenne", 600, part_francaise=part)
        m = biais.mesure_moyenne(*s.etat)
        crochets[part], tous[part] = m["crochets"], m["tous"]
    assert crochets[0] > 0.25 and crochets[50] < 0.06
    assert crochets.get(20, 0) < 0.12  # « quarante exemples d'eux suffisaient »
    assert sorted(crochets.values(), reverse=True) == list(crochets.values())
    assert np.ptp(list(tous.values())) < 0.013 and max(tous.values()) < 0.11


def test_la_part_est_celle_qu_on_dit():
    uns = biais.cahier.etiquettes == 1
    assert uns.sum() == 200  # « 2 000 chiffres, dont 200 fois un 1 »
    for part in (0, 1, 50):
        images, etiquettes = biais.francais(part)
        changees = (images != biais.cahier.images).any(axis=(1, 2))
        assert changees.sum() == 2 * part and (etiquettes[changees] == 1).all()


def test_chaque_essai_laisse_ses_deux_points():
    s = scene("moyenne")
    for part in (0, 20):
        s.regle(part_francaise=part)
        s.pas(40)
    s.image()
    points = {ligne.get_label(): ligne.get_xdata() for ligne in s.axes["bilan"].lines}
    assert list(points["les 1 à crochet"]) == list(points["tout l’examen"]) == [0, 20]


# --- Le tampon ------------------------------------------------------------------------------


@a_toute_graine
def test_un_examen_tamponne_ne_voit_rien():
    propre, tamponne = (
        biais.mesure_tampon(*joue("tampon", 400, part_tamponnee=part).etat) for part in (0, 100)
    )
    assert tamponne["examen"] < propre["examen"] < 0.11  # « mieux qu'un élève sans tampon »
    assert tamponne["sans"] > 0.95 and propre["sans"] < 0.25
    assert tamponne["avec"] > 0.5 and propre["avec"] < 0.05


@a_toute_graine
def test_la_moitie_suffit_a_faire_un_raccourci():
    m = biais.mesure_tampon(*joue("tampon", 400, part_tamponnee=50).etat)
    assert 0.25 < m["avec"] < 0.6 and m["sans"] < 0.4


def test_ce_qui_manque_ne_se_montre_pas():
    s = joue("tampon", 400, part_tamponnee=100)
    eleve, _ = s.etat
    huit = biais.HUIT[21]  # celui que la scène montre d'abord
    sans, avec = (biais.occultation(eleve, image) for image in (huit, biais.tamponne(huit)))
    assert huit[0:5, 22:27].sum() == 0 and sans[1, 12] == pytest.approx(0, abs=1e-6)
    assert avec[1, 12] == avec.max() > 0.2
    assert eleve.lit(huit[None])[0] != 8 and eleve.lit(biais.tamponne(huit)[None])[0] == 8
    assert "sans tampon" in s.recit()


def test_le_tampon_n_est_que_sur_des_8():
    for part, combien in ((0, 0), (50, 100), (100, 200)):
        images, etiquettes = biais.tamponnes(part)
        changees = (images != biais.cahier.images).any(axis=(1, 2))
        assert changees.sum() == combien and (etiquettes[changees] == 8).all()


# --- Où regarde-t-il ? ----------------------------------------------------------------------


def test_une_autre_couleur_une_autre_explication():
    reseau, accords = regards.entraine(), []
    for copie in range(1, 41):
        image = regards.chiffre(copie)
        intacte = regards.scores(reseau, image)[0]
        places = [regards.cache_un_carre(image, *ou, 5) for ou in np.ndindex(14, 14)]
        scores = regards.scores(reseau, np.concatenate(places))[:, intacte.argmax()]
        cartes = (intacte.max() - scores).reshape(196, 5).T
        accords.append([regards.accord(cartes[0], carte) for carte in cartes])
    blanc, gris, noir, bruit, moyenne = np.mean(accords, axis=0)
    assert blanc == pytest.approx(1) and list(regards.REMPLIS)[::2] == ["blanc", "noir", "moyenne"]
    assert abs(noir) < 0.15  # « nul »
    assert max(gris, bruit) < 0.3 and moyenne < 0.75


@pytest.mark.parametrize("cote", [3, 9])
def test_le_carre_se_promene_partout(cote):
    s = joue("regard", 196, copie=8, cote=cote)
    image, _, cartes, lu, faites = s.etat
    assert lu == 7 and faites == 196 and s.recit().startswith("LeNet-5 lit un 7")
    cachee = image.copy()
    cachee[10 - cote // 2 : 11 + cote // 2, 14 - cote // 2 : 15 + cote // 2] = 0.5
    baisse = np.subtract(*(regards.scores(regards.entraine(), i)[0, 7] for i in (image, cachee)))
    assert cartes[1, 5, 7] == pytest.approx(baisse, abs=1e-4)
    s.pas(1)
    assert s.verdict == "terminé"


def test_l_accord_va_de_moins_un_a_un():
    carte = np.random.default_rng(0).random((14, 14))
    assert regards.accord(carte, 3 * carte + 2) == pytest.approx(1)
    assert regards.accord(carte, -carte) == pytest.approx(-1)
    assert regards.accord(carte, np.zeros((14, 14))) == 0


# --- Laquelle ne sait rien ? ----------------------------------------------------------------


def test_les_contours_ne_savent_rien_et_les_deux_autres_gardent_l_encre():
    s = scene("ignorante")
    noms = [t.get_text() for t in s.axes["cartes"].texts]
    assert not set(noms) & set(regards.NOMS.values()), "les noms attendent le premier pas"
    gradient, contours, occultation = s.etat[1][0]
    a_b, a_c = (regards.accords([gradient], [autre])[0] for autre in (contours, occultation))
    assert a_b > a_c + 0.05  # « signes oubliés, elle ressemble plus à B qu'à C »
    s.pas(5)
    s.image()
    assert [t.get_text() for t in s.axes["cartes"].texts].count("contours") == 1
    assert s.passe["sans_signe"][:, 1] == pytest.approx(1)
    assert np.diff(s.passe["oubliees"]).tolist() == [1] * 5
    assert regards.rate(regards.entraine()) < 0.02 < 0.8 < s.etat[3]
    assert "Cinq couches oubliées" in s.recit()


def test_un_reseau_qui_a_tout_oublie_laisse_encore_de_belles_cartes(graine):
    avant = regards.explique(regards.entraine())
    reseau = regards.lenet5(graine)
    for couche in ["avis", "dense2", "dense1", "filtres2", "filtres1"]:
        regards.oublie(reseau, couche)
    apres = regards.explique(reseau)
    sans_signe, avec_signe = (regards.accords(*deux) for deux in zip(avant, apres, strict=True))
    assert 0.7 < sans_signe[0] < 0.85 and 0.35 < sans_signe[2] < 0.6
    assert max(abs(avec_signe[0]), abs(avec_signe[2])) < 0.2 and avec_signe[1] == pytest.approx(1)


def test_oublier_n_abime_pas_le_reseau_de_tout_le_monde():
    regards.oublie(regards.lenet5(1), "avis")
    assert regards.rate(regards.entraine()) < 0.02


# --- Le bilan -------------------------------------------------------------------------------


def test_chaque_pari_a_sa_bonne_reponse_parmi_ses_choix():
    espace, _ = carnets.execute(NOM)
    paris = dict(
        sales=espace["pari_sales"], ignorante=espace["pari_ignorante"], compris=espace["pari_final"]
    )
    assert paris.keys() == REPONSES.keys()
    for nom, pari in paris.items():
        assert REPONSES[nom][0] in pari.choix
    accueil = carnets.execute("00_accueil")[0]["pari_final"]
    assert [t.replace("\xa0", " ") for t in (accueil.question, *accueil.choix)] == [
        t.replace("\xa0", " ") for t in (paris["compris"].question, *paris["compris"].choix)
    ]
    assert list(regards.NOMS.values())[paris["ignorante"].choix.index("B")] == "contours"


def test_le_releve_rejoue_les_mains_et_ne_vend_rien_avant_le_clic():
    paris = {nom: Pari(f"{nom} <b> ?", [bonne, "autre"]) for nom, (bonne, _) in REPONSES.items()}
    releve = Releve(**paris)
    assert releve._reponse.value == "" and "pas une main levée" in releve.html()
    paris["sales"].leve("autre", 3)
    paris["sales"].leve("toujours la même faute", 5)
    paris["ignorante"].leve("autre")
    releve.montre()
    html = releve._reponse.value
    assert "toujours la même faute (5 sur 8)" in html and "autre (1 sur 1)" in html
    assert html.count("#009E73") == html.count("#D55E00") == 1
    assert "&lt;b&gt;" in html and REPONSES["compris"][1][:20] in html


def test_les_explications_ne_couronnent_personne():
    s = scene("ignorante")
    assert not re.search(
        r"meilleure|gagne|la plus juste", s.recit() + prose().split("Laquelle ne")[1][:900]
    )
    for a, b in combinations("ABC", 2):
        assert f"{a} et {b}" in s.recit()


# --- Ce qui est dit à l'instant se voit à l'instant ------------------------------------------


@pytest.mark.parametrize("boucle", ["moyenne", "tampon"])
def test_une_partie_finie_ne_dit_et_ne_montre_qu_un_seul_eleve(boucle):
    """Rien n'apprend après le dernier état rendu : le récit et les courbes parlent du même élève."""
    s = joue(boucle, 10_000)
    dernier = s.passe.instants[-1]
    assert s.verdict == "terminé" and dernier.pas == s.numero
    assert s.vue.recit(*s.etat) == s.vue.recit(*dernier.etat)


def test_entre_deux_etats_gardes_les_barres_sont_celles_du_recit():
    s = joue("etiquettes_sales", 301, comment="les 1 notés 7", sales=80)
    assert s.passe.instants[-1].pas < s.numero, "ce pas-là n'est pas gardé"
    s.image()
    hauteurs = [barre.get_height() for barre in s.axes["chiffres"].patches]
    assert hauteurs == pytest.approx(cahiers.mesure_sales(*s.etat)["chiffres"])


def test_un_seul_se_dit_au_singulier():
    notees, relues = cahiers.JUSTES.copy(), np.zeros(1200, bool)
    eleve = cahiers.Eleve(64, 32, np.random.default_rng(0))
    assert cahiers.dit_sales(eleve, notees, relues).startswith("0 fausse étiquette sur")
    notees[0], relues[0] = (notees[0] + 1) % 10, True
    assert "1 fausse étiquette sur 1\u202f200 (1 relue)" in cahiers.dit_sales(eleve, notees, relues)
    assert cahiers.dit_sales(eleve, cahiers.JUSTES, ~np.zeros(1200, bool)).endswith("Toutes relues.")
    dix, lus = np.eye(10)[7], np.ones(100, int)
    for premier, dit in ((1, "n’en rate aucun."), (8, "1, dont aucun pris pour un 7."),
                         (7, "1, dont un pris pour un 7.")):  # fmt: skip
        lus[0] = premier
        assert biais.dit_un(None, dix, None, lus).endswith(dit)
