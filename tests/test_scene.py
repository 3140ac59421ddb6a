"""Le contrat de ``Scene``, conduite sans navigateur."""

import asyncio
import contextlib
import io
import itertools
import math
import os
import signal
import threading
import time
from unittest.mock import Mock

import carnets  # noqa: F401  (met notebooks/ sur le chemin)
import ipywidgets as widgets
import numpy as np
import pytest
from demystifie import Point, Scene, vue
from demystifie.garde import BAVARDAGE, Interrompue
from demystifie.page import SANS_ECRAN, SURDITE
from demystifie.partie import DIVERGE, ETATS_GARDES, TERMINE
from demystifie.toile import PERDUE
from PIL import Image


def compte(reglages):
    """Une boucle minuscule : ``saut`` agit tout de suite, ``depart`` fait repartir."""
    total = float(reglages.depart)
    yield (total,)
    while True:
        total += reglages.saut
        yield (total,)


def recit(total):
    return f"total {total:.1f}"


def bille(axe):
    axe.set(xlim=(-10, 10), ylim=(0, 1))
    (bille,) = axe.plot([], [], "o")

    def montre(total):
        bille.set_data([total], [0.5])
        return bille

    return montre


def scene(boucle=compte, vitesse=20, mesure=None, **options):
    options = {"depart": (-5, 0, 5), "saut": (-1.0, 0.5, 100.0)} | options
    return Scene(boucle, vue(recit=recit, vitesse=vitesse, mesure=mesure)(bille), **options)


def muette(axe):
    """Une vue qui ne montre rien, pour les états qui ne sont pas un nombre."""
    return lambda *etat: []


def simple(boucle, recit=lambda *etat: "voilà", plante=muette, **options):
    return Scene(boucle, vue(recit=recit)(plante), **options)


# --- les réglages ---------------------------------------------------------------------------


def test_un_reglage_lu_apres_le_depart_agit_sur_la_meme_partie():
    s = scene()
    s.pas(2)
    s.regle(saut=2.0)
    s.pas(1)
    assert s.etat == (3.0,) and s.numero == 3


def test_un_reglage_lu_au_depart_fait_repartir():
    s = scene()
    s.pas(4)
    s.regle(depart=3)
    assert s.numero == 0 and s.etat == (3.0,)


def test_changer_un_bouton_a_l_ecran_fait_comme_regle():
    s = scene()
    s.boutons["depart"].widget.value = 4
    assert s.etat == (4.0,)


@pytest.mark.parametrize(
    ("valeur", "mot"),
    [
        ((1, 2), "mini"),
        ((3, 2, 1), "mini ≤ départ"),
        ((2, 2, 2), "bornes"),
        ((0, math.nan, 1), "mini"),
        ([], "aucun choix"),
        ({}, "aucun choix"),
        ("texte", "réglage"),
        (None, "réglage"),
        ((False, True, True), "mini"),
    ],
)
def test_un_reglage_mal_forme_est_nomme(valeur, mot):
    with pytest.raises(ValueError, match=mot) as erreur:
        scene(taux=valeur)
    assert "« taux »" in str(erreur.value)


@pytest.mark.parametrize("valeurs", [{"saut": 1e3}, {"saut": "vite"}, {"absent": 1}, {"saut": math.inf}])
def test_regle_refuse_en_francais_et_ne_change_rien(valeurs):
    s = scene()
    with pytest.raises(ValueError, match="réglage"):
        s.regle(depart=2, **valeurs)
    assert s.etat == (0.0,) and s.boutons["depart"].lit() == 0


def test_toutes_les_formes_de_reglages_se_lisent():
    tableau = np.arange(3)

    def lit(reglages):
        return (
            [reglages.entier, reglages.log, reglages.liste, reglages.dico, reglages.oui,
             reglages.point, reglages.texte],
        )  # fmt: skip

    s = simple(
        lit, entier=(0, 3, 9), log=(1, 10, 1797),
        liste=[10, 20], dico={"a": tableau, "b": tableau + 1}, oui=True, point=Point("axe", (0.1, 0.2)),
        texte=widgets.Text("bonjour"),
    )  # fmt: skip
    assert s.etat[0][:3] == [3, 10, 10] and s.etat[0][3] is tableau
    assert s.etat[0][4:] == [True, (0.1, 0.2), "bonjour"]
    s.regle(dico="b")
    assert s.etat[0][3].tolist() == [1, 2, 3]
    s.regle(log=1797, liste=20, oui=False, point=(0.5, 0.5), texte="bis", dico=tableau)
    assert s.etat[0][:3] == [3, 1797, 20] and s.etat[0][4:] == [False, (0.5, 0.5), "bis"]


def test_la_valeur_lue_est_celle_qui_est_affichee():
    s = scene(taux=(0.001, 0.05, 2.0))
    curseur = s.boutons["taux"].widget
    for etiquette, cran in curseur.options:
        assert float(etiquette.replace(",", ".")) == pytest.approx(cran, rel=1e-12)
    s.regle(taux=0.0123)
    assert curseur.value == 0.0123 and curseur.label == "0,0123"


def test_un_grand_ecart_donne_un_curseur_logarithmique():
    crans = [cran for _, cran in scene(lot=(1, 10, 1797)).boutons["lot"].widget.options]
    assert crans[:4] == [1, 2, 3, 4] and crans[-1] == 1797 and 40 < len(crans) < 70
    assert all(isinstance(cran, int) for cran in crans)


def test_la_boucle_ne_peut_pas_changer_un_reglage():
    def triche(reglages):
        yield (0.0,)
        reglages.saut = 3

    with pytest.raises(AttributeError, match="la main"):
        scene(triche).pas(1)


def test_un_reglage_inconnu_de_la_boucle_est_nomme():
    def cherche(reglages):
        yield (reglages.vitesse_folle,)

    with pytest.raises(AttributeError, match="vitesse_folle"):
        scene(cherche)


# --- le temps -------------------------------------------------------------------------------


def test_une_scene_nait_a_l_arret_son_depart_dessine():
    s = scene()
    assert not s.joue_encore and s.numero == 0 and s.recit() == "total 0,0"
    assert s.image().shape == (500, 1200, 3)


def test_meme_graine_meme_histoire():
    s = scene()
    s.pas(7)
    avant = s.etat, s.image()
    s.recommence()
    s.pas(7)
    assert s.etat == avant[0] and (s.image() == avant[1]).all()


def test_la_barre_de_temps_montre_le_passe_puis_rend_le_present():
    s = scene()
    s.pas(10)
    image = s.image()
    s.remonte(3)
    assert s.etat == (1.5,) and not (s.image() == image).all()
    s.pas(1)
    assert s.etat == (5.5,) and s.numero == 11
    s.remonte(-1)
    assert s.etat == (5.5,)
    s.remonte(300)
    assert s.etat == (5.5,), "une barre tirée pendant que le passé se resserrait"


def test_le_passe_est_borne_et_couvre_toute_l_histoire():
    s = scene()
    s.pas(5000)
    numeros = s.passe["pas"]
    assert len(numeros) <= ETATS_GARDES + 1 and numeros[0] == 0 and numeros[-1] > 4900
    assert len(set(np.diff(numeros))) == 1


def test_un_etat_passe_ne_bouge_plus_meme_si_la_boucle_modifie_ses_tableaux():
    def sur_place(reglages):
        tableau = np.zeros(3)
        while True:
            yield (tableau,)
            tableau += 1

    s = simple(sur_place)
    s.pas(5)
    s.remonte(2)
    assert s.etat[0].tolist() == [2, 2, 2]


def test_une_boucle_finie_dit_termine_et_jouer_la_relance():
    def trois(reglages):
        yield from ((float(i),) for i in range(4))

    s = scene(trois)
    s.pas(100)
    assert s.verdict == TERMINE and s.numero == 3 and s.etat == (3.0,)

    async def rejoue():
        s.joue()
        assert s.numero == 0
        s.pause()

    asyncio.run(rejoue())


def test_une_fonction_ordinaire_fait_une_scene_sans_temps():
    def double(reglages):
        return (2.0 * reglages.x,)

    s = Scene(double, vue(recit=recit)(bille), x=(0, 1, 4))
    s.regle(x=3)
    assert s.etat == (6.0,) and s.recit() == "total 6,0"


# --- divergence, erreurs --------------------------------------------------------------------


@pytest.mark.parametrize(
    "monstre",
    [math.inf, -math.inf, math.nan, 1e12, np.float32(math.nan), np.array([0, math.inf]),
     [1.0, math.nan], {"a": math.nan}, ((0.0, (math.inf,)),)],
    ids=str,
)  # fmt: skip
def test_la_divergence_est_une_issue_prevue(monstre):
    def explose(reglages):
        yield (0.0, 0.0)
        yield (1.0, 0.0)
        yield (2.0, monstre)

    s = simple(explose, lambda a, b: f"{a:.0f} {b:.0f}")
    calme = s.image()
    s.pas(5)
    assert s.verdict == DIVERGE
    assert s.etat == (1.0, 0.0), "on montre le dernier état lisible"
    assert (s.image() != calme).any(), "le tampon se voit"
    s.remonte(0)
    assert (s.image() == calme).all()
    s.recommence()
    assert s.verdict == "" and s.numero == 0


def test_un_grand_tableau_en_demi_precision_ne_diverge_pas():
    def demi(reglages):
        while True:
            yield (np.full(1000, 100, np.float16),)

    s = simple(demi)
    s.pas(3)
    assert not s.verdict


def test_un_debordement_de_python_est_une_divergence_aussi():
    def deborde(reglages):
        x = 10.0
        while True:
            yield (0.0,)
            x = x**5

    s = scene(deborde)
    s.pas(50)
    assert s.verdict == DIVERGE


def test_une_faute_dans_la_boucle_ou_la_vue_se_voit():
    def casse(reglages):
        yield (0.0,)
        yield (1 / 0,)

    with pytest.raises(ZeroDivisionError):
        scene(casse).pas(1)
    with pytest.raises(ZeroDivisionError):
        simple(compte, plante=lambda axe: lambda total: 1 / 0, depart=(0, 1, 2), saut=(0, 1, 2))
    with pytest.raises(ZeroDivisionError):
        simple(compte, recit=lambda total: 1 / 0, depart=(0, 1, 2), saut=(0, 1, 2))


def test_pendant_la_lecture_la_faute_s_ecrit_sous_la_scene_et_l_arrete():
    def casse(reglages):
        yield (0.0,)
        yield (0.5,)
        raise KeyError("le bouton perdu")

    async def lit():
        s = scene(casse, vitesse=math.inf)
        s.page.construis()
        s.joue()
        await asyncio.sleep(0.2)
        return s

    async def rejoue(s):
        s.joue()
        s.pause()

    s = asyncio.run(lit())
    assert "le bouton perdu" in s.page.dit.erreur and "raise KeyError" in s.page.dit.erreur
    assert not s.joue_encore
    asyncio.run(rejoue(s))
    assert s.page.dit.erreur == "" and s.numero == 0
    un_pas = s.page._ordre(s.pas)
    for numero in (1, 1, 1):  # un pas, la faute, et ce n'est pas « terminé » : tout repart
        un_pas()
        assert s.numero == numero and not s.verdict
    s.ferme()


@pytest.mark.parametrize(
    ("changement", "mot"),
    [
        ({"scenarios": {"fou": {"saut": 1e6}}}, "« fou »"),
        ({"scenarios": {"fou": {"absent": 1}}}, "« fou »"),
        ({"cible": Point("ailleurs")}, "ailleurs"),
    ],
)
def test_une_scene_mal_construite_le_dit(changement, mot):
    with pytest.raises(ValueError, match=mot):
        scene(**changement)


def test_une_vue_sans_recit_le_dit():
    with pytest.raises(ValueError, match="recit="):
        Scene(compte, bille)


@pytest.mark.parametrize(("plante", "cadre"), [(bille, [["autre"]]), (lambda: None, None)])
def test_un_cadre_qui_n_est_pas_celui_de_la_vue_le_dit(plante, cadre):
    with pytest.raises(ValueError, match="axes"):
        vue(recit=recit, cadre=cadre)(plante)


def test_une_boucle_sans_etat_le_dit():
    def vide(reglages):
        return
        yield

    with pytest.raises(ValueError, match="état de départ"):
        scene(vide)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("demystifie.garde.PATIENCE", 0.4)
    monkeypatch.setattr("demystifie.garde.PATIENCE_AU_DEPART", 1.5)  # une image y tient


def sans_fin(reglages):
    yield (0.0,)
    while True:
        with contextlib.suppress(Exception):  # une boucle maladroite ne l'avale pas
            pass


def dort(reglages):
    yield (0.0,)
    time.sleep(60)


def avant_l_etat(reglages):
    while reglages.depart:
        pass
    yield (0.0,)


@pytest.mark.parametrize("boucle", [sans_fin, dort])
def test_une_boucle_qui_ne_revient_pas_est_interrompue_et_la_scene_le_dit(impatient, boucle):
    async def lit():
        s = scene(boucle, vitesse=math.inf)
        s.page.construis()
        joue = s.page._ordre(lambda: s.pause() if s.joue_encore else s.joue())
        joue()
        await asyncio.sleep(0.05)
        joue()  # un clic sur Pause qui attendait son tour
        assert not s.joue_encore, "ne relance pas une boucle sans fin"
        phrase, *pile = s.page.dit.erreur.splitlines()
        await asyncio.sleep(SURDITE + 0.05)
        joue()
        assert s.joue_encore
        s.ferme()
        return phrase, "".join(pile)

    avant = signal.getsignal(signal.SIGINT)
    phrase, pile = asyncio.run(lit())
    assert signal.getsignal(signal.SIGINT) is avant
    assert "ne revient pas" in phrase and "Maj+Entrée" in phrase
    assert boucle.__name__ in pile and "lecture.py" not in pile, "nos lignes n'y sont pas"


@pytest.mark.parametrize("ou", ["montre", "recit", "mesure"])
def test_ce_qui_regarde_la_boucle_peut_ne_pas_revenir_non_plus(impatient, ou):
    def s_endort(ici, total):
        while ici == ou and total > 1:
            pass

    def plante(axe, passe):
        def montre(total):
            s_endort("montre", total)
            assert len(passe["total"])

        return montre

    def mesure(total):
        return {"total": s_endort("mesure", total) or total}

    async def lit():
        dit = vue(recit=lambda total: f"{s_endort('recit', total) or total}", mesure=mesure)
        s = Scene(compte, dit(plante), depart=(-5, 0, 5), saut=(-1.0, 0.5, 100.0))
        s.page.construis()
        s.page.toile._has_visible_views, s.page.toile.max_buffered_frames = True, 99
        s.joue()
        while s.joue_encore:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.05)
        s.ferme()
        return s.page.dit.erreur

    phrase, *pile = asyncio.run(lit()).splitlines()
    assert "ne revient pas" in phrase and "in s_endort" in "".join(pile)


def test_une_boucle_sans_fin_avant_son_premier_etat_se_dit_aussi(impatient):
    s = scene(avant_l_etat)
    with pytest.raises(Interrompue, match="ne revient pas"):
        s.regle(depart=1)
    s.page.construis()
    s.regle(depart=1)
    assert "ne revient pas" in s.page.dit.erreur
    s.ferme()


@pytest.mark.skipif(os.name == "nt", reason="le signal ne s'y envoie pas ainsi")
def test_le_bouton_d_arret_du_noyau_interrompt_la_boucle():
    s = scene(sans_fin)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(Interrompue, match="⏹"):
        s.pas()


def test_une_boucle_lente_mais_vivante_n_est_pas_interrompue(impatient):
    def lente(reglages):
        for i in itertools.count():
            yield (float(i),)
            time.sleep(0.1)

    s = scene(lente)
    s.pas(10)
    assert s.numero == 10


def test_ce_que_la_boucle_imprime_se_lit_sous_la_scene(capsys):
    def bavarde(reglages):
        for i in itertools.count():
            print("le pas", i)
            yield (float(i),)

    s = scene(bavarde)
    s.pas(1)
    assert capsys.readouterr().out == "le pas 0\nle pas 1\n", "sans page, comme d'ordinaire"
    s.page.construis()
    s.pas(1)
    assert s.page.dit.paroles == "le pas 2\n"
    s.pas(5000)
    assert s.page.dit.paroles.endswith("le pas 5002\n") and len(s.page.dit.paroles) <= BAVARDAGE
    s.recommence()
    assert s.page.dit.paroles == "le pas 0\n" and not capsys.readouterr().out
    s.ferme()


# --- scénarios, fantômes, points ------------------------------------------------------------


def test_un_scenario_pose_ses_reglages_et_repart():
    s = scene(scenarios={"vite": {"saut": 3.0}, "loin": {"depart": 5}})
    s.regle(saut=7.0)
    s.pas(3)
    s.scenario("loin")
    assert s.etat == (5.0,) and s.numero == 0
    assert s.boutons["saut"].lit() == 0.5, "un scénario ne dépend pas de ce qu'on a touché avant"
    with pytest.raises(ValueError, match="vite, loin"):
        s.scenario("ailleurs")


def test_les_parties_precedentes_laissent_des_fantomes():
    s = scene(mesure=lambda total: {"total": total}, saut=(0.0, 1.0, 2.0))

    def fins():
        return [fantome["total"][-1] for fantome in s.passe.fantomes]

    s.pas(30)
    s.recommence()
    assert fins() == [30.0] and s.passe.fantomes[0].instants[-1].etat == (30.0,)
    s.pas(3)
    s.recommence()
    assert fins() == [30.0], "une partie à peine commencée ne laisse rien"
    for _ in range(9):
        s.pas(25)
        s.recommence()
    assert fins() == [25.0] * 4


def test_la_vue_lit_les_reglages_et_se_redessine_a_l_arret():
    def vue_reglee(axe, reglages):
        axe.set(xlim=(-1, 1), ylim=(-1, 1))
        (point,) = axe.plot([0], [0], "o")

        def montre(total):
            point.set_markersize(reglages.gros)
            return point

        return montre

    s = simple(compte, plante=vue_reglee, depart=(0, 0, 1), saut=(0, 1, 2), gros=(1, 5, 90))
    s.pas(3)
    petit = s.image()
    s.regle(gros=90)
    assert s.numero == 3 and (s.image() != petit).any()


def test_cliquer_dans_un_axe_pose_le_point():
    def vise(reglages):
        yield reglages.depart

    def vue_carte(carte):
        carte.set(xlim=(-2, 2), ylim=(-2, 2))
        return lambda x, y: []

    s = simple(vise, plante=vue_carte, depart=Point("carte", (1.0, 1.0)))
    s.page.construis()
    boite = s.axes["carte"].get_position()
    for largeur in (1200, 700):  # deux vues de la même scène
        clic = {"type": "pointer_down", "vue": [largeur, largeur / 2.4], "buttons": (1,)}
        s.regle(depart=(1.0, 1.0))
        s.page._evenement(
            clic
            | {"x": (boite.x0 + boite.width / 4) * largeur,
               "y": (1 - boite.y0 - boite.height / 2) * largeur / 2.4}
        )  # fmt: skip
        assert s.etat == pytest.approx((-1, 0), abs=1e-6)
        s.page._evenement(clic | {"x": 1, "y": 1})
        assert s.etat == pytest.approx((-1, 0), abs=1e-6), "un clic hors de l'axe ne fait rien"
    s.ferme()


# --- la lecture -----------------------------------------------------------------------------


def test_une_scene_joue_a_la_fois():
    async def deux():
        une, autre = scene(vitesse=math.inf), scene(vitesse=math.inf)
        une.joue()
        await asyncio.sleep(0.05)
        autre.joue()
        arretee = une.numero
        await asyncio.sleep(0.05)
        assert not une.joue_encore and une.numero == arretee and autre.numero > 0
        autre.pause()
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(deux())


def test_la_vitesse_est_celle_demandee():
    async def lit():
        s = scene(vitesse=50)
        s.joue()
        await asyncio.sleep(1)
        s.pause()
        return s.numero

    # À 50 pas/s une machine chargée en fait moins ; jamais beaucoup plus.
    assert 2 <= asyncio.run(lit()) <= 56


def test_dessiner_ne_prend_qu_un_quart_du_temps_sauf_pour_la_main():
    async def lit(touche):
        s = scene(vitesse=math.inf)
        peintes = []
        s.page.toile, s.page._pupitre = Lente(peintes), Mock()
        s.joue()
        fin = asyncio.get_running_loop().time() + 1.5
        while asyncio.get_running_loop().time() < fin:
            if touche:
                s._lecture.touche()
            await asyncio.sleep(0.01)
        s.pause()
        return len(peintes)

    class Lente:
        """Une toile dont chaque image coûte un dixième de seconde."""

        cout, dernier_signe = 0.1, math.inf

        def __init__(self, peintes):
            self.request_draw = self.reponds = lambda: peintes.append(1)

    calme, pressee = asyncio.run(lit(touche=False)), asyncio.run(lit(touche=True))
    assert 1 <= calme <= 6 < pressee, "deux de plus : au départ et à l'arrêt"


def test_recommencer_pendant_la_lecture_continue_de_jouer():
    async def lit():
        s = scene(vitesse=math.inf)
        s.joue()
        await asyncio.sleep(0.05)
        s.recommence()
        depart = s.numero
        await asyncio.sleep(0.05)
        assert s.joue_encore and depart == 0 and s.numero > 0
        s.pause()

    asyncio.run(lit())


def test_une_scene_qui_disparait_de_l_ecran_s_arrete():
    async def lit():
        s = scene(vitesse=20)
        s.page.construis()
        s.joue()
        s.page._evenement({"type": "hide", "ailleurs": True})
        assert s.joue_encore, "une autre vue la montre encore"
        s.page._evenement({"type": "hide", "ailleurs": False})
        assert not s.joue_encore
        s.ferme()

    asyncio.run(lit())


def test_une_page_fermee_endort_la_scene_et_son_retour_la_reveille():
    async def lit():
        s = scene(vitesse=math.inf)
        s.page.construis()
        s.joue()
        s.page.toile.dernier_signe -= SANS_ECRAN + 1
        await asyncio.sleep(0.1)
        endormie = s.numero
        await asyncio.sleep(0.3)
        assert s.numero == endormie, "personne ne regarde : rien ne se calcule"
        s.page.toile.handle_event({"type": "reveil"})
        await asyncio.sleep(0.3)
        assert s.numero > endormie
        s.ferme()

    asyncio.run(lit())


def test_sur_une_ligne_lente_les_images_s_allegent_puis_redeviennent_fines():
    async def lit():
        s = scene()
        s.page.construis()
        toile = s.page.toile

        def largeurs(trajet):
            for index in range(20):
                toile._frame_feedback = {"index": index, "timestamp": time.time() - trajet}
                yield toile.get_frame().shape[1]

        pleine = toile.get_frame().shape[1]
        lentes = list(largeurs(1.5))
        assert lentes == sorted(lentes, reverse=True) and lentes[-1] < 0.4 * pleine
        assert list(largeurs(0.3))[-1] < 0.4 * pleine, "ni trop lente ni vive : on n'y touche plus"
        assert list(largeurs(0.05))[-1] == pleine
        s.ferme()

    asyncio.run(lit())


def test_une_image_perdue_en_route_n_arrete_pas_les_suivantes(monkeypatch):
    """Le réseau coupé : rien n'est confirmé, et pourtant rien ne s'empile ni ne se fige."""
    maintenant = [100.0]
    monkeypatch.setattr("demystifie.toile.time.monotonic", lambda: maintenant[0])

    async def envoyees(secondes):
        avant = toile._rfb_frame_index
        for _ in range(int(secondes * 20)):
            maintenant[0] += 0.05
            toile.request_draw()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return toile._rfb_frame_index - avant

    async def lit():
        nonlocal toile
        s = scene()
        s.page.construis()
        toile = s.page.toile
        toile._has_visible_views = True
        assert await envoyees(PERDUE - 0.5) == toile.max_buffered_frames
        assert 2 <= await envoyees(4 * PERDUE) <= 4 * toile.max_buffered_frames
        toile.handle_event({"type": "reveil"})
        assert await envoyees(0.1) == toile.max_buffered_frames, "et tout repart au réveil"
        s.ferme()

    toile = None
    asyncio.run(lit())


def test_sans_boucle_asyncio_joue_dit_quoi_faire():
    with pytest.raises(RuntimeError, match=r"pas\(n\)"):
        scene().joue()


def test_les_secondes_ne_comptent_que_la_boucle(monkeypatch):
    """Une montre qui n'avance que dans la boucle et dans la mesure dit ce que l'on compte."""
    maintenant = [0.0]
    monkeypatch.setattr("demystifie.partie.time.perf_counter", lambda: maintenant[0])

    def une_seconde_par_pas(reglages):
        for i in itertools.count():
            yield float(i % 5)
            maintenant[0] += 1

    def mesure(total):
        maintenant[0] += 1000
        return {"total": total}

    s = scene(une_seconde_par_pas, mesure=mesure)
    s.pas(5)
    s.pas(2)
    assert s.passe["secondes"].tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


def test_la_mesure_ne_voit_que_ce_qui_se_montre_toujours_la_meme_chose():
    vus = []
    s = scene(mesure=lambda total: vus.append(total) or {"total": total}, saut=(0.0, 1.0, 2.0))
    s.pas(40_000)
    assert not vus, "rien ne s'est encore montré"
    totaux, pas = s.passe["total"], s.passe["pas"]
    assert (totaux == pas).all() and len(vus) == len(s.passe) <= ETATS_GARDES
    s.recommence()
    for _ in range(400):
        s.pas(100)
        assert s.passe["total"][-1] <= s.numero
    assert (s.passe["total"] == totaux).all() and (s.passe["pas"] == pas).all()
    assert len(vus) < 2000


def test_le_passe_mesure_s_arrete_a_l_etat_montre():
    s = scene(mesure=lambda total: {"total": total})
    s.pas(10)
    s.remonte(3)
    assert s.passe["total"].tolist() == [0, 0.5, 1, 1.5] and len(s.passe) == 4
    s.pas(1)
    assert len(s.passe["total"]) == 12
    with pytest.raises(KeyError, match="total"):
        s.passe["absente"]


def test_l_arrivee_d_une_boucle_finie_est_gardee():
    def longue(reglages):
        yield from ((float(i % 7),) for i in range(702))

    s = scene(longue)
    s.pas(10_000)
    assert s.verdict == TERMINE and s.passe["pas"][-1] == s.numero == 701


def test_fermer_une_scene_rend_tous_ses_widgets():
    def combien():
        return len(widgets.widgets.widget._instances)

    texte = widgets.Text("partagé")
    avant = combien()
    s = scene(scenarios={"vite": {"saut": 3.0}}, texte=texte, cible=Point("axe"), choix=[1, 2])
    s.page.construis()
    s.pas(10)
    assert combien() > avant
    s.ferme(sauf=[texte])
    s.ferme()
    assert combien() == avant
    assert s.partie is s._lecture is None, "le noyau garde la scène dans Out, mais plus la partie"
    assert s._repr_mimebundle_()["text/plain"].startswith("Scène fermée")


def test_sans_noyau_l_affichage_est_une_image_entiere_sous_son_ruban():
    s = scene()
    fige = s._repr_mimebundle_()
    image = np.asarray(Image.open(io.BytesIO(fige["image/png"])).convert("RGB"), float)
    ruban = len(image) - 500
    assert fige["text/plain"] == "total 0,0"
    assert np.abs(image[ruban:] - s.image()).max() < 30, "le ruban ne cache rien"
    assert 30 < ruban < 60 and (image[:ruban] < 100).any(axis=-1).mean() > 0.03, "et se lit"
