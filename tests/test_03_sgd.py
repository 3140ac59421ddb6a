"""Le carnet 03 : ses boucles descendent vraiment, ses scénarios tiennent parole, ses phrases aussi."""

import time

import carnets
import numpy as np
import pytest

DIVERGE, TERMINE = "ça diverge !", "terminé"


@pytest.fixture(scope="module")
def espace():
    return carnets.execute("03_sgd")[0]


@pytest.fixture
def descente():
    return remise_a_neuf("descente", "juste bien")


@pytest.fixture
def apprentissage():
    return remise_a_neuf("apprentissage", "juste bien")


@pytest.fixture
def course():
    return remise_a_neuf("course", "à images égales")


def remise_a_neuf(nom, scenario):
    scene = carnets.scenes("03_sgd")[nom]
    scene.scenario(scenario)
    return scene


def erreur_droite(espace, etat):
    a, b = etat[:2]
    return np.mean((a * espace["x"] + b - espace["y"]) ** 2)


def erreur_chiffres(espace, boutons, lot):
    """La fonction d'évaluation de la scène, écrite comme dans la phrase, en double précision."""
    scores = espace["images"][lot].astype(float) @ boutons.T
    return np.mean(np.sum((scores - np.eye(10)[espace["chiffres"][lot]]) ** 2, axis=1))


# --- La droite ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lot", [1, 10, 200])
def test_la_droite_descend_le_gradient_de_son_lot(espace, descente, lot):
    descente.regle(taux=0.1, lot=lot)
    descente.pas(3)
    a, b, *_ = descente.etat
    descente.pas()
    a_apres, b_apres, pioches, _ = descente.etat
    assert len(np.unique(pioches)) == lot

    def erreur(a, b):
        return np.mean((a * espace["x"][pioches] + b - espace["y"][pioches]) ** 2)

    rien = 1e-5
    pente_a = (erreur(a + rien, b) - erreur(a - rien, b)) / (2 * rien)
    pente_b = (erreur(a, b + rien) - erreur(a, b - rien)) / (2 * rien)
    assert (a - a_apres, b - b_apres) == pytest.approx((0.1 * pente_a, 0.1 * pente_b), abs=1e-7)


@pytest.mark.parametrize("scenario", ["juste bien", "un seul exemple", "toutes les données"])
def test_la_bille_arrive_au_fond(espace, descente, scenario):
    fond = np.mean((np.polyval(np.polyfit(espace["x"], espace["y"], 1), espace["x"]) - espace["y"]) ** 2)
    descente.scenario(scenario)
    assert erreur_droite(espace, descente.etat) > 5
    descente.pas(100)
    assert fond <= erreur_droite(espace, descente.etat) < fond + 0.2
    assert not descente.verdict


def test_prudent_descend_mais_traine(espace, descente):
    descente.scenario("prudent")
    erreurs = [erreur_droite(espace, descente.etat)]
    for _ in range(10):
        descente.pas(10)
        erreurs.append(erreur_droite(espace, descente.etat))
    assert np.all(np.diff(erreurs) < 0)
    assert erreurs[-1] > 2


def test_explosif_diverge_en_trois_secondes(descente):
    descente.scenario("explosif")
    descente.pas(100)
    assert descente.verdict == DIVERGE
    assert 10 <= descente.numero <= 40  # à 10 pas par seconde
    assert "loin du creux" in descente.recit()
    descente.scenario("juste bien")
    descente.pas(60)
    assert "dans le creux" in descente.recit()


def test_plus_le_lot_est_petit_plus_la_bille_gigote(espace, descente):
    remous = {}
    for lot in (1, 10, 200):
        descente.scenario("juste bien")
        descente.regle(lot=lot)
        descente.pas(100)
        erreurs = []
        for _ in range(200):
            descente.pas()
            erreurs.append(erreur_droite(espace, descente.etat))
        remous[lot] = np.std(erreurs)
    assert remous[1] > 3 * remous[10]
    assert remous[10] > 3 * remous[200]


def test_a_taux_0_9_seul_le_petit_lot_senvole(espace, descente):
    descente.scenario("toutes les données")
    descente.regle(taux=0.9)
    hauteurs = []
    for _ in range(8):
        descente.pas()
        hauteurs.append(descente.etat[1])
    assert np.all(np.diff(np.sign(np.diff(hauteurs))) != 0)  # la bille zigzague…
    descente.pas(100)
    assert erreur_droite(espace, descente.etat) < 0.3  # … et finit par se poser
    descente.scenario("un seul exemple")
    descente.regle(taux=0.9)
    descente.pas(500)
    assert descente.verdict == DIVERGE


@pytest.mark.parametrize("lot", [[7], [3, 50, 120], range(200)])
def test_la_carte_est_celle_du_lot(espace, lot):
    lot = np.array(lot)
    a, b = espace["A"], espace["B"]
    vraie = np.sqrt(
        np.mean((a[..., None] * espace["x"][lot] + b[..., None] - espace["y"][lot]) ** 2, -1)
    )
    assert espace["carte_des_erreurs"](lot) == pytest.approx(vraie, abs=1e-3)


def test_la_carte_tremble_sauf_avec_tous_les_points(espace, descente):
    def tremblement(lot):
        descente.regle(lot=lot)
        cartes = []
        for _ in range(5):
            descente.pas()
            cartes.append(espace["carte_des_erreurs"](descente.etat[2]))
        return np.std(cartes, axis=0).max()

    assert tremblement(10) > 0.1
    assert tremblement(200) < 1e-5


def test_un_seul_point_fait_une_gouttiere(espace):
    fonds = espace["carte_des_erreurs"](np.array([7])).min(axis=0)  # le plus bas, pente par pente
    assert fonds.max() < 0.06  # partout le fond : aucune pente n'est meilleure qu'une autre
    assert espace["carte_des_erreurs"](np.arange(200)).min(axis=0).max() > 1


# --- Les chiffres ---------------------------------------------------------------------------------


def test_les_nombres_annonces(espace, apprentissage):
    boutons, _ = apprentissage.etat
    assert boutons.size == 640
    assert not boutons.any()  # dix gabarits blancs
    assert len(espace["images"]) - 1200 == 597


@pytest.mark.parametrize("lot", [1, 30, 1200])
def test_les_boutons_descendent_le_gradient_de_leur_lot(espace, apprentissage, lot):
    apprentissage.regle(lot=lot)
    apprentissage.pas(4)
    boutons = apprentissage.etat[0].astype(float)
    apprentissage.pas()
    pente = (boutons - apprentissage.etat[0]) / 0.05

    hasard = np.random.default_rng(1)
    for _ in range(5):
        pioches = hasard.choice(1200, lot, replace=False)  # les mêmes que la scène
    for place in [(0, 20), (3, 42), (9, 52), (5, 0)]:
        rien = np.zeros((10, 64))
        rien[place] = 1e-5
        monte = erreur_chiffres(espace, boutons + rien, pioches)
        descend = erreur_chiffres(espace, boutons - rien, pioches)
        assert pente[place] == pytest.approx((monte - descend) / 2e-5, abs=1e-4)


def ratees(scene, quoi="exercices"):
    return scene.etat[1][quoi]


def test_juste_bien_apprend(apprentissage):
    apprentissage.pas(300)
    assert ratees(apprentissage)[0] > 0.85
    assert ratees(apprentissage)[-1] < 0.07
    apprentissage.pas(700)
    assert 0.1 < np.median(ratees(apprentissage, "tiroir")[-30:]) < 0.15  # plus d'une image sur dix
    assert ratees(apprentissage)[-1] < ratees(apprentissage, "tiroir")[-1]


def test_prudent_reste_pale_et_rate_deux_fois_plus(apprentissage):
    apprentissage.pas(300)
    juste, fort = ratees(apprentissage)[-1], np.abs(apprentissage.etat[0]).max()
    apprentissage.scenario("prudent")
    apprentissage.pas(300)
    assert 2 * juste < ratees(apprentissage)[-1] < 0.2
    assert np.abs(apprentissage.etat[0]).max() < fort / 5


def test_explosif_apprend_puis_oublie_tout(apprentissage):
    apprentissage.scenario("explosif")
    apprentissage.pas(10)
    assert 1 / 10 < ratees(apprentissage)[-1] < 1 / 8  # « une image d'exercice sur neuf »
    avant = apprentissage.image()
    apprentissage.pas(1000)
    assert apprentissage.verdict == DIVERGE
    assert 100 <= apprentissage.numero <= 300  # de une à trois secondes, à 100 pas par seconde
    assert ratees(apprentissage)[-1] > 0.85
    assert "s’emballent" in apprentissage.recit()
    assert np.abs(apprentissage.image().astype(int) - avant).mean() > 10
    # Dix fois le même pâté : au signe près, les gabarits se confondent.
    ressemblances = np.corrcoef(apprentissage.etat[0])
    assert np.abs(ressemblances).min() > 0.99


def test_explosif_se_repare_dun_clic(apprentissage):
    apprentissage.scenario("explosif")
    apprentissage.pas(1000)
    apprentissage.recommence()
    assert not apprentissage.verdict
    assert not apprentissage.etat[0].any()
    apprentissage.scenario("juste bien")
    apprentissage.pas(300)
    assert ratees(apprentissage)[-1] < 0.07


def test_un_seul_exemple_court_apres_la_derniere_image(apprentissage):
    apprentissage.scenario("un seul exemple")
    apprentissage.pas(500)
    assert not apprentissage.verdict
    assert np.median(ratees(apprentissage)[-30:]) > 0.25
    assert np.ptp(ratees(apprentissage)[-30:]) > 0.2  # ça tremble
    apprentissage.regle(taux=0.005)  # « il se calme », sans recommencer
    apprentissage.pas(1500)
    assert apprentissage.numero == 2000
    assert ratees(apprentissage)[-30:].max() < 0.12


def test_toutes_les_donnees_descend_sans_trembler(apprentissage):
    apprentissage.scenario("toutes les données")
    apprentissage.pas(300)
    assert np.diff(ratees(apprentissage))[5:].max() < 0.005
    assert ratees(apprentissage)[-1] < 0.05


@pytest.mark.parametrize(("lot", "verdict"), [(1, DIVERGE), (30, ""), (1200, "")])
def test_a_taux_0_08_seul_le_lot_de_1_explose(apprentissage, lot, verdict):
    apprentissage.regle(taux=0.08, lot=lot)
    apprentissage.pas(1000)
    assert apprentissage.verdict == verdict
    assert verdict or ratees(apprentissage)[-1] < 0.15


def test_les_curseurs_agissent_pendant_la_partie(apprentissage):
    apprentissage.pas(200)
    for reglages in (dict(lot=1), dict(lot=1200), dict(abscisse="images"), dict(abscisse="secondes")):
        apprentissage.regle(**reglages)
        assert apprentissage.numero == 200
    apprentissage.regle(taux=0.2)  # l'explosion sur commande
    apprentissage.pas(100)
    assert apprentissage.verdict == DIVERGE
    assert apprentissage.numero > 200


def test_les_abscisses_sont_mesurees(apprentissage):
    apprentissage.regle(lot=10)
    apprentissage.pas(100)
    apprentissage.regle(lot=100)
    apprentissage.pas(100)
    journal = apprentissage.etat[1]
    assert journal["pas"].tolist() == [*range(0, 100, 2), *range(100, 201, 10)]
    assert journal["images"][-1] == 100 * 10 + 100 * 100
    assert journal["secondes"][0] == 0
    assert np.all(np.diff(journal["secondes"]) > 0)


def test_les_gabarits_affoles_neblouissent_pas(espace, apprentissage):
    """Le seuil des WCAG 2 (2.3.1) : ni éclairs de plus de 10 % de lumière, ni rouge saturé."""
    apprentissage.scenario("explosif")
    apprentissage.pas(1000)
    montre = apprentissage._dessin.montre
    couleurs = []
    for signe in (1, -1):
        montre(signe * apprentissage.etat[0], apprentissage.etat[1])
        (image,) = apprentissage._dessin.axes["gabarits"].images
        teintes = image.cmap(image.norm(np.ma.compressed(image.get_array())))[:, :3]
        franche = teintes[np.argmin(teintes.min(axis=1))]
        couleurs.append(
            np.where(franche <= 0.04045, franche / 12.92, ((franche + 0.055) / 1.055) ** 2.4)
        )
    lumieres = [couleur @ [0.2126, 0.7152, 0.0722] for couleur in couleurs]
    assert abs(lumieres[0] - lumieres[1]) < 0.1
    assert all(couleur[0] / couleur.sum() < 0.8 for couleur in couleurs)


# --- La course ------------------------------------------------------------------------------------


def arrivee(course, scenario):
    """Les journaux des lots de 1, 10, 100 et 1 200, une fois le budget dépensé."""
    course.scenario(scenario)
    course.pas(200)
    assert course.verdict == TERMINE
    return course.etat[0]


def derniers(journaux, quoi):
    return [journal[quoi][-1] for journal in journaux]


def test_a_images_egales_le_lot_de_10_gagne(course):
    journaux = arrivee(course, "à images égales")
    assert derniers(journaux, "images") == [6000] * 4
    assert derniers(journaux, "pas") == [6000, 600, 60, 5]  # ce que disent les choix du pari
    assert np.argmin(derniers(journaux, "rates")) == 1


def test_a_pas_egaux_toutes_les_donnees_gagnent(course):
    journaux = arrivee(course, "à pas égaux")
    assert derniers(journaux, "pas") == [100] * 4
    assert np.argmin(derniers(journaux, "rates")) == 3
    images = derniers(journaux, "images")
    assert images[3] == 120 * images[1]  # « 120 fois plus d'images que le lot de 10 »


def test_a_secondes_egales_chacun_depense_son_temps(course):
    journaux = arrivee(course, "à secondes égales")
    assert min(derniers(journaux, "secondes")) >= 0.02
    assert min(derniers(journaux, "pas")) >= 1


def test_les_secondes_viennent_de_la_montre(course, monkeypatch):
    """Avec une montre truquée où chaque pas dure autant, tout le monde fait le même nombre de pas."""
    maintenant = iter(range(10**9))
    monkeypatch.setattr(time, "perf_counter", lambda: next(maintenant) / 1024)
    journaux = arrivee(course, "à secondes égales")
    assert len(set(derniers(journaux, "pas"))) == 1
    assert derniers(journaux, "secondes") == [derniers(journaux, "pas")[0] / 1024] * 4


def test_un_couloir_natteint_jamais_deux_pas_davance(course):
    course.scenario("à images égales")
    for _ in range(100):
        course.pas()
        for journal, taille in zip(course.etat[0], (1, 10, 100, 1200), strict=True):
            dues = 60 * journal["part"][-1]
            assert dues <= journal["images"][-1] < dues + taille


def test_taux_trop_grand_met_le_lot_de_1_hors_course(course):
    rates = derniers(arrivee(course, "taux trop grand"), "rates")
    assert rates[0] > 0.8
    assert np.argmin(rates) == 2  # et le gagnant n'est plus le même
    assert max(rates[1:]) < 0.2
    assert "lot de 1 (a explosé)" in course.recit()


def test_personne_ne_gagne_une_course_ou_tous_explosent(course):
    course.scenario("à images égales")
    course.regle(taux=0.2)
    course.pas(99)
    assert "explosé" not in course.recit()  # on ne le dit qu’à l’arrivée
    course.pas(10)
    assert min(derniers(course.etat[0], "rates")) > 0.8
    assert course.recit().count("a explosé") == 4
    course.image()
    podium = course._dessin.axes["podium"]
    assert [texte.get_text() for texte in podium.texts].count("a explosé") == 4
    assert not podium.patches[0].get_visible()  # pas de lauriers


@pytest.mark.parametrize("budget", ["pas", "images"])
def test_apprendre_lentement_n_est_pas_exploser(course, budget):
    course.regle(taux=0.001, budget=budget)
    course.pas(200)
    assert "explosé" not in course.recit()


def test_les_eleves_de_la_course_font_les_pas_de_lautre_scene(espace, course):
    course.scenario("à pas égaux")
    course.pas(3)
    boutons, hasard = {t: np.zeros((10, 64)) for t in (1, 10, 100, 1200)}, np.random.default_rng(0)
    for _ in range(3):
        for taille, siens in boutons.items():
            lot = hasard.choice(1200, taille, replace=False)
            manque = espace["images"][lot] @ siens.T - espace["cibles"][lot]
            siens -= 0.02 * 2 * manque.T @ espace["images"][lot] / taille
    attendus = [espace["rates"](siens)["exercices"] for siens in boutons.values()]
    assert derniers(course.etat[0], "rates") == pytest.approx(attendus, abs=0.003)


# --- Le bilan -------------------------------------------------------------------------------------


def test_juste_ou_faux_na_pas_de_pente_le_score_si(espace):
    bilan = carnets.scenes("03_sgd")["bilan"]
    valeurs = np.linspace(-1, 1, 401)
    marches, vallee = np.array([espace["evalue"](valeur) for valeur in valeurs]).T
    assert len(set(marches)) >= 5  # un escalier, pas un plancher
    fond = valeurs[vallee.argmin()]
    assert np.all(np.diff(vallee[valeurs <= fond]) < 0)
    assert np.all(np.diff(vallee[valeurs >= fond]) > 0)
    for _, cran in bilan._boutons["bouton"].widget.options:
        bilan.regle(bouton=cran)
        _, _, (plate, pente) = bilan.etat
        assert plate == 0, cran
        assert np.sign(pente) == np.sign(cran - fond), cran
    bilan.regle(bouton=-0.8)
    assert "tout plat" in bilan.recit()
    assert "à droite" in bilan.recit()
