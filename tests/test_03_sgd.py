"""Le carnet 03 : ses boucles descendent vraiment, ses scénarios tiennent parole, ses phrases aussi."""

import time
from functools import partial

import carnets
import numpy as np
import pytest
from decors import sgd as decor
from decors import sgd_boites
from decors.sgd import carte_des_erreurs, chiffres, evalue, images, x, y
from matplotlib.patches import FancyBboxPatch

DIVERGE, TERMINE = "ça diverge !", "terminé"
scene = partial(carnets.remise_a_neuf, "03_sgd")
a_toute_graine = pytest.mark.usefixtures("graine")


@pytest.fixture(params=[None, 101, 102])
def graine(request, monkeypatch):
    """La graine du carnet, puis d'autres : ce que l'on raconte ne tient pas à un tirage."""
    tire = np.random.default_rng
    if request.param is not None:
        monkeypatch.setattr(np.random, "default_rng", lambda _: tire(request.param))


# --- La droite ------------------------------------------------------------------------------


def erreur_droite(a, b, points=slice(None)):
    return np.mean((a * x[points] + b - y[points]) ** 2)


def erreurs_de(descente):
    """L'erreur sur tout le nuage, à chaque état gardé."""
    return [erreur_droite(a, b) for a, b in zip(descente.passe["a"], descente.passe["b"], strict=True)]


@pytest.mark.parametrize("lot", [1, 10, 200])
def test_la_droite_descend_le_gradient_de_son_lot(lot):
    descente = scene("descente")
    descente.regle(lot=lot)
    descente.pas(3)
    a, b, _ = descente.etat
    descente.pas()
    a_apres, b_apres, pioches = descente.etat
    assert len(np.unique(pioches)) == lot
    pente_a = (erreur_droite(a + 1e-5, b, pioches) - erreur_droite(a - 1e-5, b, pioches)) / 2e-5
    pente_b = (erreur_droite(a, b + 1e-5, pioches) - erreur_droite(a, b - 1e-5, pioches)) / 2e-5
    assert (a - a_apres, b - b_apres) == pytest.approx((0.1 * pente_a, 0.1 * pente_b), abs=1e-7)


@a_toute_graine
@pytest.mark.parametrize("scenario", ["juste bien", "un seul exemple", "toutes les données"])
def test_la_bille_arrive_au_fond(scenario):
    descente, fond = scene("descente", scenario), erreur_droite(*np.polyfit(x, y, 1))
    descente.pas(100)
    erreurs = erreurs_de(descente)
    assert erreurs[0] > 5
    assert fond <= erreurs[-1] < fond + 0.2
    assert not descente.verdict and "loin" not in descente.recit()


def test_prudent_descend_mais_traine():
    descente = scene("descente", "prudent")
    descente.pas(100)
    erreurs = erreurs_de(descente)[::10]
    assert np.all(np.diff(erreurs) < 0) and erreurs[-1] > 2


@a_toute_graine
def test_explosif_diverge_en_trois_secondes_et_se_repare_d_un_clic():
    descente = scene("descente", "explosif")
    descente.pas(100)
    assert descente.verdict == DIVERGE
    assert 10 <= descente.numero <= 40  # à 10 pas par seconde
    assert "loin du creux" in descente.recit()
    descente.scenario("juste bien")
    descente.pas(60)
    assert "dans le creux" in descente.recit()


@a_toute_graine
def test_plus_le_lot_est_petit_plus_la_bille_gigote():
    remous = []
    for lot in (1, 10, 200):
        descente = scene("descente")
        descente.regle(lot=lot)
        descente.pas(300)
        remous.append(np.std(erreurs_de(descente)[-100:]))  # les deux cents derniers pas
    assert remous[0] > 3 * remous[1] > 9 * remous[2]


@a_toute_graine
def test_a_taux_0_9_seul_le_petit_lot_s_envole():
    descente = scene("descente", "toutes les données")
    descente.regle(taux=0.9)
    descente.pas(108)
    assert np.all(np.diff(np.sign(np.diff(descente.passe["b"][1:9]))) != 0)  # la bille zigzague…
    assert erreurs_de(descente)[-1] < 0.3  # … et finit par se poser
    descente.scenario("un seul exemple")
    descente.regle(taux=0.9)
    descente.pas(500)
    assert descente.verdict == DIVERGE


@pytest.mark.parametrize("lot", [[7], [3, 50, 120], range(200)])
def test_la_carte_est_celle_du_lot(lot):
    lot, a, b = np.array(lot), decor.A[..., None], decor.B[..., None]
    vraie = np.sqrt(np.mean((a * x[lot] + b - y[lot]) ** 2, -1))
    assert carte_des_erreurs(lot) == pytest.approx(vraie, abs=1e-3)


@pytest.mark.parametrize(("lot", "mini", "maxi"), [(10, 0.1, np.inf), (200, 0, 1e-5)])
def test_la_carte_tremble_sauf_avec_tous_les_points(lot, mini, maxi):
    descente = scene("descente")
    descente.regle(lot=lot)
    descente.pas(5)
    cartes = [carte_des_erreurs(instant.etat[2]) for instant in descente.passe.instants[1:]]
    assert mini <= np.std(cartes, axis=0).max() < maxi


def test_un_seul_point_fait_une_gouttiere():
    fonds = carte_des_erreurs(np.array([7])).min(axis=0)  # le plus bas, inclinaison par inclinaison
    assert fonds.max() < 0.06  # partout le fond : aucune inclinaison n'est meilleure qu'une autre
    assert carte_des_erreurs(np.arange(200)).min(axis=0).max() > 1


# --- Les boîtes du talk ---------------------------------------------------------------------

TOUR = ["lot", "évaluation", "calcul", "mise à jour"]


def tours(scenario, combien):
    """La scène après ``combien`` tours de boucle, et ses états, quatre par tour."""
    boites = scene("boite_par_boite", scenario)
    boites.pas(4 * combien)
    return boites, [instant.etat for instant in boites.passe.instants]


@pytest.mark.parametrize("pas", range(9))
def test_un_pas_allume_une_boite_et_une_seule(pas):
    boites, attendue = scene("boite_par_boite"), ["données", *TOUR, *TOUR][pas]
    boites.pas(pas)
    assert boites.etat[0] == attendue
    assert sgd_boites.BOITES[attendue][0].replace("\n", " ") in boites.recit()
    boites.image()
    fonds = [p for p in boites.axes["boucle"].patches if isinstance(p, FancyBboxPatch)]
    allumees = [p.get_linewidth() > 5 for p in fonds]
    assert allumees == [nom == attendue for nom in sgd_boites.BOITES]


@a_toute_graine
@pytest.mark.parametrize(("scenario", "lot"), [("un lot", 10), ("un seul exemple", 1)])
def test_chaque_boite_fait_ce_que_dit_son_titre(scenario, lot):
    _, etats = tours(scenario, 12)
    for debut in range(0, 48, 4):
        (_, droite, *_), tire, juge, calcul, apres = etats[debut : debut + 5]
        pioches = tire[2]
        assert len(np.unique(pioches)) == lot
        assert np.mean(juge[3] ** 2) == pytest.approx(erreur_droite(*droite, pioches))
        peu = 1e-5 * np.eye(2)
        pentes = [erreur_droite(*droite + d, pioches) - erreur_droite(*droite - d, pioches) for d in peu]
        assert calcul[4] == pytest.approx(-np.array(pentes) / 2e-5, abs=1e-6)  # à rebours du gradient
        assert apres[1] == pytest.approx(droite + apres[5] * calcul[4]) and apres[5] == 0.3


@a_toute_graine
def test_un_lot_mene_au_fond_et_toutes_les_donnees_sans_hasard():
    fond = erreur_droite(*np.polyfit(x, y, 1))
    _, etats = tours("un lot", 25)
    assert erreur_droite(*etats[-1][1]) < fond + 0.15
    boites, etats = tours("toutes les données", 25)
    erreurs = [np.mean(etat[3] ** 2) for etat in etats if etat[0] == "évaluation"]
    assert np.all(np.diff(erreurs) < 1e-9) and erreurs[-1] < fond + 0.01
    boites.pas()
    assert "plus de hasard" in boites.recit()


@a_toute_graine
def test_trop_grand_sort_du_cadre_et_diverge():
    boites, _ = tours("trop grand", 6)
    assert "ors cadre" in boites.recit()
    boites.pas(200)
    assert boites.verdict == DIVERGE
    boites.image()


# --- Les chiffres ---------------------------------------------------------------------------


def test_les_nombres_annonces():
    boutons, lues = scene("apprentissage").etat
    assert boutons.size == 640 and not boutons.any()  # dix gabarits blancs
    assert lues == 0 and len(images) - 1200 == 597


def test_le_tiroir_est_presque_tout_d_autres_mains():
    """Chaque scripteur commence par deux fois « 0 à 9 » : la coupe tombe chez l'un d'eux."""
    debuts = [i for i in range(1797) if list(chiffres[i : i + 20]) == 2 * list(range(10))]
    d_autres = 1797 - min(debut for debut in debuts if debut >= 1200)
    assert 1200 not in debuts and 500 < d_autres < 597


@pytest.mark.parametrize("lot", [1, 30, 1200])
def test_les_boutons_descendent_le_gradient_de_leur_lot(lot):
    apprentissage, hasard = scene("apprentissage"), np.random.default_rng(1)
    apprentissage.regle(lot=lot)
    apprentissage.pas(4)
    boutons = apprentissage.etat[0].astype(float)
    apprentissage.pas()
    pente = (boutons - apprentissage.etat[0]) / 0.05
    for _ in range(5):
        pioches = hasard.choice(1200, lot, replace=False)  # les mêmes que la scène

    def erreur(boutons):
        """La fonction d'évaluation, écrite comme dans la phrase, en double précision."""
        scores = images[pioches].astype(float) @ boutons.T
        return np.mean(np.sum((scores - np.eye(10)[chiffres[pioches]]) ** 2, axis=1))

    for place in [(0, 20), (3, 42), (9, 52), (5, 0)]:
        rien = np.zeros((10, 64))
        rien[place] = 1e-5
        centree = (erreur(boutons + rien) - erreur(boutons - rien)) / 2e-5
        assert pente[place] == pytest.approx(centree, abs=1e-4)


def apprend(scenario, pas, **reglages):
    """La scène, après ``pas`` pas ; la part d'images d'exercice ratées, état gardé par état gardé."""
    apprentissage = scene("apprentissage", scenario)
    apprentissage.regle(**reglages)
    apprentissage.pas(pas)
    return apprentissage, apprentissage.passe["exercices"]


@a_toute_graine
def test_juste_bien_apprend():
    apprentissage, ratees = apprend("juste bien", 300)
    assert ratees[0] > 0.85 and ratees[-1] < 0.07
    apprentissage.pas(700)
    exercices, tiroir = apprentissage.passe["exercices"], apprentissage.passe["tiroir"]
    assert 0.1 < np.median(tiroir[-75:]) < 0.15  # plus d'une image sur dix
    assert exercices[-1] < tiroir[-1]


def test_prudent_reste_pale_et_rate_deux_fois_plus():
    juste, ratees = apprend("juste bien", 300)
    fort = np.abs(juste.etat[0]).max()
    prudent, siennes = apprend("prudent", 300)
    assert 2 * ratees[-1] < siennes[-1] < 0.2
    assert np.abs(prudent.etat[0]).max() < fort / 5


@a_toute_graine
def test_explosif_apprend_puis_oublie_tout_et_se_repare_d_un_clic():
    explosif, ratees = apprend("explosif", 10)
    assert 1 / 10 < ratees[-1] < 1 / 8  # « une image d'exercice sur neuf »
    avant = explosif.image()
    explosif.pas(1000)
    assert explosif.verdict == DIVERGE
    assert 100 <= explosif.numero <= 300  # de une à trois secondes, à 100 pas par seconde
    assert explosif.passe["exercices"][-1] > 0.85
    assert "s’emballent" in explosif.recit()
    assert np.abs(explosif.image().astype(int) - avant).mean() > 10
    # Dix fois le même pâté : au signe près, les gabarits se confondent.
    assert np.abs(np.corrcoef(explosif.etat[0])).min() > 0.99
    explosif.recommence()
    assert not explosif.verdict and not explosif.etat[0].any()
    explosif.scenario("juste bien")
    explosif.pas(300)
    assert explosif.passe["exercices"][-1] < 0.07


@a_toute_graine
def test_un_seul_exemple_court_apres_la_derniere_image():
    apprentissage, ratees = apprend("un seul exemple", 500)
    assert not apprentissage.verdict
    assert np.median(ratees[-150:]) > 0.25
    assert np.ptp(ratees[-150:]) > 0.2  # ça tremble
    apprentissage.regle(taux=0.005)  # « il se calme », sans recommencer
    apprentissage.pas(1500)
    assert apprentissage.numero == 2000
    assert apprentissage.passe["exercices"][-30:].max() < 0.12


def test_toutes_les_donnees_descend_sans_trembler():
    _, ratees = apprend("toutes les données", 300)
    assert np.diff(ratees)[10:].max() < 0.005 and ratees[-1] < 0.05


@a_toute_graine
@pytest.mark.parametrize(("lot", "verdict"), [(1, DIVERGE), (30, ""), (1200, "")])
def test_a_taux_0_08_seul_le_lot_de_1_explose(lot, verdict):
    apprentissage, _ = apprend("juste bien", 1000, taux=0.08, lot=lot)
    assert apprentissage.verdict == verdict
    assert verdict or apprentissage.passe["exercices"][-1] < 0.15


def test_les_curseurs_agissent_pendant_la_partie():
    apprentissage, _ = apprend("juste bien", 200)
    for reglages in (dict(lot=1), dict(lot=1200), dict(abscisse="images"), dict(abscisse="secondes")):
        apprentissage.regle(**reglages)
        assert apprentissage.numero == 200
    apprentissage.regle(taux=0.2)  # l'explosion sur commande
    apprentissage.pas(100)
    assert apprentissage.verdict == DIVERGE
    assert apprentissage.numero > 200


def test_les_abscisses_sont_mesurees_et_les_parties_precedentes_restent_en_gris():
    apprentissage, _ = apprend("juste bien", 100, lot=10)
    apprentissage.regle(lot=100)
    apprentissage.pas(100)
    passe = apprentissage.passe
    assert passe["pas"].tolist() == list(range(201))
    assert passe["images"][-1] == 100 * 10 + 100 * 100
    assert passe["secondes"][0] == 0 and np.all(np.diff(passe["secondes"]) > 0)
    for scenario in ("prudent", "juste bien"):
        apprentissage.scenario(scenario)
        apprentissage.pas(30)
    apprentissage.regle(abscisse="images")
    apprentissage.image()
    axe = apprentissage.axes["courbes"]
    traces = [ligne.get_xdata() for ligne in axe.lines if len(ligne.get_xdata())]
    assert axe.get_xlabel() == "images"
    assert sorted(trace[-1] for trace in traces) == [
        900,
        900,
        900,
        11_000,
    ]  # deux courbes, deux fantômes


def test_les_gabarits_affoles_n_eblouissent_pas():
    """Le seuil des WCAG 2 (2.3.1) : ni éclairs de plus de 10 % de lumière, ni rouge saturé."""
    explosif, _ = apprend("explosif", 1000)
    couleurs = []
    for signe in (1, -1):
        explosif.dessin.montre(signe * explosif.etat[0], explosif.etat[1])
        (image,) = explosif.axes["gabarits"].images
        teintes = image.cmap(image.norm(np.ma.compressed(image.get_array())))[:, :3]
        franche = teintes[np.argmin(teintes.min(axis=1))]
        couleurs.append(
            np.where(franche <= 0.04045, franche / 12.92, ((franche + 0.055) / 1.055) ** 2.4)
        )
    lumieres = [couleur @ [0.2126, 0.7152, 0.0722] for couleur in couleurs]
    assert abs(lumieres[0] - lumieres[1]) < 0.1
    assert all(couleur[0] / couleur.sum() < 0.8 for couleur in couleurs)


# --- La course ------------------------------------------------------------------------------


def arrivee(scenario=None, **reglages):
    """La course, budget dépensé, et la part de ratés des lots de 1, 10, 100 et 1 200."""
    course = scene("course", scenario)
    course.regle(**reglages)
    course.pas(200)
    assert course.verdict == TERMINE
    course.image()  # elle demande les mesures, sous bonne garde : un élève qui explose déborde
    return course, course.passe["rates"][-1]


def depenses(course, quoi):
    """Ce que chaque couloir a dépensé."""
    return [getattr(couloir, quoi) for couloir in course.etat[1]]


@a_toute_graine
def test_a_images_egales_le_lot_de_10_gagne():
    course, rates = arrivee("à images égales")
    assert depenses(course, "images") == [6000] * 4
    assert depenses(course, "pas") == [6000, 600, 60, 5]  # ce que disent les choix du pari
    assert np.argmin(rates) == 1
    assert course.recit().index("lot de 10 (") < course.recit().index("lot de 100 (")


def test_a_pas_egaux_toutes_les_donnees_gagnent():
    course, rates = arrivee("à pas égaux")
    assert depenses(course, "pas") == [100] * 4
    assert np.argmin(rates) == 3
    lues = depenses(course, "images")
    assert lues[3] == 120 * lues[1]  # « 120 fois plus d'images que le lot de 10 »


def test_a_secondes_egales_chacun_depense_son_temps():
    course, _ = arrivee("à secondes égales")
    assert min(depenses(course, "secondes")) >= 0.02
    assert min(depenses(course, "pas")) >= 1


def test_les_secondes_viennent_de_la_montre(monkeypatch):
    """Avec une montre truquée où chaque pas dure autant, tout le monde fait le même nombre de pas."""
    maintenant = iter(range(10**9))
    monkeypatch.setattr(time, "perf_counter", lambda: next(maintenant) / 1024)
    course, _ = arrivee("à secondes égales")
    faits = depenses(course, "pas")
    assert len(set(faits)) == 1
    assert depenses(course, "secondes") == [faits[0] / 1024] * 4


def test_un_couloir_n_atteint_jamais_deux_pas_d_avance():
    course, _ = arrivee("à images égales")
    for instant in course.passe.instants:
        part, couloirs = instant.etat
        for couloir in couloirs:
            assert 60 * part <= couloir.images < 60 * part + couloir.taille


@a_toute_graine
def test_taux_trop_grand_met_le_lot_de_1_hors_course():
    course, rates = arrivee("taux trop grand")
    assert rates[0] > 0.8 > 0.4 > max(rates[1:])
    assert "lot de 1 (a explosé)" in course.recit()


@pytest.mark.filterwarnings("error")
def test_personne_ne_gagne_une_course_ou_tous_explosent():
    course, rates = arrivee(taux=0.2)
    assert min(rates) > 0.8
    assert course.recit().count("a explosé") == 4
    course.image()
    podium = course.axes["podium"]
    assert [texte.get_text() for texte in podium.texts].count("a explosé") == 4
    assert not podium.patches[0].get_visible()  # pas de lauriers
    course.remonte(99)
    assert "explosé" not in course.recit()  # on ne le dit qu'à l'arrivée
    course.recommence()


@pytest.mark.parametrize("budget", ["pas", "images"])
def test_apprendre_lentement_n_est_pas_exploser(budget):
    course, _ = arrivee(taux=0.001, budget=budget)
    assert "explosé" not in course.recit()


def test_les_eleves_de_la_course_font_les_pas_de_l_autre_scene():
    course, hasard = scene("course", "à pas égaux"), np.random.default_rng(0)
    course.pas(3)
    eleves = {taille: np.zeros((10, 64)) for taille in (1, 10, 100, 1200)}
    for _ in range(3):
        for taille, siens in eleves.items():
            lot = hasard.choice(1200, taille, replace=False)
            manque = images[lot] @ siens.T - decor.cibles[lot]
            siens -= 0.02 * 2 * manque.T @ images[lot] / taille
    attendus = [decor.rates(siens)["exercices"] for siens in eleves.values()]
    assert course.passe["rates"][-1] == pytest.approx(attendus, abs=0.003)


# --- Le bilan -------------------------------------------------------------------------------


def test_juste_ou_faux_n_a_pas_de_pente_le_score_si():
    bilan, valeurs = scene("bilan"), np.linspace(-1, 1, 401)
    marches, vallee = np.array([evalue(valeur) for valeur in valeurs]).T
    assert len(set(marches)) >= 5  # un escalier, pas un plancher
    fond = valeurs[vallee.argmin()]
    assert np.all(np.diff(vallee[valeurs <= fond]) < 0)
    assert np.all(np.diff(vallee[valeurs >= fond]) > 0)
    for _, cran in bilan.boutons["bouton"].widget.options:
        bilan.regle(bouton=cran)
        _, _, (plate, pente) = bilan.etat
        assert plate == 0 and np.sign(pente) == np.sign(cran - fond), cran
    bilan.regle(bouton=-0.8)
    assert "tout plat" in bilan.recit() and "à droite" in bilan.recit()
