"""Les dessins partagés, et ce qui s'écrit à la française."""

import itertools
import subprocess
import sys

import carnets
import matplotlib
import numpy as np
import pytest
from demystifie import vue, vues
from demystifie.dessin import Dessin
from demystifie.francais import ACCENTS, LIEUX, etiquette, insecables
from demystifie.partie import Instant, Passe
from matplotlib.colors import to_hex


def dessin(plante, **ailleurs):
    return Dessin(vue(recit=str, taille=(6, 3))(plante), **ailleurs)


def passe(*mesures):
    p = Passe(lambda pas, erreur: {"images": 10 * pas, "erreur": erreur})
    p.instants = [Instant((pas, mesure), pas, 0.0) for pas, mesure in enumerate(mesures)]
    return p


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        ("erreur 0.31", "erreur 0,31"),
        ("de -2 à -0.5.", "de −2 à −0,5."),
        ("un a-t-il, 3-4 et x-1", "un a-t-il, 3-4 et x-1"),
        ("fin. 2 pas", "fin. 2 pas"),
        ("de -0.00 à -0.04, et -0.", "de 0,00 à −0,04, et 0."),
    ],
)
def test_les_nombres_s_ecrivent_a_la_francaise(ecrit, lu):
    assert vues.virgules(ecrit) == lu


def test_un_bord_d_ecran_ne_coupe_pas_devant_un_signe():
    assert insecables("lus : « 7 » ; 12 % !") == "lus\u00a0: «\u00a07\u00a0»\u00a0; 12\u00a0%\u00a0!"


@pytest.mark.parametrize(
    ("valeur", "lu"),
    [(0.05, "0,05"), (1797, "1\u202f797"), (-2, "−2"), (6e4, "60\u202f000"), (0.001, "0,001")],
)
def test_un_nombre_pour_un_humain(valeur, lu):
    assert vues.nombre(valeur) == lu


@pytest.mark.parametrize(
    ("nom", "lu"),
    [("exercices_varies", "exercices variés"), ("eleve", "élève"), ("annee", "année"), ("taux", "taux")],
)
def test_une_etiquette_se_lit(nom, lu):
    assert etiquette(nom) == lu


def test_le_lexique_reste_range():
    for lexique in (ACCENTS, LIEUX):
        assert list(lexique) == sorted(lexique)
        assert all(mot.isascii() for mot in lexique)


def test_la_courbe_suit_le_passe_et_montre_ses_fantomes():
    lignes, ici = {}, passe(1.0, 0.5)

    def trace(axe, passe):
        lignes["axe"] = axe
        return vues.courbe(axe, {"erreur": "erreur"}, passe)

    d = dessin(trace, passe=ici)
    vide = d.peint(("pas",))
    ici.fantomes.append(passe(*(1 / (pas + 1) for pas in range(40))))
    d.peint(("images",))
    axe = lignes["axe"]
    assert axe.get_xlim() == (0, 500) and axe.get_xlabel() == "images"
    courbe, gris = (ligne for ligne in axe.lines if len(ligne.get_xdata()))
    assert courbe.get_ydata().tolist() == [1.0, 0.5]
    assert gris.get_xdata()[-1] == 390
    assert (d.peint(("pas",)) != vide).any()


@pytest.mark.parametrize("dernier", [0, 1, 3, 150, 1_900, 40_000])
def test_les_graduations_d_une_courbe_sont_entieres_et_ne_se_touchent_pas(dernier):
    ici, lignes = Passe(lambda pas: {"erreur": 0.5}), {}
    ici.instants = [Instant((0,), 0, 0.0), Instant((dernier,), dernier, 0.0)]

    def trace(_, axe, passe):
        lignes["axe"] = axe
        return vues.courbe(axe, {"erreur": "erreur"}, passe)

    deux = vue(recit=str, taille=(12, 5), cadre=[["_", "_", "axe"]])
    d = Dessin(deux(trace), passe=ici)
    d.peint(())
    lus = [nombre for nombre in lignes["axe"].get_xticklabels() if nombre.get_text()]
    assert all(int(nombre.get_text().replace("\u202f", "")) >= 0 for nombre in lus)
    cadres = [nombre.get_window_extent() for nombre in lus]
    assert all(droite.x0 - gauche.x1 > 5 for gauche, droite in itertools.pairwise(cadres))


def test_la_courbe_ne_refait_pas_son_decor_a_chaque_image():
    ici = passe(0.5)

    def trace(axe, passe):
        return vues.courbe(axe, {"erreur": "erreur"}, passe)

    d = dessin(trace, passe=ici)
    decors = set()
    for pas in range(1, 200):
        ici.instants.append(Instant((pas, 0.5), pas, 0.0))
        d.peint(())
        decors.add(id(d._decor))
    assert len(decors) < 10


def test_la_mosaique_range_les_images_et_centre_les_palettes_a_deux_branches():
    def mosaique(axe):
        axe_vu.append(axe)
        return vues.mosaique(axe, 1, 3, (2, 2), palette=vues.CONTRE_POUR, etiquettes="abc")

    axe_vu = []
    d = dessin(mosaique)
    d.peint((np.array([[[0, 0], [0, 4.0]], [[-8, 0], [0, 0]]]),))
    image = axe_vu[0].images[0]
    assert image.get_clim() == (-8, 8)
    plan = image.get_array()
    assert plan[1, 1] == 4 and plan[0, 3] == -8 and np.ma.getmaskarray(plan)[0, 6]


@pytest.mark.parametrize(
    ("vraie", "attendues"),
    [(0, [vues.VERT, vues.ORANGE]), (1, ["#b8c4ce", vues.VERT]), (None, ["#b8c4ce", vues.BLEU])],
)
def test_les_barres_disent_qui_gagne(vraie, attendues):
    axe_vu = []

    def barres(axe):
        axe_vu.append(axe)
        return vues.barres(axe, "abc", bas=-1)

    dessin(barres).peint(([0.1, 0.9, -0.2], vraie))
    rectangles = axe_vu[0].patches
    assert [to_hex(barre.get_edgecolor()).upper() for barre in rectangles[:2]] == [
        c.upper() for c in attendues
    ]
    assert [barre.get_height() for barre in rectangles] == [0.1, 0.9, -0.2]
    pointilles = [barre.get_linestyle() not in ("-", "solid") for barre in rectangles]
    assert pointilles == [False, vraie == 0, False], "le faux se reconnaît aussi sans la couleur"


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


@pytest.mark.parametrize("nom", ["06_convolution", "09_intelligent_vraiment"])
def test_torch_attend_la_scene_qui_en_a_besoin(nom):
    imports = next(c.source for c in carnets.lis(nom).cells if c.cell_type == "code")
    code = f"import sys; exec({imports!r}); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=carnets.DOSSIER, check=True)
