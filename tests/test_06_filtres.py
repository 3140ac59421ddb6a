"""Le carnet 06, les filtres 11×11 : la question fait l'œil ; l'élève embarqué tient sa promesse."""

import copy

import carnets
import numpy as np
import pytest
import torch
from decors import convolution_filtres as atelier
from demystifie import donnees, reseaux
from demystifie.donnees.photos import SENS
from torch import nn


def neuve(scenario=None):
    return carnets.remise_a_neuf("06_convolution", "filtres11", scenario)


def compte(filtres):
    """Combien sont encore du bruit, combien ont un sens, combien une couleur."""
    combien = {"bruit": 0, "traits": 0, "couleurs": 0}
    for filtre in filtres.astype(float):
        voisines = (filtre[:, 1:] * filtre[:, :-1]).sum() + (filtre[..., 1:] * filtre[..., :-1]).sum()
        if voisines / 2 < 0.45 * (filtre**2).sum():  # deux cases voisines ne se ressemblent pas
            combien["bruit"] += 1
            continue
        melange, _, dessin = np.linalg.svd(filtre.reshape(3, 121), full_matrices=False)
        y, x = np.gradient(dessin[0].reshape(11, 11))
        le_long, travers = (x * x).sum() - (y * y).sum(), 2 * (x * y).sum()
        combien["traits"] += bool(np.hypot(le_long, travers) > 0.5 * (x * x + y * y).sum())
        combien["couleurs"] += bool(melange[:, 0].sum() ** 2 / 3 < 0.65)  # 1 : tout gris
    return combien


@pytest.mark.parametrize("graine", [1, 2])
def test_la_question_fait_les_filtres(graine, monkeypatch):
    monkeypatch.setattr(atelier, "GRAINE", graine)
    scene, comptes, mesures = neuve(), {}, {}
    assert compte(scene.etat[0])["bruit"] == 48
    for nom in list(atelier.QUESTIONS)[:4]:
        scene.scenario(nom)
        scene.pas(140)
        comptes[nom], mesures[nom] = compte(scene.etat[0]), scene.etat[3]
    deux, photo, sens, hasard = comptes.values()
    assert max(c["bruit"] for c in (deux, photo, sens)) < 12  # sur six graines : 5 au plus
    assert min(deux["traits"], deux["couleurs"]) > 9  # 16 au moins
    assert photo["couleurs"] > 15 > photo["traits"]  # 25 au moins, 10 au plus
    assert sens["traits"] > 9 and sens["couleurs"] < 6  # 15 au moins, 1 au plus
    assert hasard["bruit"] > 25 and hasard["traits"] + hasard["couleurs"] < 4  # 39 au moins ; aucun
    assert mesures["au hasard"]["force"] < 0.35 < 0.4 < mesures["le sens seul"]["force"]
    assert mesures["la photo seule"]["photo"] > 0.2 and mesures["au hasard"]["photo"] < 0.25


def test_l_eleve_deja_appris_tient_sa_promesse():
    reseau = reseaux.charger("filtres11")
    tires = donnees.morceaux("test", 2000, np.random.default_rng(3))
    with torch.no_grad():
        avis = reseau(reseaux.couleurs(tires.pixels)).numpy()
    justes = [
        np.mean(avis[:, :7].argmax(1) == tires.photo),
        np.mean(avis[:, 7:].argmax(1) == tires.sens),
    ]
    assert justes == pytest.approx([reseau.photos_justes, reseau.sens_justes], abs=0.05)
    assert reseau.photos_justes > 0.5 and reseau.sens_justes > 0.4  # au hasard : 0,14 et 0,25
    scene = neuve("déjà appris")
    appris = compte(scene.etat[0])
    assert appris["bruit"] == 0 and appris["traits"] > 25 and appris["couleurs"] > 8
    assert min(scene.etat[3].values()) > 0.4
    scene.pas(60)  # et continuer ne défait rien
    assert min(scene.etat[3].values()) > 0.33


def test_la_descente_est_celle_de_torch():
    eleve = atelier.Eleve()
    jumeau = copy.deepcopy(eleve.reseau)
    groupes = [
        {"params": jumeau[:1].parameters(), "weight_decay": 0.03},
        {"params": jumeau[1:].parameters(), "weight_decay": 0.001},
    ]
    leur = torch.optim.SGD(groupes, 0.04, momentum=0.9, nesterov=True)
    for _ in range(4):
        lot, photo, sens = eleve.pioche(8)
        for dits, descend in (
            (eleve.repond(lot), lambda: eleve.descend(0.04)),
            (jumeau(lot).split([7, 4], dim=1), leur.step),
        ):
            leur.zero_grad()
            (atelier.ecart(dits[0], photo) + atelier.ecart(dits[1], sens)).backward()
            nn.utils.clip_grad_norm_(jumeau.parameters(), 2)  # pour nous, c'est déjà fait
            descend()
    for notre, autre in zip(eleve.reseau.parameters(), jumeau.parameters(), strict=True):
        assert torch.allclose(notre, autre, atol=1e-6)


def test_les_reponses_au_hasard_ne_disent_rien_des_morceaux():
    eleve, jumeau = atelier.Eleve(), atelier.Eleve()
    lot, photo, sens = eleve.pioche(700)
    _, au_sort, au_hasard = jumeau.pioche(700, au_hasard=True)
    assert lot.shape == (700, 3, 48, 48)
    assert 0.08 < (photo == au_sort).float().mean() < 0.21
    assert 0.17 < (sens == au_hasard).float().mean() < 0.33
    assert set(au_sort.tolist()) == set(range(7)) and set(au_hasard.tolist()) == set(range(4))


def test_chaque_filtre_est_etire_a_son_maximum():
    filtres = (
        np.random.default_rng(0).normal(size=(48, 3, 11, 11))
        * np.geomspace(1e-6, 1, 48)[:, None, None, None]
    )
    planche = atelier.planche(filtres)
    assert planche.shape == (71, 95, 3)
    for rang in (0, 9, 47):
        y, x = 12 * (rang // 8), 12 * (rang % 8)
        ici = planche[y : y + 11, x : x + 11]
        assert np.abs(ici - 0.5).max() == pytest.approx(0.5)
    assert (atelier.planche(np.zeros((48, 3, 11, 11)))[:11, :11] == 0.5).all()


def test_le_recit_dit_le_morceau_montre():
    scene = neuve()
    images = []
    tires, _ = atelier.examen()
    for rang in range(3):
        _, copie, avis, _ = scene.etat
        assert copie == rang and avis[0].sum() == pytest.approx(1, abs=1e-5)
        assert f"Un morceau {list(atelier.PHOTOS.values())[tires.photo[copie]]}, tourné" in scene.recit()
        assert f"{SENS[tires.sens[copie]]:.1f}°".replace(".", ",") in scene.recit()
        images.append(scene.image(600))
        scene.pas(atelier.TOUS_LES)
    assert (images[0] != images[1]).any()
    assert list(atelier.PHOTOS) == list(donnees.photos())


@pytest.mark.parametrize("taux", [0.001, 1.0])
def test_aux_deux_bouts_du_curseur_la_scene_reste_lisible(taux):
    scene = neuve()
    scene.regle(taux=taux)
    scene.pas(30)
    assert not scene.verdict and scene.image(600).std() > 1
    if taux < 0.01:
        assert compte(scene.etat[0])["bruit"] == 48
