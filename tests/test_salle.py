"""Ce que la salle donne : des mains levées, et des chiffres dessinés."""

import carnets  # noqa: F401  (met notebooks/ sur le chemin)
import numpy as np
import pytest
from demystifie import Ardoise, Pari
from demystifie.ardoise import COTE
from demystifie.donnees.cadrage import cadre
from PIL import Image, ImageDraw

# --- le pari --------------------------------------------------------------------------------


def test_un_pari_compte_les_mains_et_les_compare():
    pari = Pari("Plus vite ?", ["oui", "non"])
    pari.leve("oui")
    pari.leve("oui", 2)
    pari.leve("non")
    pari.leve("non", -5)
    assert pari.mains == {"oui": 3, "non": 0}
    reponse = pari.devoile("non", "On l'a vu <ralentir>.")
    assert "3 mains" not in reponse._reponse.value, "rien n'est dévoilé avant qu'on le demande"
    reponse.montre()
    assert "3 mains" in reponse._reponse.value and "&lt;ralentir&gt;" in reponse._reponse.value


def test_un_clic_leve_une_main():
    pari = Pari("Plus vite ?", ["oui", "non"])
    plus, moins, compte = pari._page.children[1].children
    plus.click()
    plus.click()
    moins.click()
    assert pari.mains["oui"] == 1 and compte.value == "1 main"


def test_sans_main_levee_la_reponse_se_voit_quand_meme():
    html = Pari("Plus vite ?", ["oui", "non"]).devoile("non", "Voilà.").html()
    assert "non" in html and "<table" not in html


@pytest.mark.parametrize("choix", [[], ["seul"], ["a", "a"], "oui", list("abcdefg")])
def test_un_pari_mal_forme_le_dit(choix):
    with pytest.raises(ValueError, match="de deux à six"):
        Pari("Plus vite ?", choix)


def test_une_reponse_qui_n_est_pas_un_choix_est_refusee():
    pari = Pari("Plus vite ?", ["oui", "non"])
    with pytest.raises(ValueError, match="« peut-être »"):
        pari.devoile("peut-être", "")
    with pytest.raises(ValueError, match="« peut-être »"):
        pari.leve("peut-être")


# --- l'ardoise ------------------------------------------------------------------------------


def anneau(x, y, taille, trait=None):
    image = Image.new("L", (COTE, COTE))
    boite = [x, y, x + taille * 0.7, y + taille]
    ImageDraw.Draw(image).ellipse(boite, outline=255, width=trait or max(3, int(taille / 8)))
    return np.asarray(image) / 255


def test_un_dessin_vide_ne_donne_rien():
    assert not cadre(np.zeros((COTE, COTE))).any()
    assert not Ardoise().value.any()


@pytest.mark.parametrize("faux", [np.zeros(5), np.zeros((2, 2, 2)), [[float("nan")]], [["a"]]])
def test_ce_qui_n_est_pas_une_image_est_refuse(faux):
    with pytest.raises(ValueError):
        cadre(faux)


def test_le_cadrage_ne_depend_ni_de_la_place_ni_de_la_taille():
    reference = cadre(anneau(80, 80, 120))
    for x, y, taille in [(0, 0, 120), (150, 150, 120), (10, 40, 200), (100, 90, 60)]:
        assert np.abs(cadre(anneau(x, y, taille)) - reference).mean() < 0.08
    assert 0.9 < reference.max() <= 1 and reference.min() == 0 and reference.shape == (8, 8)


def test_un_trait_d_un_pixel_reste_de_l_encre():
    point = np.zeros((COTE, COTE))
    point[140, 140] = 1
    assert cadre(point).any()


def test_l_ardoise_lit_ce_que_dessine_la_souris():
    ardoise = Ardoise()
    vues = []
    ardoise.observe(lambda change: vues.append(change.new), "value")
    dessin = Image.new("RGBA", (COTE, COTE), (0, 0, 0, 0))
    ImageDraw.Draw(dessin).ellipse([90, 60, 190, 220], outline=(0, 0, 0, 255), width=18)
    ardoise._papier.replace_with_pil(dessin)
    assert np.allclose(vues[-1], cadre(np.asarray(dessin)[..., 3] / 255))
