"""Carnet 05 : le piège du décor, la courbe qui s'affole, le drapeau et les quatre astuces."""

from itertools import islice
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
from demystifie import donnees

NOM = "05_surapprentissage"


@pytest.fixture(scope="module")
def lecon():
    return SimpleNamespace(**carnets.execute(NOM)[0])


def scene(nom):
    return carnets.scenes(NOM)[nom]


def texte() -> str:
    return "\n".join(cellule.source for cellule in carnets.lis(NOM).cells)


# --- Les animaux ------------------------------------------------------------------------------


def test_les_memes_animaux_a_chaque_fois_quels_que_soient_leur_nombre_et_leur_taille():
    peu, chiens = donnees.chats_et_chiens(4)
    plus, _ = donnees.chats_et_chiens(6)
    grands, _ = donnees.chats_et_chiens(4, cote=64)
    assert list(chiens) == [False, True, False, True]
    for fond, images in peu.items():
        assert images.shape == (4, 32, 32, 3) and images.dtype == np.uint8
        assert np.array_equal(images, plus[fond][:4])
        reduits = grands[fond].reshape(4, 32, 2, 32, 2, 3).mean(axis=(2, 4))
        assert np.abs(reduits - images).mean() < 8, "ce ne sont plus les mêmes dessins"


def test_seul_le_fond_change():
    images, _ = donnees.chats_et_chiens(20, cote=64)
    memes = np.all(images["canapé"] == images["herbe"], axis=-1).mean(axis=(1, 2))
    assert memes.min() > 0.08 and memes.max() < 0.6  # l'animal, et lui seul


def test_les_animaux_sont_tous_differents():
    images, _ = donnees.chats_et_chiens(40)
    plats = images["papier"].reshape(40, -1).astype(float)
    ecarts = np.abs(plats[:, None] - plats).mean(axis=2) + 1e9 * np.eye(40)
    assert ecarts.min() > 3


@pytest.mark.parametrize("combien, cote", [(0, 32), (3, 0)])
def test_zero_animal_ou_zero_pixel_se_dit_en_une_phrase(combien, cote):
    with pytest.raises(ValueError, match="au moins un animal"):
        donnees.chats_et_chiens(combien, cote)


def test_la_couleur_ne_trahit_pas_l_espece():
    """Les chats et les chiens ont les mêmes pelages : leur couleur moyenne ne les distingue pas."""
    images, chiens = donnees.chats_et_chiens(200)
    moyennes = images["papier"].mean(axis=(1, 2))
    ecart = np.abs(moyennes[chiens].mean(axis=0) - moyennes[~chiens].mean(axis=0))
    assert np.all(ecart < 0.5 * moyennes.std(axis=0))


# --- L'élève ----------------------------------------------------------------------------------


@pytest.mark.parametrize("abandon", [False, True])
def test_la_correction_est_le_gradient_de_l_erreur(lecon, abandon):
    hasard = np.random.default_rng(0)
    images, attendus = hasard.normal(size=(5, 12)), np.array([1.0, -1, 1, 1, -1])
    allumes = 2 * (hasard.random(7) < 0.5) if abandon else 1
    depart = hasard.normal(size=(12, 7)), hasard.normal(size=7)

    def erreur(eleve):
        return np.mean((lecon.repond(eleve, images, allumes)[1] - attendus) ** 2)

    eleve = tuple(boutons.copy() for boutons in depart)
    lecon.corrige(eleve, images, attendus, 1.0, allumes)
    for rang in (0, 1):
        for place in np.ndindex(depart[rang].shape):
            a_cote = [tuple(b.copy() for b in depart) for _ in range(2)]
            a_cote[0][rang][place] += 1e-6
            a_cote[1][rang][place] -= 1e-6
            pente = (erreur(a_cote[0]) - erreur(a_cote[1])) / 2e-6
            assert depart[rang][place] - eleve[rang][place] == pytest.approx(pente, abs=1e-5)


def test_ses_nombres(lecon):
    assert "près de 100 000 boutons pour 300 images".replace(" ", "") in texte().replace(
        "\u202f", ""
    ).replace(" ", "")
    entree, sortie = lecon.neuf(np.random.default_rng(0), 32)
    assert 95_000 < entree.size + sortie.size < 100_000
    assert len(lecon.EXERCICES) == 300 and len(lecon.TIROIR) == 200
    assert not set(lecon.EXERCICES) & set(lecon.TIROIR)
    assert len(lecon.FAUTES) == 75 and set(lecon.FAUTES) <= set(lecon.EXERCICES)  # une fois sur quatre
    assert lecon.CHIENS[lecon.EXERCICES].mean() == lecon.CHIENS[lecon.TIROIR].mean() == 0.5


# --- Chat ou chien ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nom, pas, exercices, tiroir",
    [
        ("décors au hasard", 100, (1, 1), (0.4, 0.6)),
        ("décors échangés", 100, (1, 1), (0, 0)),
        ("mêmes décors", 100, (1, 1), (0.98, 1)),
        ("exercices variés", 700, (0.95, 1), (0.8, 0.95)),
    ],
)
def test_parfait_aux_exercices_et_perdu_dans_le_tiroir(nom, pas, exercices, tiroir):
    s = scene("chat_ou_chien")
    s.scenario(nom)
    s.pas(pas)
    journal = s.etat[-1]
    assert exercices[0] <= journal["exercices"][-1] <= exercices[1]
    assert tiroir[0] <= journal["tiroir"][-1] <= tiroir[1]


def test_echanger_les_decors_agit_pendant_la_partie():
    s = scene("chat_ou_chien")
    s.scenario("mêmes décors")
    s.pas(60)
    reussites = []
    for echanges in (0, 25, 50, 75, 100):
        s.regle(echanges=echanges)
        s.pas(6)
        reussites.append(s.etat[-1]["tiroir"][-1])
    assert s.numero == 90, "la scène est repartie du début"
    assert np.allclose(reussites, [1, 0.75, 0.5, 0.25, 0], atol=0.03)


def test_varier_les_exercices_guerit_pendant_la_partie():
    s = scene("chat_ou_chien")
    s.scenario("décors au hasard")
    s.pas(100)
    piege = s.etat[-1]["tiroir"][-1]
    s.regle(exercices_varies=True)
    s.pas(700)
    assert s.numero == 800 and s.etat[-1]["tiroir"][-1] > piege + 0.25


def test_a_l_arret_les_decors_du_tiroir_s_echangent_aussi():
    s = scene("chat_ou_chien")
    s.scenario("mêmes décors")
    avant = s.image().astype(int)
    s.regle(echanges=100)
    assert np.abs(s.image() - avant).max() > 50


# --- Ce qu'il regarde -------------------------------------------------------------------------


def test_le_piege_change_d_avis_avec_le_fond_et_pas_l_averti(lecon):
    s = scene("regard")
    scores = {}
    for eleve in ("piégé", "averti"):
        for fond in (0.0, 1.0):
            s.regle(animal="Neige", eleve=eleve, fond=fond)
            scores[eleve, fond] = s.etat[1]
    assert not lecon.CHIENS[lecon.NOMS["Neige"]]
    assert scores["piégé", 0.0] < -0.3 and scores["piégé", 1.0] > 0.3
    assert scores["averti", 0.0] < -0.2 and scores["averti", 1.0] < -0.2


@pytest.mark.parametrize(
    "nom, dit", [("un chat sur l’herbe", 1), ("un chien sur le canapé", -1), ("l’averti", -1)]
)
def test_les_scenarios_du_regard(nom, dit):
    s = scene("regard")
    s.scenario(nom)
    assert s.etat[1] * dit > 0.2


def test_l_averti_hesite_sur_moustache():
    s = scene("regard")
    s.regle(animal="Moustache", eleve="averti", fond=0.5)
    assert abs(s.etat[1]) < 0.2


def test_la_carte_dit_de_combien_le_score_bouge(lecon):
    s = scene("regard")
    s.regle(animal="Médor", eleve="piégé", fond=0.3)
    animal, score, carte = s.etat
    image = lecon.fondu(animal, 0.3).reshape(32, 32, 3).copy()
    image[8:20, 0:8] = lecon.FLOU.reshape(32, 32, 3)[8:20, 0:8]  # le carré de la ligne 3, colonne 0
    sans = lecon.repond(lecon.ELEVES["piégé"], image.ravel())[1]
    assert carte[3, 0] == pytest.approx(score - sans, abs=1e-5)


def test_le_piege_regarde_le_decor_et_l_averti_l_animal(lecon):
    pareils = np.abs(lecon.SUR_CANAPE - lecon.SUR_HERBE).reshape(500, 32, 32, 3).max(axis=3) < 0.004
    s = scene("regard")

    def part_de_l_animal(eleve):
        parts = []
        for nom, animal in lecon.NOMS.items():
            for fond in (0.0, 1.0):
                s.regle(animal=nom, eleve=eleve, fond=fond)
                force = np.abs(s.etat[2])
                masque = pareils[animal].reshape(8, 4, 8, 4).mean(axis=(1, 3))
                parts.append((force * masque).sum() / force.sum())
        return np.mean(parts)

    assert part_de_l_animal("averti") > part_de_l_animal("piégé") + 0.05


def test_l_averti_regarde_la_tete(lecon):
    """La tête de Neige est en haut à gauche du dessin : lignes 2 à 4, colonnes 1 à 4 de la carte."""
    s = scene("regard")
    s.regle(animal="Neige", eleve="averti", fond=0.0)
    ligne, colonne = np.unravel_index(np.abs(s.etat[2]).argmax(), (8, 8))
    assert 1 <= ligne <= 4 and 1 <= colonne <= 4


# --- La sieste --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nom, exemples, tiroir",
    [
        ("trop simple", (1.2, 3), (1.8, 4)),
        ("juste bien", (0.3, 1.1), (0.5, 1.4)),
        ("par cœur", (0, 0.05), (5, 50)),
        ("plus d’exemples", (0.5, 1.2), (0.5, 1.3)),
        ("que des jeunes", (0.5, 1.3), (50, 1e6)),
    ],
)
def test_les_scenarios_de_la_sieste(nom, exemples, tiroir):
    s = scene("sieste")
    s.scenario(nom)
    assert s.verdict != "ça diverge !"
    ecarts = s.etat[-1]
    assert exemples[0] <= ecarts[0] <= exemples[1] and tiroir[0] <= ecarts[1] <= tiroir[1]


def test_par_coeur_un_chat_de_sept_ans_dort_plus_de_trente_heures(lecon):
    s = scene("sieste")
    s.scenario("par cœur")
    courbe = s.etat[2]
    assert courbe[np.abs(lecon.TOUS_LES_AGES - 7).argmin()] > 30
    assert courbe.min() < 0
    assert "plus de 24 heures" in s.recit()


def test_la_courbe_passe_au_plus_pres(lecon):
    s = scene("sieste")
    s.scenario("juste bien")
    ages, heures, courbe, _ = s.etat
    ondes = lecon.ondes(ages, 5)
    boutons = np.linalg.lstsq(lecon.ondes(lecon.TOUS_LES_AGES, 5), courbe)[0]
    ecart = np.sum((ondes @ boutons - heures) ** 2)
    for bouton in range(5):
        for d_un_rien in (-0.01, 0.01):
            autres = boutons + d_un_rien * (np.arange(5) == bouton)
            assert np.sum((ondes @ autres - heures) ** 2) > ecart


def test_aucun_reglage_de_la_sieste_ne_diverge():
    s = scene("sieste")
    for exemples in (3, 20, 100):
        for boutons in (1, 8, 20):
            for age_maxi in (3, 10, 18):
                s.regle(exemples=exemples, boutons=boutons, age_maxi=age_maxi)
                assert not s.verdict.startswith("ça") and s.image().std() > 0


# --- Les deux courbes -------------------------------------------------------------------------


def test_jusqu_au_bout_le_tiroir_baisse_puis_remonte():
    s = scene("deux_courbes")
    s.scenario("jusqu’au bout")
    s.pas(1000)
    pas, drapeau, _, journal = s.etat
    assert pas == 1000 and 100 <= drapeau <= 600
    assert journal["tiroir"].min() < 0.7 < journal["tiroir"][0]
    assert journal["tiroir"][-5:].mean() > journal["tiroir"].min() + 0.1
    assert journal["exercices"][-1] < 0.15
    assert drapeau == journal["pas"][journal["tiroir"].argmin()]


def test_au_drapeau_il_evite_plusieurs_fautes_et_a_la_fin_aucune(lecon):
    juste = lecon.CHIENS[lecon.SOUVENIRS]
    s = scene("deux_courbes")
    s.scenario("jusqu’au bout")
    s.pas(1500)
    assert np.sum((s.etat[2] > 0) == juste) == 0
    s.pas(2000)
    assert s.verdict == "terminé"
    pas, drapeau, scores, _ = s.etat
    assert pas == drapeau, "il n'est pas revenu au drapeau"
    assert np.sum((scores > 0) == juste) >= 2


def test_les_fautes_evitees_que_la_note_annonce(lecon):
    """De trois à cinq au bout d'une seconde (cent pas), plus aucune après dix, quatre au drapeau."""
    juste = lecon.CHIENS[lecon.SOUVENIRS]
    s = scene("deux_courbes")

    def evitees(pas):
        s.pas(pas)
        return np.sum((s.etat[2] > 0) == juste)

    s.scenario("jusqu’au bout")
    evitees(79)
    assert {evitees(1) for _ in range(80, 121)} == {3, 4, 5}
    evitees(850)
    assert not any(evitees(1) for _ in range(50))
    s.scenario("s’arrêter à temps")
    assert evitees(2000) == 4 and s.verdict == "terminé"


def test_la_bille_reste_sur_la_courbe():
    s = scene("deux_courbes")
    s.scenario("jusqu’au bout")
    courbes = s._dessin.axes["courbes"]
    (bille,) = (ligne for ligne in courbes.lines if ligne.get_marker() == "o")
    for pas in (0, 1, 8, 92, 4, 5):  # jusqu'aux pas 1, 9, 101, 105 et 110
        s.pas(pas)
        s.image()
        x, y = bille.get_data()
        journal = s.etat[-1]
        assert len(x) == len(y) == (1 if len(journal) else 0)
        if len(x):
            assert x[0] <= courbes.get_xlim()[1] and x[0] in journal["pas"]
            assert y[0] == journal["tiroir"][list(journal["pas"]).index(x[0])]


def test_le_drapeau_dit_ce_qu_il_marque():
    legende = scene("deux_courbes")._dessin.axes["courbes"].get_legend()
    assert [t.get_text() for t in legende.get_texts()] == [
        "tiroir",
        "exercices",
        "le tiroir au plus bas",
    ]


def test_s_arreter_a_temps_garde_la_meilleure_erreur():
    s = scene("deux_courbes")
    s.scenario("s’arrêter à temps")
    s.pas(2000)
    assert s.verdict == "terminé" and s.numero < 900
    pas, drapeau, _, journal = s.etat
    assert pas == drapeau and journal["tiroir"][drapeau // 10] == journal["tiroir"].min()


def test_la_patience_agit_pendant_la_partie():
    s = scene("deux_courbes")
    s.scenario("jusqu’au bout")
    s.pas(600)
    s.regle(patience=50)
    s.pas(5)
    assert s.verdict == "terminé" and s.numero > 500


def test_peu_d_exemples_le_tiroir_reste_mauvais():
    s = scene("deux_courbes")
    s.scenario("peu d’exemples")
    s.pas(600)
    journal = s.etat[-1]
    assert journal["exercices"][-1] < 0.1 and journal["tiroir"].min() > 0.75


def test_un_seul_neurone_apprend_mal():
    s = scene("deux_courbes")
    s.scenario("un seul neurone")
    s.pas(600)
    journal = s.etat[-1]
    assert journal["exercices"][-1] > 0.5 and journal["tiroir"].min() > 0.8


# --- Les astuces ------------------------------------------------------------------------------

PAS = 800


@pytest.fixture(scope="module")
def issues():
    """L'erreur du tiroir au bout de huit cents pas, pour chaque scénario."""
    s = scene("astuces")
    fin = {}
    for nom in s.scenarios:
        s.scenario(nom)
        s.pas(PAS)
        fin[nom] = s.etat[-1]["tiroir"][-5:].mean()
    return fin


@pytest.mark.parametrize("nom", ["bruit", "abandon", "variations", "frein"])
def test_chaque_astuce_baisse_l_erreur_du_tiroir(issues, nom):
    assert issues[nom] < issues["sans rien"] - 0.06


def test_les_variations_gagnent_et_trop_c_est_trop(issues):
    assert issues["sans rien"] > 0.7
    assert min(issues, key=issues.get) == "variations" and issues["variations"] < 0.62
    assert issues["tout à la fois"] > 0.85


@pytest.mark.parametrize("nom", ["bruit", "abandon", "variations", "frein"])
def test_cocher_en_cours_de_partie_fait_redescendre_le_tiroir(lecon, nom):
    cases = dict.fromkeys(["bruit", "abandon", "variations", "frein"], False)
    reglages = SimpleNamespace(**cases)
    partie = lecon.astuces(reglages)
    for _ in islice(partie, 1000):
        pass
    setattr(reglages, nom, True)
    *_, (_, _, journal) = islice(partie, 500)
    avant, apres = journal["tiroir"][90:100].mean(), journal["tiroir"][-20:].mean()
    assert len(journal) == 150 and apres < avant - 0.02


def test_une_case_cochee_ne_fait_pas_repartir():
    s = scene("astuces")
    s.scenario("sans rien")
    s.pas(3)
    for case in ("bruit", "abandon", "variations", "frein"):
        s.regle(**{case: True})
        s.pas()
    assert s.numero == 7


def test_l_abandon_eteint_un_neurone_sur_deux_et_cela_se_voit():
    s = scene("astuces")
    s.scenario("abandon")
    eteints, images = [], set()
    for _ in range(30):
        s.pas()
        eteints.append(np.mean(s.etat[1] == 0))
        assert set(np.unique(s.etat[1])) <= {0, 2}
        images.add(s.image()[300:].tobytes())
    assert 0.4 < np.mean(eteints) < 0.6 and len(images) == 30


def test_les_variations_sont_des_miroirs_et_des_decalages(lecon):
    images = lecon.PAPIER[:20]
    autres = lecon.varie(images, np.random.default_rng(0)).reshape(20, 32, 32, 3)
    retournees = 0
    for image, autre in zip(images.reshape(20, 32, 32, 3), autres, strict=True):
        possibles = {
            (miroir, y, x)
            for miroir in (False, True)
            for y in range(-2, 3)
            for x in range(-2, 3)
            if np.array_equal(np.roll(image[:, ::-1] if miroir else image, (y, x), axis=(0, 1)), autre)
        }
        assert possibles, "ni miroir ni décalage"
        retournees += any(miroir for miroir, _, _ in possibles)
    assert 4 <= retournees <= 16
    assert np.array_equal(images, lecon.PAPIER[:20]), "les images d'origine ont été modifiées"


def test_le_frein_ramene_les_boutons_vers_zero(issues, lecon):
    def taille(frein):
        reglages = SimpleNamespace(bruit=False, abandon=False, variations=False, frein=frein)
        partie = lecon.astuces(reglages)
        for _ in islice(partie, 401):
            pass
        eleve = partie.gi_frame.f_locals["eleve"]
        return sum(np.square(boutons).sum() for boutons in eleve)

    assert taille(True) < 0.8 * taille(False)


# --- Le carnet --------------------------------------------------------------------------------


def test_la_derniere_ligne_pose_la_question_de_la_convolution():
    assert "même loupe" in carnets.lis(NOM).cells[-1].source.strip().splitlines()[-1]
