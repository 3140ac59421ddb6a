"""Le carnet 08 : le faussaire et l'expert jouent vraiment, et finissent comme on le dit."""

from itertools import islice
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
import torch
from decors import gan, gan_anneau, gan_chiffres, gan_direct, gan_jeu
from demystifie import donnees, reseaux

GRAINES = range(4)


@pytest.fixture(scope="module")
def espace():
    return carnets.execute("08_gan")[0]


@pytest.fixture
def au_fil(espace, monkeypatch):
    """``au_fil(boucle, scenario, pas, graine, mesure)`` : ce que l'on mesure pendant une partie.

    ``tous_les`` : un état sur tant. Les autres arguments sont des réglages.
    """

    def suit(boucle, scenario, pas, graine, mesure, tous_les=1, **autres):
        vrai, neuf = gan.Hasard.__init__, np.random.default_rng
        scene = carnets.scenes("08_gan")[boucle]
        reglages = scene.boutons.departs | scene.scenarios[scenario] | autres
        with monkeypatch.context() as truque:
            truque.setattr(gan.Hasard, "__init__", lambda soi, _=1: vrai(soi, graine))
            truque.setattr(np.random, "default_rng", lambda _: neuf(graine))
            etats = espace[boucle](SimpleNamespace(**reglages))
            return [mesure(*etat) for etat in islice(etats, 0, pas + 1, tous_les)]

    return suit


def remise_a_neuf(boucle, scenario=None):
    return carnets.remise_a_neuf("08_gan", boucle, scenario)


# --- Le moteur --------------------------------------------------------------------------------


@pytest.fixture
def reseau():
    return gan.Eleve(np.random.default_rng(3), 3, 5, 4, 2)


def test_les_pentes_et_ce_qui_remonte_a_l_entree_sont_justes(espace, reseau):
    """Contre les différences finies, en double précision : chaque bouton, et chaque entrée."""
    hasard = np.random.default_rng(0)
    doubles = [(poids.astype(float), hasard.normal(size=seuils.shape)) for poids, seuils in reseau]
    entree, veut = hasard.normal(size=(7, 3)), hasard.normal(size=(7, 2))

    def erreur():
        return np.sum(espace["avant"](doubles, entree)[1] * veut)

    arrivees, _ = espace["avant"](doubles, entree)
    pentes, remonte = espace["arriere"](doubles, arrivees, veut)
    couples = [(b, p) for couche, pente in zip(doubles, pentes, strict=True)
               for b, p in zip(couche, pente, strict=True)]  # fmt: skip
    for tableau, pente in [*couples, (entree, remonte)]:
        for place in np.ndindex(tableau.shape):
            tableau[place] += 1e-6
            monte = erreur()
            tableau[place] -= 2e-6
            assert pente[place] == pytest.approx((monte - erreur()) / 2e-6, abs=1e-5)
            tableau[place] += 1e-6


def test_le_dessin_voit_ce_que_la_boucle_calcule(espace, reseau):
    entree = np.random.default_rng(1).normal(size=(20, 3)).astype(np.float32)
    assert np.array_equal(gan.sort(reseau, entree), espace["avant"](reseau, entree)[1])


def test_tourner_c_est_adam(reseau):
    """Comme ``torch.optim.Adam`` ; et la version lissée est la moyenne glissante des autres."""
    torche = [torch.tensor(b.copy(), requires_grad=True) for couche in reseau for b in couche]
    descente = torch.optim.Adam(torche, 0.01, betas=(0.5, 0.99))
    hasard, moyenne = np.random.default_rng(2), 0
    for tour in range(1, 6):
        pentes = [tuple(hasard.normal(size=b.shape).astype(np.float32) for b in c) for c in reseau]
        for bouton, pente in zip(torche, [p for couche in pentes for p in couche], strict=True):
            bouton.grad = torch.tensor(pente)
        descente.step()
        reseau.tourne(pentes, 0.01)
        moyenne += max(0.01, 1 / tour) * (reseau[0][0] - moyenne)
    boutons = [b for couche in reseau for b in couche]
    for bouton, attendu in zip(boutons, torche, strict=True):
        assert bouton == pytest.approx(attendu.detach().numpy(), abs=1e-6)
    assert reseau.lisse[0][0] == pytest.approx(moyenne, abs=1e-6)


def test_les_fleches_dessinees_sont_celles_de_la_boucle(espace):
    scene = remise_a_neuf("anneau", "équilibre")
    scene.pas(300)
    faussaire, expert, _ = scene.etat
    faux = gan.sort(faussaire, gan_anneau.BRUITS[:50])
    for reproche in gan.REPROCHES:
        vraies, _ = espace["fleches"](expert, faux, reproche)
        dessinees = gan_anneau.fleches(expert, faux, reproche)
        ecarts = np.linalg.norm(vraies - dessinees, axis=1) / np.linalg.norm(vraies, axis=1)
        assert np.median(ecarts) < 0.05  # en se déplaçant d'un rien, on passe parfois un pli


# --- Sois l'expert ----------------------------------------------------------------------------


@pytest.fixture
def jeu(monkeypatch):
    monkeypatch.setattr(gan_jeu.Saisies, "TREMBLE", -1.0)
    return remise_a_neuf("sois_l_expert", "contre une lampe")


def saisit(jeu, *rangs):
    for rang in rangs:
        colonne, ligne = rang % gan_jeu.COLONNES, rang // gan_jeu.COLONNES
        jeu.regle(saisies=((colonne + 0.5) * gan_jeu.LARGE, (ligne + 0.5) * gan_jeu.HAUT))


def test_une_partie_se_joue_par_clics_et_les_points_s_ajoutent(jeu):
    jeu.pas()
    for manche in range(1, 4):
        assert jeu.etat[0] == "à vous" and f"Manche {manche}" in jeu.recit()
        faux = jeu.etat[2]
        saisit(jeu, *np.flatnonzero(faux))  # une salle infaillible…
        if manche == 2:
            saisit(jeu, 0)  # … qui se trompe une fois
        jeu.pas()
        assert jeu.etat[0] == "verdict"
        assert jeu.etat[5][-1][0] == (7 if manche == 2 else 8)
        jeu.pas()
    assert [salle for salle, _ in jeu.etat[5]] == [8, 7, 8]
    jeu.pas()
    assert "la salle a " in jeu.recit() and "sur 32" in jeu.recit()


def test_un_clic_saisit_un_second_rend_et_rien_ne_repart(jeu):
    jeu.pas()
    vitrine = jeu.etat[1]
    vide = jeu.image()
    saisit(jeu, 3, 5)
    assert (jeu.image() != vide).any()
    saisit(jeu, 3, 5)
    assert (jeu.image() == vide).all()
    jeu.regle(saisies=(-3.0, 500.0))  # à côté : rien
    assert (jeu.image() == vide).all()
    assert jeu.numero == 1 and jeu.etat[1] is vitrine


def test_une_souris_qui_glisse_ne_clique_qu_une_fois():
    saisies = gan_jeu.Saisies("vitrine")
    for glisse in range(5):
        saisies.value = (10.0 + glisse, 10.0)
    assert saisies.value == {0}
    saisies.children[3].click()  # ou bien son numéro, au clavier
    assert saisies.value == {0, 2}
    saisies.children[1].click()
    assert saisies.value == {2}


def test_la_vitrine_melange_de_deux_a_six_faux_inedits():
    hasard = np.random.default_rng(0)
    vrais = {image.tobytes() for image in donnees.mnist_extrait("test").images}
    combien = []
    for _ in range(40):
        images, faux = gan_jeu.etalage(hasard, SimpleNamespace(audace=1.0, lavage=False))
        assert images.shape == (8, 28, 28) and images.dtype == np.uint8
        assert [image.tobytes() in vrais for image in images] == list(~faux)
        combien.append(faux.sum())
    assert {*combien} == {2, 3, 4, 5, 6}


@pytest.fixture(scope="module")
def inedits():
    """Mille vrais et mille faux, qu'aucun juge n'a vus."""
    return donnees.mnist_extrait("test").images, gan_jeu.fabrique(np.arange(1000) % 10, 77)


def reussite(machine, vrais, faux):
    return (
        np.mean(gan_jeu.soupcons(machine, vrais) < 0.5) + np.mean(gan_jeu.soupcons(machine, faux) > 0.5)
    ) / 2


def test_le_reseau_fait_a_peine_mieux_que_pile_ou_face(inedits):
    assert 0.5 < reussite("un réseau", *inedits) < 0.62


def test_la_lampe_voit_ce_que_personne_ne_voit_jusqu_au_lavage(inedits):
    vrais, faux = inedits
    assert reussite("une lampe", vrais, faux) > 0.93  # plus de neuf fois sur dix
    assert gan_jeu.gris_pales(faux).mean() > 3 * gan_jeu.gris_pales(vrais).mean()
    laves = gan_jeu.lave(faux)
    assert np.abs(laves.astype(int) - faux).max() < 0.04 * 255  # l'œil n'y voit rien
    assert np.all(gan_jeu.soupcons("une lampe", laves) < 0.5)  # elle les croit tous vrais


# --- Un faux billet ---------------------------------------------------------------------------


def billets(au_fil, scenario, tours, graine):
    """Les états de cette partie, après chaque tour (deux demi-tours)."""
    return au_fil("billets", scenario, 2 * tours, graine, lambda *etat: etat, tous_les=2)


def milieux(etats):
    return np.array([centre for _, centre, _, _ in etats])


@pytest.mark.parametrize("graine", range(8))
def test_a_l_equilibre_l_expert_joue_a_pile_ou_face(au_fil, graine):
    etats = billets(au_fil, "équilibre", 400, graine)
    ecarts = np.array([ecart for _, _, ecart, _ in etats])
    assert np.abs(milieux(etats)[200:] - 1).max() < 0.2 and np.abs(ecarts[200:] - 0.5).max() < 0.15
    doutes = [gan.soupcon_moyen(*etat[1:]) for etat in etats[200::7]]
    assert min(doutes) > 0.4 and max(doutes) < 0.6
    assert "pile ou face" in gan.dit_billets(*etats[-1]) and "au milieu" in gan.dit_billets(*etats[-1])


def test_une_lecon_suffit_a_les_attraper_au_debut(au_fil):
    for graine in range(8):
        _, apres = au_fil("billets", "équilibre", 1, graine, lambda *etat: etat)
        assert apres[0] == "expert" and gan.soupcon_moyen(*apres[1:]) > 0.65
        assert gan.poussee(*apres[1:], "d’usage") > 0  # et la flèche va vers les vrais


@pytest.mark.parametrize("graine", range(8))
def test_trop_presse_il_depasse_et_revient(au_fil, graine):
    presse = milieux(billets(au_fil, "le faussaire trop pressé", 400, graine))[200:]
    pose = milieux(billets(au_fil, "équilibre", 400, graine))[200:]
    assert np.ptp(presse) > 0.3 > 0.2 > np.ptp(pose)
    assert np.sum(np.diff(np.sign(presse - 1)) != 0) >= 8


@pytest.mark.parametrize("graine", range(6))
def test_trop_fort_c_est_le_reproche_qui_fait_la_difference(au_fil, graine):
    origine = milieux(billets(au_fil, "l’expert trop fort", 25, graine))
    bon_prof = billets(au_fil, "fort mais bon prof", 80, graine)
    usage, ecarts = milieux(bon_prof), np.array([ecart for _, _, ecart, _ in bon_prof])
    assert abs(origine[10] + 1.5) < 0.15 and origine[25] < -1  # il piétine
    assert usage[10] > 0.6 and abs(usage[25] - 1) < 0.2  # il est arrivé
    assert ecarts.min() < 0.2 and abs(ecarts[-1] - 0.5) < 0.1  # « d'abord presque tous pareils »


@pytest.mark.parametrize("reglages", [dict(taux_faussaire=3.0), dict(taux_expert=1.0, lecons=100)])
def test_les_billets_survivent_aux_exces(reglages):
    scene = remise_a_neuf("billets", "équilibre")
    scene.regle(**reglages)
    scene.pas(300)
    assert scene.recit() and np.isfinite(scene.image()).all()
    scene.scenario("équilibre")
    assert not scene.verdict


# --- L'anneau ---------------------------------------------------------------------------------


def comptes(faussaire, expert, cible):
    """Les îlots couverts, la part de bien placés."""
    return gan_anneau.comptes(gan.sort(faussaire, gan_anneau.BRUITS), cible)


def fleche_mediane(reproche):
    def mesure(faussaire, expert, cible):
        faux = gan.sort(faussaire, gan_anneau.BRUITS)
        return np.median(np.linalg.norm(gan_anneau.fleches(expert, faux, reproche), axis=1))

    return mesure


def test_a_l_equilibre_les_huit_ilots_sont_couverts(au_fil):
    fins = []
    for graine in GRAINES:
        releves = au_fil("anneau", "équilibre", 1500, graine, comptes, tous_les=250)
        fins.append(releves[-1][0])
        assert releves[-1][0] >= 7 and releves[-1][1] > 0.35
    assert np.mean(np.array(fins) == 8) >= 0.75
    scene = remise_a_neuf("anneau", "équilibre")
    scene.pas(1000)  # vingt secondes, à la vitesse de départ
    assert "8 îlots sur 8" in scene.recit()


@pytest.mark.parametrize("graine", GRAINES)
def test_une_seule_cachette_un_ilot_a_la_fois(au_fil, graine):
    def ou(faussaire, expert, cible):
        faux = gan.sort(faussaire, gan_anneau.BRUITS)
        proche = np.linalg.norm(np.array(cible) - np.median(faux, axis=0), axis=1).argmin()
        return gan_anneau.comptes(faux, cible)[0], proche

    nombres, proches = np.array(au_fil("anneau", "une seule cachette", 300, graine, ou))[50:].T
    assert nombres.max() <= 3 and np.mean(nombres <= 1) > 0.9
    assert len(set(proches)) >= 6 and np.sum(np.diff(proches) != 0) > 40  # il en change sans cesse


@pytest.mark.parametrize("graine", GRAINES)
def test_les_deux_ilots_sont_couverts(au_fil, graine):
    couverts, bien = au_fil("anneau", "deux îlots", 500, graine, comptes, tous_les=500)[-1]
    assert couverts == 2 and bien > 0.6


@pytest.mark.parametrize("graine", GRAINES[:3])
def test_trop_fort_le_reproche_d_origine_laisse_sans_conseil(au_fil, graine):
    def releve(scenario, reproche):
        mesure = fleche_mediane(reproche)
        suite = au_fil(
            "anneau", scenario, 300, graine, lambda *e: (*comptes(*e), mesure(*e)), tous_les=50
        )
        return np.array(suite[1:]).T

    couverts, bien, fleches = releve("l’expert trop fort", "d’origine")
    assert couverts.max() <= 3
    _, bien_usage, fleches_usage = releve("fort mais bon prof", "d’usage")
    assert np.median(fleches_usage) > 20 * np.median(fleches)
    assert bien_usage[-1] > 3 * bien[-1]


@pytest.mark.parametrize("graine", GRAINES)
def test_faussaire_fige_une_fleche_grandit_l_autre_meurt(au_fil, graine):
    for reproche, verifie in (
        ("d’usage", lambda debut, fin: fin > 10 * debut),
        ("d’origine", lambda debut, fin: fin < debut / 10),
    ):
        debut, fin = au_fil(
            "anneau", "équilibre", 1000, graine, fleche_mediane(reproche),
            tous_les=1000, tours_faussaire=0, reproche=reproche,
        )  # fmt: skip
        assert verifie(debut, fin)


def test_un_expert_qui_dort_ne_bouge_pas(au_fil):
    debut, fin = au_fil(
        "anneau", "équilibre", 30, 1, lambda f, e, c: (f[0][0].copy(), e[0][0].copy()),
        tous_les=30, tours_expert=0,
    )  # fmt: skip
    assert np.array_equal(debut[1], fin[1]) and not np.array_equal(debut[0], fin[0])


def test_la_cible_se_dessine_d_un_clic_et_le_faussaire_y_va():
    scene = remise_a_neuf("anneau", "équilibre")
    carre = [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)]
    for clic in [*carre, (1.02, -1.02)]:  # le dernier, presque au même endroit, ne compte pas
        scene.regle(cible=clic)
    assert scene.etat[2] == tuple(carre)
    scene.pas(1000)
    assert "4 îlots sur 4" in scene.recit()
    scene.boutons["cible"].widget.children[1].click()  # effacer
    assert scene.etat[2] == gan_anneau.HUIT and scene.numero == 0


def test_une_cible_a_seize_ilots_au_plus():
    cible = gan_anneau.Cible("anneau")
    for clic in [(x, y) for x in np.linspace(-1.5, 1.5, 6) for y in np.linspace(-1.5, 1.5, 6)]:
        cible.value = tuple(map(float, clic))
    assert len(cible.value) == 16 and cible.value[-1] == (1.5, 1.5)


# --- Des chiffres que personne n'a écrits -----------------------------------------------------


def test_le_faussaire_embarque_est_celui_que_dit_le_texte():
    faussaire = gan_jeu.faussaire()
    assert sum(p.numel() for p in faussaire.parameters()) == 117_985
    assert round(1000 * faussaire.obeissance) == 996
    assert min(faussaire.lus) >= 195 and max(faussaire.lus) <= 205  # les dix chiffres, à égalité


@pytest.fixture(scope="module")
def invente():
    """``invente(audace)`` : mille faux, de 0 à 1, cent de chaque chiffre."""

    def faux(audace):
        hasard = torch.Generator().manual_seed(11)
        return reseaux.contrefait(gan_jeu.faussaire(), np.arange(1000) % 10, audace, hasard).numpy()

    return faux


def test_l_audace_se_paie_en_commandes_perdues(invente):
    obeit = {
        audace: np.mean(gan_chiffres.lit(invente(audace)).argmax(axis=1) == np.arange(1000) % 10)
        for audace in (0, 1, 2)
    }
    assert obeit[0] == 1 and obeit[1] > 0.985
    assert 1 / 9 < 1 - obeit[2] < 1 / 5  # « une commande sur sept se perd »
    assert np.ptp(invente(0)[3::10], axis=0).max() < 1e-5  # toujours le même dessin


def test_il_n_a_pas_recopie(invente):
    faux = np.median([gan_chiffres.plus_proche(image)[1] for image in invente(1)[:200]])
    assert faux > 0.9 * gan_chiffres.distance_ordinaire()
    assert gan_chiffres.plus_proche(gan_chiffres.modeles()[5].reshape(28, 28) / 255)[1] < 0.01


def test_lenet_est_un_peu_plus_sur_des_faux(invente):
    vrais = donnees.mnist_extrait("test").images
    sur_des_vrais, sur_des_faux = (gan_chiffres.lit(x).max(axis=1).mean() for x in (vrais, invente(1)))
    assert 0 < sur_des_faux - sur_des_vrais < 0.05


@pytest.mark.parametrize("tirage", [1, 2, 5, 9])
def test_d_un_chiffre_a_l_autre_sans_saut(tirage):
    scene = remise_a_neuf("commande", "de 3 à 8")
    scene.regle(tirage=tirage)
    film = np.array(scene.etat[2])
    lus = gan_chiffres.lit(film)
    assert lus[0].argmax() == 3 and lus[-1].argmax() == 8
    assert np.linalg.norm(np.diff(film, axis=0).reshape(8, -1), axis=1).max() < 5
    assert np.array_equal(film[4], scene.etat[1])  # à mi-chemin, c'est l'image montrée
    assert "Entre un 3 et un 8" in scene.recit()


@pytest.mark.parametrize("chiffre", range(10))
def test_on_commande_un_chiffre(chiffre):
    scene = remise_a_neuf("commande")
    scene.regle(chiffre=chiffre, vers=chiffre, audace=0.5)
    assert scene.recit().startswith(f"Un {chiffre} demandé : la machine lit {chiffre}")


# --- En direct --------------------------------------------------------------------------------


def mesure(dessins, passe):
    return gan_direct.mesure_direct(dessins, passe) | {"soupcon": 1 - passe}


@pytest.mark.parametrize("graine", range(2))
def test_les_chiffres_sortent_du_bruit(au_fil, graine):
    releves = au_fil("en_direct", "équilibre", 1500, graine, mesure, tous_les=500)
    debut, _, milieu, fin = (releve["obeit"] for releve in releves)
    assert debut < 0.25 and 0.5 < milieu < 0.95 and fin > 0.65


@pytest.mark.parametrize("graine", range(3))
def test_expert_endormi_n_importe_quoi_passe(au_fil, graine):
    fin = au_fil("en_direct", "l’expert endormi", 200, graine, mesure, tous_les=200)[-1]
    assert fin["obeit"] < 0.25 and fin["soupcon"] < 0.02


@pytest.mark.parametrize("graine", range(2))
def test_une_seule_cachette_eteint_la_variete(au_fil, graine):
    debut, fin = au_fil("en_direct", "une seule cachette", 300, graine, mesure, tous_les=300)
    assert debut["variete"] > 3 and fin["variete"] < gan_direct.variete_des_vrais() / 3
    assert "toujours le même dessin" in gan_direct.dit_direct(np.zeros((40, 14, 14)), 0.5)


def test_la_machine_sait_lire_de_vrais_chiffres_reduits():
    vrais = donnees.mnist_extrait("test")
    lus = gan_direct.lit(gan_direct.reduits(vrais.images).reshape(-1, 14, 14))
    assert np.mean(lus == vrais.etiquettes) > 0.97


def test_avec_mnist_en_entier_c_est_lui_qui_sert(vrai_mnist):
    gan.modeles.cache_clear()
    assert len(gan_chiffres.modeles()) == 60_000
    gan.modeles.cache_clear()


def test_ce_que_dit_la_figure_est_ce_que_dit_le_recit():
    """Une partie longue ne garde pas tous ses pas : les nombres, eux, sont ceux de l'instant."""
    scene = remise_a_neuf("anneau")
    scene.pas(301)
    assert scene.passe.instants[-1].pas < scene.numero
    scene.image()
    couverts, bien, _ = (t.get_text() for t in scene.axes["bilan"].texts[1::2])
    combien, _ = couverts.split("/")
    assert f"couvrent {combien} îlot" in scene.recit() and f"et {bien} sont" in scene.recit()


def test_en_direct_le_soupcon_est_toujours_celui_de_l_expert():
    """C'est en jouant que le faussaire l'apprend : à zéro tour, on ne saurait pas."""
    assert remise_a_neuf("en_direct").boutons["tours_faussaire"].widget.options[0] == ("1", 1)


def test_un_juste_des_justes():
    faux, saisis = np.arange(8) < 3, frozenset()
    for combien, dit in ((0, "0 juste sur 8"), (1, "1 juste sur 8"), (2, "2 justes sur 8")):
        assert dit in gan_jeu.dit_jeu("verdict", None, faux, saisis, None, [(combien, 4)])
