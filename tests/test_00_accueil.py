"""Le carnet 00 : un élève que le maître corrige, et la vérification avant de monter sur scène."""

import os
import subprocess
import sys
from types import SimpleNamespace

import carnets
import numpy as np
import pytest
from decors import accueil
from demystifie.partie import TERMINE

CARNET = "00_accueil"
graine = pytest.mark.parametrize("graine", [1, 2, 3])


@pytest.fixture
def eleve():
    return carnets.remise_a_neuf(CARNET, "eleve")


# --- Ce matin -------------------------------------------------------------------------------


@pytest.fixture
def ce_matin():
    espace, affiches = carnets.execute(CARNET)
    pari = espace["pari_du_matin"]
    pari.mains = dict.fromkeys(pari.choix, 0)
    scene = next(a for a in affiches if isinstance(a, accueil.CeMatin))
    for case in scene.cases:
        case.value = False
    return scene


@pytest.mark.parametrize(
    ("coches", "reponse"),
    [
        ([], "jamais"),
        (["réveil"], "jamais"),
        (["itinéraire"], "une fois ou deux"),
        (["itinéraire", "dicté", "réveil"], "une fois ou deux"),
        (["itinéraire", "dicté", "traduire"], "moins de dix fois"),
        (["fil d’actualité"], "des dizaines de fois"),
    ],
)
def test_les_cases_cochees_repondent_au_pari(ce_matin, coches, reponse):
    for mot in coches:
        (case,) = [case for case in ce_matin.cases if mot in case.description]
        case.value = True
    assert ce_matin.reponse() == reponse
    assert (f"«\u00a0{reponse}\u00a0»" in ce_matin.recit.texte) == bool(coches)


def test_une_case_dit_ce_qu_un_specialiste_en_dirait_et_compte(ce_matin):
    ce_matin._pari.leve("des dizaines de fois", 3)
    ce_matin._pari.leve("jamais")
    phrases = []
    for case in ce_matin.cases:
        case.value = True
        phrases.append(ce_matin.recit.texte.replace("\u00a0", " ").replace("\u202f", " "))
    assert phrases[0].startswith("Un visage reconnu ? Presque toujours un réseau. En tout : 1 presque")
    assert "L’ordre du fil ? Souvent un réseau, message par message." in phrases[7]
    assert phrases[-1].startswith(
        "Un réveil ? Non : une règle y suffit. En tout : 5 presque toujours, 4"
    )
    assert phrases[-1].endswith("comme l’ont parié 3 mains sur 4.")
    ce_matin.cases[0].value = False
    assert ce_matin.recit.texte.startswith("En tout")
    noms = [case.description for case in ce_matin.cases]
    assert len(set(noms)) == len(noms) == 10 and all(map(str.strip, noms)), "le nom que lit une voix"


# --- L'élève --------------------------------------------------------------------------------


@graine
def test_au_bout_de_cinq_cents_chiffres_il_repond_juste_huit_fois_sur_dix(eleve, graine):
    eleve.regle(graine=graine)
    eleve.pas(600)
    justes = eleve.etat[3]
    assert 0.75 < np.mean(justes[400:600]) < 0.88
    assert np.mean(justes[:50]) < 0.3, "au départ, il ne sait rien"
    eleve.pas(600)
    assert eleve.verdict == TERMINE and eleve.numero == len(eleve.etat[3]) == 1000


@graine
def test_decocher_corrige_le_fige_ni_mieux_ni_moins_bien(eleve, graine):
    eleve.regle(graine=graine)
    eleve.pas(500)
    eleve.regle(corrige=False)
    assert eleve.numero == 500, "ça se décoche pendant que ça joue"
    eleve.pas(500)
    assert 0.75 < np.mean(eleve.etat[3][500:]) < 0.92
    eleve.scenario("sans maître")
    eleve.regle(graine=graine)
    reponses = set()
    for _ in range(50):
        eleve.pas()
        reponses.add(int(eleve.etat[2]))
    assert reponses == {0}, "sans correction, pas d'apprentissage"


def test_la_graine_fait_tout_recommencer(eleve):
    eleve.pas(5)
    eleve.regle(graine=2)
    assert eleve.numero == 0 and "encore rien vu" in eleve.recit()


def test_l_eleve_contrariant_se_trompe_presque_toujours():
    espace, fois = dict(carnets.execute(CARNET)[0]), "boutons[vrai] += image"
    source = next(c.source for c in carnets.lis(CARNET).cells if c.source.startswith("def eleve"))
    assert fois in source
    exec(source.replace(fois, fois.replace("+", "-")), espace)
    *_, (*_, justes) = espace["eleve"](SimpleNamespace(graine=1, corrige=True))
    assert np.mean(justes) < 0.05


def test_la_courbe_est_la_reussite_sur_les_cinquante_derniers(eleve):
    eleve.pas()
    assert eleve.recit().startswith("1 chiffre vu\u202f;") and "jusqu’ici" in eleve.recit()
    eleve.pas(119)
    justes = eleve.etat[3]
    attendues = [np.mean(justes[max(0, n - 50) : n]) for n in range(1, 121)]
    assert eleve.passe["reussite"][1:] == pytest.approx(attendues)
    assert np.isnan(eleve.passe["reussite"][0])
    assert (
        f"{100 * attendues[-1]:.0f}\u00a0% de réussite" in eleve.recit()
        and "120 chiffres" in eleve.recit()
    )


def test_ce_qu_il_faut_presser_se_lit_avant_tout():
    """Le bouton porte ce nom dans la barre du carnet ; l'accueil et le README le disent."""
    barre = (carnets.DEPOT / "binder/jupyter/labconfig/default_setting_overrides.json").read_text(
        "utf-8"
    )
    for texte in (carnets.lis(CARNET).cells[0].source, (carnets.DEPOT / "README.md").read_text("utf-8")):
        assert "▶ Tout lancer" in texte and "Maj+Entrée" in texte
    assert '"label": "▶ Tout lancer"' in barre


def test_la_verification_dit_ce_qui_differe(monkeypatch, tmp_path):
    exigences = tmp_path / "requirements.txt"
    monkeypatch.setattr(accueil, "EXIGENCES", exigences)
    exigences.write_text(f"# un commentaire\nnumpy=={np.__version__}\n")
    (constat,) = accueil.constate()
    assert constat.startswith("Tout est en place")
    exigences.write_text("numpy==1.0\nn-existe-pas==2.0\n")
    absent, ecarts = accueil.constate()
    assert absent.startswith("n-existe-pas ne se charge pas") and "relance lancer.py" in absent
    assert f"numpy {np.__version__} au lieu de 1.0" in ecarts
    monkeypatch.setattr(accueil, "Scene", lambda *_: 1 / 0)
    assert accueil.constate()[-1].startswith("Une scène ne se dessine pas (division by zero)")


def test_un_torch_casse_et_des_restes_sans_nom_se_disent(tmp_path):
    """Une installation coupée laisse des bibliothèques à moitié là, et des dossiers sans nom."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise OSError('libtorch_cpu.so manque.\\nPile')")
    for reste in ("~orch-2.13.0", "numpy-9.9", "torch-1.0"):
        (tmp_path / f"{reste}.dist-info").mkdir()
    sortie = subprocess.run(
        [sys.executable, "-c", "from decors import accueil; print(*accueil.constate(), sep='\\n')"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(carnets.DOSSIER)])},
        capture_output=True, text=True,
    )  # fmt: skip
    assert sortie.returncode == 0, sortie.stderr
    torch, torchvision = sortie.stdout.splitlines()
    assert torch.startswith("torch ne se charge pas (libtorch_cpu.so manque)")
    assert "les carnets 00 à 05 marchent" in torch and torchvision.startswith("torchvision ne se charge")


@pytest.mark.parametrize(
    ("attente", "mots"), [(0.012, "répond en 12 ms"), (0.4, "met 400 ms à répondre")]
)
def test_la_verification_chronometre_le_navigateur(monkeypatch, attente, mots):
    verification, horloge = accueil.Verification(["Tout est en place."]), iter(range(100))
    fige = verification._repr_mimebundle_()
    assert "pas chronométré" in fige["text/plain"] and "pas chronométré" in fige["text/html"]
    monkeypatch.setattr(accueil.time, "perf_counter", lambda: attente * next(horloge))
    envois = []
    monkeypatch.setattr(verification, "send", envois.append)
    for _ in range(2):  # une page rechargée recommence
        for message in ("pret", *verification.ALLERS * ["retour"]):
            verification._handle_custom_msg(message, [])
    assert len(envois) == 2 * verification.ALLERS
    assert mots in verification.lignes[-1].replace("\u00a0", " ")


def test_sans_mnist_on_dit_ce_que_l_on_aura(monkeypatch, tmp_path):
    monkeypatch.setenv("DEMYSTIFIE_DONNEES", str(tmp_path))
    assert accueil.rapporte_mnist().endswith(": extrait de MNIST.")
