"""Le carnet 02 : la pente d'un bouton, le brouillard, le pas, le gradient, la moyenne des demandes."""

from functools import partial

import carnets
import numpy as np
import pytest
from decors import gradient as decor
from decors.gradient import ELEVES, chiffres, essais_pour_arriver, images, par_image, paysage

NEUF = np.zeros((10, 64))
scene = partial(carnets.remise_a_neuf, "02_gradient")


@pytest.fixture(scope="module")
def espace():
    return carnets.execute("02_gradient")[0]


def differences(erreur, boutons, image, chiffre, peu=1e-5):
    """L'opposé du gradient, bouton par bouton, par différences centrées : sans se fier au carnet."""
    tours = peu * np.eye(640).reshape(640, 10, 64)
    pentes = [erreur(boutons - t, image, chiffre) - erreur(boutons + t, image, chiffre) for t in tours]
    return np.reshape(pentes, (10, 64)) / (2 * peu)


# --- L'élève, ses boutons, ses erreurs ------------------------------------------------------


def test_un_eleve_neuf_se_trompe_de_1_et_le_decor_mesure_comme_le_carnet(espace):
    erreur, exemples = espace["erreur"], list(zip(images, chiffres, strict=True))
    assert images.shape == (100, 64) and list(chiffres) == list(range(10)) * 10
    assert {erreur(NEUF, *exemple) for exemple in exemples} == {1}
    boutons = np.random.default_rng(7).normal(0, 0.2, (10, 64))
    assert par_image(boutons) == pytest.approx([erreur(boutons, *exemple) for exemple in exemples])
    for bouton in (-1.0, 0.3, 2.5):
        assert decor.erreur_du_3(bouton) == pytest.approx(espace["un_seul"](bouton))


def test_une_erreur_nulle_veut_dire_des_scores_parfaits(espace):
    boutons = NEUF.copy()
    boutons[3] = images[3] / (images[3] @ images[3])  # de quoi donner 1 au 3, et 0 aux autres
    assert espace["erreur"](boutons, images[3], 3) == pytest.approx(0)


# --- Un bouton ------------------------------------------------------------------------------


@pytest.mark.parametrize("bouton", [-1.0, 0.3, 1.0, 2.5])
def test_la_pente_d_un_bouton_est_celle_de_la_courbe(espace, bouton):
    un_bouton, un_seul = scene("un_bouton"), espace["un_seul"]
    un_bouton.regle(bouton=bouton)
    lu, ici, pente = un_bouton.etat
    assert (lu, ici) == (bouton, un_seul(bouton))
    assert pente == pytest.approx((un_seul(bouton + 1e-6) - un_seul(bouton - 1e-6)) / 2e-6, abs=0.002)


@pytest.mark.parametrize(("cote", "vers"), [("à gauche", 1), ("à droite", -1)])
def test_la_bille_descend_et_ralentit(cote, vers):
    un_bouton = scene("un_bouton", cote)
    un_bouton.pas(40)
    boutons, erreurs, _ = np.transpose([instant.etat for instant in un_bouton.passe.instants])
    pas = vers * np.diff(boutons)
    assert (pas > 0).all() and (np.diff(pas) < 0).all() and (np.diff(erreurs) < 0).all()
    un_bouton.pas(100)
    assert un_bouton.etat[1] < 1e-5
    un_bouton.pas(300)
    assert "pente 0,00 (plat)" in un_bouton.recit(), "et jamais « moins zéro »"


# --- Le brouillard --------------------------------------------------------------------------


def trajets(brouillard):
    """Les erreurs de celui qui tâtonne et de celui qui sent la pente, tour après tour."""
    brouillard.pas(60)
    assert brouillard.verdict == "terminé"
    assert brouillard.etat[0] == 150  # essais de chacun, comme le dit le texte
    return [paysage(*brouillard.passe[nom].T) for nom in ("au hasard", "par la pente")]


def test_le_paysage_a_bien_un_fond_et_un_petit_creux():
    hauteurs = paysage(*np.meshgrid(*2 * [np.linspace(-3, 3, 301)]))
    assert 0 <= hauteurs.min() < 0.01
    milieu = hauteurs[1:-1, 1:-1]
    autour = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    plus_bas = [milieu < hauteurs[1 + i : 300 + i, 1 + j : 300 + j] for i, j in autour]
    creux = sorted(milieu[np.all(plus_bas, axis=0)])
    assert len(creux) == 2
    assert creux[1] > 1  # le petit creux est loin d'être le fond


def test_dans_la_plaine_la_pente_gagne_et_la_legende_le_dit():
    brouillard = scene("brouillard", "la plaine")
    hasard, pente = map(essais_pour_arriver, trajets(brouillard))
    assert (pente, hasard) == (60, 78)  # ce que dit la réponse du pari
    assert brouillard.recit().count("au fond") == 2
    brouillard.image()
    dits = [texte.get_text() for texte in brouillard.axes["essais"].get_legend().get_texts()]
    assert dits == [f"au hasard\u00a0: {hasard} essais", f"par la pente\u00a0: {pente} essais"]


def test_sur_64_departs_la_pente_gagne_presque_toujours():
    """« quand les deux arrivent, la pente gagne presque neuf fois sur dix, 38 essais contre 50 »."""
    brouillard, arrives = scene("brouillard"), []
    for depart in np.stack(np.meshgrid(*2 * [np.linspace(-2.8, 2.8, 8)])).reshape(2, -1).T:
        brouillard.regle(depart=tuple(depart.tolist()))
        arrives.append([essais_pour_arriver(erreurs) for erreurs in trajets(brouillard)])
    hasard, pente = np.transpose([comptes for comptes in arrives if None not in comptes])
    assert len(hasard) > 40
    assert 0.85 < np.mean(pente < hasard) < 0.92
    assert (round(pente.mean()), round(hasard.mean())) == (38, 50)


def test_la_victoire_ne_tient_pas_a_la_graine():
    rapports, perdus = [], []
    for graine in range(30):
        hasard, ou, n, gardes = np.random.default_rng(graine), np.array([-2.5, -2.0]), 0, 0
        while paysage(*ou) > decor.AU_FOND:
            essai = ou + hasard.normal(0, 0.15, 2)
            n += 1
            if paysage(*essai) < paysage(*ou):
                ou, gardes = essai, gardes + 1
        rapports.append(n / 60)
        perdus.append(1 - gardes / n)
    assert 1 < np.median(rapports) < 1.5
    assert np.median(perdus) > 0.5  # « le hasard en gaspille plus d'un sur deux »


@pytest.mark.parametrize("depart", [(-2.5, -2.0), (-2.0, 2.5), (2.0, 2.5), (0.0, 2.8), (2.9, -2.9)])
def test_aucun_des_deux_ne_remonte_jamais(depart):
    brouillard = scene("brouillard")
    brouillard.regle(depart=depart)
    erreurs = trajets(brouillard)
    assert [e[0] for e in erreurs] == [paysage(*depart)] * 2
    assert np.diff(erreurs).max() < 1e-5
    assert len(np.unique(brouillard.passe["tentes"][1:].reshape(-1, 2), axis=0)) == 150


def test_le_petit_creux_coince_les_deux_eleves():
    erreurs = trajets(scene("brouillard", "le petit creux"))
    assert [essais_pour_arriver(e) for e in erreurs] == [None, None]
    assert min(e[-1] for e in erreurs) > 1


def test_le_depart_fait_repartir_mais_pas_le_brouillard():
    brouillard = scene("brouillard")
    brouillard.pas(10)
    voile = brouillard.image().mean()
    brouillard.regle(brouillard=False)
    assert brouillard.numero == 10
    assert brouillard.image().mean() != pytest.approx(voile, abs=2)
    brouillard.regle(depart=(1.0, 1.0))
    assert brouillard.numero == 0


# --- La taille du pas -----------------------------------------------------------------------


def descend(scenario, pas):
    """La scène, après ``pas`` pas ; ses boutons et ses erreurs."""
    le_pas = scene("le_pas", scenario)
    le_pas.pas(pas)
    return le_pas, le_pas.passe["bouton"], le_pas.passe["erreur"]


def test_un_pas_trop_petit_s_endort():
    le_pas, _, erreurs = descend("trop petit", 50)
    assert (np.diff(erreurs) < 0).all() and erreurs[-1] > 0.4 * erreurs[0]
    assert "elle baisse" in le_pas.recit()


def test_un_pas_juste_arrive_sans_sauter():
    le_pas, boutons, erreurs = descend("juste", 15)
    assert (np.diff(boutons) > 0).all() and erreurs[-1] < 0.001
    le_pas.pas(45)
    assert "ne bouge plus" in le_pas.recit()
    le_pas.regle(taille_du_pas=1.3)  # une fois au fond, pousser le curseur ne fait plus rien
    assert le_pas.numero == 60
    le_pas.pas(24)  # trois secondes
    assert le_pas.etat[1] < 0.05
    le_pas.remonte(0)
    assert "au départ" in le_pas.recit()


def test_un_pas_trop_grand_saute_longtemps_d_un_versant_a_l_autre_mais_arrive():
    le_pas, boutons, erreurs = descend("trop grand", 60)
    sauts = np.diff(boutons)
    assert (sauts[1:] * sauts[:-1] < 0).all() and (np.diff(erreurs) < 0).all()
    assert np.ptp(boutons[-5:]) > 1  # après sept secondes, à 8 pas par seconde, il saute encore
    le_pas.pas(300)
    assert le_pas.etat[1] < 0.01
    # Le passé ne garde plus qu'un pas sur deux, toujours du même côté ; la vue montre tous les sauts.
    poses = decor.poses_de(le_pas.passe, le_pas.etat[0])
    np.testing.assert_allclose(poses[:61], boutons, atol=1e-9)
    assert len(poses) == 361


def test_un_pas_explosif_diverge():
    le_pas, boutons, erreurs = descend("explosif", 200)
    assert le_pas.verdict == "ça diverge !"
    assert (np.diff(boutons)[1:] * np.diff(boutons)[:-1] < 0).all() and (np.diff(erreurs) > 0).all()
    assert "elle monte" in le_pas.recit()
    le_pas.recommence()
    assert le_pas.verdict == ""


@pytest.mark.parametrize("taille", [1.1, 1.135, 1.14, 1.19])
def test_la_frontiere_est_bien_vers_1_14(taille):
    le_pas = scene("le_pas")
    le_pas.regle(taille_du_pas=taille)
    le_pas.pas(50)
    assert ((np.diff(le_pas.passe["erreur"]) > 0) == (taille >= 1.14)).all()
    le_pas.pas(250)
    assert (le_pas.verdict == "ça diverge !") == (taille > 1.15)


def test_chaque_fantome_porte_la_taille_de_son_pas():
    le_pas = scene("le_pas")
    for scenario in ("trop petit", "juste", "explosif", "trop grand"):
        le_pas.scenario(scenario)
        le_pas.pas(40)
    le_pas.recommence()
    le_pas.image()
    axe = le_pas.axes["erreurs"]
    textes = [texte for texte in axe.texts if texte.get_visible()]
    assert [t.get_text() for t in textes] == ["pas de 0,005", "pas de 0,2", "pas de 1,25", "pas de 1,13"]
    assert all(0 <= t.get_position()[1] < axe.get_ylim()[1] for t in textes)


# --- La correction que demande une image ----------------------------------------------------


@pytest.mark.parametrize("eleve", ["tout neuf", "entraîné"])
@pytest.mark.parametrize("chiffre", [0, 3, 8])
def test_tater_les_boutons_donne_la_correction_c_est_a_dire_l_oppose_du_gradient(espace, eleve, chiffre):
    tate, exemple = scene("tate"), (images[chiffre], chiffre)
    tate.regle(chiffre=chiffre, eleve=eleve)
    tate.pas(100)
    assert tate.verdict == "terminé"
    assert tate.etat[0] == chiffre and tate.etat[2] == 64
    attendue = differences(espace["erreur"], ELEVES[eleve], *exemple)
    np.testing.assert_allclose(tate.etat[1], attendue, atol=0.0011)  # un millième : le tout petit tour
    np.testing.assert_allclose(espace["correction"](ELEVES[eleve], *exemple), attendue, atol=1e-6)


@pytest.mark.parametrize("rang", [5, 42, 99])
def test_la_correction_est_juste_pour_des_boutons_quelconques(espace, rang):
    boutons, exemple = (
        np.random.default_rng(rang).normal(0, 0.2, (10, 64)),
        (images[rang], chiffres[rang]),
    )
    attendue = differences(espace["erreur"], boutons, *exemple)
    np.testing.assert_allclose(espace["correction"](boutons, *exemple), attendue, atol=1e-6)


def test_la_carte_ressemble_a_cette_image_la():
    tate = scene("tate", "un 3, élève tout neuf")
    tate.pas(64)
    chiffre, demande, _ = tate.etat
    assert chiffre == 3
    assert np.corrcoef(demande[3], images[3])[0, 1] > 0.9999
    ideal = images[chiffres == 3].mean(axis=0)
    assert np.corrcoef(demande[3], ideal)[0, 1] < 0.95  # ce 3-là, pas un 3 idéal
    assert np.abs(demande[:, images[3] == 0]).max() < 1e-9  # du papier blanc : le bouton ne sert à rien
    assert "641 essais" in tate.recit()


@pytest.mark.parametrize("chiffre", range(10))
def test_un_eleve_entraine_a_des_cartes_plus_pales_et_un_peu_d_orange(espace, chiffre):
    neuf, entraine = (espace["correction"](ELEVES[e], images[chiffre], chiffre) for e in ELEVES)
    assert np.abs(entraine[chiffre]).max() < np.abs(neuf[chiffre]).max()
    assert np.delete(entraine, chiffre, axis=0).min() < -0.2  # de l'orange, chez les sosies


def test_l_eleve_entraine_sort_de_la_derniere_scene():
    moyenne = scene("moyenne", "cent images")
    moyenne.regle(combien=100)
    moyenne.pas(60)  # 0,02 fois la moyenne de cent demandes, le double du manque : 0,0004 par image
    np.testing.assert_allclose(moyenne.etat[0], ELEVES["entraîné"], atol=1e-9)


def test_un_petit_pas_fait_fondre_l_erreur_de_1_a_029(espace):
    (cellule,) = [c for c in carnets.lis("02_gradient").cells if c.id == "verification"]
    assert cellule.metadata["tags"] == ["nbval-check-output"]
    assert [sortie["text"] for sortie in cellule.outputs] == [
        "à la main ou d’un coup, plus grand écart\u00a0: 0,001\n"
        "erreur avant\u00a0: 1\u202f; après un petit pas\u00a0: 0,29\n"
    ]
    assert espace["apres"] == pytest.approx(0.29, abs=0.005)
    assert np.abs(espace["a_la_main"] - espace["d_un_coup"]).max() < 0.0011


# --- La moyenne des demandes ----------------------------------------------------------------


def ecoute(scenario, pas):
    """La scène, après ``pas`` pas ; l'erreur de chaque image."""
    moyenne = scene("moyenne", scenario)
    moyenne.pas(pas)
    return moyenne, par_image(moyenne.etat[0])


def test_n_ecouter_qu_une_image_fait_reculer_les_neuf_autres_chiffres():
    moyenne, erreurs = ecoute("une seule image", 20)
    assert erreurs[0] < 0.001  # l'image écoutée est ravie
    assert np.sum(erreurs > 1) == 90
    assert (erreurs.reshape(10, 10).mean(axis=0)[1:] > 1.2).all()
    assert "plus mal qu’au départ\u00a0: 90" in moyenne.recit()
    moyenne.image()
    contours = [barre.get_linestyle() for barre in moyenne.axes["erreurs"].patches]
    assert contours[0] not in contours[1:] and len(set(contours[1:])) == 1  # orange, donc pointillé
    demandes = moyenne.etat[1][:, 0]  # ce que dix images demandent aux boutons du 0 : l'inverse
    assert (demandes[1:].max(axis=1) < 1e-9).all() and (demandes[1:].min(axis=1) < -0.5).all()


def test_la_moyenne_arrange_tout_le_monde_un_petit_peu(espace):
    moyenne, avant = ecoute("cent images", 0)
    moyenne.pas()
    apres = par_image(moyenne.etat[0])
    une_seule = par_image(0.02 * espace["correction"](NEUF, images[0], 0))
    assert (apres < avant).all() and apres.min() > une_seule[0]  # mais ne comble personne
    moyenne.pas(19)
    assert (par_image(moyenne.etat[0]) < 1).all()


def test_cent_images_valent_mieux_que_dix_qui_valent_mieux_qu_une():
    un, dix, cent = (
        ecoute(nom, 60)[1].mean() for nom in ("une seule image", "dix images", "cent images")
    )
    assert un > 1 > dix > cent


def test_ecouter_davantage_agit_sans_faire_repartir():
    moyenne, avant = ecoute("une seule image", 20)
    moyenne.regle(combien=100)
    assert moyenne.numero == 20
    moyenne.pas(60)
    assert par_image(moyenne.etat[0]).mean() < 0.6 < avant.mean()


def test_les_boutons_regardes_ne_changent_rien_a_l_apprentissage():
    moyenne, _ = ecoute("dix images", 10)
    boutons, image = moyenne.etat[0].copy(), moyenne.image()
    moyenne.regle(boutons_du=3)
    assert moyenne.numero == 10
    assert (moyenne.etat[0] == boutons).all()
    assert (moyenne.image() != image).any()
