"""Le carnet 04 : un neurone, un réseau, la rétropropagation, et ce qu'elle sait faire des entrées."""

import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
from demystifie import Pari, vues
from demystifie.scene import TERMINE
from matplotlib.figure import Figure

sys.path.insert(0, str(carnets.DEPOT / "tests" / "mesures"))

import vitesse_reseau

CARNET = "04_retropropagation"


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


def pentes_par_differences(erreur, boutons, peu=1e-5):
    """La pente de chaque bouton par différences centrées : sans se fier au carnet."""
    boutons = np.array(boutons, dtype=float)
    pentes = np.zeros_like(boutons)
    for rang in np.ndindex(boutons.shape):
        plus, moins = boutons.copy(), boutons.copy()
        plus[rang] += peu
        moins[rang] -= peu
        pentes[rang] = (erreur(plus) - erreur(moins)) / (2 * peu)
    return pentes


# --- Ce que vues.py sait dessiner d'un réseau -----------------------------------------------


def axe():
    return Figure(figsize=(12, 5)).subplots()


def test_un_clic_sur_un_fil_designe_ce_fil():
    tailles = (3, 2, 4)
    ou = vues.places(tailles)
    for couche in range(2):
        for arrivee in range(tailles[couche + 1]):
            for depart in range(tailles[couche]):
                a, b = ou[couche][depart], ou[couche + 1][arrivee]
                # Près du bout le plus écarté, là où les fils ne se croisent pas.
                part = 0.15 if tailles[couche] > tailles[couche + 1] else 0.85
                x, y = a + part * (b - a)
                assert vues.fil_proche(tailles, x, y + 0.02) == (couche, arrivee, depart)


def test_un_fil_dit_son_signe_par_la_couleur_et_par_le_trait():
    dessin = axe()
    collection = vues.fils(dessin)([np.array([[2.0, -2.0, 0.0, 0.5]])], vues.places((4, 1)))
    couleurs = [tuple(c) for c in collection.get_colors()]
    tirets = [motif for _, motif in collection.get_linestyle()]
    larges = collection.get_linewidths()
    assert len(set(couleurs)) == 3 and couleurs[0] == couleurs[3]
    assert tirets[0] is None and tirets[3] is None, "positif : trait plein"
    assert tirets[1] is not None and tirets[2] is not None
    assert tirets[1] != tirets[2], "négatif et nul ne se confondent pas"
    assert larges[0] == larges[1] > larges[3] > larges[2]


def test_le_schema_ecrit_les_valeurs_et_les_poids_et_n_oublie_pas_d_effacer():
    dessin = axe()
    montre = vues.schema(dessin, (2, 1), ["gauche", "droite", "arrivée"])

    def lus():
        return sorted(t.get_text() for t in dessin.texts if t.get_visible() and t.get_text())

    montre([np.array([[0.5, -2.0]])], [[1, 3], [4.25]], dessous=["", "", "+1"], notes=["a", "b"])
    pleins = lus()
    assert {"gauche", "0,5", "−2", "4,25", "+1", "a", "b"} <= set(pleins)
    montre([np.array([[0.5, -2.0]])], [[1, 3]])
    assert set(pleins) - set(lus()) == {"4,25", "+1", "a", "b"}


def test_le_schema_souligne_le_fil_choisi():
    dessin = axe()
    halo = vues.schema(dessin, (2, 1))([np.ones((1, 2))], choisi=(0, 0, 1))[0]
    assert np.allclose(halo.get_xydata(), [[0, -0.5], [2, 0]])


def test_la_frontiere_separe_les_deux_familles():
    dessin = axe()
    points = np.array([[-1.0, 0.5, 1.0], [0.0, 0.0, 1.0]])
    fond, (bleus, oranges) = vues.frontiere(dessin, cote=11)(lambda p: np.sign(p[0]), points, [-1, 1, 1])
    assert len(bleus.get_xdata()) == 2 and len(oranges.get_xdata()) == 1
    assert bleus.get_marker() != oranges.get_marker(), "la forme dit la famille, pas la couleur seule"
    avis = np.asarray(fond.get_array())
    assert avis.shape == (11, 11) and (avis[:, 0] == -1).all() and (avis[:, -1] == 1).all()


# --- Un neurone -----------------------------------------------------------------------------


def test_le_neurone_du_talk(scenes):
    s = scenes["neurone"]
    poids, produits, somme, sortie, _ = s.etat
    assert list(poids) == [0.5, 0.5, 1] and list(produits) == [-0.5, 1, 3]
    assert somme == sortie == 3.5
    assert s.recit().startswith("−0,5 + 1 + 3\u00a0: la somme fait 3,5,")


@pytest.mark.parametrize(
    ("activation", "haut", "bas"),
    [("zéro ou plus", 3.5, 0), ("tout ou rien", 1, 0), ("aucune", 3.5, -2.5), ("écrase", 0.998, -0.987)],
)
def test_chaque_activation_fait_ce_que_dit_son_nom(scenes, activation, haut, bas):
    s = scenes["neurone"]
    s.regle(activation=activation)
    assert s.etat[3] == pytest.approx(haut, abs=1e-3)
    s.regle(poids_3=-1.0)  # −0,5 + 1 − 3
    assert s.etat[3] == pytest.approx(bas, abs=1e-3)


def test_ce_qui_passe_et_ce_qui_ne_passe_pas(scenes):
    s = scenes["neurone"]
    s.regle(poids_1=-2.0, activation="aucune")  # un scénario ne dépend pas de ce qu'on a touché avant
    s.scenario("ça passe")
    assert s.etat[2] == s.etat[3] == 3.5
    s.scenario("ça ne passe pas")
    assert s.etat[2] == -2.5 and s.etat[3] == 0


# --- Le petit réseau ------------------------------------------------------------------------


def test_le_reseau_du_talk_se_verifie_a_la_main(espace, scenes):
    poids = [p.tolist() for p in espace["DU_TALK"]]
    assert poids == [[[0.5, 0.5, 1]], [[0.5], [-1], [1]], [[-0.5, -2, 3]]]
    valeurs = scenes["casse_un_fil"].etat[1]
    assert [v.tolist() for v in valeurs] == [[-1, 2, 3], [3.5], [1.75, 0, 3.5], [9.625]]
    assert espace["DU_TALK"][1] @ [3.5] == pytest.approx([1.75, -3.5, 3.5])


def test_deux_fils_seulement_ne_servent_a_rien(espace, scenes):
    s = scenes["casse_un_fil"]
    inutiles = []
    for nom, milieu in espace["MILIEUX"].items():
        s.regle(fil=milieu, poids=0.0)
        if s.etat[1][-1][0] == 9.625:
            inutiles.append(nom)
    assert inutiles == ["A → C", "C → réponse"]
    assert espace["DU_TALK"][0].tolist() == [[0.5, 0.5, 1]], "casser un fil n'abîme pas le modèle"


def test_couper_le_fil_de_3_effondre_la_reponse(scenes):
    s = scenes["casse_un_fil"]
    s.scenario("le fil de 3, coupé")
    assert s.etat[1][-1][0] == -0.875 and s.etat[2] == (2, 0, 2)
    s.scenario("réseau intact")
    assert s.etat[1][-1][0] == 9.625


@pytest.mark.parametrize("valeur", [9.625, -0.875, -11.375, 3.425])
def test_un_nombre_long_tient_dans_son_rond(espace, valeur):
    dessin = axe()
    valeurs = [[-1, 2, 3], [3.5], [1, 0, 1], [valeur]]
    montre = vues.schema(dessin, espace["TAILLES"], espace["NOMS"])
    dedans = montre(espace["DU_TALK"], valeurs)[4]
    diametre = 3000**0.5 * dessin.figure.dpi / 72
    assert dedans[-1].get_text() and dedans[-1].get_window_extent().width < diametre - 4
    assert dedans[0].get_fontsize() == 16, "un nombre court reste grand"


def test_un_fil_se_choisit_au_clic_ou_au_clavier(espace, scenes):
    s = scenes["casse_un_fil"]
    fil = s._boutons["fil"].widget
    liste = fil.children[-1]
    for nom, milieu in espace["MILIEUX"].items():
        s.regle(fil=(milieu[0] + 0.05, milieu[1] - 0.05))  # un clic à côté
        assert liste.value == nom and fil.value == milieu
        assert f"Le fil {nom} pèse" in s.recit()
    liste.value = "A → D"  # le clavier
    assert "Le fil A → D pèse" in s.recit() and s.etat[2] == (1, 2, 0)


def test_a_la_main_on_a_trente_essais(scenes):
    s = scenes["a_la_main"]
    assert s.etat[2]["erreur"][0] == pytest.approx(17.18, abs=0.01)
    s.pas(100)
    assert s.numero == 30 and s.verdict == TERMINE


def test_tourner_toujours_le_meme_fil_finit_par_abimer(scenes):
    s = scenes["a_la_main"]
    s.scenario("toujours le même fil")
    s.pas(30)
    erreurs = s.etat[2]["erreur"]
    assert 0 < erreurs.argmin() < 30 and erreurs.min() < 8 < erreurs[0] < erreurs[-1]


def test_contre_la_montre_l_horloge_tourne_meme_si_la_salle_dort(scenes):
    s = scenes["a_la_main"]
    s.scenario("contre la montre")
    s.pas(4)
    assert s.recit().startswith("Essai 4 sur 30") and np.ptp(s.etat[2]["erreur"]) == 0


def test_la_reponse_attendue_se_voit_meme_derriere_une_barre(espace, scenes):
    s = scenes["a_la_main"]
    image = s.image()
    trace = s._dessin.axes["reponses"].transData
    echelle = image.shape[1] / s._dessin.figure.bbox.width
    for rang, attendue in enumerate(espace["ATTENDUES"]):
        x, y = trace.transform((rang, attendue)) * echelle
        rouge, vert, bleu = image[round(image.shape[0] - y), round(x)].astype(int)
        assert vert > rouge + 80 and vert > bleu + 20, f"exercice {rang + 1} : la barre cache le vert"


def test_l_horloge_ne_croise_pas_la_courbe(scenes):
    s = scenes["a_la_main"]
    s.scenario("contre la montre")
    s.pas(15)
    s.image()
    essais = s._dessin.axes["essais"]
    (horloge,) = (t for t in essais.texts if t.get_text() == "essai 15 sur 30")
    assert horloge.get_window_extent().y0 >= essais.get_window_extent().y1


def test_les_trois_exercices_ont_une_solution(espace):
    poids = [np.array([[1.0, 1.0, 0.5]]), espace["DU_TALK"][1], np.array([[-0.5, -2.0, 2.25]])]
    rendues = [espace["calcule"](poids, exercice)[-1][0] for exercice in espace["EXERCICES"]]
    assert rendues == list(espace["ATTENDUES"]) == [5, 5, 0]


# --- À quoi bon plusieurs neurones ----------------------------------------------------------


def reussite(s, espace):
    return espace["bien_classes"](*s.etat)


@pytest.mark.parametrize(
    ("scenario", "pas", "au_moins", "au_plus"),
    [
        ("rien au milieu", 60, 0.4, 0.7),
        ("deux neurones", 100, 0.8, 0.95),
        ("trois neurones", 60, 0.995, 1),
        ("spirale, une couche", 150, 0.4, 0.8),
        ("spirale, trois couches", 150, 0.99, 1),
    ],
)
def test_l_issue_de_chaque_essai(scenes, espace, scenario, pas, au_moins, au_plus):
    s = scenes["profondeur"]
    s.scenario(scenario)
    s.pas(pas)
    assert au_moins <= reussite(s, espace) <= au_plus


def test_au_train_de_la_scene_on_a_le_temps_de_voir_le_triangle_se_fermer(scenes, espace):
    """Dix pas par seconde : il y a deux secondes de couloir avant que le troisième neurone le ferme."""
    s = scenes["profondeur"]
    s.scenario("trois neurones")
    s.pas(20)
    assert 0.75 < reussite(s, espace) < 0.95


@pytest.mark.parametrize("taux", [0.01, 0.03, 0.1])
@pytest.mark.parametrize("lot", [10, 32])
def test_le_pari_du_cercle_ne_tient_pas_au_reglage(scenes, espace, taux, lot):
    s = scenes["profondeur"]
    reussites = {}
    for neurones in (1, 2, 3):
        s.regle(neurones=neurones, taux=taux, lot=lot)
        s.recommence()
        s.pas(150)
        reussites[neurones] = reussite(s, espace)
    assert reussites[1] < 0.8 and reussites[2] < 0.95 and reussites[3] > 0.99


def test_deux_tas_se_separent_d_un_coup_de_regle(scenes, espace):
    s = scenes["profondeur"]
    s.regle(dessin="deux tas", couches=0)
    s.pas(50)
    assert reussite(s, espace) > 0.98


@pytest.mark.parametrize(("couches", "neurones"), [(0, 1), (1, 3), (2, 4), (3, 8)])
def test_la_boucle_rapide_descend_le_vrai_gradient(espace, monkeypatch, couches, neurones):
    hasard = np.random.default_rng(5)
    x = hasard.uniform(-1, 1, (2, 7)).astype(np.float32)
    y = hasard.choice([-1, 1], (1, 7)).astype(np.float32)
    monkeypatch.setitem(espace, "pioche", lambda *_: [(x, y)])  # un seul lot, toujours le même
    reglages = SimpleNamespace(dessin="cercle", couches=couches, neurones=neurones, lot=7, taux=0.1)
    boucle = espace["profondeur"](reglages)
    avant = [poids.astype(float) for poids in next(boucle)[0]]
    apres = [poids.astype(float) for poids in next(boucle)[0]]
    for rang in range(len(avant)):

        def erreur(poids, rang=rang):
            reseau = [*avant[:rang], poids, *avant[rang + 1 :]]
            return np.mean((espace["avis"](reseau, x.astype(float))[-1] - y) ** 2)

        pentes = pentes_par_differences(erreur, avant[rang])
        assert (avant[rang] - apres[rang]) / 0.1 == pytest.approx(pentes, abs=2e-5)


@pytest.mark.parametrize("boucle", ["profondeur", "reproche", "ecole", "reve", "tromper"])
def test_tout_le_retour_tient_en_une_douzaine_de_lignes(boucle):
    source = next(c.source for c in carnets.lis(CARNET).cells if f"def {boucle}(" in c.source)
    lignes = source.partition(f"def {boucle}(")[2].partition("\n\n\nScene(")[0].splitlines()
    debut = next(i for i, ligne in enumerate(lignes) if ligne.strip().startswith("reproche"))
    assert 2 <= len(lignes[debut:]) <= 12


def test_la_pioche_rend_2000_exemples_et_chacun_garde_sa_classe(espace):
    points = espace["DESSINS"]["cercle"]
    lots = list(espace["pioche"](np.random.default_rng(0), points, 32))
    assert len(lots) == 2000 // 32
    for positions, classes in lots:
        assert positions.shape == (2, 32) and classes.shape == (1, 32)
        assert (np.where(np.hypot(*positions) < 0.5, 1, -1) == classes).all()


# --- Le reproche qui remonte ----------------------------------------------------------------


def test_le_reproche_se_verifie_a_la_main(scenes):
    s = scenes["reproche"]
    s.pas(4)
    assert s.etat[2][3] == [1], "un demi de trop : le reproche est de 1"
    assert "9,625 au lieu de 9,125, reproche +1" in s.recit()
    s.pas(3)
    _, _, reproches, pentes = s.etat
    assert pentes[2].tolist() == [[1.75, 0, 3.5]]
    assert reproches[2].tolist() == [-0.5, 0, 3]
    assert pentes[1].tolist() == [[-1.75], [0], [10.5]]
    assert reproches[1].tolist() == [2.75] == [0.5 * -0.5 + 0 + 1 * 3]
    assert pentes[0].tolist() == [[-2.75, 5.5, 8.25]]
    assert reproches[0].tolist() == [1.375, 1.375, 2.75]


@pytest.mark.parametrize("attendu", [9.125, 2.0, 15.0])
def test_chaque_part_de_reproche_est_une_pente(espace, scenes, attendu):
    s = scenes["reproche"]
    s.regle(attendu=attendu)
    s.pas(7)
    poids, valeurs, reproches, pentes = s.etat
    calcule, entrees = espace["calcule"], espace["ENTREES"]

    def erreur(poids, entrees=entrees):
        return (calcule(poids, entrees)[-1][0] - attendu) ** 2

    for couche in range(3):
        autres = list(poids)

        def selon(essai, autres=autres, couche=couche):
            autres[couche] = essai
            return erreur(autres)

        assert pentes[couche] == pytest.approx(pentes_par_differences(selon, poids[couche]), abs=1e-6)
    aux_entrees = pentes_par_differences(lambda essai: erreur(poids, essai), entrees)
    assert reproches[0] == pytest.approx(aux_entrees, abs=1e-6)
    assert len(valeurs) == 4


@pytest.mark.parametrize(("scenario", "but"), [("un demi de trop", 9.125), ("pas assez", 12)])
def test_apres_un_tour_la_reponse_est_plus_pres(scenes, scenario, but):
    s = scenes["reproche"]
    s.scenario(scenario)
    s.pas(3)
    avant = abs(s.etat[1][3][0] - but)
    s.pas(8)
    assert s.numero == 11 and abs(s.etat[1][3][0] - but) < avant


def test_trop_fort_eteint_tout(scenes):
    s = scenes["reproche"]
    s.scenario("trop fort")
    s.pas(15)
    _, valeurs, reproches, pentes = s.etat
    assert [v.tolist() for v in valeurs[1:]] == [[0], [0, 0, 0], [0]]
    assert reproches[3] == [-6] and not any(p.any() for p in pentes.values())


# --- Le compteur ----------------------------------------------------------------------------


def test_les_reseaux_du_compteur_ont_juste_le_bon_nombre_de_boutons(espace):
    assert list(espace["BANCS"]) == [10, 100, 1000, 10_000, 100_000]
    for taille in espace["BANCS"]:
        assert len(espace["Banc"](taille).boutons) == taille


def test_tous_les_passages_sont_faits_et_comptes(espace, scenes, monkeypatch):
    monkeypatch.setitem(espace, "BANCS", {n: f for n, f in espace["BANCS"].items() if n <= 1000})
    s = scenes["compteur"]
    s.recommence()
    s.pas(100)
    (releves,) = s.etat
    assert s.verdict == TERMINE
    for releve, taille in zip(releves, (10, 100, 1000), strict=True):
        assert releve["passages"] == {"un par un": taille + 1, espace["RETRO"]: 2}
        assert releve["tournes"] == taille
        d_un_coup, un_par_un = releve["pentes"].T
        assert d_un_coup == pytest.approx(un_par_un, abs=1e-3 * np.abs(d_un_coup).max())


@pytest.mark.parametrize("taille", [10, 1000, 100_000])
def test_la_retropropagation_du_banc_est_un_gradient(espace, taille):
    banc = espace["Banc"](taille)
    banc.erreur()
    pentes = banc.retour()
    hasard = np.random.default_rng(0)
    for bouton in hasard.choice(taille, min(taille, 40), replace=False):

        def erreur(valeur, bouton=bouton):
            garde, banc.boutons[bouton] = banc.boutons[bouton], valeur
            rendue = banc.erreur()
            banc.boutons[bouton] = garde
            return rendue

        vraie = pentes_par_differences(erreur, banc.boutons[bouton])
        assert pentes[bouton] == pytest.approx(vraie, abs=1e-6)


def test_au_bout_de_la_patience_on_prevoit_et_on_le_dit(espace, scenes, monkeypatch):
    monkeypatch.setitem(espace, "BANCS", {100_000: espace["BANCS"][100_000]})
    s = scenes["compteur"]
    s.scenario("pressé")
    monkeypatch.setattr(espace["time"], "perf_counter", iter(np.arange(0, 1e6, 0.2)).__next__)
    s.pas(100)
    (releve,) = s.etat[0]
    assert s.verdict == TERMINE and releve["tournes"] == 600, "trois tranches de 0,2 s"
    assert releve["passages"]["un par un"] == 601
    assert espace["prevues"](releve) == pytest.approx(0.6 * 100_000 / 600)
    assert "601 passages faits sur 100\u202f001" in s.recit() and "(prévu)" in s.recit()


# --- L'école des chiffres -------------------------------------------------------------------


def test_l_eleve_ne_s_exerce_que_sur_les_1200_premieres_images(espace):
    assert espace["images"].shape == (64, 1797)
    assert set(np.unique(espace["cibles"])) == {-1, 1} and (espace["cibles"].sum(0) == -8).all()
    lots = []

    class Espionnes:
        def __getitem__(self, rang):
            lots.append(rang)
            return espace["images"][rang]

    boucle = espace["ecole"].__code__
    fonction = type(espace["ecole"])(boucle, {**espace, "images": Espionnes()})
    pas = fonction(SimpleNamespace(lot=30, taux=0.1))
    for _ in range(50):
        next(pas)
    assert max(np.max(lot) for _, lot in lots) < 1200


def test_l_ecole_descend_le_vrai_gradient(espace):
    images, cibles, taux = espace["images"], espace["cibles"], 0.1
    boucle = espace["ecole"](SimpleNamespace(lot=1200, taux=taux))
    for _ in range(31):  # assez loin du départ pour que les pentes ne soient pas toutes minuscules
        cachee, sortie, _ = next(boucle)
    avant = cachee.astype(float), sortie.astype(float)
    cachee, sortie, _ = next(boucle)
    apres = cachee.astype(float), sortie.astype(float)

    def erreur(cachee, sortie):
        dit = np.tanh(sortie @ np.tanh(cachee @ images[:, :1200]))
        return np.sum((dit - cibles[:, :1200]) ** 2) / 1200

    hasard = np.random.default_rng(0)
    for couche in range(2):
        for _ in range(30):
            rang = tuple(hasard.integers(avant[couche].shape))

            def selon(valeur, couche=couche, rang=rang):
                essai = [avant[0].copy(), avant[1].copy()]
                essai[couche][rang] = valeur
                return erreur(*essai)

            pente = pentes_par_differences(selon, avant[couche][rang], 1e-4)
            faite = (avant[couche][rang] - apres[couche][rang]) / taux
            assert faite == pytest.approx(pente, abs=1e-4)


@pytest.mark.parametrize(
    ("scenario", "pas", "au_moins", "au_plus"),
    [("juste bien", 500, 0, 0.04), ("prudent", 500, 0.04, 0.3), ("trop fort", 500, 0.5, 1)],
)
def test_l_issue_de_chaque_scenario_de_l_ecole(scenes, scenario, pas, au_moins, au_plus):
    s = scenes["ecole"]
    s.scenario(scenario)
    s.pas(pas)
    assert s.verdict == "" and au_moins <= s.etat[2]["rates"][-1] <= au_plus


def test_apres_6000_pas_plus_une_faute_sur_les_exercices_mais_le_tiroir(espace):
    dit = espace["reponses"](espace["cachee"], espace["sortie"], espace["images"]).argmax(0)
    fautes = dit != espace["etiquettes"]
    assert not fautes[:1200].any()
    assert fautes[1200:].mean() > 0.03, "sinon la dernière question du carnet n'en est pas une"


# --- Et si l'on change les entrées ? --------------------------------------------------------


def test_le_reve_remonte_jusqu_aux_pixels(espace, scenes):
    s = scenes["reve"]
    s.regle(chiffre=4, oubli=0.0)
    s.recommence()
    avant, _ = s.etat
    s.pas()
    apres, _ = s.etat
    voulu = np.where(np.arange(10) == 4, 1, -1)

    def mecontentement(image):
        return -voulu @ espace["reponses"](espace["cachee"], espace["sortie"], image)

    pentes = pentes_par_differences(mecontentement, avant)
    pas = 0.05 * pentes / np.abs(pentes).max()
    dedans = (avant > 0.06) & (avant < 0.94)  # sur les bords, l'encre ne peut plus ni pâlir ni noircir
    assert (avant - apres)[dedans] == pytest.approx(pas[dedans], abs=1e-4)


@pytest.mark.parametrize("chiffre", range(10))
def test_un_chiffre_reve_ressemble_plus_a_lui_qu_aux_neuf_autres(espace, scenes, chiffre):
    s = scenes["reve"]
    s.regle(chiffre=chiffre)
    s.recommence()
    s.pas(200)
    image, dit = s.etat
    assert dit.argmax() == chiffre and dit.max() > 0.95
    images, etiquettes = espace["images"][:, :1200], espace["etiquettes"][:1200]
    moyens = [images[:, etiquettes == k].mean(1) for k in range(10)]
    assert np.argmax([np.corrcoef(image, moyen)[0, 1] for moyen in moyens]) == chiffre


def test_sans_oubli_il_est_sur_de_lui_devant_du_bruit(espace, scenes):
    s = scenes["reve"]
    images, etiquettes = espace["images"][:, :1200], espace["etiquettes"][:1200]
    trois = images[:, etiquettes == 3].mean(1)
    ressemblance = {}
    for nom in ("rêve d’un 3", "sans oubli"):
        s.scenario(nom)
        s.pas(100)
        image, dit = s.etat
        assert dit.argmax() == 3 and dit.max() > 0.95
        ressemblance[nom] = np.corrcoef(image, trois)[0, 1]
    assert ressemblance["sans oubli"] < 0.3 < 0.5 < ressemblance["rêve d’un 3"]


@pytest.mark.parametrize(("scenario", "dit"), [("un cran, bien choisi", 9), ("un cran, au hasard", 3)])
def test_les_scenarios_de_la_retouche(espace, scenes, scenario, dit):
    s = scenes["tromper"]
    s.scenario(scenario)
    vraie, retouchee = s.etat
    assert np.abs(retouchee - vraie).max() == pytest.approx(0.0625)
    scores = espace["reponses"](espace["cachee"], espace["sortie"], retouchee)
    assert scores.argmax() == dit and scores.max() > 0.8


def test_sans_retouche_rien_ne_change(scenes):
    vraie, retouchee = scenes["tromper"].etat
    assert (vraie == retouchee).all()


@pytest.mark.parametrize(("image", "vise"), [("un 3", 9), ("un 4", 7), ("un 5", 9), ("un 9", 1)])
def test_un_cran_de_gris_suffit_et_au_hasard_ne_suffit_pas(espace, scenes, image, vise):
    s = scenes["tromper"]
    s.regle(image=image, vise=vise, retouche=0.0625)
    vraie, retouchee = s.etat

    def dit(pixels):
        return espace["reponses"](espace["cachee"], espace["sortie"], pixels)

    assert np.abs(retouchee - vraie).max() == pytest.approx(0.0625)
    assert retouchee.min() >= 0 and retouchee.max() <= 1
    assert f"un {dit(vraie).argmax()}" == image, "il le savait par cœur"
    assert dit(retouchee).argmax() == vise and dit(retouchee).max() > 0.75
    s.regle(sens="au hasard")
    assert dit(s.etat[1]).argmax() == dit(vraie).argmax()


def test_les_images_ont_seize_crans_de_gris(espace):
    crans = espace["images"] * 16
    assert (crans == crans.round()).all() and crans.max() == 16


def test_le_sens_de_la_retouche_est_celui_de_la_pente(espace, scenes):
    s = scenes["tromper"]
    s.regle(retouche=0.125 / 60)  # si peu que le sens ne change pas en route
    vraie, retouchee = s.etat

    def envie(image):
        dit = espace["reponses"](espace["cachee"], espace["sortie"], image)
        return dit[9] - dit[3]

    pentes = pentes_par_differences(envie, vraie)
    bouges = retouchee != vraie
    libres = (vraie > 0) & (vraie < 1) & (np.abs(pentes) > 1e-3)
    assert bouges[libres].all()
    assert (np.sign(retouchee - vraie)[libres] == np.sign(pentes)[libres]).all()


def test_quinze_images_sur_cent_et_au_hasard_pas_une_sur_mille(espace):
    cachee, sortie, un = espace["cachee"], espace["sortie"], np.eye(10)
    images, etiquettes = espace["images"][:, :1200].astype(float), espace["etiquettes"][:1200]
    trompees, cran = np.zeros(1200, bool), 1 / 16
    for vise in range(10):
        retouchees = images
        for _ in range(20):  # la boucle visible, sur les 1 200 images d'un coup
            vu = np.tanh(cachee @ retouchees)
            dit = np.tanh(sortie @ vu)
            reproche = (un[etiquettes] - un[vise]).T * (1 - dit**2)
            reproche = cachee.T @ (sortie.T @ reproche * (1 - vu**2))
            retouchees = retouchees - cran / 5 * np.sign(reproche)
            retouchees = np.clip(retouchees, images - cran, images + cran).clip(0, 1)
        trompees |= espace["reponses"](cachee, sortie, retouchees).argmax(0) != etiquettes
    assert 0.145 < trompees.mean() < 0.165
    hasard = np.random.default_rng(0)
    au_hasard = [
        espace["reponses"](
            cachee, sortie, (images + cran * hasard.choice([-1, 1], images.shape)).clip(0, 1)
        ).argmax(0)
        != etiquettes
        for _ in range(10)
    ]
    assert np.mean(au_hasard) < 0.001


# --- Les paris, et la mesure de vitesse -----------------------------------------------------


def test_chaque_pari_a_sa_reponse():
    affiche = carnets.execute(CARNET)[1]
    paris = [valeur for valeur in affiche if isinstance(valeur, Pari)]
    assert [pari.choix[2] for pari in paris] == ["3", "9, et presque sûr de lui"]
    devoiles = [valeur for valeur in affiche if type(valeur).__name__ == "Devoile"]
    assert [d._bonne for d in devoiles] == ["3", "9, et presque sûr de lui"]


def test_sans_node_la_mesure_le_dit(monkeypatch, capsys):
    monkeypatch.setattr(vitesse_reseau.shutil, "which", lambda _: None)
    vitesse_reseau.main()
    assert capsys.readouterr().out.startswith("Node n'est pas installé")


def test_le_moteur_de_comparaison_apprend_pour_de_vrai():
    if (node := shutil.which("node")) is None:
        pytest.skip("Node n'est pas installé.")
    commande = [node, str(vitesse_reseau.MOTEUR), "2,8,1", "10", "0.3"]
    rendu = json.loads(subprocess.run(commande, capture_output=True, text=True, check=True).stdout)
    assert rendu["vitesse"] > 0 and rendu["rates"] < 0.1


def test_la_boucle_mesuree_est_celle_du_carnet(espace):
    reglages = SimpleNamespace(dessin="cercle", couches=1, neurones=4, lot=32, taux=0.03)
    assert vitesse_reseau.vitesse_du_carnet(espace["profondeur"](reglages), 32, 0.02) > 0
