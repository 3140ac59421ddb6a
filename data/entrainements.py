"""Les réseaux embarqués, un entraînement par nom : chacun rend un réseau arrondi et ce qu'il vaut.

À la même graine et sur la même machine, les poids sont les mêmes.
"""

import copy
import sys
from functools import partial

import numpy as np
import torch
from demystifie import donnees, reseaux
from torch import nn
from torch.nn import functional

LOT = 128
RECETTES = {  # époques, sommet du taux d'apprentissage, oubli des poids
    "lenet5": (6, 0.012, 0),
    "dense": (6, 0.003, 0),
}
PAS_FILTRES = 8_000
PAS_LETTRES = 10_000
TOURS = 11_000  # du faussaire


def mnist_complet(partie: str) -> donnees.Mnist:
    """Une partie de MNIST ; s'il n'est pas là en entier, on s'arrête."""
    jeu = donnees.mnist(partie)
    if jeu.origine != "MNIST":
        sys.exit("Il faut MNIST en entier : l'extrait embarqué ne suffit pas.")
    return jeu


def arrondit(reseau: nn.Module) -> nn.Module:
    """Le même, en demi-précision ; c'est de lui qu'on mesure ce qu'il vaut."""
    reseau.load_state_dict({cle: valeur.half() for cle, valeur in reseau.state_dict().items()})
    return reseau.eval()


def images(nom: str) -> tuple[nn.Module, dict]:
    """Un réseau qui reconnaît les chiffres de MNIST, déformés un peu à chaque fois."""
    torch.set_num_threads(2)
    torch.manual_seed(0)
    jeu, controle = mnist_complet("apprentissage"), mnist_complet("test")
    pixels, etiquettes = reseaux.tenseur(jeu.images), torch.from_numpy(jeu.etiquettes)
    epoques, sommet, oubli = RECETTES[nom]
    reseau = reseaux.FABRIQUES[nom]().to(memory_format=torch.channels_last)
    regle = torch.optim.AdamW(reseau.parameters(), weight_decay=oubli)
    pas = epoques * len(pixels) // LOT
    taux = torch.optim.lr_scheduler.OneCycleLR(regle, sommet, total_steps=pas)
    lots = torch.cat([torch.randperm(len(pixels)) for _ in range(epoques)]).split(LOT)
    for numero, lot in enumerate(lots[:pas]):
        avis = reseau(deforme(pixels[lot]))
        cout = functional.cross_entropy(avis, etiquettes[lot], label_smoothing=0.05)
        regle.zero_grad()
        cout.backward()
        regle.step()
        taux.step()
        if numero % 500 == 0:
            print(f"{nom} : {numero} lots sur {pas}, coût {cout.item():.2f}", flush=True)
    erreur = reseaux.erreur(arrondit(reseau), controle.images, controle.etiquettes)
    return reseau, {"erreur_de_test": erreur}


def deforme(lot):
    """Chaque image un peu tournée, penchée, étirée et déplacée, comme le font les mains."""

    def tire(ampleur):
        return (2 * torch.rand(len(lot)) - 1) * ampleur

    angle, penche = tire(0.2), tire(0.14)
    large, haut = 1 + tire(0.12), 1 + tire(0.12)
    lignes = [
        torch.stack([large * angle.cos(), penche - large * angle.sin(), tire(0.08)], dim=1),
        torch.stack([haut * angle.sin(), haut * angle.cos(), tire(0.08)], dim=1),
    ]
    grille = functional.affine_grid(torch.stack(lignes, dim=1), lot.shape, align_corners=False)
    return functional.grid_sample(lot, grille, align_corners=False)


def filtres11() -> tuple[nn.Module, dict]:
    """De quelle photo vient ce petit morceau, et dans quel sens l'a-t-on tourné ?"""
    torch.manual_seed(0)
    hasard = np.random.default_rng(0)
    reseau = reseaux.filtres11()
    filtres, reste = reseau[:1].parameters(), reseau[1:].parameters()
    regle = torch.optim.SGD(
        [{"params": filtres, "weight_decay": 0.03}, {"params": reste, "weight_decay": 0.001}],
        lr=0.03, momentum=0.9, nesterov=True,
    )  # fmt: skip
    taux = torch.optim.lr_scheduler.LambdaLR(regle, lambda pas: min(1, 2.5 * (1 - pas / PAS_FILTRES)))
    for pas in range(PAS_FILTRES):
        morceaux = donnees.morceaux("apprentissage", 64, hasard)
        photo, sens = reseau(reseaux.couleurs(morceaux.pixels, hasard)).split([7, 4], dim=1)
        cout = functional.cross_entropy(photo, torch.from_numpy(morceaux.photo))
        cout = cout + functional.cross_entropy(sens, torch.from_numpy(morceaux.sens))
        corrige(regle, cout)
        taux.step()
        if pas % 500 == 0:
            print(f"filtres11 : {pas} lots sur {PAS_FILTRES}, coût {cout.item():.2f}", flush=True)
    examen = donnees.morceaux("test", 4000, np.random.default_rng(1))
    with torch.no_grad():
        avis = arrondit(reseau)(reseaux.couleurs(examen.pixels)).numpy()
    return reseau, {
        "photos_justes": float(np.mean(avis[:, :7].argmax(axis=1) == examen.photo)),
        "sens_justes": float(np.mean(avis[:, 7:].argmax(axis=1) == examen.sens)),
    }


def lettres() -> tuple[nn.Module, dict]:
    """Un réseau qui lit les communes, lettre après lettre ; 2 000 noms lui restent inconnus."""
    torch.manual_seed(0)
    lus, jamais_lus = donnees.communes_a_lire()
    reseau = reseaux.Lettres(memoire=160, oubli=0.25)
    regle = torch.optim.Adam(reseau.parameters(), 0.008)
    taux = torch.optim.lr_scheduler.LinearLR(regle, 1, 0.02, total_iters=PAS_LETTRES)
    for pas in range(PAS_LETTRES):
        lues, suivantes = reseaux.code([lus[i] for i in torch.randint(len(lus), (64,))])
        avis, _ = reseau(lues)
        cout = functional.cross_entropy(avis.mT, suivantes)
        regle.zero_grad()
        cout.backward()
        nn.utils.clip_grad_norm_(reseau.parameters(), 1)
        regle.step()
        taux.step()
        if pas % 500 == 0:
            print(
                f"lettres : {pas} lots sur {PAS_LETTRES}",
                *reseaux.invente(reseau, 5),
                sep=", ",
                flush=True,
            )
    return reseau, {"hesitation": reseaux.hesitation(arrondit(reseau), jamais_lus)}


class Expert(nn.Module):
    """Dit si une image (n, 1, 28, 28) est un vrai du chiffre annoncé (n,) : oui, au-dessus de zéro."""

    def __init__(self):
        super().__init__()
        self.regard = nn.Sequential(
            nn.Conv2d(1, 32, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, 64),
            nn.LeakyReLU(0.2),
        )
        self.avis = nn.Linear(64, 1)
        self.annonce = nn.Embedding(10, 64)

    def forward(self, image, chiffre):  # noqa: D102
        vu = self.regard(image)
        return self.avis(vu)[:, 0] + (vu * self.annonce(chiffre)).sum(1) / 8


def faussaire() -> tuple[nn.Module, dict]:
    """Un faussaire et un expert qui progressent ensemble ; on garde le premier, lissé dans le temps."""
    torch.manual_seed(0)
    jeu = mnist_complet("apprentissage")
    vraies, chiffres = reseaux.tenseur(jeu.images), torch.from_numpy(jeu.etiquettes)
    # Le même que l'embarqué, plus deux normalisations par lot, que l'on replie à la fin.
    apprenti = nn.Sequential(
        nn.Linear(reseaux.Faussaire.BRUIT + 10, 64 * 7 * 7, bias=False),
        nn.BatchNorm1d(64 * 7 * 7),
        nn.ReLU(),
        nn.Unflatten(1, (64, 7, 7)),
        nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1),
        nn.Sigmoid(),
    )
    expert, lisse = Expert(), copy.deepcopy(apprenti)
    regles = [torch.optim.Adam(r.parameters(), 0.0005, betas=(0.5, 0.99)) for r in (apprenti, expert)]
    for tour in range(1, TOURS + 1):
        lot, demandes = torch.randint(len(vraies), (64,)), torch.randint(10, (64,))
        bruit = torch.randn(64, reseaux.Faussaire.BRUIT)
        fausses = apprenti(torch.cat([bruit, torch.eye(10)[demandes]], dim=1))
        avis = expert(torch.cat([vraies[lot], fausses.detach()]), torch.cat([chiffres[lot], demandes]))
        corrige(
            regles[1], functional.softplus(-avis[:64]).mean() + functional.softplus(avis[64:]).mean()
        )
        corrige(regles[0], functional.softplus(-expert(fausses, demandes)).mean())
        part = max(0.001, 10 / (tour + 10))
        for moyenne, actuel in zip(
            lisse.state_dict().values(), apprenti.state_dict().values(), strict=True
        ):
            if moyenne.is_floating_point():
                moyenne.lerp_(actuel, part)
        if tour % 1000 == 0:
            print(f"faussaire : {tour} tours sur {TOURS}", flush=True)
    reseau = arrondit(replie(lisse))
    return reseau, juge(reseau)


def corrige(regle: torch.optim.Optimizer, cout: torch.Tensor) -> None:
    """Un pas de ``regle`` contre ``cout``."""
    regle.zero_grad()
    cout.backward()
    regle.step()


@torch.no_grad()
def replie(appris: nn.Sequential) -> reseaux.Faussaire:
    """Le faussaire embarqué : chaque normalisation, fixée, se multiplie avec la couche d'avant."""
    esquisse, norme1, _, _, agrandit1, norme2, _, agrandit2, _ = appris
    reseau = reseaux.Faussaire()
    for ici, couche, norme, dim in (
        (reseau.esquisse, esquisse, norme1, (-1, 1)),
        (reseau.agrandit1, agrandit1, norme2, (1, -1, 1, 1)),
    ):
        facteur = norme.weight / (norme.running_var + norme.eps).sqrt()
        ici.weight.copy_(couche.weight * facteur.view(dim))
        ici.bias.copy_(norme.bias - norme.running_mean * facteur)
    reseau.agrandit2.load_state_dict(agrandit2.state_dict())
    return reseau


def juge(reseau: reseaux.Faussaire) -> dict:
    """Ce que vaut un faussaire, sur 200 demandes de chaque chiffre ; voir ``reseaux.charger``."""
    demandes = np.arange(2000) % 10
    faux = reseaux.contrefait(reseau, demandes, hasard=torch.Generator().manual_seed(0))
    lenet = reseaux.charger("lenet5")
    with torch.no_grad():
        lus = lenet(reseaux.tenseur(faux)).argmax(dim=1).numpy()
    appris = mnist_complet("apprentissage").images
    vrais = donnees.mnist_extrait("test").images
    return {
        "obeissance": float(np.mean(lus == demandes)),
        "lus": np.bincount(lus, minlength=10),
        "voisin_des_faux": voisin(faux[:1000].numpy(), appris),
        "voisin_des_vrais": voisin(vrais / np.float32(255), appris),
    }


def voisin(images: np.ndarray, appris: np.ndarray) -> float:
    """La distance moyenne d'une image, de 0 à 1, à la plus proche de celles qui ont été apprises."""
    ici, la = (torch.as_tensor(x).reshape(len(x), -1) for x in (images, appris / np.float32(255)))
    return float(torch.cat([torch.cdist(lot, la).amin(dim=1) for lot in ici.split(100)]).mean())


ENTRAINEMENTS = {nom: partial(images, nom) for nom in RECETTES} | {
    "filtres11": filtres11,
    "lettres": lettres,
    "faussaire": faussaire,
}
