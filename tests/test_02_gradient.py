"""Le carnet 02 : la pente d'un bouton, le brouillard, le pas, le gradient, la moyenne des réglages."""

import carnets
import numpy as np
import pytest

CARNET = "02_gradient"
DEPARTS = {
    "un_bouton": dict(bouton=-0.5),
    "brouillard": dict(depart=(-2.5, -2.0), brouillard=True),
    "le_pas": dict(taille_du_pas=0.05),
    "tate": dict(chiffre=3, eleve="tout neuf"),
    "moyenne": dict(combien=1, boutons_du=0),
}


@pytest.fixture(scope="module")
def espace():
    return carnets.execute(CARNET)[0]


@pytest.fixture
def scenes():
    scenes = carnets.scenes(CARNET)
    for nom, reglages in DEPARTS.items():
        scenes[nom].regle(**reglages)
        scenes[nom].recommence()
    return scenes


def differences(erreur, boutons, image, chiffre, peu=1e-5):
    """La correction, bouton par bouton, par différences centrées : sans se fier au carnet."""
    correction = np.zeros_like(boutons)
    for rang in np.ndindex(boutons.shape):
        plus, moins = boutons.copy(), boutons.copy()
        plus[rang] += peu
        moins[rang] -= peu
        correction[rang] = (erreur(moins, image, chiffre) - erreur(plus, image, chiffre)) / (2 * peu)
    return correction


# --- L'élève, ses boutons, ses erreurs ------------------------------------------------------


def test_l_eleve_a_64_boutons_par_chiffre_et_un_neuf_se_trompe_de_1(espace):
    images, chiffres, erreur = espace["images"], espace["chiffres"], espace["erreur"]
    assert images.shape == (100, 64)
    assert list(chiffres) == list(range(10)) * 10
    assert {erreur(np.zeros((10, 64)), i, c) for i, c in zip(images, chiffres, strict=True)} == {1}


def test_une_erreur_nulle_veut_dire_des_scores_parfaits(espace):
    image = espace["images"][3]
    boutons = np.zeros((10, 64))
    boutons[3] = image / (image @ image)  # de quoi donner 1 au 3, et 0 aux autres
    assert espace["erreur"](boutons, image, 3) == pytest.approx(0)


# --- Un bouton ------------------------------------------------------------------------------


def test_la_pente_d_un_bouton_est_celle_de_la_courbe(espace, scenes):
    scene, un_seul = scenes["un_bouton"], espace["un_seul"]
    for bouton in (-1.0, 0.3, 1.0, 2.5):
        scene.regle(bouton=bouton)
        lu, ici, pente = scene.etat
        vraie = (un_seul(bouton + 1e-6) - un_seul(bouton - 1e-6)) / 2e-6
        assert (lu, ici) == (bouton, un_seul(bouton))
        assert pente == pytest.approx(vraie, abs=0.002)


@pytest.mark.parametrize(("cote", "vers"), [("à gauche", 1), ("à droite", -1)])
def test_la_bille_descend_et_ralentit(scenes, cote, vers):
    scene = scenes["un_bouton"]
    scene.scenario(cote)
    boutons, erreurs = [], []
    for _ in range(40):
        boutons.append(scene.etat[0])
        erreurs.append(scene.etat[1])
        scene.pas()
    pas = vers * np.diff(boutons)
    assert (pas > 0).all() and (np.diff(pas) < 0).all()
    assert (np.diff(erreurs) < 0).all()
    scene.pas(100)
    assert scene.etat[1] < 1e-5
    assert "plat" in scene.recit()


# --- Le brouillard --------------------------------------------------------------------------


def essais(espace, scene):
    """Combien d'essais à chacun des deux élèves pour arriver au fond."""
    trajets = np.array(scene.etat[0])
    paysage, compte = espace["paysage"], espace["essais_pour_arriver"]
    return compte(paysage(*trajets[:, :2].T)), compte(paysage(*trajets[:, 2:].T))


def test_le_paysage_a_bien_un_fond_et_un_petit_creux(espace):
    grille = np.linspace(-3, 3, 301)
    x, y = np.meshgrid(grille, grille)
    hauteurs = espace["paysage"](x, y)
    assert 0 <= hauteurs.min() < 0.01
    milieu = hauteurs[1:-1, 1:-1]
    voisins = [
        hauteurs[1 + i : 300 + i, 1 + j : 300 + j] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j
    ]
    creux = sorted(milieu[np.all([milieu < voisin for voisin in voisins], axis=0)])
    assert len(creux) == 2
    assert creux[1] > 1  # le petit creux est loin d'être le fond


def test_dans_la_plaine_la_pente_gagne_de_peu(espace, scenes):
    scene = scenes["brouillard"]
    scene.scenario("la plaine")
    scene.pas(60)
    assert scene.verdict == "terminé"
    assert len(scene.etat[1]) == 150  # essais de chacun, comme le dit le texte
    hasard, pente = essais(espace, scene)
    assert 1 < hasard / pente < 1.5


def test_sur_64_departs_la_pente_gagne_de_peu(espace, scenes):
    """« quand les deux arrivent, la pente gagne presque neuf fois sur dix, 38 essais contre 50 »."""
    scene, arrives = scenes["brouillard"], []
    for depart in np.stack(np.meshgrid(*2 * [np.linspace(-2.8, 2.8, 8)])).reshape(2, -1).T:
        scene.regle(depart=tuple(depart.tolist()))
        scene.pas(60)
        comptes = essais(espace, scene)
        if None not in comptes:
            arrives.append(comptes)
    hasard, pente = np.transpose(arrives)
    assert len(arrives) > 40
    assert 0.85 < np.mean(pente < hasard) < 0.92
    assert (round(pente.mean()), round(hasard.mean())) == (38, 50)
    assert 1.1 < hasard.mean() / pente.mean() < 1.5  # de peu : ni match nul, ni de loin


def test_la_victoire_de_peu_ne_tient_pas_a_la_graine(espace):
    paysage, rapports, perdus = espace["paysage"], [], []
    for graine in range(30):
        hasard, ou, n, gardes = np.random.default_rng(graine), np.array([-2.5, -2.0]), 0, 0
        while paysage(*ou) > espace["AU_FOND"]:
            essai = ou + hasard.normal(0, 0.15, 2)
            n += 1
            if paysage(*essai) < paysage(*ou):
                ou, gardes = essai, gardes + 1
        rapports.append(n / 60)
        perdus.append(1 - gardes / n)
    assert 1 < np.median(rapports) < 1.5
    assert np.median(perdus) > 0.5  # « le hasard en gaspille plus d'un sur deux »


@pytest.mark.parametrize("depart", [(-2.5, -2.0), (-2.0, 2.5), (2.0, 2.5), (0.0, 2.8), (2.9, -2.9)])
def test_la_pente_ne_se_trompe_jamais_de_cote(espace, scenes, depart):
    scene = scenes["brouillard"]
    scene.regle(depart=depart)
    scene.pas(60)
    trajets = np.array(scene.etat[0])
    assert tuple(trajets[0]) == (*depart, *depart)
    for x, y in (trajets[:, :2].T, trajets[:, 2:].T):
        assert np.diff(espace["paysage"](x, y)).max() < 1e-5


def test_le_petit_creux_coince_les_deux_eleves(espace, scenes):
    scene = scenes["brouillard"]
    scene.scenario("le petit creux")
    scene.pas(60)
    assert essais(espace, scene) == (None, None)
    x, y, u, v = scene.etat[0][-1]
    assert min(espace["paysage"](x, y), espace["paysage"](u, v)) > 1


def test_le_depart_fait_repartir_mais_pas_le_brouillard(scenes):
    scene = scenes["brouillard"]
    scene.pas(10)
    voile = scene.image().mean()
    scene.regle(brouillard=False)
    assert scene.numero == 10
    assert scene.image().mean() != pytest.approx(voile, abs=2)
    scene.regle(depart=(1.0, 1.0))
    assert scene.numero == 0


# --- La taille du pas -----------------------------------------------------------------------


def joue(scene, nom, pas):
    scene.scenario(nom)
    scene.pas(pas)
    trace = scene.etat[3]
    return trace["bouton"], trace["erreur"]


def test_un_pas_trop_petit_s_endort(scenes):
    _, erreurs = joue(scenes["le_pas"], "trop petit", 50)
    assert (np.diff(erreurs) < 0).all()
    assert erreurs[-1] > 0.4 * erreurs[0]


def test_un_pas_juste_arrive_sans_sauter(scenes):
    boutons, erreurs = joue(scenes["le_pas"], "juste", 15)
    assert (np.diff(boutons) > 0).all()
    assert erreurs[-1] < 0.001


def test_un_pas_trop_grand_saute_longtemps_d_un_versant_a_l_autre_mais_arrive(scenes):
    boutons, erreurs = joue(scenes["le_pas"], "trop grand", 300)
    sauts = np.diff(boutons[:61])
    assert (sauts[1:] * sauts[:-1] < 0).all()
    assert (np.diff(erreurs[:61]) < 0).all()
    assert np.ptp(boutons[56:61]) > 1  # après sept secondes, à 8 pas par seconde, il saute encore
    assert erreurs[-1] < 0.01


def test_un_pas_explosif_diverge(scenes):
    scene = scenes["le_pas"]
    boutons, erreurs = joue(scene, "explosif", 200)
    assert scene.verdict == "ça diverge !"
    assert (np.diff(boutons)[1:] * np.diff(boutons)[:-1] < 0).all()
    assert (np.diff(erreurs) > 0).all()
    scene.recommence()
    assert scene.verdict == ""


@pytest.mark.parametrize(
    ("taille", "diverge"), [(1.1, False), (1.135, False), (1.14, True), (1.19, True)]
)
def test_la_frontiere_est_bien_vers_1_14(scenes, taille, diverge):
    scene = scenes["le_pas"]
    scene.regle(taille_du_pas=taille)
    scene.pas(300)
    erreurs = scene.etat[3]["erreur"]
    assert ((np.diff(erreurs[:50]) > 0) == diverge).all()
    assert scene.verdict == "" or diverge
    assert scene.verdict or taille < 1.15


def test_au_fond_pousser_le_curseur_ne_fait_plus_rien_avant_longtemps(scenes):
    scene = scenes["le_pas"]
    scene.scenario("juste")
    scene.pas(60)
    scene.regle(taille_du_pas=1.3)
    scene.pas(24)  # trois secondes
    assert scene.etat[1] < 0.05


def test_chaque_fantome_porte_la_taille_de_son_pas(scenes):
    scene = scenes["le_pas"]
    for scenario in ("trop petit", "juste", "explosif", "trop grand"):
        scene.scenario(scenario)
        scene.pas(40)
    scene.recommence()
    scene.image()
    textes = scene._dessin.axes["erreurs"].texts
    lus = [texte.get_text() for texte in textes if texte.get_visible()]
    assert lus == ["pas de 0,005", "pas de 0,2", "pas de 1,25", "pas de 1,13"]
    haut = scene._dessin.axes["erreurs"].get_ylim()[1]
    assert all(0 <= texte.get_position()[1] < haut for texte in textes)


def test_la_taille_du_pas_agit_sans_faire_repartir(scenes):
    scene = scenes["le_pas"]
    scene.pas(5)
    scene.regle(taille_du_pas=0.2)
    assert scene.numero == 5


# --- La correction que demande une image ----------------------------------------------------


@pytest.mark.parametrize("eleve", ["tout neuf", "entraîné"])
@pytest.mark.parametrize("chiffre", [0, 3, 8])
def test_tater_les_boutons_donne_la_correction_et_les_differences_finies(espace, scenes, eleve, chiffre):
    scene = scenes["tate"]
    scene.regle(chiffre=chiffre, eleve=eleve)
    scene.pas(100)
    assert scene.verdict == "terminé"
    assert scene.etat[0] == chiffre and scene.etat[2] == 64
    boutons, image = espace["ELEVES"][eleve], espace["images"][chiffre]
    attendue = differences(espace["erreur"], boutons, image, chiffre)
    np.testing.assert_allclose(scene.etat[1], attendue, atol=0.0011)  # un millième : le tout petit tour
    np.testing.assert_allclose(espace["correction"](boutons, image, chiffre), attendue, atol=1e-6)


def test_la_correction_est_juste_pour_des_boutons_quelconques(espace):
    hasard = np.random.default_rng(7)
    for rang in (5, 42, 99):
        boutons = hasard.normal(0, 0.2, (10, 64))
        exemple = espace["images"][rang], espace["chiffres"][rang]
        attendue = differences(espace["erreur"], boutons, *exemple)
        np.testing.assert_allclose(espace["correction"](boutons, *exemple), attendue, atol=1e-6)


def test_la_carte_ressemble_a_cette_image_la(espace, scenes):
    scene = scenes["tate"]
    scene.scenario("un 3, élève tout neuf")
    scene.pas(64)
    chiffre, demande, _ = scene.etat
    image = espace["images"][chiffre]
    assert chiffre == 3
    assert np.corrcoef(demande[3], image)[0, 1] > 0.9999
    idees = espace["images"][espace["chiffres"] == 3].mean(axis=0)
    assert np.corrcoef(demande[3], idees)[0, 1] < 0.95  # ce 3-là, pas un 3 idéal
    assert np.abs(demande[:, image == 0]).max() < 1e-9  # du papier blanc : le bouton ne sert à rien
    assert "641 essais" in scene.recit()


def test_un_eleve_entraine_a_des_cartes_plus_pales_et_un_peu_d_orange(scenes):
    scene = scenes["tate"]
    for chiffre in range(10):
        scene.regle(chiffre=chiffre, eleve="tout neuf")
        scene.pas(64)
        neuf = scene.etat[1]
        scene.regle(eleve="entraîné")
        scene.pas(64)
        entraine = scene.etat[1]
        assert np.abs(entraine[chiffre]).max() < np.abs(neuf[chiffre]).max()
        assert np.delete(entraine, chiffre, axis=0).min() < -0.2  # de l'orange, chez les sosies


def test_un_petit_pas_fait_fondre_l_erreur_de_1_a_029(espace):
    sorties = [c.outputs for c in carnets.lis(CARNET).cells if c.cell_type == "code"]
    textes = [s["text"] for cellule in sorties for s in cellule if s.output_type == "stream"]
    assert textes == [
        "plus grand écart\u00a0: 0,001\nerreur avant\u00a0: 1\u202f; après un petit pas\u00a0: 0,29\n"
    ]
    assert espace["apres"] == pytest.approx(0.29, abs=0.005)
    assert espace["ecart"] < 0.0011


# --- La moyenne des réglages ----------------------------------------------------------------


def joue_la_moyenne(espace, scene, nom, pas):
    scene.scenario(nom)
    scene.pas(pas)
    return espace["par_image"](scene.etat[0])


def test_n_ecouter_qu_une_image_fait_reculer_les_neuf_autres_chiffres(espace, scenes):
    erreurs = joue_la_moyenne(espace, scenes["moyenne"], "un avis", 20)
    assert erreurs[0] < 0.001  # l'image écoutée est ravie
    assert np.sum(erreurs > 1) == 90
    assert (erreurs.reshape(10, 10).mean(axis=0)[1:] > 1.2).all()
    assert "plus mal qu’au départ\u00a0: 90" in scenes["moyenne"].recit()


def test_les_autres_tirent_alors_dans_l_autre_sens(espace, scenes):
    scene = scenes["moyenne"]
    joue_la_moyenne(espace, scene, "un avis", 20)
    avis = scene.etat[1][:, 0]  # ce que dix images demandent aux boutons du 0
    assert (avis[1:].max(axis=1) < 1e-9).all() and (avis[1:].min(axis=1) < -0.5).all()


def test_la_moyenne_arrange_tout_le_monde_un_petit_peu(espace, scenes):
    scene = scenes["moyenne"]
    avant = joue_la_moyenne(espace, scene, "cent avis", 0)
    scene.pas()
    assert (espace["par_image"](scene.etat[0]) < avant).all()
    un_avis = espace["par_image"](
        0.02 * espace["correction"](np.zeros((10, 64)), espace["images"][0], 0)
    )
    assert espace["par_image"](scene.etat[0]).min() > un_avis[0]  # mais ne comble personne
    scene.pas(19)
    assert (espace["par_image"](scene.etat[0]) < 1).all()


def test_cent_avis_valent_mieux_que_dix_qui_valent_mieux_qu_un(espace, scenes):
    moyennes = [
        joue_la_moyenne(espace, scenes["moyenne"], nom, 60).mean()
        for nom in ("un avis", "dix avis", "cent avis")
    ]
    assert moyennes[0] > 1 > moyennes[1] > moyennes[2]


def test_ecouter_davantage_agit_sans_faire_repartir(espace, scenes):
    scene = scenes["moyenne"]
    avant = joue_la_moyenne(espace, scene, "un avis", 20)
    scene.regle(combien=100)
    assert scene.numero == 20
    scene.pas(60)
    assert espace["par_image"](scene.etat[0]).mean() < 0.6 < avant.mean()


def test_les_boutons_regardes_ne_changent_rien_a_l_apprentissage(scenes):
    scene = scenes["moyenne"]
    scene.scenario("dix avis")
    scene.pas(10)
    boutons, image = scene.etat[0].copy(), scene.image()
    scene.regle(boutons_du=3)
    assert scene.numero == 10
    assert (scene.etat[0] == boutons).all()
    assert (scene.image() != image).any()


# --- Toutes ---------------------------------------------------------------------------------


def test_chaque_curseur_survit_a_ses_deux_bouts(scenes):
    bouts = {
        "un_bouton": [dict(bouton=-1.0), dict(bouton=3.0)],
        "brouillard": [dict(depart=(-3.0, -3.0)), dict(depart=(3.0, 3.0)), dict(depart=(-3.0, 3.0))],
        "le_pas": [dict(taille_du_pas=0.005), dict(taille_du_pas=1.3)],
        "tate": [dict(chiffre=0), dict(chiffre=9, eleve="entraîné")],
        "moyenne": [dict(combien=1, boutons_du=0), dict(combien=100, boutons_du=9)],
    }
    assert bouts.keys() == DEPARTS.keys() == scenes.keys()
    for nom, valeurs in bouts.items():
        for reglages in valeurs:
            scenes[nom].regle(**reglages)
            scenes[nom].pas(30)
            assert scenes[nom].image().shape[2] == 3
            assert scenes[nom].recit()
