"""Le carnet 07 : ses réseaux lisent, se souviennent et inventent vraiment ; ses phrases sont vraies."""

import carnets
import numpy as np
import pytest
import torch
from decors import recurrents as decor
from decors import recurrents_coeur, recurrents_communes, recurrents_lettres, recurrents_rappel
from decors.recurrents_saisie import MAXI, MINI, OCTETS, Liste, Mot, noms_de
from demystifie import donnees, reseaux
from demystifie.donnees.lettres import LETTRES

NOM = "07_reseaux_recurrents"
DEUX_GRAINES = pytest.mark.parametrize("graine", [0, 7])


def remise_a_neuf(boucle, scenario=None):
    return carnets.remise_a_neuf(NOM, boucle, scenario)


@pytest.fixture
def sur_la_graine(monkeypatch):
    """``sur_la_graine(n)`` : les boucles, qui fixent leur graine, en prendront une autre."""
    vraie = torch.manual_seed
    return lambda n: monkeypatch.setattr(torch, "manual_seed", lambda graine: vraie(1000 * n + graine))


def texte():
    return "\n".join(c.source for c in carnets.lis(NOM).cells if c.cell_type == "markdown")


# --- Lettre après lettre ----------------------------------------------------------------------


@pytest.mark.parametrize(("scenario", "longueur"), [("trois lettres", 3), ("trente", 30)])
def test_trois_ou_trente_lettres_passent_par_les_memes_cases(scenario, longueur):
    scene = remise_a_neuf("lettre_apres_lettre", scenario)
    assert len(scene.etat[0]) == longueur and scene.etat[0] in donnees.communes_a_lire().jamais_lus
    for _ in range(longueur + 1):
        assert scene.etat[2][0].numel() == 160
        scene.pas()
    assert scene.numero == longueur and scene.verdict == "terminé"
    assert scene.etat[1] == scene.etat[0]


def test_lire_lettre_par_lettre_c_est_lire_le_mot():
    """La mémoire rendue à chaque pas fait les mêmes avis que le mot lu d'un trait."""
    scene = remise_a_neuf("lettre_apres_lettre", "pas Schwarzy, hein")
    lus = [scene.etat[3]]
    for _ in "schwarzenegger":
        scene.pas()
        lus.append(scene.etat[3])
    avis, _ = decor.lecteur_neuf()(reseaux.code(["schwarzenegger"])[0])
    assert torch.allclose(torch.stack(lus), avis[0].softmax(1), atol=1e-5)


@pytest.mark.parametrize("tirage", [1, 2, 3])
def test_seul_il_finit_le_mot(tirage):
    scene = remise_a_neuf("lettre_apres_lettre", "à lui de finir")
    scene.regle(tirage=tirage)
    scene.pas(40)
    lu = scene.etat[1]
    assert lu.startswith("plou") and 4 < len(lu) <= 30
    assert "il a continué seul" in scene.recit()


def test_seul_un_meme_tirage_donne_le_meme_mot_et_un_autre_un_autre():
    mots = []
    for tirage in (1, 1, 2, 3, 4):
        scene = remise_a_neuf("lettre_apres_lettre", "à lui de finir")
        scene.regle(tirage=tirage)
        scene.pas(40)
        mots.append(scene.etat[1])
    assert mots[0] == mots[1] and len(set(mots)) >= 3


def test_la_bonne_lettre_est_toujours_montree_et_en_vert():
    scene = remise_a_neuf("lettre_apres_lettre", "pas Schwarzy, hein")
    for _ in range(14):
        scene.image()
        teintes = [barre.get_facecolor()[:3] for barre in scene.axes["attente"].patches[-7:]]
        verts = [t for t in teintes if np.allclose(t, (0, 158 / 255, 115 / 255), atol=0.01)]
        assert len(verts) == 1
        scene.pas()


# --- Déplié -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mot", ["colmar", "pessac", "beauvais", "gex"])
def test_deplie_il_va_et_vient_et_le_mot_est_mieux_attendu(mot):
    assert mot in donnees.communes_a_lire().jamais_lus
    scene, copies = remise_a_neuf("deplie", mot), len(mot) + 1
    scene.pas(copies - 1)
    _, probas, _, renvois, retour = scene.etat
    assert len(probas) == copies and not retour and not len(renvois)
    avant = recurrents_lettres.justesses(mot, probas)
    for k in range(1, copies + 1):
        scene.pas()
        renvois, retour = scene.etat[3:]
        assert retour == k and len(renvois) == min(k, copies - 1) and (renvois > 0).all()
    assert "une seule fois" in scene.recit()
    scene.pas(copies)  # un pas de descente, puis le même mot
    apres = recurrents_lettres.justesses(mot, scene.etat[1])
    assert np.log(apres).mean() > np.log(avant).mean()
    scene.pas(2 * copies * 10)
    assert recurrents_lettres.justesses(mot, scene.etat[1]).mean() > avant.mean() + 0.2


def test_le_reproche_dessine_est_celui_que_la_copie_suivante_renvoie():
    """Pousser la mémoire d'un rien dans le sens du reproche change l'erreur d'autant que sa taille."""
    scene, copies = remise_a_neuf("deplie", "gex"), 4
    scene.pas(2 * copies - 1)
    renvois, lecteur = scene.etat[3], decor.lecteur_neuf()
    lues, suivantes = reseaux.code(["gex"])
    with torch.no_grad():
        debut, memoire = lecteur(lues[:, :3])
    cachee, longue = (m.clone().requires_grad_() for m in memoire)

    def erreur(cachee, longue):
        fin, _ = lecteur(lues[:, 3:], (cachee, longue))
        return torch.nn.functional.cross_entropy(torch.cat([debut, fin], 1).mT, suivantes)

    erreur(cachee, longue).backward()
    pentes, rien = (cachee.grad, longue.grad), 1e-2
    taille = float(torch.cat([p.ravel() for p in pentes]).norm())
    with torch.no_grad():
        plus, moins = (
            erreur(cachee + s * rien * pentes[0] / taille, longue + s * rien * pentes[1] / taille)
            for s in (1, -1)
        )
    assert float(plus - moins) / (2 * rien) == pytest.approx(renvois[-1], rel=0.05)


@pytest.mark.parametrize("mot", ["", "a", "abcdefgh"])
def test_deplie_se_dessine_quel_que_soit_le_mot(mot):
    scene = remise_a_neuf("deplie")
    scene.regle(mot=mot)
    scene.pas(3 * len(mot) + 4)
    assert scene.image().std() > 1 and scene.recit()


# --- Le reproche qui remonte le temps ----------------------------------------------------------


def joue_rappel(sur_la_graine, graine, scenario, pas, **reglages):
    sur_la_graine(graine)
    scene = remise_a_neuf("rappel", scenario)
    scene.regle(**reglages)
    scene.recommence()
    parts = []
    for _ in range(pas):
        scene.pas()
        parts.append(scene.etat[2])
    reproches = scene.etat[3]
    return np.array(parts), reproches[0] / reproches[-1]


@DEUX_GRAINES
def test_memoire_courte_en_cent_lecons(sur_la_graine, graine):
    parts, reste = joue_rappel(sur_la_graine, graine, "mémoire courte", 120)
    assert parts[100:].mean() > 0.9 and reste > 0.01


@DEUX_GRAINES
def test_trop_loin_il_repond_au_hasard(sur_la_graine, graine):
    parts, reste = joue_rappel(sur_la_graine, graine, "trop loin", 200)
    assert 0.15 < parts[150:].mean() < 0.4
    assert reste < 1e-6


def test_au_debut_du_mot_il_n_arrive_pas_un_millionieme(sur_la_graine):
    for graine in range(5):
        _, reste = joue_rappel(sur_la_graine, graine, "trop loin", 0)
        assert reste < 1e-7


@DEUX_GRAINES
def test_avec_la_porte_le_reproche_arrive_et_il_apprend(sur_la_graine, graine):
    _, reste = joue_rappel(sur_la_graine, graine, "la porte", 0)
    assert reste > 0.005
    parts, reste = joue_rappel(sur_la_graine, graine, "la porte", 150)
    assert parts[140:].mean() > 0.95 and reste > 0.1


def test_la_meme_porte_reglee_a_moitie_n_apprend_pas_en_deux_cents_pas(sur_la_graine):
    parts, reste = joue_rappel(sur_la_graine, 0, "trop loin", 200, cellule="à porte")
    assert parts[150:].mean() < 0.4 and reste < 1e-4
    simple, garde = (recurrents_rappel.Rappel(nom) for nom in ("à porte", "porte qui garde"))
    assert simple.cellule.weight_hh.shape == garde.cellule.weight_hh.shape
    assert torch.sigmoid(garde.cellule.bias_ih[32:64]).mean().item() == pytest.approx(0.88, abs=0.01)


def test_une_autre_distance_fait_repartir_et_laisse_un_fantome():
    scene = remise_a_neuf("rappel", "mémoire courte")
    scene.pas(20)
    scene.regle(distance=20)
    assert scene.numero == 0 and len(scene.etat[0]) == 22 == len(scene.etat[3])
    assert len(scene.passe.fantomes) == 1


# --- Inventer des communes ----------------------------------------------------------------------


def test_le_cahier_cache_deux_mille_noms():
    cahier = recurrents_communes.cahier()
    assert len(cahier.jamais_lus) == 2000 and not cahier.connus & set(cahier.jamais_lus)
    assert len(cahier.lus) > 30_000  # « au lieu de trente mille »
    assert cahier.tampon(cahier.lus[5]) == "recopié"
    assert cahier.tampon(cahier.jamais_lus[5]) == "existe, jamais lu !"
    assert cahier.tampon("plouvardeau-sur-euh") == "inventé"
    assert len(LETTRES) == 44


def test_deja_lu_il_ne_fait_pas_passer_ce_qu_il_a_lu_pour_un_gros_lot():
    breton = recurrents_communes.cahier("Bretagne", None, (), True)
    assert breton.tampon("pau") == "recopié"
    assert recurrents_communes.cahier("Bretagne").tampon("pau") == "existe, jamais lu !"


def test_les_tables_hesitent_comme_on_le_dit():
    cahier = recurrents_communes.cahier()
    assert recurrents_communes.temoins(cahier) == pytest.approx([11.2, 7.5, 6.1, 5.6], abs=0.1)
    lignes = np.unique(recurrents_communes.contextes(cahier.lus)[:, 1:], axis=0)
    assert round(len(lignes), -3) == 33_000


def test_la_table_d_une_lettre_se_calcule_a_la_main():
    cahier = recurrents_communes.Cahier(("ab", "ac"), ("ab",), frozenset(), frozenset())
    rien = (0, 5 / 44)  # jamais vu : on en croit la part d'avant, pour cinq exemples
    a, b, fin = ((n + rien[1]) / (6 + 5) for n in (2, 1, 2))
    parts = [(2 + 5 * a) / (2 + 5), (1 + 5 * b) / (2 + 5), (1 + 5 * fin) / (1 + 5)]
    assert recurrents_communes.temoins(cahier)[0] == pytest.approx(np.exp(-np.log(parts).mean()))


def page(scene):
    return recurrents_communes.Page(*scene.etat)


@pytest.fixture(scope="module", params=[0, 7])
def de_rien(request):
    """La scène « de rien », à deux cents pas."""
    vraie = torch.manual_seed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "manual_seed", lambda graine: vraie(1000 * request.param + graine))
        scene = remise_a_neuf("communes", "de rien")
        scene.pas(200)
    return scene.passe["pas"], scene.passe["hesite"], page(scene)


def test_de_rien_il_apprend_vite(de_rien):
    pas, hesite, ecrit = de_rien
    assert 42 < hesite[0] < 46
    assert hesite[pas == 100][0] < 9 and 6.4 < hesite[pas == 200][0] < 7.6
    assert ecrit.tampons.count("inventé") > 0.85 * len(ecrit.tampons)


def test_la_table_de_quatre_lettres_le_tient_en_respect(de_rien):
    """À deux cents pas, il en est encore loin ; à mille, de peu (vérifié à la main, dix secondes)."""
    assert de_rien[1][-1] > recurrents_communes.temoins(recurrents_communes.cahier())[3] + 0.5


def test_trois_cents_noms_appris_par_coeur(sur_la_graine):
    scene = remise_a_neuf("communes", "trois cents noms")
    assert scene.boutons["noms"].lit() == 300 == len(recurrents_communes.cahier(None, 300).lus)
    scene.pas(400)
    recite = page(scene)
    assert recite.tampons.count("recopié") > 0.5 * len(recite.tampons)
    assert recite.relit < 3 and recite.hesite > 20
    assert recite.hesite > scene.passe["hesite"].min() + 5


def test_en_breton_cela_sonne_breton():
    scene = remise_a_neuf("communes", "en breton")
    scene.pas(200)
    assert 1000 < len(recurrents_communes.cahier("Bretagne").lus) < 1300
    noms = page(scene).noms
    assert sum(nom.startswith(("plou", "plo", "plé", "plu", "lan", "tré")) for nom in noms) >= 6


@pytest.mark.parametrize(("scenario", "audace"), [("sage", 0.3), ("ivre", 1.5)])
def test_l_audace_est_celle_du_scenario(scenario, audace):
    assert remise_a_neuf("communes", scenario).boutons["audace"].lit() == audace


def test_sage_il_repete_et_ivre_il_divague():
    lecteur, hasard = decor.lecteur_neuf(), torch.Generator().manual_seed(0)
    sages, moyens, ivres = (reseaux.invente(lecteur, 200, a, hasard=hasard) for a in (0.3, 0.8, 1.5))
    saints = [sum(nom.startswith("saint") for nom in noms) for noms in (sages, moyens, ivres)]
    assert saints[0] > 1.5 * saints[1] > 1.5 * saints[2]
    assert len(set(sages)) < len(set(moyens))
    cahier = recurrents_communes.cahier()
    recopies = [sum(cahier.tampon(n) == "recopié" for n in noms) for noms in (sages, moyens, ivres)]
    assert recopies[0] > recopies[1] > recopies[2]


def test_deja_lu_il_est_bon_des_la_premiere_seconde():
    scene = remise_a_neuf("communes", "déjà lu")
    assert page(scene).hesite < 5.4
    scene.pas(50)
    assert page(scene).hesite < 5.4


def test_audace_et_premieres_lettres_se_changent_en_route_et_les_gros_lots_se_comptent():
    scene = remise_a_neuf("communes", "déjà lu")
    scene.pas(49)
    scene.regle(premieres_lettres="Ville-", audace=0.5)
    scene.pas()
    assert scene.numero == 50 and all(nom.startswith("ville-") for nom in page(scene).noms)
    scene.pas(50)
    lots = page(scene).gros_lots
    assert len(set(lots)) == len(lots)
    assert set(lots) <= recurrents_communes.toutes_les_communes()


def test_une_liste_donnee_remplace_les_communes_et_en_garde_un_dixieme():
    fromages = tuple(
        f"{a}{b}"
        for a in ("bri", "cant", "cabécou", "tomm", "ros")
        for b in ("ac", "el", "on", "ette", "in")
    )
    scene = remise_a_neuf("communes", "de rien")
    scene.regle(ta_liste=fromages)
    cahier = recurrents_communes.cahier(None, None, fromages)
    assert scene.numero == 0 and set(cahier.lus) | set(cahier.jamais_lus) == set(fromages)
    assert len(cahier.jamais_lus) == 2 and not set(cahier.lus) & set(cahier.jamais_lus)
    assert cahier.tampon(cahier.jamais_lus[0]) == "existe, jamais lu !"
    scene.pas(100)
    assert page(scene).tampons.count("recopié") > 10 and scene.image().std() > 1
    scene.scenario("de rien")
    assert scene.boutons["ta_liste"].lit() == ()  # un scénario rend les communes


# --- Ce que la salle donne à lire ---------------------------------------------------------------

VINGT = "\n".join(f"nom{'abcdefghijklmnopqrstuvwxyz'[i]}" for i in range(MINI))


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "vide"),
        (b" \n\n ", "vide"),
        (b"Alice\nBob", "trop court (2)"),
        (b"camembert\n" * 40, "Le même nom, 40 fois"),
        (b"1\n2\n3\n" * 20, "pas une lettre"),
        (b"a" * (OCTETS + 1), "trop lourd"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "pas du texte"),
        ("Zoé\nChloé".encode("latin-1"), "UTF-8"),
        (VINGT.encode("utf-16"), "UTF-8"),
        (
            "\n".join(
                f"{a}{b}{c}" for a in "abcdefghijklm" for b in "abcdefghijklm" for c in "abcdefghijklm"
            ).encode(),
            f"trop long (2\u202f197) : {MAXI // 1000}\u202f000",
        ),
    ],
    ids=["vide", "blancs", "court", "repete", "chiffres", "lourd", "binaire", "latin1", "utf16", "long"],
)
def test_une_mauvaise_liste_est_refusee_d_une_phrase(octets, phrase):
    with pytest.raises(ValueError) as refus:
        noms_de(octets)
    assert phrase in str(refus.value) and "\n" not in str(refus.value)


def test_une_bonne_liste_est_nettoyee():
    noms, remarque = noms_de(("\ufeff" + VINGT.upper() + "\nnoma\n" + "x" * 50).encode())
    assert len(noms) == MINI + 1 and noms[0] == "noma" and max(map(len, noms)) == 30
    assert "1 coupés" in remarque or "coupé" in remarque
    assert len(noms_de(VINGT.replace("\n", ", ").encode())[0]) == MINI


def envoie(liste, genre, octets=b"", taille=0):
    """Ce que fait la page : les octets et l'envoi, d'un seul message."""
    liste.set_state(
        {
            "octets": memoryview(octets),
            "envoi": {"genre": genre, "taille": taille, "n": genre + str(len(octets))},
        }
    )


def test_la_liste_recoit_dit_refuse_et_oublie():
    liste = Liste("ta_liste")
    envoie(liste, "texte", VINGT.encode())
    assert len(liste.value) == MINI and not liste.refuse and "gardés nulle part" in liste.message
    assert liste.octets == b""  # rien n'en reste sur la ligne
    envoie(liste, "fichier", b"\0\1")
    assert liste.refuse and len(liste.value) == MINI  # un refus ne change rien
    envoie(liste, "trop", taille=10**9)
    assert "trop lourd (1\u202f000\u202f000 Ko)" in liste.message
    envoie(liste, "oubli")
    assert liste.value == () and not liste.refuse


def test_un_mot_est_borne_et_lisible():
    mot = Mot("mot", "Plou", 8)
    assert mot.value == "plou" and mot.description == "mot"
    mot.texte = "ÉTRÉPAGNY 2000 !" + "x" * 10**6
    assert len(mot.texte) == 8 and mot.value == "étrépagn"
    mot.texte = "日本"
    assert mot.value == ""
    mot.value = "gex"
    assert mot.texte == "gex"


# --- Le cœur ------------------------------------------------------------------------------------


def test_les_etiquettes_sont_celles_des_cardiologues():
    extrasystoles, tous = recurrents_coeur.annotes()
    assert (len(extrasystoles), len(tous)) == (93, 149)
    assert not (tous < 15).any()  # quinze secondes calmes
    assert ((extrasystoles < 60).sum(), (tous < 60).sum()) == (3, 20)  # des anomalies dans la minute


@pytest.fixture(scope="module", params=[0, 7])
def veilles(request):
    """Les surprises de chaque leçon, au départ et après cent pas ; et de ce que l'on plante ensuite."""
    vraie, surprises = torch.manual_seed, {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "manual_seed", lambda graine: vraie(1000 * request.param + graine))
        for scenario in ("toute la minute", "quinze secondes calmes"):
            scene = remise_a_neuf("coeur", scenario)
            surprises["rien"] = scene.etat[3]
            scene.pas(100)
            surprises[scenario] = scene.etat[3]
        for plante in recurrents_coeur.PLANTS[1:]:
            scene.regle(plante=plante, ici=(32.0, 0.0))
            scene.pas()
            surprises[plante] = scene.etat[3]
    return surprises


def test_quinze_secondes_suffisent_a_presque_tout_attraper(veilles):
    attrapees, ratees, fausses = recurrents_coeur.juge(veilles["quinze secondes calmes"], 2.2)
    assert len(attrapees) + len(ratees) == 90
    assert len(attrapees) >= 75 and len(fausses) <= 8
    assert recurrents_coeur.prix(veilles["quinze secondes calmes"]) <= 6


def test_s_il_apprend_les_anomalies_il_les_trouve_normales(veilles):
    attrapees, _, _ = recurrents_coeur.juge(veilles["toute la minute"], 2.2)
    assert len(attrapees) <= 15
    assert recurrents_coeur.prix(veilles["toute la minute"]) > 40


def test_le_temoin_idiot_fait_presque_aussi_bien(veilles):
    """Avant toute leçon, l'annonce est une ligne presque plate : la surprise est la hauteur du tracé."""
    plate = recurrents_coeur.lisse(np.abs(recurrents_coeur.battements()))
    assert np.corrcoef(plate, veilles["rien"])[0, 1] > 0.98
    for surprise in (plate, veilles["rien"]):
        attrapees, _, fausses = recurrents_coeur.juge(surprise, 2.2)
        assert len(attrapees) >= 78 and len(fausses) <= 5


def test_ce_que_l_on_plante_n_est_pas_une_fausse_alarme():
    """Une bosse que la salle plante le surprend : il a raison."""
    surprise, ou = np.zeros(9000), 200
    surprise[30 * ou : 30 * ou + 8] = 3
    plantes = recurrents_coeur.instants_plantes("une bosse", (ou, 0))
    assert len(recurrents_coeur.juge(surprise, 2.2)[2]) == 1
    assert len(recurrents_coeur.juge(surprise, 2.2, plantes=plantes)[2]) == 0


def test_dans_sa_lecon_plus_rien_ne_l_etonne(veilles):
    dans_la_lecon = slice(60, 14 * 30)
    assert (
        veilles["quinze secondes calmes"][dans_la_lecon].mean()
        < 0.6 * veilles["rien"][dans_la_lecon].mean()
    )


@pytest.mark.parametrize(("plante", "vu"), [("une bosse", True), ("un capteur débranché", False)])
def test_une_bosse_l_etonne_un_capteur_debranche_non(veilles, plante, vu):
    assert recurrents_coeur.VEILLES[plante]["ici"][0] == 32
    autour = veilles[plante][int((32 - 0.3) * 30) : int((32 + 2.2) * 30)]
    assert (autour.max() > 2.2) == vu


def test_une_bosse_se_voit_partout_ou_le_coeur_est_calme():
    _, tous = recurrents_coeur.annotes()
    reseau, descente = decor.veilleur()
    for vus, suite in decor.pioche(2000, 15):
        decor.remonte(torch.nn.functional.mse_loss(reseau(vus), suite), reseau)
        descente.step()
    calmes = [t for t in np.arange(18, 290, 3.0) if (np.abs(tous - t) > 1.6).all()]
    assert len(calmes) >= 6
    for instant in calmes:
        signal = decor.plante("une bosse", (instant, 0))
        surprise = decor.lisse(decor.annonce(reseau, signal)[1])
        assert surprise[int(instant * 30) : int(instant * 30) + 12].max() > 2.2


def test_planter_une_anomalie_ne_fait_rien_reapprendre():
    scene = remise_a_neuf("coeur", "quinze secondes calmes")
    scene.pas(3)
    scene.regle(plante="une bosse", ici=(40.0, 1.0), lecon=60, regarde=(40.0, 0.0))
    scene.pas()
    assert scene.numero == 4 and scene.etat[:2] == ("une bosse", (40.0, 1.0))


def test_le_seuil_se_regle_sans_rien_reapprendre():
    scene = remise_a_neuf("coeur", "quinze secondes calmes")
    scene.pas(5)
    comptes = []
    for seuil in (0.5, 2.2, 4.0):
        scene.regle(seuil=seuil)
        scene.image()
        comptes.append(int(scene.axes["bilan"].texts[0].get_text().split()[0]))
    assert scene.numero == 5 and comptes[0] >= comptes[1] > comptes[2]


def test_les_cinq_minutes_ont_leurs_instants():
    """Un pic planté à un instant se lit au même instant dans la surprise."""
    signal = np.zeros(27_000, np.float32)
    signal[90 * 100 : 90 * 100 + 6] = 9
    surprise = recurrents_coeur.lisse(np.abs(signal))
    assert surprise.argmax() / 30 == pytest.approx(100, abs=0.15)
    moments = recurrents_coeur.alarmes(surprise, 2.2)
    assert len(moments) == 1 and moments[0] == pytest.approx([100, 100], abs=0.2)


# --- Regarder en arrière ---------------------------------------------------------------------------


def finit(scenario, pas):
    scene = remise_a_neuf("regard", scenario)
    scene.pas(pas)
    mot, reponse, regards, scores = scene.etat
    return mot, reponse, regards, scores["tete"][0], scores["paire"][0]


@DEUX_GRAINES
def test_dix_lettres_le_flou_devient_une_diagonale(sur_la_graine, graine):
    sur_la_graine(graine)
    assert decor_diagonale(remise_a_neuf("regard", "dix lettres").etat[2]) == pytest.approx(
        0.1, abs=0.02
    )
    mot, reponse, regards, tete, paire = finit("dix lettres", 320)
    assert decor_diagonale(regards) > 0.5 and tete > 0.97 > paire > 0.5
    assert regards.sum(1) == pytest.approx(np.ones(10), abs=1e-4)
    assert sum(a == b for a, b in zip(reponse, mot[::-1], strict=True)) >= 9


def decor_diagonale(regards):
    return regards[::-1].diagonal().mean()


def test_vingt_lettres_l_ecart_se_creuse(sur_la_graine):
    *_, tete, paire = finit("vingt lettres", 330)
    assert tete > 0.9 and paire < 0.8


@DEUX_GRAINES
def test_quatre_lettres_la_paire_va_plus_vite(sur_la_graine, graine):
    sur_la_graine(graine)
    *_, tete, paire = finit("quatre lettres", 100)
    assert paire > 0.9 and paire > tete


def test_la_paire_a_dix_fois_plus_de_boutons():
    tete, paire = (sum(p.numel() for p in r.parameters()) for r in (decor.Tete(20), decor.Paire()))
    assert paire > 10 * tete


def test_les_secondes_sont_celles_de_chacun():
    scene = remise_a_neuf("regard", "dix lettres")
    scene.pas(10)
    for nom in ("secondes_tete", "secondes_paire"):
        assert (np.diff(scene.passe[nom]) > 0).all()
    scene.regle(abscisse="secondes de calcul")
    assert scene.numero == 10 and scene.image().std() > 1


# --- Le texte ----------------------------------------------------------------------------------------


def test_les_nombres_du_texte():
    assert "quarante-cinq" in texte()
    assert len("Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson") == 45
    assert "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson" in donnees.communes().noms
    assert "Gex" in donnees.communes().noms
    assert recurrents_lettres.lecteur().memoire.hidden_size == 160


@pytest.mark.parametrize(
    ("mot", "reproches", "dit"),
    [
        ("Awx?", [5, 1, 1, 1], ["pendant 2 lettres ;", "reçoit encore plus que la dernière."]),
        ("Aw?", [1, 1, 10], ["pendant 1 lettre ;", "reçoit une part sur 10."]),
    ],
)
def test_ce_qui_reste_du_reproche_se_dit_juste(mot, reproches, dit):
    recit = recurrents_rappel.dit_rappel(mot, "A", 0.5, np.array(reproches))
    assert all(morceau in recit for morceau in dit), recit
