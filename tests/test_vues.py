"""Les dessins partagés, le journal, et les nombres à la française."""

import copy
import subprocess
import sys

import carnets
import matplotlib
import numpy as np
import pytest
from demystifie import vues
from demystifie.toile import Dessin


def dessin(vue):
    return Dessin([["axe"]], (6, 3), lambda axes: vue(axes["axe"]))


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        ("erreur 0.31", "erreur 0,31"),
        ("de -2 à -0.5.", "de −2 à −0,5."),
        ("un a-t-il, 3-4 et x-1", "un a-t-il, 3-4 et x-1"),
        ("fin. 2 pas", "fin. 2 pas"),
    ],
)
def test_les_nombres_s_ecrivent_a_la_francaise(ecrit, lu):
    assert vues.virgules(ecrit) == lu


@pytest.mark.parametrize(
    ("valeur", "lu"),
    [(0.05, "0,05"), (1797, "1\u202f797"), (-2, "−2"), (6e4, "60\u202f000"), (0.001, "0,001")],
)
def test_un_nombre_pour_un_humain(valeur, lu):
    assert vues.nombre(valeur) == lu


def test_le_journal_garde_ses_colonnes_et_son_passe():
    journal = vues.Journal()
    assert len(journal) == 0 and journal["erreur"].shape == (0,)
    journal.note(pas=1, erreur=0.5)
    alors = copy.deepcopy(journal)
    journal.note(pas=2, erreur=0.25)
    assert journal["erreur"].tolist() == [0.5, 0.25]
    assert alors["erreur"].tolist() == [0.5] and len(alors) == 1
    with pytest.raises(ValueError, match="erreur"):
        journal.note(pas=3)
    assert len(journal["pas"]) == len(journal["erreur"]) == 2


def test_la_courbe_suit_le_journal_et_montre_ses_fantomes():
    ancien, journal = vues.Journal(), vues.Journal()
    for pas in range(40):
        ancien.note(pas=pas, images=10 * pas, erreur=1 / (pas + 1))
    fantomes = []
    lignes = {}

    def vue(axe):
        lignes["trace"] = vues.courbe(axe, {"erreur": "erreur"}, fantomes=fantomes)
        lignes["axe"] = axe
        return lambda abscisse: lignes["trace"](journal, abscisse)

    d = dessin(vue)
    vide = d.peint(("pas",))
    fantomes.append((3.0, ancien))
    d.peint(("images",))
    axe = lignes["axe"]
    assert axe.get_xlim() == (0, 500) and axe.get_xlabel() == "images"
    gris = [ligne for ligne in axe.lines if len(ligne.get_xdata())]
    assert len(gris) == 1 and gris[0].get_xdata()[-1] == 390
    assert (d.peint(("pas",)) != vide).any()


def test_la_courbe_ne_refait_pas_son_decor_a_chaque_image():
    journal = vues.Journal()

    def vue(axe):
        trace = vues.courbe(axe, {"erreur": "erreur"})
        return lambda: trace(journal)

    d = dessin(vue)
    decors = set()
    for pas in range(200):
        journal.note(pas=pas, erreur=0.5)
        d.peint(())
        decors.add(id(d._decor))
    assert len(decors) < 10


def test_la_mosaique_range_les_images_et_centre_les_palettes_a_deux_branches():
    def vue(axe):
        axe_vu.append(axe)
        return vues.mosaique(axe, 1, 3, (2, 2), palette=vues.CONTRE_POUR, etiquettes="abc")

    axe_vu = []
    d = dessin(vue)
    d.peint((np.array([[[0, 0], [0, 4.0]], [[-8, 0], [0, 0]]]),))
    image = axe_vu[0].images[0]
    assert image.get_clim() == (-8, 8)
    plan = image.get_array()
    assert plan[1, 1] == 4 and plan[0, 3] == -8 and np.ma.getmaskarray(plan)[0, 6]


def test_les_barres_disent_qui_gagne():
    def vue(axe):
        axe_vu.append(axe)
        montre = vues.barres(axe, "abc", bas=-1)
        return lambda valeurs, vraie: montre(valeurs, vraie)

    axe_vu = []
    d = dessin(vue)
    d.peint(([0.1, 0.9, -0.2], 0))
    couleurs = [barre.get_facecolor() for barre in axe_vu[0].patches]
    assert len(set(couleurs)) == 3
    assert [barre.get_height() for barre in axe_vu[0].patches] == [0.1, 0.9, -0.2]


def test_une_image_peinte_deux_fois_est_la_meme_a_toutes_les_tailles():
    d = dessin(lambda axe: vues.mosaique(axe, 1, 1, (2, 2)))
    etat = (np.eye(2)[None],)
    une = d.peint(etat)
    petite = d.peint(etat, largeur=300)
    assert petite.shape == (150, 300, 3) and une.shape == (600, 1200, 3)
    assert (d.peint(etat) == une).all()


def test_les_graduations_sont_a_la_francaise():
    d = dessin(lambda axe: axe.set(xlim=(0, 4000), ylim=(0, 1)) and (lambda: []))
    d.peint(())
    axe = d.axes["axe"]
    assert "2\u202f000" in [t.get_text() for t in axe.get_xticklabels()]
    assert "0,4" in [t.get_text().rstrip("0") for t in axe.get_yticklabels()]


def test_la_figure_ne_touche_pas_a_l_etat_global_de_matplotlib():
    avant = dict(matplotlib.rcParams)
    dessin(lambda axe: lambda: []).peint(())
    assert dict(matplotlib.rcParams) == avant


@pytest.mark.parametrize("nom", [nom for nom in carnets.NOMS if nom < "04"])
def test_les_premiers_carnets_ne_chargent_ni_pyplot_ni_torch(nom):
    code = (
        f"import sys; sys.path.insert(0, 'tests'); import carnets; carnets.execute({nom!r}); "
        "print(*(m for m in ('torch', 'torchvision', 'matplotlib.pyplot') if m in sys.modules))"
    )
    commande = [sys.executable, "-c", code]
    sortie = subprocess.run(commande, cwd=carnets.DEPOT, capture_output=True, text=True, check=True)
    assert sortie.stdout.splitlines()[-1] == ""
