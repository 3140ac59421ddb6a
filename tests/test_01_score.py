"""Le carnet 01 : des règles qui s'usent, un bouton à deviner, dix scores, et un chiffre dessiné."""

import itertools
import re
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
from decors import score
from demystifie import vues
from demystifie.ardoise import COTE
from demystifie.donnees.cadrage import cadre
from demystifie.partie import TERMINE
from matplotlib.colors import to_hex
from PIL import Image, ImageDraw

CARNET = "01_score"
TROIS = [0, 1, 7]
CELLULES = [c for c in carnets.lis(CARNET).cells if c.metadata.slideshow.slide_type != "notes"]


@pytest.fixture
def scene(request):
    """La scène que nomme ``avec``, remise à neuf."""
    return carnets.remise_a_neuf(CARNET, request.param)


def avec(boucle):
    return pytest.mark.parametrize("scene", [boucle], indirect=True, ids=[boucle])


# --- Les règles du maître -------------------------------------------------------------------


def reussites(scene):
    return np.array(scene.etat[0]) == score.verites[: len(scene.etat[0])]


@avec("regles_du_maitre")
@pytest.mark.parametrize(
    ("copies", "justes", "sur"), [("le cahier", 12, 12), ("la classe", 51, 60), ("l’école", 414, 539)]
)
def test_les_regles_s_usent_du_cahier_a_l_ecole(scene, copies, justes, sur):
    scene.regle(copies=copies)
    assert (reussites(scene).sum(), len(reussites(scene))) == (justes, sur)
    assert f"{justes} copies bien lues sur {sur}" in scene.recit()
    assert len(score.pile) == 539, "l'école : tous les 0, les 1 et les 7"


@avec("regles_du_maitre")
def test_les_85_77_et_78_pour_cent_de_la_reponse(scene):
    assert (round(100 * 51 / 60), round(100 * 414 / 539)) == (85, 77)
    noir = score.pile > 0.5
    centre, largeur = score.pile[:, 3:5, 3:5].mean(axis=(1, 2)), noir.any(axis=1).sum(axis=1)
    chapeau = noir[:, :2].any(axis=1).sum(axis=1)

    def lues(trou, mince, barre):
        return np.select([centre < trou, largeur <= mince, chapeau >= barre], TROIS, -1)

    scene.regle(copies=539)
    assert (lues(0.3, 4, 3) == scene.etat[0]).all()
    seuils = [[v for _, v in scene.boutons[nom].widget.options] for nom in ("trou", "mince", "barre")]
    assert 0.77 < max(np.mean(lues(*s) == score.verites) for s in itertools.product(*seuils)) < 0.78


@avec("regles_du_maitre")
@pytest.mark.parametrize("mince", [1, 2, 3, 5, 6, 7, 8])
def test_sauver_les_7_c_est_perdre_les_1(scene, mince):
    gains = []
    for valeur in (4, mince):
        scene.regle(copies=539, mince=valeur)
        gains.append([reussites(scene)[score.verites == chiffre].sum() for chiffre in (1, 7)])
    uns, sept = np.subtract(gains[1], gains[0])
    assert np.sign(uns) == -np.sign(sept) != 0


@avec("regles_du_maitre")
def test_une_copie_qu_aucune_regle_ne_lit_est_comptee_ratee(scene):
    scene.regle(copies=539, trou=0.0, mince=1, barre=8)
    assert not reussites(scene).any() and set(scene.etat[0]) == {-1}
    assert scene.recit().startswith("0 copie bien lue sur 539, soit 0\u00a0%")
    assert scene.image().std() > 1


# --- Chaud ou froid -------------------------------------------------------------------------


def essaie(scene, *crans):
    """Pose chaque cran, fait un pas, et rend les réponses du maître."""
    for cran in crans:
        scene.regle(essai=cran)
        scene.pas()
    return scene.etat[1]


@avec("devine")
def test_faux_ne_dit_rien_d_autre_et_juste_arrete_la_partie(scene):
    reponses = essaie(scene, *range(1, 101))
    assert list(reponses.values()) == [False] * (len(reponses) - 1) + [True]
    assert scene.verdict == TERMINE and f"Trouvé, au cran {len(reponses)}," in scene.recit()


@avec("devine")
def test_le_nombre_dit_a_combien_on_est_mais_pas_de_quel_cote(scene):
    scene.regle(retour="un nombre")
    bas, haut, milieu = essaie(scene, 1, 100, 50).values()
    secret = 1 - bas
    assert bas + haut == -99 and milieu == -abs(50 - secret)
    assert essaie(scene, secret)[secret] == 0
    assert "Trouvé" in scene.recit() and "4 essais" in scene.recit()


@avec("devine")
@pytest.mark.parametrize("partie", range(1, 10))
def test_on_ne_demande_de_quel_cote_que_si_on_l_ignore(scene, partie):
    mystere = "de quel côté"
    scene.regle(retour="un nombre", partie=partie)
    for essai in (50, 20):
        crans = essaie(scene, essai).items()
        possibles = [s for s in range(1, 101) if all(abs(c - s) == -reponse for c, reponse in crans)]
        assert (mystere in scene.recit()) == (len(possibles) == 2 and len(crans) == 1)
    scene.regle(partie=partie % 9 + 1)
    essaie(scene, 1)  # au bord, l'autre côté n'existe pas
    assert mystere not in scene.recit()


@avec("devine")
@pytest.mark.parametrize(
    ("scenario", "essais"), [("tout essayer, juste ou faux", 48), ("tout essayer, par un nombre", 32)]
)
def test_qui_essaie_tout_finit_par_trouver_sans_que_la_salle_touche_a_rien(scene, scenario, essais):
    assert scene.boutons.departs["joueur"] == "la salle"
    assert not {"essai", "partie"} & scene.scenarios[scenario].keys(), "le curseur reste à la salle"
    scene.scenario(scenario)
    scene.pas(120)
    assert scene.verdict == TERMINE and list(scene.etat[1]) == list(range(1, essais + 1))
    if "nombre" in scenario:  # une pente qui monte vers le bon cran
        assert (np.diff(list(scene.etat[1].values())) == 1).all()


@avec("devine")
def test_le_meme_cran_deux_fois_ne_compte_qu_un_essai(scene):
    scene.pas(5)
    assert len(scene.etat[1]) == 1 and scene.numero == 5


@avec("devine")
def test_la_seconde_partie_a_un_nouveau_secret_et_chaque_partie_le_sien(scene):
    secrets = []
    for retour, partie in itertools.product(("juste ou faux", "un nombre"), range(1, 10)):
        scene.regle(joueur="cran par cran", retour=retour, partie=partie)
        scene.pas(101)
        secrets.append(len(scene.etat[1]))
    assert secrets[0] != secrets[9], "sinon le score n'apprend plus rien à la salle"
    assert len(set(secrets)) > 12 and all(1 <= secret <= 100 for secret in secrets)


# --- Deux élèves ----------------------------------------------------------------------------


@pytest.fixture
def espace():
    return carnets.execute(CARNET)[0]


@avec("deux_eleves")
@pytest.mark.parametrize(
    ("scenario", "faux", "note", "rapport"),
    [
        ("dix crans", (4, 7), (3, 5), (1, 2)),
        ("cent crans", (45, 55), (8, 9), (5, 6)),  # « cinq ou six fois plus vite »
        ("mille crans", (475, 525), (13.5, 14.5), (34, 38)),  # « environ 500 contre 14 »
    ],
)
def test_la_note_va_plus_vite(scene, scenario, faux, note, rapport):
    scene.scenario(scenario)
    scene.pas(100_000)
    assert scene.verdict == TERMINE and len(scene.etat[3]) == 100 and "cent parties" in scene.recit()
    moyennes = np.mean(scene.etat[3], axis=0)
    assert faux[0] < moyennes[0] < faux[1] and note[0] < moyennes[1] < note[1]
    assert rapport[0] < moyennes[0] / moyennes[1] < rapport[1]


@pytest.mark.parametrize(("crans", "attendu"), [(100, 8.7), (1000, 13.8)])
def test_le_hasard_de_la_scene_n_est_pas_choisi_pour_gagner(espace, crans, attendu):
    """Sur tous les secrets pour l'un, sur d'autres graines pour l'autre, qui attend (crans + 1) / 2."""
    guides = [espace["entend_une_note"](secret, crans) for secret in range(1, crans + 1)]
    assert np.mean([len(essais) for essais in guides]) == pytest.approx(attendu, abs=0.05)
    assert min(map(min, guides)) >= 1 and max(map(max, guides)) <= crans
    for graine in range(5):
        hasard = np.random.default_rng(graine)
        essais = [len(espace["entend_faux"](crans // 3, crans, hasard)) for _ in range(100)]
        assert np.mean(essais) == pytest.approx((crans + 1) / 2, rel=0.2)  # trois écarts types


@avec("deux_eleves")
def test_la_premiere_partie_ressemble_a_la_moyenne_des_cent(scene):
    assert "1\u00a0: 1 essai avec" in scene.recit(), "un seul, donc au singulier"
    while not scene.etat[3]:
        scene.pas()
    assert scene.etat[3][0] == pytest.approx((50.5, 8.7), rel=0.1)


@pytest.mark.parametrize("crans", [10, 100])
def test_les_deux_eleves_cherchent_le_meme_secret_sans_que_faux_se_repete(espace, crans):
    etats = list(espace["deux_eleves"](SimpleNamespace(crans=crans)))
    for secret, faux, guide, _ in etats:
        assert len(set(faux)) == len(faux) and set(faux + guide) <= set(range(1, crans + 1))
        assert secret not in faux[:-1] + guide[:-1], "qui a trouvé s'arrête"
    assert faux[-1] == guide[-1] == secret and len(etats[-1][3]) == 100


# --- Dix scores -----------------------------------------------------------------------------


@avec("dix_scores")
def test_le_score_est_la_somme_des_votes(scene):
    for copie, chiffre in itertools.product((1, 77, 100), range(10)):
        scene.regle(copie=copie, chiffre=chiffre)
        image, votes, scores, vrai = scene.etat
        assert votes.sum() == pytest.approx(scores[chiffre])
        assert not votes[image == 0].any(), "seul un pixel noirci vote"
        assert vrai == score.leurs_chiffres[copie - 1]


def test_les_votes_sont_regles_sur_des_copies_qu_on_ne_montre_pas_ensuite():
    assert len(score.vues_en_classe) == 1200
    classe = {copie.tobytes() for copie in score.vues_en_classe}
    assert not any(copie.tobytes() in classe for copie in score.neuves)


def test_les_votes_sont_les_meilleurs_pour_l_ideal():
    """Tourner un bouton d'un rien n'améliore plus rien : c'est bien un minimum."""
    boutons = score.boutons.reshape(10, 64)

    def erreur(boutons):
        return np.sum((score.vues_en_classe @ boutons.T - score.ideal) ** 2) + 36 * np.sum(boutons**2)

    assert boutons.size == 640
    for rang in [(0, 20), (3, 35), (9, 60)]:
        tour = np.zeros((10, 64))
        tour[rang] = 1e-3
        assert erreur(boutons + tour) > erreur(boutons) < erreur(boutons - tour)


@avec("dix_scores")
def test_la_copie_25_est_un_9_lu_0_a_0_3_pres(scene):
    scene.scenario("un 9 lu 0")
    _, _, scores, vrai = scene.etat
    assert scene.boutons["copie"].lit() == 25 and (vrai, scores.argmax()) == (9, 0)
    assert round(scores[0] - scores[9], 1) == 0.3
    assert "lu 0" in scene.recit() and "à 0,3 près" in scene.recit()


@avec("dix_scores")
def test_la_copie_99_est_un_5_dont_le_3_vaut_moins_0_2(scene):
    scene.scenario("un non franc")
    _, votes, scores, vrai = scene.etat
    assert scene.boutons["copie"].lit() == 99 and vrai == scores.argmax() == 5
    assert votes.sum() == pytest.approx(-0.2, abs=0.005)
    assert -votes[votes < 0].sum() > votes[votes > 0].sum()


@avec("dix_scores")
def test_la_premiere_copie_montree_est_un_beau_0_bien_lu(scene):
    _, votes, scores, vrai = scene.etat
    assert vrai == scores.argmax() == 0 and scores[0] > 0.8 and votes.max() < 0.17
    assert [cran for _, cran in scene.boutons["copie"].widget.options] == list(range(1, 101))
    citees = re.findall(r"[Cc]opie (\d+)", "".join(c.source for c in CELLULES))
    assert set(citees) == {"25", "99"}


def test_neuf_copies_jamais_vues_sur_dix_et_bien_mieux_que_les_regles(espace):
    assert len(espace["scores"]) == 597
    assert round(10 * np.mean(espace["scores"].argmax(axis=1) == score.etiquettes[1200:])) == 9
    assert np.mean(espace["lus"] == espace["verite"][espace["trois"]]) > 0.98 > 0.78


@avec("dix_scores")
def test_les_scores_tiennent_dans_la_figure(scene):
    scores = np.einsum("clx,nlx->nc", score.boutons, score.neuves)
    bas, haut = scene.axes["scores"].get_ylim()
    assert bas + 0.05 < scores.min() and scores.max() < haut - 0.1


# --- Le chiffre dessiné ---------------------------------------------------------------------

DESSINS = {
    0: [[(100, 40), (60, 90), (60, 190), (100, 240), (150, 190), (150, 90), (100, 40)]],
    2: [[(70, 80), (110, 40), (160, 70), (150, 120), (70, 240), (180, 240)]],
    3: [[(70, 40), (170, 40), (110, 120), (165, 165), (150, 225), (100, 242), (65, 215)]],
    7: [[(70, 40), (180, 40), (110, 240)], [(90, 140), (170, 140)]],
}
feutre = pytest.mark.parametrize("epaisseur", [4, 8, 16, 24])


def dessine(traits, epaisseur):
    image = Image.new("L", (COTE, COTE))
    for trait in traits:
        ImageDraw.Draw(image).line(trait, fill=255, width=epaisseur, joint="curve")
    return cadre(np.asarray(image) / 255)


@avec("lis_mon_dessin")
def test_une_ardoise_vide_se_dit_en_une_phrase(scene):
    assert not scene.etat[0].any() and "vide" in scene.recit()
    assert "vide" in score.annonce(*scene.etat)


@avec("lis_mon_dessin")
@pytest.mark.parametrize("chiffre", DESSINS)
@feutre
def test_un_chiffre_dessine_est_reconnu_quel_que_soit_le_feutre(scene, chiffre, epaisseur):
    scene.regle(dessin=dessine(DESSINS[chiffre], epaisseur))
    assert scene.etat[1].argmax() == chiffre
    assert f"le {chiffre}" in scene.recit() and f"{chiffre}" in score.annonce(*scene.etat)
    scene.image()
    couleurs = [to_hex(b.get_facecolor()) for b in scene.axes["scores"].patches[:10]]
    assert couleurs.index(vues.BLEU.lower()) == chiffre, "on ne sait pas si c'est juste : bleu"


def un_a_la_francaise(crochet, socle, graine):
    """Un 1 penché comme il vient, son crochet (de 0 à 1, en hauteurs du chiffre) et son socle."""
    hasard = np.random.default_rng(graine)
    x, haut, pied = 140, hasard.uniform(30, 50), 140 + hasard.uniform(-12, 4)
    angle, long = np.deg2rad(hasard.uniform(35, 60)), 200 * crochet
    fut = [(x - long * np.sin(angle), haut + long * np.cos(angle)), (x, haut), (pied, 240)]
    return [fut, [(pied - 45, 240), (pied + 45, 240)]] if socle else [fut]


def test_un_1_a_la_francaise_est_volontiers_lu_2():
    """La diapositive le dit ; sans crochet ni socle, le 1 est toujours lu."""
    lus = {
        forme: [
            int(
                (score.boutons * dessine(un_a_la_francaise(*forme, graine), feutre)).sum((1, 2)).argmax()
            )
            for graine in range(20)
            for feutre in (8, 16, 24)
        ]
        for forme in ((0, False), (0.3, True))
    }
    assert set(lus[0, False]) == {1}
    assert lus[0.3, True].count(1) < 20 and lus[0.3, True].count(2) > 30


def agrandie(copie):
    grande = Image.fromarray((copie * 255).astype(np.uint8)).resize(
        (COTE, COTE), Image.Resampling.BICUBIC
    )
    return np.asarray(grande) / 255


def lus_1(dessins):
    return np.mean([(score.boutons * dessin).sum(axis=(1, 2)).argmax() == 1 for dessin in dessins])


def avec_socle(un):
    """Un vrai 1, et sous lui un trait large de quatre pavés."""
    un, pied = un.copy(), np.average(np.arange(8), weights=un[6:].sum(axis=0))
    socle = np.clip(2.5 - np.abs(np.arange(8) - pied), 0, 1)
    un[6:] = np.maximum(un[6:], [0.4 * socle, socle])
    return un


def test_le_cadrage_ne_rend_guere_un_1_plus_difficile_a_lire_que_les_vraies_copies():
    """Posés d'après leur boîte plutôt que leur encre, 2 des 29 vrais 1 à socle se relisaient 1."""
    uns = score.images[score.etiquettes == 1]
    large = uns[:, 7].sum(axis=1) >= 3.2
    crochet = ~large & (uns[:, 1:5].sum(axis=2).max(axis=1) > uns[:, 6].sum(axis=1) + 0.7)
    assert (large.sum(), crochet.sum()) == (29, 85)
    for vrais, permis in (
        (uns[crochet], 0.05),
        ([avec_socle(un) for un in uns[crochet]], 0.05),
        (uns[large], 0.35),
    ):
        assert lus_1([cadre(agrandie(un)) for un in vrais]) > lus_1(vrais) - permis
    long = [
        dessine(un_a_la_francaise(0.6, False, graine), feutre)
        for graine in range(20)
        for feutre in (8, 16, 24)
    ]
    assert lus_1(long) > 0.6


@avec("lis_mon_dessin")
@feutre
def test_un_clic_egare_n_est_pas_lu(scene, epaisseur):
    image = Image.new("L", (COTE, COTE))
    ImageDraw.Draw(image).ellipse((140, 140, 140 + epaisseur, 140 + epaisseur), fill=255)
    scene.regle(dessin=cadre(np.asarray(image) / 255))
    assert score.annonce(*scene.etat) == "dessine plus grand" and "Trop petit" in scene.recit()
    scene.image()
    assert not any(barre.get_visible() for barre in scene.axes["scores"].patches[:10])


def test_aucune_vraie_copie_n_est_prise_pour_un_pate():
    assert round(score.images.mean(axis=(1, 2)).max(), 2) == 0.42
    assert all(map(score.lisible, score.images))


@feutre
def test_l_ardoise_donne_a_un_trait_fin_le_poids_des_vraies_copies(epaisseur):
    encre = np.mean([dessine(traits, epaisseur).mean() for traits in DESSINS.values()])
    assert encre == pytest.approx(score.images.mean(), abs=0.04)


def test_une_vraie_copie_agrandie_puis_recadree_est_aussi_bien_lue():
    copies = score.images[1200:]
    recadrees = [cadre(agrandie(copie)) for copie in copies]
    assert np.abs(recadrees - copies).mean() < 0.1
    lus = np.einsum("clx,nlx->nc", score.boutons, recadrees).argmax(axis=1)
    assert np.mean(lus == score.etiquettes[1200:]) > 0.87


@pytest.mark.parametrize(("deux", "dit"), [(0.4, "2\u202f? ou 5\u202f?"), (0.8, "c’est un 2")])
def test_un_doute_se_dit(deux, dit):
    scores = np.zeros(10)
    scores[[2, 5]] = deux, 0.35
    assert score.annonce(np.full((8, 8), 0.3), scores) == dit


# --- Le récit du chapitre -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mot", "vu"),
    [
        ("**note**", "Scene(devine"),
        ("**fonction d’évaluation**", "Scene(deux_eleves"),
        ("**fonction de perte**", "Scene(deux_eleves"),
        ("**scores**", "Scene(deux_eleves"),
    ],
)
def test_un_mot_n_est_dit_qu_apres_avoir_ete_vu(mot, vu):
    sources = [c.source for c in CELLULES]
    rang = next(i for i, source in enumerate(sources) if mot in source)
    assert any(vu in source for source in sources[:rang])
    mot = re.compile(rf"\b{mot.strip('*')}\b")
    assert not any(mot.search(source) for source in sources[:rang] if "import" not in source)


def test_le_carnet_finit_sur_le_sens_des_boutons():
    assert "dans quel sens" in CELLULES[-1].source.strip().splitlines()[-1]
