"""Le carnet 04 : un neurone, un réseau, la rétropropagation, et ce qu'elle sait faire des entrées."""

import gc
import json
import shutil
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
from decors import petits_reseaux, reseau_dessine, reseau_du_talk, retropropagation
from decors.retropropagation_points import frontiere
from decors.retropropagation_vivant import mesure_impulsions, par_seconde
from demystifie import Pari, vues
from demystifie.partie import TERMINE
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

sys.path.insert(0, str(carnets.DEPOT / "tests" / "mesures"))

import vitesse_reseau

CARNET = "04_retropropagation"
neuve = partial(carnets.remise_a_neuf, CARNET)


@pytest.fixture(scope="module")
def espace():
    return carnets.execute(CARNET)[0]


@pytest.fixture(params=[0, 100, 200])
def graine(request, monkeypatch):
    """D'autres tirages pour les boucles, une fois le carnet exécuté : rien ne tient à une graine."""
    carnets.execute(CARNET)
    tire = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda graine: tire(graine + request.param))


@pytest.fixture
def dit(espace):
    """Les dix scores que l'élève qui a fini donne à ces images."""
    return partial(retropropagation.reponses, espace["cachee"], espace["sortie"])


def verifie_les_pentes(erreur, boutons, pentes, abs=1e-5):
    """``pentes`` est le gradient de ``erreur(*boutons)``, vérifié dans vingt directions au hasard."""
    hasard = np.random.default_rng(0)
    for _ in range(20):
        sens = [hasard.normal(size=np.shape(b)) for b in boutons]
        plus, moins = (
            erreur(*(b + peu * s for b, s in zip(boutons, sens, strict=True))) for peu in (1e-5, -1e-5)
        )
        attendue = sum(np.vdot(p, s) for p, s in zip(pentes, sens, strict=True))
        assert (plus - moins) / 2e-5 == pytest.approx(attendue, abs=abs)


# --- Un réseau dessiné ----------------------------------------------------------------------


@pytest.fixture
def axe():
    return Figure(figsize=(12, 5)).subplots()


def test_un_fil_dit_son_signe_par_la_couleur_et_par_le_trait(axe):
    montre = reseau_dessine.fils(axe)
    collection = montre([np.array([[2.0, -2.0, 0.0, 0.5]])], reseau_dessine.places((4, 1)))
    couleurs = [tuple(c) for c in collection.get_colors()]
    tirets = [motif for _, motif in collection.get_linestyle()]
    larges = collection.get_linewidths()
    assert len(set(couleurs)) == 3 and couleurs[0] == couleurs[3]
    assert tirets[0] is None and tirets[3] is None, "positif : trait plein"
    assert None not in tirets[1:3] and tirets[1] != tirets[2], "négatif et nul ne se confondent pas"
    assert larges[0] == larges[1] > larges[3] > larges[2]


def test_le_schema_ecrit_souligne_et_n_oublie_pas_d_effacer(axe):
    montre = reseau_dessine.schema(axe, (2, 1), ["gauche", "droite", "arrivée"])
    poids = [np.array([[0.5, -2.0]])]

    def lus():
        return {t.get_text() for t in axe.texts if t.get_visible() and t.get_text()}

    mots = dict(dessous=["", "", "+1"], pastilles=["a", "b"], choisi=(0, 0, 1))
    halo = montre(poids, [[1, 3], [4.25]], **mots)[0]
    assert np.allclose(halo.get_xydata(), [[0, -0.5], [2, 0]])
    pleins = lus()
    assert {"gauche", "0,5", "−2", "4,25", "+1", "a", "b"} <= pleins
    montre(poids, [[1, 3]])
    assert pleins - lus() == {"4,25", "+1", "a", "b"} and not len(halo.get_xydata())


def test_un_nombre_long_tient_dans_son_rond(axe):
    montre = reseau_dessine.schema(axe, reseau_du_talk.TAILLES, reseau_du_talk.NOMS)
    diametre = 3400**0.5 * axe.figure.dpi / 72
    for valeur in (9.625, -0.875, -11.375, 3.425):
        dedans = montre(reseau_du_talk.poids_du_talk(), [[-1, 2, 3], [3.5], [1, 0, 1], [valeur]])[4]
        assert dedans[-1].get_text() and dedans[-1].get_window_extent().width < diametre - 4
        assert dedans[0].get_fontsize() == 16, "un nombre court reste grand"


def test_la_frontiere_separe_les_deux_familles(axe):
    points = np.array([[-1.0, 0.5, 1.0], [0.0, 0.0, 1.0]])
    montre = frontiere(axe, cote=11)
    fond, (bleus, oranges) = montre(lambda p: np.sign(p[0]), points, [-1, 1, 1])
    assert len(bleus.get_xdata()) == 2 and len(oranges.get_xdata()) == 1
    assert bleus.get_marker() != oranges.get_marker(), "la forme dit la famille, pas la couleur seule"
    vues_la = np.asarray(fond.get_array())
    assert vues_la.shape == (11, 11) and (vues_la[:, 0] == -1).all() and (vues_la[:, -1] == 1).all()


# --- Un neurone -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "haut", "bas"),
    [("zéro ou plus", 3.5, 0), ("tout ou rien", 1, 0), ("aucune", 3.5, -2.5), ("écrase", 0.998, -0.987)],
)
def test_chaque_activation_fait_ce_que_dit_son_nom(activation, haut, bas):
    s = neuve("neurone")
    s.regle(activation=activation)
    assert s.etat[3] == pytest.approx(haut, abs=1e-3)
    s.regle(poids_3=-1.0)  # −0,5 + 1 − 3
    assert s.etat[3] == pytest.approx(bas, abs=1e-3)


def test_ce_qui_passe_et_ce_qui_ne_passe_pas():
    s = neuve("neurone")
    s.regle(poids_1=-2.0, activation="aucune")  # un scénario ne dépend pas de ce qu'on a touché avant
    s.scenario("ça passe")
    poids, produits, somme, sortie, _ = s.etat
    assert list(poids) == [0.5, 0.5, 1] and list(produits) == [-0.5, 1, 3] and somme == sortie == 3.5
    assert s.recit().startswith("−0,5 + 1 + 3\u00a0: la somme fait 3,5,")
    s.scenario("ça ne passe pas")
    assert s.etat[2] == -2.5 and s.etat[3] == 0


# --- Le neurone vivant ----------------------------------------------------------------------


def impulsions_apres(stimulation, pas=300):
    s = neuve("impulsions")
    s.regle(stimulation=stimulation)
    s.pas(pas)
    return s


def test_la_cellule_lance_ses_impulsions_au_rythme_du_modele():
    """Passé le seuil, l'intervalle entre deux impulsions se calcule ; en deçà, il n'y en a pas."""
    for stimulation in (0.0, 0.9, 1.0, 1.1, 1.5, 2.2, 3.0):
        combien = par_seconde(impulsions_apres(stimulation).etat[0])
        charges = stimulation * (1 - 0.95 ** np.arange(1, 300))
        intervalle = 1 + int((charges > 1).argmax()) if stimulation > 1 else np.inf
        assert combien == pytest.approx(1000 / intervalle), stimulation


def test_les_impulsions_se_pressent_sans_grandir_et_notre_nombre_suit():
    mesures, hauteurs = [], set()
    s = neuve("impulsions")
    for stimulation in np.arange(0, 3.01, 0.25):
        s.regle(stimulation=stimulation)
        s.pas(300)
        mesures.append(mesure_impulsions(*s.etat))
        s.image()
        hauteurs.add(max(s.axes["charge"].lines[-1].get_ydata()) if stimulation > 1 else 1.95)
    impulsions, sorties = (np.array([m[nom] for m in mesures]) for nom in ("impulsions", "sortie"))
    assert hauteurs == {1.95} and (impulsions[:5] == 0).all() and (sorties[:5] == 0).all()
    assert (np.diff(impulsions[4:]) > 0).all() and (np.diff(sorties[4:]) > 0).all()
    assert np.corrcoef(impulsions, sorties)[0, 1] > 0.98, "les deux nuages se ressemblent"
    essayes, present = s.axes["impulsions"].lines
    assert len(essayes.get_xdata()) == len(mesures) and present.get_xydata()[0, 1] == impulsions[-1]


def test_deux_fois_plus_fort_est_deux_fois_plus_fort_et_ne_se_mesure_pas_a_cheval():
    sous, juste, double = (dose["stimulation"] for dose in retropropagation.DOSES.values())
    assert sous < 1 < juste and double == 2 * juste
    s = impulsions_apres(juste)
    s.regle(stimulation=double)
    s.pas(3)
    assert np.isnan(par_seconde(*s.etat)) and "se charge" in s.recit()


# --- Le petit réseau ------------------------------------------------------------------------


def test_le_reseau_du_talk_se_verifie_a_la_main():
    poids = reseau_du_talk.poids_du_talk()
    assert [p.tolist() for p in poids] == [[[0.5, 0.5, 1]], [[0.5], [-1], [1]], [[-0.5, -2, 3]]]
    valeurs = neuve("casse_un_fil").etat[1]
    assert [v.tolist() for v in valeurs] == [[-1, 2, 3], [3.5], [1.75, 0, 3.5], [9.625]]
    assert (poids[1] @ [3.5]).tolist() == [1.75, -3.5, 3.5]


def test_deux_fils_seulement_ne_servent_a_rien_et_couper_celui_de_3_effondre_la_reponse():
    s = neuve("casse_un_fil")
    inutiles = []
    for nom, milieu in reseau_du_talk.MILIEUX.items():
        s.regle(fil=milieu, poids=0.0)
        if s.etat[1][-1][0] == 9.625:
            inutiles.append(nom)
    assert inutiles == ["A → C", "C → réponse"]
    s.scenario("le fil de 3, coupé")
    assert s.etat[1][-1][0] == -0.875 and s.etat[2] == (2, 0, 2)
    s.scenario("réseau intact")
    assert s.etat[1][-1][0] == 9.625


def test_un_fil_se_choisit_au_clic_ou_au_clavier():
    s = neuve("casse_un_fil")
    fil = s.boutons["fil"].widget
    liste = fil.children[-1]
    for nom, (x, y) in reseau_du_talk.MILIEUX.items():
        s.regle(fil=(x + 0.05, y - 0.05))  # un clic à côté
        assert liste.value == nom and fil.value == (x, y)
        assert f"Le fil {nom} pèse" in s.recit()
    liste.value = "A → D"  # le clavier
    assert "Le fil A → D pèse" in s.recit() and s.etat[2] == (1, 2, 0)


@pytest.mark.parametrize("scenario", ["contre la montre", "toujours le même fil"])
def test_a_la_main_on_a_trente_essais(scenario):
    s = neuve("a_la_main", scenario)
    s.pas(100)
    erreurs = s.passe["erreur"]
    assert s.numero == 30 and s.verdict == TERMINE and s.recit().startswith("Essai 30 sur 30")
    assert erreurs[0] == pytest.approx(17.18, abs=0.01)
    if scenario == "contre la montre":  # l'horloge tourne même si la salle dort
        assert np.ptp(erreurs) == 0
    else:  # tourner toujours le même fil finit par abîmer
        assert 0 < erreurs.argmin() < 30 and erreurs.min() < 8 < erreurs[0] < erreurs[-1]
        s.image()  # il répond alors −16,62 : la barre n'est pas coupée
        assert s.axes["reponses"].get_ylim()[0] < min(b.get_height() for b in s.axes["reponses"].patches)


@pytest.mark.parametrize(("essais", "gris"), [(19, 0), (20, 1)])
def test_une_partie_d_au_moins_vingt_essais_reste_en_gris(essais, gris):
    s = neuve("a_la_main")
    s.pas(essais)
    s.recommence()
    assert len(s.passe.fantomes) == gris


def test_ni_l_attendu_ni_l_horloge_ne_se_cachent():
    s = neuve("a_la_main", "contre la montre")
    s.pas(15)
    image, reponses, essais = s.image(), s.axes["reponses"], s.axes["essais"]
    echelle = image.shape[1] / reponses.figure.bbox.width
    for rang, attendue in enumerate(reseau_du_talk.ATTENDUES):
        x, y = reponses.transData.transform((rang, attendue)) * echelle
        rouge, vert, bleu = image[round(image.shape[0] - y), round(x)].astype(int)
        assert vert > rouge + 80 and vert > bleu + 20, f"exercice {rang + 1} : la barre cache le vert"
    (horloge,) = (t for t in essais.texts if t.get_text() == "essai 15 sur 30")
    assert horloge.get_window_extent().y0 >= essais.get_window_extent().y1


def test_les_trois_exercices_ont_une_solution(espace):
    poids = [np.array([[1.0, 1.0, 0.5]]), np.array([[0.5], [-1], [1]]), np.array([[-0.5, -2, 2.25]])]
    rendues = [espace["calcule"](poids, exercice)[-1][0] for exercice in reseau_du_talk.EXERCICES]
    assert rendues == list(reseau_du_talk.ATTENDUES) == [5, 5, 0]


# --- À quoi bon plusieurs neurones ----------------------------------------------------------


def reussite(s):
    return petits_reseaux.bien_classes(*s.etat)


@pytest.mark.usefixtures("graine")
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
def test_l_issue_de_chaque_essai(scenario, pas, au_moins, au_plus):
    s = neuve("profondeur", scenario)
    s.pas(pas)
    assert au_moins <= reussite(s) <= au_plus


def test_au_train_de_la_scene_on_a_le_temps_de_voir_le_triangle_se_fermer():
    """Dix pas par seconde : il y a deux secondes de couloir avant que le troisième neurone le ferme."""
    s = neuve("profondeur", "trois neurones")
    s.pas(20)
    assert s.vue.vitesse == 10 and 0.75 < reussite(s) < 0.95
    s.regle(neurones=1)
    assert s.recit().startswith("1 neurone au milieu")
    s.regle(dessin="deux tas", couches=0)  # ceux-là, un coup de règle suffit
    s.pas(50)
    assert reussite(s) > 0.98


@pytest.mark.parametrize(("taux", "lot"), [(0.01, 10), (0.1, 10), (0.03, 32)])
def test_le_pari_du_cercle_ne_tient_pas_au_reglage(taux, lot):
    reussites = []
    for neurones in (1, 2, 3):
        s = neuve("profondeur")
        s.regle(neurones=neurones, taux=taux, lot=lot)
        s.pas(150)
        reussites.append(reussite(s))
    assert reussites[0] < 0.8 and reussites[1] < 0.95 and reussites[2] > 0.99


def apprends_lisible(reseau, positions, classes, taux):
    """La même chose qu'``apprends``, écrite pour être lue ; ``reseau`` : des tableaux de doubles."""
    for x, y in zip(positions, classes, strict=True):
        valeurs = petits_reseaux.sorties(reseau, x)
        reproche = 2 * (valeurs[-1] - y) / y.size
        for couche in reversed(range(len(reseau))):
            reproche = reproche * (1 - valeurs[couche + 1] ** 2)
            pente = reproche @ np.vstack([valeurs[couche], np.ones(y.size)]).T
            reproche = reseau[couche][:, :-1].T @ reproche
            reseau[couche] = reseau[couche] - taux * pente


RESEAUX = pytest.mark.parametrize("tailles", [[2, 1], [2, 3, 1], [2, 4, 4, 1], [2, 8, 8, 8, 1]], ids=str)


@RESEAUX
@pytest.mark.parametrize("lot", [1, 10, 100])
def test_la_boucle_rapide_fait_ce_que_fait_la_boucle_lisible(tailles, lot):
    hasard = np.random.default_rng(3)
    rapide = petits_reseaux.reseau_neuf(hasard, tailles)
    for _ in range(20):
        lisible = [poids.astype(float) for poids in rapide]
        lots = petits_reseaux.pioche(hasard, petits_reseaux.DESSINS["cercle"], lot)
        lots = [quoi[:20] for quoi in lots]
        petits_reseaux.apprends(rapide, *lots, 0.1)
        apprends_lisible(lisible, *lots, 0.1)
        for vite, lu in zip(rapide, lisible, strict=True):
            assert vite == pytest.approx(lu, abs=1e-5)


@RESEAUX
def test_la_boucle_lisible_descend_le_vrai_gradient(tailles):
    hasard = np.random.default_rng(5)
    x, y = hasard.uniform(-1, 1, (2, 7)), hasard.choice([-1, 1], (1, 7))
    avant = [poids.astype(float) for poids in petits_reseaux.reseau_neuf(hasard, tailles)]
    apres = list(avant)
    apprends_lisible(apres, [x], [y], 0.1)
    pentes = [(a - b) / 0.1 for a, b in zip(avant, apres, strict=True)]
    verifie_les_pentes(lambda *r: np.mean((petits_reseaux.sorties(r, x)[-1] - y) ** 2), avant, pentes)


def test_la_pioche_rend_2000_exemples_et_chacun_garde_sa_classe():
    tire = petits_reseaux.pioche(np.random.default_rng(0), petits_reseaux.DESSINS["cercle"], 32)
    positions, classes = tire
    assert positions.shape == (2000 // 32, 2, 32) and classes.shape == (2000 // 32, 1, 32)
    assert (np.where(np.hypot(positions[:, :1], positions[:, 1:]) < 0.5, 1, -1) == classes).all()


# --- Le reproche qui remonte ----------------------------------------------------------------


def test_le_reproche_se_verifie_a_la_main():
    s = neuve("reproche")
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
def test_chaque_part_de_reproche_est_une_pente(espace, attendu):
    s = neuve("reproche")
    s.regle(attendu=attendu)
    s.pas(7)
    poids, valeurs, reproches, pentes = s.etat
    assert len(valeurs) == 4

    def erreur(entrees, *poids):
        return (espace["calcule"](poids, entrees)[-1][0] - attendu) ** 2

    boutons = [reseau_du_talk.ENTREES, *poids]
    verifie_les_pentes(erreur, boutons, [reproches[0], *(pentes[couche] for couche in range(3))])


def test_apres_un_tour_la_reponse_est_plus_pres_et_trop_fort_eteint_tout():
    for scenario, but in ("un demi de trop", 9.125), ("pas assez", 12):
        s = neuve("reproche", scenario)
        s.pas(3)
        avant = abs(s.etat[1][3][0] - but)
        s.pas(8)
        assert s.numero == 11 and abs(s.etat[1][3][0] - but) < avant
    s.scenario("trop fort")
    s.pas(15)
    _, valeurs, reproches, pentes = s.etat
    assert [v.tolist() for v in valeurs[1:]] == [[0], [0, 0, 0], [0]]
    assert reproches[3] == [-6] and not any(p.any() for p in pentes.values())


# --- Le compteur ----------------------------------------------------------------------------


def bancs(espace, monkeypatch, *tailles):
    """Le compteur, réduit à ces réseaux."""
    assert list(petits_reseaux.BANCS) == [10, 100, 1000, 10_000, 100_000]
    monkeypatch.setitem(espace, "BANCS", tailles)
    return neuve("compteur", "pressé")


def test_tous_les_passages_sont_faits_et_comptes(espace, monkeypatch):
    s = bancs(espace, monkeypatch, 10, 100, 1000)
    s.regle(patience=60.0)
    s.pas(100)
    (releves,) = s.etat
    assert s.verdict == TERMINE
    for releve, taille in zip(releves, (10, 100, 1000), strict=True):
        assert releve["passages"] == {"un par un": taille + 1, "d’un coup": 2}
        assert releve["tournes"] == taille
        d_un_coup, un_par_un = releve["pentes"].T
        assert d_un_coup == pytest.approx(un_par_un, abs=1e-3 * np.abs(d_un_coup).max())


@pytest.mark.parametrize("taille", petits_reseaux.BANCS)
def test_la_retropropagation_du_banc_est_un_gradient(taille):
    banc = petits_reseaux.Banc(taille)
    assert len(banc.boutons) == taille
    depart, pentes = banc.boutons.copy(), banc.retour(banc.aller())

    def erreur(boutons):
        banc.boutons[:] = boutons
        return banc.erreur()

    verifie_les_pentes(erreur, [depart], [pentes], abs=1e-4)


def test_le_menage_de_python_attend_la_fin_du_chronometre():
    banc = petits_reseaux.Banc(10)
    with pytest.raises(KeyError), banc.chronometre("un par un"):
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()


def test_au_bout_de_la_patience_on_prevoit_et_on_le_dit(espace, monkeypatch):
    s = bancs(espace, monkeypatch, 100_000)
    montre = SimpleNamespace(perf_counter=iter(np.arange(0, 1e6, 0.2)).__next__)
    monkeypatch.setattr(petits_reseaux, "time", montre)
    s.pas(100)
    (releve,) = s.etat[0]
    assert s.verdict == TERMINE and releve["tournes"] == 600, "trois tranches de 0,2 s"
    assert releve["passages"]["un par un"] == 601
    assert petits_reseaux.prevues(releve) == pytest.approx(0.6 * 100_000 / 600)
    assert "601 passages faits sur 100\u202f001" in s.recit() and "(prévu)" in s.recit()


# --- L'école des chiffres -------------------------------------------------------------------


def test_l_eleve_ne_s_exerce_que_sur_les_1200_premieres_images(espace, monkeypatch):
    images, cibles = espace["images"], espace["cibles"]
    assert images.shape == (64, 1797)
    assert set(np.unique(cibles)) == {-1, 1} and (cibles.sum(0) == -8).all()
    assert (cibles.argmax(0) == retropropagation.etiquettes).all()
    monkeypatch.setitem(espace, "images", np.where(np.arange(1797) < 1200, images, np.nan))
    etat = retropropagation.apres(50, espace["ecole"], taux=0.1, lot=1200)
    assert all(np.isfinite(couche).all() for couche in etat)


def test_l_ecole_descend_le_vrai_gradient(espace):
    images, cibles = espace["images"][:, :1200], espace["cibles"][:, :1200]
    ecole = partial(retropropagation.apres, boucle=espace["ecole"], taux=0.1, lot=1200)
    avant, apres = ([couche.astype(float) for couche in ecole(pas)] for pas in (30, 31))

    def erreur(*reseau):
        return np.sum((retropropagation.reponses(*reseau, images) - cibles) ** 2) / 1200

    pentes = [(a - b) / 0.1 for a, b in zip(avant, apres, strict=True)]
    verifie_les_pentes(erreur, avant, pentes, abs=1e-3)


@pytest.mark.usefixtures("graine")
@pytest.mark.parametrize(
    ("scenario", "au_moins", "au_plus"),
    [("juste bien", 0, 0.04), ("prudent", 0.04, 0.3), ("trop fort", 0.5, 1)],
)
def test_l_issue_de_chaque_scenario_de_l_ecole(scenario, au_moins, au_plus):
    s = neuve("ecole", scenario)
    s.pas(500)
    assert s.verdict == "" and au_moins <= s.passe["rates"][-1] <= au_plus


def test_apres_6000_pas_plus_une_faute_sur_les_exercices_mais_le_tiroir(dit):
    fautes = dit(retropropagation.images).argmax(0) != retropropagation.etiquettes
    assert not fautes[:1200].any()
    assert fautes[1200:].mean() > 0.03, "sinon la dernière question du carnet n'en est pas une"


# --- Et si l'on change les entrées ? --------------------------------------------------------

IMAGES, ETIQUETTES = retropropagation.images[:, :1200].astype(float), retropropagation.etiquettes[:1200]
MOYENS = [IMAGES[:, chiffre == ETIQUETTES].mean(1) for chiffre in range(10)]


@pytest.mark.parametrize("voulu", [retropropagation.VOULU[4], np.eye(10)[9] - np.eye(10)[3]])
def test_le_reproche_remonte_jusqu_aux_pixels(espace, dit, voulu):
    image = IMAGES[:, 700]
    pentes = [-voulu @ (dit(image + rien) - dit(image - rien)) / 2e-5 for rien in 1e-5 * np.eye(64)]
    assert espace["aux_pixels"](image, voulu) == pytest.approx(pentes, abs=1e-6)


@pytest.mark.parametrize("chiffre", range(10))
def test_un_chiffre_reve_ressemble_plus_a_lui_qu_aux_neuf_autres(chiffre):
    s = neuve("reve")
    s.regle(chiffre=chiffre)
    s.pas(200)
    image, scores = s.etat
    assert scores.argmax() == chiffre and scores.max() > 0.95
    assert np.argmax([np.corrcoef(image, moyen)[0, 1] for moyen in MOYENS]) == chiffre


@pytest.mark.usefixtures("graine")
def test_sans_oubli_il_est_sur_de_lui_devant_du_bruit():
    ressemblance = {}
    for scenario in ("rêve d’un 3", "sans oubli"):
        s = neuve("reve", scenario)
        s.pas(100)
        image, scores = s.etat
        assert scores.argmax() == 3 and scores.max() > 0.95
        ressemblance[scenario] = np.corrcoef(image, MOYENS[3])[0, 1]
    assert ressemblance["sans oubli"] < 0.35 < 0.5 < ressemblance["rêve d’un 3"]


def habits(s, axe):
    """La couleur du bord de chaque barre, et si elle est en pointillé."""
    s.image()
    return [(barre.get_edgecolor(), barre.get_linestyle() != "-") for barre in s.axes[axe].patches]


def test_le_chiffre_reve_est_en_vert_et_un_autre_en_orange_pointille():
    s = neuve("reve", "rêve d’un 3")
    assert habits(s, "score")[s.etat[1].argmax()] == (to_rgba(vues.ORANGE), True)
    s.pas(100)
    assert habits(s, "score")[3] == (to_rgba(vues.VERT), False)
    assert "le 3 qu’on lui demande" in s.axes["score"].get_xlabel()


@pytest.mark.parametrize(
    ("image", "vise", "scenario"),
    [("un 3", 9, "un cran, bien choisi"), ("un 4", 7, None), ("un 5", 9, None), ("un 9", 1, None)],
)
def test_un_cran_de_gris_suffit_et_au_hasard_ne_suffit_pas(dit, image, vise, scenario):
    s = neuve("tromper", scenario)
    assert scenario or (s.etat[1] == s.etat[2]).all(), "sans retouche, rien ne change"
    s.regle(image=image, vise=vise, retouche=0.0625)
    vrai, apprise, retouchee, dites = s.etat
    assert np.abs(retouchee - apprise).max() == pytest.approx(0.0625)
    assert retouchee.min() >= 0 and retouchee.max() <= 1
    assert (np.array(dites) == [dit(apprise), dit(retouchee)]).all()
    assert dites[0].argmax() == vrai and f"un {vrai}" == image, "il le savait par cœur"
    assert dites[1].argmax() == vise and dites[1].max() > 0.75
    assert habits(s, "dit_vraie")[vrai] == habits(s, "dit_fausse")[vrai] == (to_rgba(vues.VERT), False)
    assert habits(s, "dit_fausse")[vise] == (to_rgba(vues.ORANGE), True)
    s.regle(sens="au hasard")
    assert s.etat[3][1].argmax() == vrai
    assert habits(s, "dit_fausse")[vrai] == (to_rgba(vues.VERT), False)


def test_seize_crans_de_gris_et_un_seul_au_hasard_laisse_le_3_a_peu_pres_sur_de_lui():
    crans = retropropagation.images * 16
    assert (crans == crans.round()).all() and crans.max() == 16
    *_, (avant, apres) = neuve("tromper", "un cran, au hasard").etat
    assert avant.argmax() == apres.argmax() == 3 and apres.max() > 0.8


def test_quinze_images_sur_cent_et_dix_essais_au_hasard_pas_trois_sur_mille(espace, dit):
    """Dix essais de chaque côté : dix chiffres visés tour à tour, ou dix tirages du même cran."""
    un, trompees, cran = np.eye(10), np.zeros(1200, bool), 1 / 16
    for vise in range(10):
        retouchees = IMAGES
        for _ in range(20):  # la boucle visible, sur les 1 200 images d'un coup
            sens = espace["aux_pixels"](retouchees, (un[vise] - un[ETIQUETTES]).T)
            retouchees = retouchees - cran / 5 * np.sign(sens)
            retouchees = np.clip(retouchees, IMAGES - cran, IMAGES + cran).clip(0, 1)
        trompees |= dit(retouchees).argmax(0) != ETIQUETTES
    assert 0.145 < trompees.mean() < 0.165
    hasard = np.random.default_rng(0)
    for _ in range(3):
        bruits = cran * hasard.choice([-1, 1], (10, *IMAGES.shape))
        retournees = [dit((IMAGES + b).clip(0, 1)).argmax(0) != ETIQUETTES for b in bruits]
        assert np.any(retournees, axis=0).mean() < 0.003


# --- Les paris, et la mesure de vitesse -----------------------------------------------------


def test_chaque_pari_a_sa_reponse():
    affiche = carnets.execute(CARNET)[1]
    paris = [valeur.choix for valeur in affiche if isinstance(valeur, Pari)]
    devoiles = [valeur.html() for valeur in affiche if type(valeur).__name__ == "Devoile"]
    for choix, devoile in zip(paris, devoiles, strict=True):
        assert f"<b>{choix[2]}</b>" in devoile
    assert [choix[2] for choix in paris] == ["3", "9, et presque sûr de lui"]


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
