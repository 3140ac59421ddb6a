"""Le carnet 01 : des règles qui s'usent, un bouton à deviner, dix scores, et un chiffre dessiné."""

import re

import carnets
import numpy as np
import pytest
from demystifie import vues
from demystifie.ardoise import COTE, cadre
from demystifie.scene import TERMINE
from matplotlib.colors import to_hex
from PIL import Image, ImageDraw

CARNET = "01_score"
TROIS = [0, 1, 7]


@pytest.fixture(scope="module")
def espace():
    return carnets.execute(CARNET)[0]


@pytest.fixture
def scenes():
    scenes = carnets.scenes(CARNET)
    for scene in scenes.values():
        scene.regle(**scene._departs)
        scene.recommence()
    return scenes


def texte():
    return "\n".join(c.source for c in carnets.lis(CARNET).cells if c.cell_type == "markdown")


# --- Les règles du maître -------------------------------------------------------------------


def reussites(scene, espace):
    reponses = np.array(scene.etat[0])
    return reponses == espace["verites"][: len(reponses)]


@pytest.mark.parametrize(
    ("copies", "justes", "sur"), [("le cahier", 12, 12), ("la classe", 51, 60), ("l’école", 414, 539)]
)
def test_les_regles_s_usent_du_cahier_a_l_ecole(scenes, espace, copies, justes, sur):
    scene = scenes["regles_du_maitre"]
    scene.regle(copies=copies)
    assert (reussites(scene, espace).sum(), len(reussites(scene, espace))) == (justes, sur)
    assert f"{justes} copies bien lues sur {sur}" in scene.recit()
    assert len(espace["pile"]) == 539, "l'école : tous les 0, les 1 et les 7"


def test_les_85_77_et_78_pour_cent_de_la_reponse(scenes, espace):
    assert (round(100 * 51 / 60), round(100 * 414 / 539)) == (85, 77)
    pile, verites = espace["pile"], espace["verites"]
    boutons = scenes["regles_du_maitre"]._boutons
    seuils = [[v for _, v in boutons[nom].widget.options] for nom in ("trou", "mince", "barre")]
    noir = pile > 0.5
    centre, largeur = pile[:, 3:5, 3:5].mean(axis=(1, 2)), noir.any(axis=1).sum(axis=1)
    chapeau = noir[:, :2].any(axis=1).sum(axis=1)

    def lues(trou, mince, barre):
        return np.select([centre < trou, largeur <= mince, chapeau >= barre], TROIS, -1)

    scenes["regles_du_maitre"].regle(copies=539)
    assert (lues(0.3, 4, 3) == scenes["regles_du_maitre"].etat[0]).all()
    meilleur = max(
        np.mean(lues(trou, mince, barre) == verites)
        for trou in seuils[0]
        for mince in seuils[1]
        for barre in seuils[2]
    )
    assert 0.77 < meilleur < 0.78


@pytest.mark.parametrize("mince", [1, 2, 3, 5, 6, 7, 8])
def test_sauver_les_7_c_est_perdre_les_1(scenes, espace, mince):
    scene, gains = scenes["regles_du_maitre"], []
    for valeur in (4, mince):
        scene.regle(copies=539, mince=valeur)
        justes = reussites(scene, espace)
        gains.append([justes[espace["verites"] == chiffre].sum() for chiffre in (1, 7)])
    uns, sept = np.subtract(gains[1], gains[0])
    assert np.sign(uns) == -np.sign(sept) != 0


def test_une_copie_qu_aucune_regle_ne_lit_est_comptee_ratee(scenes, espace):
    scene = scenes["regles_du_maitre"]
    scene.regle(copies=539, trou=0.0, mince=1, barre=8)
    assert not reussites(scene, espace).any() and set(scene.etat[0]) == {-1}
    assert "0 %" in scene.recit().replace("\u00a0", " ") and scene.image().std() > 1


# --- Chaud ou froid -------------------------------------------------------------------------


def test_faux_ne_dit_rien_d_autre_et_juste_arrete_la_partie(scenes):
    scene = scenes["devine"]
    for essai in range(1, 101):
        scene.regle(essai=essai)
        scene.pas()
        reponses = list(scene.etat[1].values())
        if reponses[-1]:
            break
    assert reponses == [False] * (essai - 1) + [True]
    scene.pas()
    assert scene.verdict == TERMINE and f"cran {essai}" in scene.recit() and "Trouvé" in scene.recit()


def test_le_nombre_dit_a_combien_on_est_mais_pas_de_quel_cote(scenes):
    scene = scenes["devine"]
    scene.regle(retour="un nombre")
    for essai in (1, 100, 50):
        scene.regle(essai=essai)
        scene.pas()
    (bas, haut, milieu), retour = scene.etat[1].values(), scene.etat[0]
    assert retour == "un nombre" and bas + haut == -99
    secret = 1 - bas
    assert milieu == -abs(50 - secret)
    scene.regle(essai=secret)
    scene.pas()
    assert scene.etat[1][secret] == 0 and "Trouvé" in scene.recit() and "4 essais" in scene.recit()


@pytest.mark.parametrize("partie", range(1, 10))
def test_on_ne_demande_de_quel_cote_que_si_on_l_ignore(scenes, partie):
    scene, mystere = scenes["devine"], "de quel côté"
    scene.regle(retour="un nombre", partie=partie)
    for essai in (50, 20):
        scene.regle(essai=essai)
        scene.pas()
        crans = scene.etat[1].items()
        possibles = [s for s in range(1, 101) if all(abs(c - s) == -reponse for c, reponse in crans)]
        assert (mystere in scene.recit()) == (len(possibles) == 2 and len(crans) == 1)
    scene.regle(partie=partie % 9 + 1, essai=1)  # au bord, l’autre côté n’existe pas
    scene.pas()
    assert mystere not in scene.recit()


@pytest.mark.parametrize(
    ("scenario", "essais"), [("tout essayer, juste ou faux", 48), ("tout essayer, par un nombre", 32)]
)
def test_qui_essaie_tout_finit_par_trouver_sans_que_la_salle_touche_a_rien(scenes, scenario, essais):
    scene = scenes["devine"]
    scene.scenario(scenario)
    scene.pas(120)
    assert scene.verdict == TERMINE and list(scene.etat[1]) == list(range(1, essais + 1))
    if "nombre" in scenario:  # une pente qui monte vers le bon cran
        assert (np.diff(list(scene.etat[1].values())) == 1).all()


def test_aucune_pastille_ne_touche_au_curseur_de_la_salle(scenes):
    scene = scenes["devine"]
    assert scene._departs["joueur"] == "la salle"
    for reglages in scene.scenarios.values():
        assert reglages["joueur"] == "cran par cran" and not {"essai", "partie"} & reglages.keys()


def test_le_meme_cran_deux_fois_ne_compte_qu_un_essai(scenes):
    scene = scenes["devine"]
    scene.pas(5)
    assert len(scene.etat[1]) == 1 and scene.numero == 5


def test_la_seconde_partie_a_un_nouveau_secret_et_chaque_partie_le_sien(scenes):
    scene, secrets = scenes["devine"], []
    for retour in ("juste ou faux", "un nombre"):
        for partie in range(1, 10):
            scene.regle(retour=retour, partie=partie)
            for essai in range(1, 101):
                scene.regle(essai=essai)
                scene.pas()
            secrets.append(list(scene.etat[1])[-1])
    assert secrets[0] != secrets[9], "sinon le score n'apprend plus rien à la salle"
    assert len(set(secrets)) > 12 and all(1 <= secret <= 100 for secret in secrets)


# --- Deux élèves ----------------------------------------------------------------------------


def cent_parties(scene, crans):
    scene.regle(crans=crans)
    scene.recommence()
    scene.pas(200 * crans)
    assert scene.verdict == TERMINE and len(scene.etat[3]) == 100
    return np.mean(scene.etat[3], axis=0)


def test_cinq_ou_six_fois_plus_vite_avec_un_score(scenes):
    faux, score = cent_parties(scenes["deux_eleves"], 100)
    assert 45 < faux < 55 and score < 9
    assert 5 <= faux / score <= 6
    assert "sur cent parties" in scenes["deux_eleves"].recit()


def test_la_premiere_partie_ressemble_a_la_moyenne_des_cent(scenes):
    scene = scenes["deux_eleves"]
    assert "1\u00a0: 1 essai avec" in scene.recit().replace("artie ", "")  # un seul, donc au singulier
    while not scene.etat[3]:
        scene.pas()
    premiere = scene.etat[3][0]
    assert np.abs(np.subtract(premiere, (50.5, 8.7)) / (50.5, 8.7)).max() < 0.1


def test_avec_mille_crans_500_contre_14(scenes):
    faux, score = cent_parties(scenes["deux_eleves"], 1000)
    assert 475 < faux < 525 and round(score) == 14


def test_le_hasard_de_la_scene_n_est_pas_choisi_pour_gagner():
    """Les moyennes exactes, sur tous les secrets : ce que la scène approche en cent parties."""
    for crans, faux, score in ((100, 50.5, 8.7), (1000, 500.5, 13.8)):
        comptes = [essais_du_guide(secret, crans) for secret in range(1, crans + 1)]
        assert (crans + 1) / 2 == faux
        assert np.mean(comptes) == pytest.approx(score, abs=0.05)


def essais_du_guide(secret, crans):
    ici, elan, essais = crans // 2, crans // 3, [crans // 2]
    while essais[-1] != secret:
        essai = min(max(ici + elan, 1), crans)
        if abs(essai - secret) < abs(ici - secret):
            ici = essai
        else:
            elan = -elan // 2 or 1
        essais.append(essai)
        assert len(essais) < 100, "il tourne en rond"
    return len(essais)


def test_les_deux_eleves_cherchent_le_meme_secret_sans_se_repeter(scenes):
    scene = scenes["deux_eleves"]
    vus = 0
    for _ in range(400):
        scene.pas()
        secret, faux, score, finies = scene.etat
        assert len(set(faux)) == len(faux) and min(faux + score) >= 1 and max(faux + score) <= 100
        if faux[-1] == score[-1] == secret:
            vus += 1
            assert faux.count(secret) == score.count(secret) == 1
    assert vus == len(finies) or vus == len(finies) + 1


@pytest.mark.parametrize(
    ("scenario", "crans"), [("dix crans", 10), ("cent crans", 100), ("mille crans", 1000)]
)
def test_chaque_scenario_pose_ses_crans(scenes, scenario, crans):
    scene = scenes["deux_eleves"]
    scene.scenario(scenario)
    scene.pas(3 * crans)
    assert max(scene.etat[1]) <= crans and max(scene.etat[1]) > 0.5 * crans


# --- Dix scores -----------------------------------------------------------------------------


def test_le_score_est_la_somme_des_votes(scenes, espace):
    scene = scenes["dix_scores"]
    for copie in (1, 77, 100):
        for chiffre in range(10):
            scene.regle(copie=copie, chiffre=chiffre)
            image, votes, scores, vrai = scene.etat
            assert votes.sum() == pytest.approx(scores[chiffre])
            assert not votes[image == 0].any(), "seul un pixel noirci vote"
        assert vrai == espace["leurs_chiffres"][copie - 1]


def test_toutes_les_copies_citees_sont_des_crans_du_curseur(scenes):
    crans = [cran for _, cran in scenes["dix_scores"]._boutons["copie"].widget.options]
    assert crans == list(range(1, 101))
    citees = {int(nombre) for nombre in re.findall(r"[Cc]opie (\d+)", texte())}
    assert citees == {25, 99}


def test_les_votes_sont_regles_sur_des_copies_qu_on_ne_montre_pas_ensuite(espace):
    assert len(espace["vues_en_classe"]) == 1200
    classe = {copie.tobytes() for copie in espace["vues_en_classe"]}
    assert not any(copie.reshape(64).tobytes() in classe for copie in espace["neuves"])


def test_les_votes_sont_les_meilleurs_pour_l_ideal(espace):
    """Tourner un bouton d'un rien n'améliore plus rien : c'est bien un minimum."""
    classe, ideal = espace["vues_en_classe"], espace["ideal"]
    boutons = espace["boutons"].reshape(10, 64)

    def erreur(boutons):
        return np.sum((classe @ boutons.T - ideal) ** 2) + 36 * np.sum(boutons**2)

    assert boutons.size == 640
    for rang in [(0, 20), (3, 35), (9, 60)]:
        tour = np.zeros((10, 64))
        tour[rang] = 1e-3
        assert erreur(boutons + tour) > erreur(boutons) < erreur(boutons - tour)


def test_la_copie_25_est_ratee_a_0_3_pres(scenes):
    scene = scenes["dix_scores"]
    scene.regle(copie=25)
    _, _, scores, vrai = scene.etat
    assert (vrai, scores.argmax()) == (9, 0)
    assert round(scores[0] - scores[9], 1) == 0.3
    assert "lu 0" in scene.recit() and "à 0,31 près" in scene.recit()


def test_la_copie_99_est_un_5_dont_le_3_vaut_moins_0_2(scenes):
    scene = scenes["dix_scores"]
    scene.regle(copie=99, chiffre=3)
    _, votes, scores, vrai = scene.etat
    assert vrai == scores.argmax() == 5
    assert scores[3] == pytest.approx(-0.2, abs=0.005)
    assert -votes[votes < 0].sum() > votes[votes > 0].sum()


def test_les_pastilles_menent_aux_deux_copies_du_texte(scenes, espace):
    scene = scenes["dix_scores"]
    scene.scenario("un 9 lu 0")
    assert scene.etat[3] == 9 and "lu 0" in scene.recit()
    scene.scenario("un non franc")
    _, votes, scores, vrai = scene.etat
    assert vrai == 5 and votes.sum() == pytest.approx(scores[3]) and scores[3] < -0.15
    assert scene._boutons["copie"].lit() == 99


def test_la_premiere_copie_montree_est_un_beau_0_bien_lu(scenes):
    _, votes, scores, vrai = scenes["dix_scores"].etat
    assert vrai == scores.argmax() == 0 and scores[0] > 0.8 and votes.max() < 0.17


def test_neuf_copies_jamais_vues_sur_dix_et_bien_mieux_que_les_regles(espace):
    scores = np.array(
        [(espace["boutons"] * copie).sum(axis=(1, 2)) for copie in espace["images"][1200:]]
    )
    vrais = espace["etiquettes"][1200:]
    assert round(10 * np.mean(scores.argmax(axis=1) == vrais)) == 9
    trois = np.isin(vrais, TROIS)
    lus = np.array(TROIS)[scores[trois][:, TROIS].argmax(axis=1)]
    assert np.mean(lus == vrais[trois]) > 0.98 > 0.78


def test_les_scores_tiennent_dans_la_figure(espace, scenes):
    scores = np.einsum("clx,nlx->nc", espace["boutons"], espace["neuves"])
    bas, haut = scenes["dix_scores"]._dessin.axes["scores"].get_ylim()
    assert bas + 0.05 < scores.min() and scores.max() < haut - 0.1


# --- Le chiffre dessiné ---------------------------------------------------------------------

DESSINS = {
    0: [[(100, 40), (60, 90), (60, 190), (100, 240), (150, 190), (150, 90), (100, 40)]],
    2: [[(70, 80), (110, 40), (160, 70), (150, 120), (70, 240), (180, 240)]],
    3: [[(70, 40), (170, 40), (110, 120), (165, 165), (150, 225), (100, 242), (65, 215)]],
    7: [[(70, 40), (180, 40), (110, 240)], [(90, 140), (170, 140)]],
}


def dessine(traits, epaisseur):
    image = Image.new("L", (COTE, COTE))
    for trait in traits:
        ImageDraw.Draw(image).line(trait, fill=255, width=epaisseur, joint="curve")
    return np.asarray(image) / 255


def test_une_ardoise_vide_se_dit_en_une_phrase(scenes, espace):
    scene = scenes["lis_mon_dessin"]
    scene._boutons["dessin"].widget.value = np.zeros((8, 8))
    assert not scene.etat[0].any() and "vide" in scene.recit()
    assert "vide" in espace["annonce"](*scene.etat)


@pytest.mark.parametrize("chiffre", DESSINS)
@pytest.mark.parametrize("epaisseur", [4, 8, 24])
def test_un_chiffre_dessine_est_reconnu_quel_que_soit_le_feutre(scenes, espace, chiffre, epaisseur):
    scene = scenes["lis_mon_dessin"]
    vide = scene.image()
    scene._boutons["dessin"].widget.value = cadre(dessine(DESSINS[chiffre], epaisseur))
    assert scene.etat[1].argmax() == chiffre
    assert f"le {chiffre}" in scene.recit() and f"{chiffre}" in espace["annonce"](*scene.etat)
    assert (scene.image() != vide).any()
    scene._boutons["dessin"].widget.value = np.zeros((8, 8))


@pytest.mark.parametrize("epaisseur", [4, 8, 16, 24])
def test_un_clic_egare_n_est_pas_lu(scenes, espace, epaisseur):
    scene = scenes["lis_mon_dessin"]
    image = Image.new("L", (COTE, COTE))
    ImageDraw.Draw(image).ellipse((140, 140, 140 + epaisseur, 140 + epaisseur), fill=255)
    scene._boutons["dessin"].widget.value = cadre(np.asarray(image) / 255)
    assert espace["annonce"](*scene.etat) == "dessine plus grand"
    assert "Trop petit" in scene.recit()
    barres = scene._dessin.axes["scores"].patches
    scene.image()
    assert not any(barre.get_visible() for barre in barres[:10])
    scene._boutons["dessin"].widget.value = np.zeros((8, 8))


def test_aucune_vraie_copie_n_est_prise_pour_un_pate(espace):
    encre = espace["images"].mean(axis=(1, 2))
    assert round(encre.max(), 2) == 0.42 and all(map(espace["lisible"], espace["images"]))


def test_la_barre_gagnante_d_un_dessin_n_a_pas_la_couleur_du_faux(scenes, espace):
    scene = scenes["lis_mon_dessin"]
    scene._boutons["dessin"].widget.value = cadre(dessine(DESSINS[7], 8))
    scene.image()
    couleurs = [to_hex(b.get_facecolor()) for b in scene._dessin.axes["scores"].patches[:10]]
    assert couleurs[7] == vues.BLEU.lower() and vues.ORANGE.lower() not in couleurs
    scene._boutons["dessin"].widget.value = np.zeros((8, 8))


@pytest.mark.parametrize("epaisseur", [4, 8, 16, 24])
def test_l_ardoise_donne_a_un_trait_fin_le_poids_des_vraies_copies(espace, epaisseur):
    encre = np.mean([cadre(dessine(traits, epaisseur)).mean() for traits in DESSINS.values()])
    assert encre == pytest.approx(espace["images"].mean(), abs=0.04)


def test_une_vraie_copie_agrandie_puis_recadree_est_aussi_bien_lue(espace):
    copies, vrais = espace["images"][1200:], espace["etiquettes"][1200:]
    recadrees = []
    for copie in copies:
        grande = Image.fromarray((copie * 255).astype(np.uint8)).resize(
            (COTE, COTE), Image.Resampling.BICUBIC
        )
        recadrees.append(cadre(np.asarray(grande) / 255))
    assert np.abs(recadrees - copies).mean() < 0.1
    lus = np.einsum("clx,nlx->nc", espace["boutons"], recadrees).argmax(axis=1)
    assert np.mean(lus == vrais) > 0.87


def test_un_doute_se_dit(espace):
    scores = np.zeros(10)
    scores[[2, 5]] = 0.4, 0.35
    dessin = np.full((8, 8), 0.3)
    assert "2" in espace["annonce"](dessin, scores) and "5" in espace["annonce"](dessin, scores)
    scores[2] = 0.8
    assert espace["annonce"](dessin, scores) == "c’est un 2"


# --- Le récit du chapitre -------------------------------------------------------------------


def test_le_mot_score_n_est_explique_qu_apres_avoir_ete_vu():
    cellules = [c.source for c in carnets.lis(CARNET).cells]
    mot = next(i for i, s in enumerate(cellules) if "**fonction d’évaluation**" in s)
    assert any("Scene(devine" in s for s in cellules[:mot])
    assert any("Scene(deux_eleves" in s for s in cellules[:mot])
    assert not any("fonction d’évaluation" in s for s in cellules[:mot])


def test_le_mot_score_n_est_dit_qu_apres_avoir_vu_un_nombre_repondre():
    cellules = [c for c in carnets.lis(CARNET).cells if c.metadata.slideshow.slide_type != "notes"]
    mot = next(i for i, c in enumerate(cellules) if "**score**" in c.source)
    devine = next(i for i, c in enumerate(cellules) if "Scene(devine" in c.source)
    assert devine < mot
    assert not any("score" in c.source for c in cellules[:mot])


def test_le_carnet_finit_sur_le_sens_des_boutons():
    assert "dans quel sens" in texte().strip().splitlines()[-1]
