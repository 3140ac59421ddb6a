"""Les réseaux torch qui servent dans plusieurs chapitres, et leurs poids déjà entraînés.

Importer ce module limite torch à un fil dans ce noyau : sur deux cœurs partagés avec le navigateur,
deux fils ralentissent tout.
"""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from .donnees.fichiers import lis, refuse

torch.set_num_threads(1)

PAQUET = 200  # images à la fois, à l'examen ; davantage déborde du cache, et va moins vite


class LeNet5(nn.Sequential):
    """Le réseau de LeCun, Bottou, Bengio et Haffner (1998) : 61 706 paramètres.

    Entrée (n, 1, 28, 28), sortie (n, 10), un avis par chiffre. Le nombre et la taille des couches
    sont ceux de l'article ; les neurones sont ceux d'aujourd'hui (ReLU, réduction qui garde le plus
    fort, filtres qui voient tous les canaux).
    """

    def __init__(self):
        super().__init__(
            OrderedDict(
                filtres1=nn.Conv2d(1, 6, 5, padding=2),
                relu1=nn.ReLU(),
                reduction1=nn.MaxPool2d(2),
                filtres2=nn.Conv2d(6, 16, 5),
                relu2=nn.ReLU(),
                reduction2=nn.MaxPool2d(2),
                aplatit=nn.Flatten(),
                dense1=nn.Linear(16 * 5 * 5, 120),
                relu3=nn.ReLU(),
                dense2=nn.Linear(120, 84),
                relu4=nn.ReLU(),
                avis=nn.Linear(84, 10),
            )
        )


def dense() -> nn.Sequential:
    """Le réseau sans convolution du même article, 300 puis 100 neurones : 266 610 paramètres.

    C'est 4,3 fois plus que LeNet-5. L'article leur donne 2,5 % et 0,8 % d'erreur, quand l'un et
    l'autre apprennent aussi sur des chiffres déformés. Mêmes entrée et sortie.
    """
    return nn.Sequential(
        OrderedDict(
            aplatit=nn.Flatten(),
            dense1=nn.Linear(28 * 28, 300),
            relu1=nn.ReLU(),
            dense2=nn.Linear(300, 100),
            relu2=nn.ReLU(),
            avis=nn.Linear(100, 10),
        )
    )


def filtres11() -> nn.Sequential:
    """Un petit réseau dont la première couche a 32 filtres de 11×11, taille de ceux d'AlexNet.

    Une seule convolution, puis l'avis : les filtres doivent tout faire. Mêmes entrée et sortie.
    """
    return nn.Sequential(
        OrderedDict(
            filtres1=nn.Conv2d(1, 32, 11, stride=2, padding=5),
            relu1=nn.ReLU(),
            reduction1=nn.MaxPool2d(2),
            aplatit=nn.Flatten(),
            avis=nn.Linear(32 * 7 * 7, 10),
        )
    )


FABRIQUES = {"lenet5": LeNet5, "dense": dense, "filtres11": filtres11}


def charger(nom: str) -> nn.Sequential:
    """Le réseau ``nom``, déjà entraîné sur MNIST (par ``data/preparer.py``), prêt à répondre.

    Son attribut ``erreur_de_test`` est la part des 10 000 chiffres de test de MNIST qu'il rate. Lève
    une ``ValueError`` ou une ``FileNotFoundError``, en une phrase, si le nom n'est pas connu, ou si
    le fichier de ses poids manque ou est abîmé.
    """
    if nom not in FABRIQUES:
        raise ValueError(f"Pas de réseau « {nom} » : il y a {', '.join(FABRIQUES)}.")
    reseau = FABRIQUES[nom]()
    attendus = reseau.state_dict()
    *poids, erreur_de_test = lis(f"{nom}.npz", *attendus, "erreur_de_test")
    for attendu, lu in zip(attendus.values(), poids, strict=True):
        if lu.shape != attendu.shape or lu.dtype.kind != "f" or not np.isfinite(lu).all():
            raise refuse(f"{nom}.npz")
        attendu.copy_(torch.from_numpy(lu))
    reseau.erreur_de_test = float(erreur_de_test)
    return reseau.eval()


def tenseur(images: np.ndarray | torch.Tensor) -> torch.Tensor:
    """Une image (28, 28), ou plusieurs (n, 28, 28), comme un réseau les veut : (n, 1, 28, 28).

    Des réels restent ce qu'ils sont ; des octets, comme ceux de MNIST, sont ramenés de 0 à 1. Lève une
    ``ValueError`` si ce ne sont pas des images.
    """
    images = torch.as_tensor(images)
    if images.shape[-2:] != (28, 28) or images.numel() == 0:
        raise ValueError(f"Il faut des images de 28×28 ; pas un tableau de forme {tuple(images.shape)}.")
    reels = images / 255 if images.dtype == torch.uint8 else images.float()
    return reels.reshape(-1, 1, 28, 28)


@torch.no_grad()
def erreur(reseau: nn.Module, images, etiquettes) -> float:
    """La part, de 0 à 1, des ``images`` (n, 28, 28) que ``reseau`` prend pour un autre chiffre."""
    apprenait = reseau.training
    reseau.eval()
    paquets = torch.as_tensor(images).split(PAQUET)
    reponses = torch.cat([reseau(tenseur(paquet)).argmax(dim=1) for paquet in paquets])
    reseau.train(apprenait)
    return float((reponses != torch.as_tensor(etiquettes)).float().mean())


@torch.no_grad()
def cartes(reseau: nn.Sequential, image) -> list[tuple[str, np.ndarray]]:
    """Ce que chaque couche de ``reseau`` fait d'une ``image`` (28, 28), dans l'ordre.

    Rend des couples (nom de la couche, sortie) : une pile (canaux, hauteur, largeur) pour un filtre
    ou une réduction, un vecteur pour une couche dense. La fonction d'activation compte avec la
    couche qu'elle suit ; l'aplatissement, qui ne change rien, est sauté.
    """
    x = tenseur(image)
    if len(x) != 1:
        raise ValueError(f"Il faut une image, pas {len(x)}.")
    rendues = []
    for nom, couche in reseau.named_children():
        x = couche(x)
        if isinstance(couche, nn.ReLU):
            nom = rendues.pop()[0]
        if not isinstance(couche, nn.Flatten):
            rendues.append((nom, x[0].numpy()))
    return rendues
