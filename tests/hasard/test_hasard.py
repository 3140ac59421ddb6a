"""Des suites de gestes au hasard : aucune ne doit casser une scène, ni la laisser muette."""

import carnets
import pytest
from demystifie.partie import TERMINE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_carnets import SCENES, bouts

GESTES = ["pas", "dix pas", "recommence", "remonte", "scenario", "regle", "image"]


@pytest.mark.parametrize(("nom", "boucle"), SCENES, ids=[f"{n}-{b}" for n, b in SCENES])
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(donnees=st.data())
def test_aucune_suite_de_gestes_ne_casse_une_scene(nom, boucle, donnees):
    s = carnets.remise_a_neuf(nom, boucle)
    for geste in donnees.draw(st.lists(st.sampled_from(GESTES), min_size=1, max_size=12)):
        fais(s, geste, donnees)
        assert s.recit().strip()
        assert s.numero >= s.etape()[0]
    image = s.image()
    assert image.shape[2] == 3 and image.std() > 1
    assert (s.image() == image).all(), "dessiner deux fois le même état donne la même image"


def fais(s, geste, donnees):
    if geste == "pas":
        s.pas()
    elif geste == "dix pas":
        s.pas(10)
    elif geste == "recommence":
        s.recommence()
        assert s.numero == 0 and s.verdict in ("", TERMINE)
    elif geste == "remonte":
        s.remonte(donnees.draw(st.integers(0, len(s.passe.instants) - 1)))
    elif geste == "scenario" and s.scenarios:
        s.scenario(donnees.draw(st.sampled_from(sorted(s.scenarios))))
    elif geste == "regle" and s.boutons:
        nom = donnees.draw(st.sampled_from(sorted(s.boutons)))
        s.regle(**{nom: donnees.draw(valeurs(s, nom))})
    elif geste == "image":
        s.image()


def valeurs(s, nom):
    widget = s.boutons[nom].widget
    if type(widget).__name__ == "SelectionSlider":
        return st.sampled_from([valeur for _, valeur in widget.options])
    return st.sampled_from(bouts(s).get(nom, [widget.value]))
