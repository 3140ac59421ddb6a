"""Carnet 05 : le piège du décor, la courbe qui s'affole, le drapeau et les cinq astuces."""

import importlib.util
from functools import partial
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
from decors import surapprentissage as decor
from decors import surapprentissage_eleve as ecole
from decors.surapprentissage_astuces import FAUTES, SOUVENIRS, justes
from decors.surapprentissage_regard import moitie, moyenne
from decors.surapprentissage_sieste import TOUS_LES_AGES, erreurs_de_sieste, heures_dites
from demystifie import Scene, donnees

NOM = "05_surapprentissage"
CASES = [*decor.ASTUCES]
scene = partial(carnets.remise_a_neuf, NOM)


@pytest.fixture(scope="module")
def lecon():
    return SimpleNamespace(**carnets.execute(NOM)[0])


@pytest.fixture(params=[None, 101, 102])
def graine(request, monkeypatch):
    """La graine du carnet, puis d'autres : ce que l'on raconte ne tient pas à un tirage."""
    carnets.scenes(NOM), ecole.dessins()  # les animaux, eux, restent les mêmes
    tire = np.random.default_rng
    if request.param is not None:
        monkeypatch.setattr(np.random, "default_rng", lambda _: tire(request.param))


def reponses(s, quoi="tiroir"):
    """Ce qu'ont donné les interrogations, une par une."""
    return ecole.Interrogations(s.passe, 5 if s.nom == "chat_ou_chien" else 10)[quoi]


def evitees(s):
    """Combien des six fautes du maître l'élève ne répète pas."""
    return justes(s.etat[2]).sum()


# --- Les animaux ------------------------------------------------------------------------------


def test_les_memes_animaux_a_chaque_fois_quels_que_soient_leur_nombre_et_leur_taille():
    peu, chiens = donnees.chats_et_chiens(4)
    plus, _ = donnees.chats_et_chiens(6)
    grands, _ = donnees.chats_et_chiens(4, cote=64)
    assert list(chiens) == [False, True, False, True] == ecole.CHIENS[:4].tolist()
    for fond, images in peu.items():
        assert images.shape == (4, 32, 32, 3) and images.dtype == np.uint8
        assert np.array_equal(images, plus[fond][:4])
        reduits = grands[fond].reshape(4, 32, 2, 32, 2, 3).mean(axis=(2, 4))
        assert np.abs(reduits - images).mean() < 8, "ce ne sont plus les mêmes dessins"
    memes = np.all(grands["canapé"] == grands["herbe"], axis=-1).mean(axis=(1, 2))
    assert memes.min() > 0.08 and memes.max() < 0.6, "seul le fond change, pas l'animal"


def test_les_animaux_sont_tous_differents_et_leur_couleur_ne_trahit_pas_l_espece():
    images = ecole.dessins()["papier"][:200].astype(np.int16)
    assert (np.abs(images[:40, None] - images[:40]).mean(axis=2) + 1e9 * np.eye(40)).min() > 3
    couleurs, chiens = images.reshape(200, 1024, 3).mean(axis=1), ecole.CHIENS[:200]
    ecart = np.abs(couleurs[chiens].mean(axis=0) - couleurs[~chiens].mean(axis=0))
    assert np.all(ecart < 0.5 * couleurs.std(axis=0))


@pytest.mark.parametrize(("combien", "cote"), [(0, 32), (3, 0)])
def test_zero_animal_ou_zero_pixel_se_dit_en_une_phrase(combien, cote):
    with pytest.raises(ValueError, match="au moins un animal"):
        donnees.chats_et_chiens(combien, cote)


def test_la_premiere_scene_n_attend_pas_que_les_500_animaux_soient_dessines():
    """On les dessine pendant que la salle lit : la scène naît sans eux, et sans rien demander."""
    fiche = importlib.util.spec_from_file_location("frais", ecole.__file__)
    frais = importlib.util.module_from_spec(fiche)
    fiche.loader.exec_module(frais)
    boucle = carnets.scenes(NOM)["chat_ou_chien"].partie.boucle
    s = Scene(boucle, frais.chat_ou_chien, echanges=(0, 50, 100), exercices_varies=False)
    assert s.image().std() > 1 and "rien demandé" in s.recit()
    assert not frais.dessins.cache_info().misses and not frais.partout.cache_info().misses


# --- L'élève ----------------------------------------------------------------------------------


@pytest.mark.parametrize("abandon", [False, True])
def test_la_correction_est_le_gradient_de_l_erreur(lecon, abandon):
    hasard = np.random.default_rng(0)
    images, attendus = hasard.normal(size=(5, 12)), np.array([1.0, -1, 1, 1, -1])
    allumes = 2 * (hasard.random(7) < 0.5) if abandon else 1
    entree, sortie = hasard.normal(size=(12, 7)), hasard.normal(size=7)

    def erreur(nom, place, d_un_rien):
        eleve = SimpleNamespace(entree=entree.copy(), sortie=sortie.copy())
        getattr(eleve, nom)[place] += d_un_rien
        return np.mean((lecon.signaux(eleve, images, allumes) @ eleve.sortie - attendus) ** 2)

    eleve = SimpleNamespace(entree=entree.copy(), sortie=sortie.copy())
    lecon.corrige(eleve, images, attendus, 1.0, allumes)
    for nom, depart in {"entree": entree, "sortie": sortie}.items():
        for place in np.ndindex(depart.shape):
            pente = (erreur(nom, place, 1e-6) - erreur(nom, place, -1e-6)) / 2e-6
            assert depart[place] - getattr(eleve, nom)[place] == pytest.approx(pente, abs=1e-5)


def test_ses_nombres():
    texte = "".join(cellule.source for cellule in carnets.lis(NOM).cells).replace("\u202f", " ")
    assert "près de 100 000 boutons pour 300 images" in texte
    eleve = decor.Eleve(np.random.default_rng(0), 32)
    assert 95_000 < eleve.entree.size + eleve.sortie.size < 100_000
    assert len(decor.EXERCICES) == 300 and len(decor.TIROIR) == 200
    assert not set(decor.EXERCICES) & set(decor.TIROIR)
    assert len(FAUTES) == 75 and set(FAUTES) <= set(decor.EXERCICES)  # une fois sur quatre
    assert ecole.CHIENS[decor.EXERCICES].mean() == ecole.CHIENS[decor.TIROIR].mean() == 0.5


def test_ce_que_l_eleve_recoit_tourne_autour_de_zero():
    for images in (decor.pose(decor.TOUS, ecole.CHIENS), decor.papier(decor.TOUS)):
        assert images.dtype == np.float32 and images.shape == (500, 3072)
        assert abs(images.mean()) < 0.1 and np.abs(images).max() <= 1


# --- Chat ou chien ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "pas", "exercices", "tiroir"),
    [
        ("décors au hasard", 100, (1, 1), (0.4, 0.6)),
        ("décors échangés", 100, (1, 1), (0, 0)),
        ("mêmes décors", 100, (1, 1), (0.98, 1)),
        ("exercices variés", 700, (0.95, 1), (0.8, 0.95)),
    ],
)
def test_parfait_aux_exercices_et_perdu_dans_le_tiroir(graine, nom, pas, exercices, tiroir):
    s = scene("chat_ou_chien", nom)
    s.pas(pas)
    assert exercices[0] <= reponses(s, "exercices")[-1] <= exercices[1]
    assert tiroir[0] <= reponses(s)[-1] <= tiroir[1]


def test_echanger_les_decors_agit_pendant_la_partie(graine):
    s = scene("chat_ou_chien", "mêmes décors")
    s.pas(60)
    reussites = []
    for echanges in (0, 25, 50, 75, 100):
        s.regle(echanges=echanges)
        s.pas(6)
        reussites.append(reponses(s)[-1])
    assert s.numero == 90, "la scène est repartie du début"
    assert np.allclose(reussites, [1, 0.75, 0.5, 0.25, 0], atol=0.03)


def test_varier_les_exercices_guerit_pendant_la_partie():
    s = scene("chat_ou_chien", "décors au hasard")
    s.pas(100)
    piege = reponses(s)[-1]
    s.regle(exercices_varies=True)
    s.pas(400)
    assert s.numero == 500 and reponses(s)[-1] > piege + 0.25


def test_a_l_arret_les_decors_du_tiroir_s_echangent_aussi():
    s = scene("chat_ou_chien", "mêmes décors")
    avant = s.image().astype(int)
    s.regle(echanges=100)
    assert np.abs(s.image() - avant).max() > 50


def test_un_decor_echange_entre_deux_questions_se_compte_aussitot():
    s = scene("chat_ou_chien", "mêmes décors")
    s.pas(57)
    s.regle(echanges=100)
    s.pas(2)  # l'élève avait répondu pour les deux décors
    assert "0 % dans le tiroir" in s.recit() and s.numero == 59


# --- Ce qu'il regarde -------------------------------------------------------------------------


def test_le_piege_change_d_avis_avec_le_fond_et_pas_l_averti():
    s, scores = scene("regard"), {}
    for eleve in ("piégé", "averti"):
        for fond in (0.0, 1.0):
            s.regle(animal="Neige, chat", eleve=eleve, fond=fond)
            scores[eleve, fond] = s.etat[0]
    assert scores["piégé", 0.0] < -0.3 and scores["piégé", 1.0] > 0.3
    assert scores["averti", 0.0] < -0.2 and scores["averti", 1.0] < -0.2


def test_l_un_des_sept_animaux_fait_hesiter_l_averti_et_leurs_noms_ne_mentent_pas():
    s, scores = scene("regard"), []
    for nom, animal in decor.NOMS.items():
        assert nom.endswith("chien" if ecole.CHIENS[animal] else "chat")
        s.regle(animal=nom, eleve="averti", fond=0.5)
        scores.append(abs(s.etat[0]))
    assert min(scores) < 0.2 < sorted(scores)[3]


@pytest.mark.parametrize(
    ("nom", "dit"), [("un chat sur l’herbe", 1), ("un chien sur le canapé", -1), ("l’averti", -1)]
)
def test_les_scenarios_du_regard(nom, dit):
    assert scene("regard", nom).etat[0] * dit > 0.2


def test_la_carte_dit_de_combien_le_score_bouge(lecon):
    s = scene("regard")
    s.regle(animal="Médor, chien", eleve="piégé", fond=0.3)
    score, carte = s.etat
    image = decor.fondu(decor.NOMS["Médor, chien"], 0.3).reshape(32, 32, 3).copy()
    image[8:20, 0:8] = moyenne().reshape(32, 32, 3)[8:20, 0:8]  # le carré de la ligne 3, colonne 0
    sans = lecon.repond(decor.exerce("piégé", lecon.corrige), image.ravel())
    assert carte.reshape(8, 8)[3, 0] == pytest.approx(score - sans, abs=1e-5)


def test_le_piege_regarde_le_decor_et_l_averti_l_animal():
    canape, herbe = (ecole.dessins()[fond].astype(int).reshape(500, 32, 32, 3) for fond in ecole.DECORS)
    pareils = (np.abs(canape - herbe).max(axis=3) <= 1).reshape(500, 8, 4, 8, 4).mean(axis=(2, 4))
    s, parts = scene("regard"), {}
    for eleve in ("piégé", "averti"):
        parts[eleve] = []
        for nom, animal in decor.NOMS.items():
            for fond in (0.0, 1.0):
                s.regle(animal=nom, eleve=eleve, fond=fond)
                force = np.abs(s.etat[1])
                parts[eleve].append((force * pareils[animal].ravel()).sum() / force.sum())
    assert np.mean(parts["averti"]) > np.mean(parts["piégé"]) + 0.05


def test_l_averti_regarde_la_tete():
    """La tête de Neige est en haut à gauche du dessin : lignes 2 à 4, colonnes 1 à 4 de la carte."""
    s = scene("regard")
    s.regle(animal="Neige, chat", eleve="averti", fond=0.0)
    ligne, colonne = np.unravel_index(np.abs(s.etat[1]).argmax(), (8, 8))
    assert 1 <= ligne <= 4 and 1 <= colonne <= 4


def test_moitie_compte_les_plus_forts_carres():
    assert moitie(np.ones(64)) == 32
    assert moitie(np.r_[np.zeros(63), -5]) == 1


@pytest.mark.parametrize("depart", [1, 2, 3])
def test_le_cache_n_etale_pas_la_carte_et_l_eleve_depend_un_peu_moins_de_chaque_carre(lecon, depart):
    """Au tiroir, la moitié de la carte tient dans 14 carrés, à un près, avec cache ou sans."""
    moities, bouge = {}, {}
    for nom in ("averti", "averti, avec cache"):
        eleve = decor.exerce(nom, lecon.corrige, depart)
        images = decor.pose(decor.TIROIR[:60], decor.sur_l_herbe(True, 50))
        scores, cartes = zip(*(lecon.enquete(eleve, image) for image in images), strict=True)
        moities[nom] = np.mean([moitie(carte) for carte in cartes])
        bouge[nom] = np.abs(cartes).mean() / np.abs(scores).mean()
    assert all(abs(combien - 14) < 1 for combien in moities.values()), moities
    assert abs(moities["averti, avec cache"] - moities["averti"]) < 1
    assert 0.7 < bouge["averti, avec cache"] / bouge["averti"] < 0.97, bouge


# --- La sieste --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "exemples", "tiroir"),
    [
        ("trop simple", (1.2, 3), (1.8, 4)),
        ("juste bien", (0.3, 1.1), (0.5, 1.4)),
        ("par cœur", (0, 0.05), (5, 50)),
        ("plus d’exemples", (0.5, 1.2), (0.5, 1.3)),
        ("que des jeunes", (0.5, 1.3), (50, 1e6)),
    ],
)
def test_les_scenarios_de_la_sieste(nom, exemples, tiroir):
    s = scene("sieste", nom)
    erreurs = erreurs_de_sieste(*s.etat)
    assert exemples[0] <= erreurs[0] <= exemples[1] and tiroir[0] <= erreurs[1] <= tiroir[1]


def test_par_coeur_un_chat_de_sept_ans_dort_plus_de_trente_heures():
    s = scene("sieste", "par cœur")
    boutons = s.etat[2]
    assert heures_dites(np.array([7.0]), boutons) > 30
    assert heures_dites(TOUS_LES_AGES, boutons).min() < 0
    assert "plus de 24 heures" in s.recit()


def test_la_courbe_passe_au_plus_pres():
    ages, heures, boutons = scene("sieste", "juste bien").etat
    ecart = np.sum((heures_dites(ages, boutons) - heures) ** 2)
    for bouton in range(5):
        for d_un_rien in (-0.01, 0.01):
            autres = boutons + d_un_rien * (np.arange(5) == bouton)
            assert np.sum((heures_dites(ages, autres) - heures) ** 2) > ecart


def test_aucun_reglage_de_la_sieste_ne_diverge():
    s = scene("sieste")
    for exemples in (3, 20, 100):
        for boutons in (1, 8, 20):
            for age_maxi in (3, 10, 18):
                s.regle(exemples=exemples, boutons=boutons, age_maxi=age_maxi)
                assert not s.verdict.startswith("ça") and s.image().std() > 0


# --- Les deux courbes -------------------------------------------------------------------------


def test_jusqu_au_bout_le_tiroir_baisse_puis_remonte(graine):
    s = scene("deux_courbes", "jusqu’au bout")
    s.pas(1000)
    pas, drapeau, bilan = s.etat
    tiroir = reponses(s)
    assert pas == 1000 and 100 <= drapeau <= 600
    assert tiroir.min() < 0.7 < tiroir[0]
    assert tiroir[-5:].mean() > tiroir.min() + 0.1
    assert bilan.exercices < 0.15
    assert abs(drapeau - reponses(s, "pas")[tiroir.argmin()]) <= 10
    s.pas(500)
    assert evitees(s) == 0
    s.pas(2000)
    assert s.verdict == "terminé"
    pas, revenu, bilan = s.etat
    assert pas == revenu == drapeau and bilan.tiroir == pytest.approx(tiroir.min()), "pas au drapeau"
    assert evitees(s) >= 2 and "au drapeau" in s.recit()


def test_s_arreter_a_temps_garde_la_meilleure_erreur(graine):
    s = scene("deux_courbes", "s’arrêter à temps")
    s.pas(2000)
    assert s.verdict == "terminé" and s.numero < 900
    pas, drapeau, bilan = s.etat
    assert pas == drapeau and bilan.tiroir == pytest.approx(reponses(s).min())
    assert bilan.exercices > reponses(s, "exercices").min(), "le cahier, lui, n'avait pas fini"


def test_les_fautes_evitees_que_la_note_annonce():
    """Plusieurs vers 100 pas, plus aucune vers 1 000, plusieurs de nouveau, revenu au drapeau."""
    s = scene("deux_courbes", "jusqu’au bout")
    s.pas(79)
    assert {(s.pas(), evitees(s))[1] for _ in range(80, 121)} <= {3, 4, 5}
    s.pas(850)
    assert not any((s.pas(), evitees(s))[1] for _ in range(50))
    s = scene("deux_courbes", "s’arrêter à temps")
    s.pas(2000)
    assert evitees(s) >= 3


def test_la_bille_reste_sur_la_courbe():
    s = scene("deux_courbes", "s’arrêter à temps")
    lignes = s.axes["courbes"].lines
    (bille,) = (ligne for ligne in lignes if ligne.get_marker() == "o")
    (tiroir,) = (ligne for ligne in lignes if ligne.get_label() == "tiroir")

    def ou():
        s.image()
        return [*zip(*bille.get_data(), strict=True)], [*zip(*tiroir.get_data(), strict=True)]

    assert ou()[0] == []
    for pas in (1, 8, 92, 4, 5):  # jusqu'aux pas 1, 9, 101, 105 et 110
        s.pas(pas)
        billes, courbe = ou()
        assert billes == courbe[-1:] and courbe[-1][0] == (s.numero - 1) // 10 * 10
    s.remonte(40)
    billes, courbe = ou()
    assert billes == courbe[-1:] and courbe[-1][0] == 30
    s.pas(2000)
    billes, courbe = ou()
    assert billes[0] in courbe and courbe[-1][1] > billes[0][1] + 0.01, "la courbe revient au drapeau"


def test_le_drapeau_dit_ce_qu_il_marque():
    legende = [t.get_text() for t in scene("deux_courbes").axes["courbes"].get_legend().get_texts()]
    assert legende == ["tiroir", "exercices", "le tiroir au plus bas"]


def test_les_curseurs_agissent_pendant_la_partie():
    s = scene("deux_courbes", "jusqu’au bout")
    s.pas(600)
    s.regle(exemples=100)
    s.pas(100)
    assert s.numero == 700
    s.regle(patience=50)
    s.pas(5)
    assert s.verdict == "terminé" and s.numero > 700


@pytest.mark.parametrize(
    ("nom", "exercices", "tiroir"),
    [("peu d’exemples", (0, 0.1), 0.75), ("un seul neurone", (0.5, 1), 0.8)],
)
def test_trop_peu_d_exemples_ou_trop_peu_de_neurones(graine, nom, exercices, tiroir):
    s = scene("deux_courbes", nom)
    s.pas(600)
    assert exercices[0] < s.etat[2].exercices < exercices[1]
    assert reponses(s).min() > tiroir


# --- Les astuces ------------------------------------------------------------------------------


@pytest.mark.parametrize("graine", [None, 101], indirect=True)
def test_chaque_astuce_aide_les_variations_gagnent_et_trop_c_est_trop(graine):
    issues = {}  # l'erreur du tiroir vers le huit-centième pas
    for nom in carnets.scenes(NOM)["astuces"].scenarios:
        s = scene("astuces", nom)
        s.pas(801)
        issues[nom] = reponses(s)[reponses(s, "pas") > 640].mean()
    assert issues["sans rien"] > 0.65
    assert max(issues[nom] for nom in CASES) < issues["sans rien"] - 0.03
    assert min(issues, key=issues.get) == "variations" and issues["variations"] < 0.62
    assert issues["tout à la fois"] > 0.85


@pytest.mark.parametrize("nom", sorted({*CASES} - {"cache"}))  # le cache, pris en route, ne peut rien
def test_cocher_en_cours_de_partie_fait_redescendre_le_tiroir(nom):
    s = scene("astuces", "sans rien")
    s.pas(800)
    s.regle(**{nom: True})
    s.pas(450)
    assert s.numero == 1250, "la scène est repartie du début"
    quand, tiroir = reponses(s, "pas"), reponses(s)
    avant, apres = tiroir[(quand >= 700) & (quand < 800)].mean(), tiroir[quand >= 1050].mean()
    assert apres < avant - 0.02


def test_l_abandon_eteint_un_neurone_sur_deux_et_cela_se_voit():
    s = scene("astuces", "abandon")
    eteints, images = [], set()
    for _ in range(30):
        s.pas()
        eteints.append(np.mean(s.etat[1] == 0))
        assert set(np.unique(s.etat[1])) <= {0, 2}
        images.add(s.image()[300:].tobytes())
    assert 0.4 < np.mean(eteints) < 0.6 and len(images) == 30


def test_le_cache_est_un_carre_gris_jamais_au_meme_endroit():
    images = decor.pose(decor.TOUS[:200], np.ones(500, bool)) + 9  # aucun point n'est gris
    cachees = decor.cache_un_carre(images, np.random.default_rng(0)).reshape(200, 32, 32, 3) == 0
    for cachee in cachees.all(axis=3):
        (lignes,), (colonnes,) = cachee.any(axis=1).nonzero(), cachee.any(axis=0).nonzero()
        assert np.ptp(lignes) < 20 and np.ptp(colonnes) < 20
        assert cachee.sum() == len(lignes) * len(colonnes) >= 100
    parts = cachees[..., 0].mean(axis=0)
    assert parts.min() > 0.02 and parts.max() < 0.6, "il a ses endroits préférés"
    assert images.min() > 0, "les images d'origine ont été modifiées"


def test_les_variations_sont_des_miroirs_et_des_decalages():
    images = decor.papier(decor.TOUS[:20])
    temoin = images.copy()
    autres = decor.varie(images, np.random.default_rng(0)).reshape(20, 32, 32, 3)
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
    assert np.array_equal(images, temoin), "les images d'origine ont été modifiées"


def test_le_frein_ramene_les_boutons_vers_zero(lecon):
    def taille(frein):
        partie = lecon.astuces(SimpleNamespace(**dict.fromkeys(CASES, False) | {"frein": frein}))
        for _ in range(401):
            next(partie)
        eleve = partie.gi_frame.f_locals["eleve"]
        return np.square(eleve.entree).sum() + np.square(eleve.sortie).sum()

    assert taille(True) < 0.8 * taille(False)


# --- Le carnet --------------------------------------------------------------------------------


def test_la_derniere_ligne_pose_la_question_de_la_convolution():
    assert "même loupe" in carnets.lis(NOM).cells[-1].source.strip().splitlines()[-1]


def test_les_six_fautes_sont_dans_le_plus_petit_cahier():
    """Sinon, « évitée » ne voudrait rien dire : il ne l'aurait jamais lue."""
    plus_petit, _ = scene("deux_courbes").boutons["exemples"].widget.options[0]
    assert np.isin(SOUVENIRS, decor.EXERCICES[: int(plus_petit)]).all()
