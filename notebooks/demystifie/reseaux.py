"""Les réseaux torch qui servent dans plusieurs chapitres, et leurs poids déjà entraînés.

Importer ce module limite torch à un fil dans ce noyau : sur deux cœurs partagés avec le navigateur,
deux fils ralentissent tout.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .donnees.fichiers import lis, refuse
from .donnees.lettres import FIN, LETTRES, LONGUEUR

torch.set_num_threads(1)

PAQUET = 100  # images à la fois, à l'examen ; davantage n'irait pas plus vite, et prendrait de la place


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
    """Un petit réseau dont la première couche a 48 filtres de 11×11, en couleurs, comme ceux d'AlexNet.

    Entrée (n, 3, 48, 48), des morceaux de photo (voir ``couleurs``) ; sortie (n, 11) : sept avis sur la
    photo dont ils viennent, puis quatre sur le sens où on l'a tournée (voir ``donnees.morceaux``).
    """
    reseau = nn.Sequential(
        OrderedDict(
            filtres1=nn.Conv2d(3, 48, 11, stride=4),
            relu1=nn.ReLU(),
            reduction1=nn.MaxPool2d(2),
            filtres2=nn.Conv2d(48, 64, 3, padding=1),
            relu2=nn.ReLU(),
            moyenne=nn.AdaptiveAvgPool2d(1),
            aplatit=nn.Flatten(),
            avis=nn.Linear(64, 7 + 4),
        )
    )
    nn.init.normal_(reseau.filtres1.weight, std=0.01)
    return reseau


class Lettres(nn.Module):
    """Lit un nom lettre après lettre, et donne à chaque fois son avis sur la suivante.

    Entrée (n, t), des rangs dans ``LETTRES`` (voir ``code``). Rend les avis, (n, t, 44), et ce qui reste
    en mémoire, à lui rendre pour qu'il lise la suite comme s'il n'avait jamais été arrêté.
    """

    def __init__(self, regard: int = 32, memoire: int = 128, oubli: float = 0.0):
        super().__init__()
        self.lecture = nn.Embedding(len(LETTRES), regard)
        self.memoire = nn.LSTM(regard, memoire, batch_first=True)
        self.oubli = nn.Dropout(oubli)
        self.avis = nn.Linear(memoire, len(LETTRES))

    def forward(self, lettres, memoire=None):  # noqa: D102
        sorties, memoire = self.memoire(self.lecture(lettres), memoire)
        return self.avis(self.oubli(sorties)), memoire


class Faussaire(nn.Module):
    """Change du bruit (n, 16) et une demande (n, 10) en images (n, 28, 28), de 0 (papier) à 1 (encre).

    Une demande dit combien on veut de chaque chiffre : tout d'un seul, d'ordinaire ; moitié 3 et moitié
    8, si l'on veut. Des grilles de 7×7 sont agrandies deux fois : 117 985 paramètres.
    """

    BRUIT = 16

    def __init__(self):
        super().__init__()
        self.esquisse = nn.Linear(self.BRUIT + 10, 64 * 7 * 7)
        self.agrandit1 = nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)
        self.agrandit2 = nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1)

    def forward(self, bruit, demande):  # noqa: D102
        esquisse = self.esquisse(torch.cat([bruit, demande], dim=1)).relu().view(-1, 64, 7, 7)
        return self.agrandit2(self.agrandit1(esquisse).relu()).sigmoid()[:, 0]


class Adam:
    """La descente de ``torch.optim.Adam`` (Kingma et Ba, 2015), qui charge 70 Mio pour d'autres usages.

    Chaque bouton a son élan, et un pas d'autant plus petit que son reproche est d'ordinaire grand ;
    ``inertie`` : combien dure cet ordinaire.
    """

    def __init__(self, boutons, taux: float = 0.001, inertie: float = 0.999):
        self.boutons, self.taux, self.inertie, self.pas = list(boutons), taux, inertie, 0
        self.elans, self.carres = ([torch.zeros_like(b) for b in self.boutons] for _ in range(2))

    @torch.no_grad()
    def step(self, taux: float | None = None) -> None:
        """Tourne les boutons, à ce ``taux`` ou à celui du départ."""
        self.pas += 1
        large = (self.taux if taux is None else taux) / (1 - 0.9**self.pas)
        chauffe = 1 - self.inertie**self.pas
        for bouton, elan, carre in zip(self.boutons, self.elans, self.carres, strict=True):
            elan.lerp_(bouton.grad, 0.1)
            carre.mul_(self.inertie).addcmul_(bouton.grad, bouton.grad, value=1 - self.inertie)
            bouton.addcdiv_(elan, (carre / chauffe).sqrt_().add_(1e-8), value=-large)


FABRIQUES = {
    "lenet5": LeNet5,
    "dense": dense,
    "filtres11": filtres11,
    "lettres": lambda: Lettres(memoire=160),
    "faussaire": Faussaire,
}
MESURES = {  # ce que chacun vaut, écrit à côté de ses poids
    "lenet5": ["erreur_de_test"],
    "dense": ["erreur_de_test"],
    "filtres11": ["photos_justes", "sens_justes"],
    "lettres": ["hesitation"],
    "faussaire": ["obeissance", "lus", "voisin_des_faux", "voisin_des_vrais"],
}


def charger(nom: str) -> nn.Module:
    """Le réseau ``nom``, déjà entraîné (par ``data/preparer.py``), prêt à répondre.

    Il porte, mesuré sur ce qu'il n'a jamais vu, ce qu'il vaut :

    - ``lenet5``, ``dense`` : ``erreur_de_test``, la part des 10 000 chiffres de test de MNIST qu'il
      rate ;
    - ``filtres11`` : ``photos_justes`` et ``sens_justes``, la part de ses bonnes réponses sur des
      morceaux des photos qu'il n'a jamais vus ;
    - ``lettres`` : ``hesitation`` (voir la fonction) sur les 2 000 communes qu'il n'a jamais lues ;
    - ``faussaire`` : sur 2 000 demandes, ``obeissance``, la part de celles où LeNet-5 lit le chiffre
      demandé, et ``lus`` (10,), combien il en lit de chaque ; ``voisin_des_faux`` et
      ``voisin_des_vrais``, à quelle distance moyenne un faux chiffre, et un vrai de l'examen, sont de
      l'image d'apprentissage la plus proche.

    Lève une ``ValueError`` ou une ``FileNotFoundError``, en une phrase, si le nom n'est pas connu, ou si
    le fichier de ses poids manque ou est abîmé.
    """
    if nom not in FABRIQUES:
        raise ValueError(f"Pas de réseau « {nom} » : il y a {', '.join(FABRIQUES)}.")
    reseau = FABRIQUES[nom]()
    attendus = reseau.state_dict()
    lus = lis(f"{nom}.npz", *attendus, *MESURES[nom])
    for attendu, lu in zip(attendus.values(), lus, strict=False):
        if lu.shape != attendu.shape or lu.dtype.kind != "f" or not np.isfinite(lu).all():
            raise refuse(f"{nom}.npz")
        attendu.copy_(torch.from_numpy(lu))
    for mesure, lu in zip(MESURES[nom], lus[len(attendus) :], strict=True):
        setattr(reseau, mesure, lu.tolist())
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


def couleurs(pixels: np.ndarray, hasard: np.random.Generator | None = None) -> torch.Tensor:
    """Des morceaux de photo (n, h, l, 3), des octets, comme les lit ``filtres11`` : (n, 3, h, l).

    Chaque couleur y compte à partir de sa moyenne. Avec un ``hasard``, la lumière change d'abord, et
    trois morceaux sur dix passent en noir et blanc, pour que la couleur ne suffise pas à répondre.
    """
    lus = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
    if hasard is not None:
        lumiere = (1 + 0.25 * hasard.standard_normal((len(lus), 3, 1, 1))).clip(0.4, 1.8)
        lus *= torch.from_numpy(lumiere.astype(np.float32))
        gris = torch.from_numpy(hasard.random(len(lus)) < 0.3)
        lus[gris] = lus[gris].mean(dim=1, keepdim=True)
    lus -= lus.mean(dim=(2, 3), keepdim=True)
    return lus / (lus.std(dim=(1, 2, 3), keepdim=True) + 0.05)


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


def code(noms: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Des noms, écrits avec les ``LETTRES``, en rangs : ce que lit un réseau, et ce qu'il doit annoncer.

    Rend ``(lues, suivantes)``, de forme (n, t) : une fin de nom d'abord, puis le nom ; et la même chose
    d'un cran plus tôt, jusqu'à sa fin. Passé celle-ci, ``suivantes`` vaut -100, que ``cross_entropy``
    ignore. Lève une ``ValueError`` si une lettre n'est pas connue (voir ``donnees.en_lettres``).
    """
    if inconnues := set().union(*noms) - set(LETTRES[1:]):
        raise ValueError(f"Lettres inconnues : {' '.join(sorted(inconnues))} ; voir donnees.en_lettres.")
    rangs = [[LETTRES.index(lettre) for lettre in nom] for nom in noms]
    long = max(map(len, rangs), default=0)
    lues = [[0, *nom, *[0] * (long - len(nom))] for nom in rangs]
    suivantes = [[*nom, 0, *[-100] * (long - len(nom))] for nom in rangs]
    return tuple(torch.tensor(t, dtype=torch.long).view(-1, long + 1) for t in (lues, suivantes))


def decode(rangs: torch.Tensor) -> list[str]:
    """Des rangs (n, t) en noms, chacun jusqu'à sa première fin."""
    return ["".join(LETTRES[rang] for rang in nom).partition(FIN)[0] for nom in rangs.tolist()]


@torch.no_grad()
def hesitation(reseau: Lettres, noms: Sequence[str]) -> float:
    """Entre combien de lettres ``reseau`` hésite, en moyenne, à chaque lettre de ces ``noms``.

    C'est l'exponentielle de son erreur moyenne (sa *perplexité*) : 1 s'il sait tout, 44 s'il tire au
    sort.
    """
    apprenait = reseau.training
    reseau.eval()
    total = lettres = 0
    noms = sorted(noms, key=len)  # ceux d'un paquet ont à peu près la même longueur
    for debut in range(0, len(noms), PAQUET):
        lues, suivantes = code(noms[debut : debut + PAQUET])
        avis, _ = reseau(lues)
        total += functional.cross_entropy(avis.mT, suivantes, reduction="sum").item()
        lettres += int((suivantes >= 0).sum())
    reseau.train(apprenait)
    return math.exp(total / lettres)


@torch.no_grad()
def invente(
    reseau: Lettres,
    combien: int,
    audace: float = 1.0,
    debut: str = "",
    hasard: torch.Generator | None = None,
) -> list[str]:
    """Des noms tirés lettre après lettre de l'avis de ``reseau``, longs de ``LONGUEUR`` au plus.

    ``debut`` leur est imposé. À ``audace`` 1, chaque lettre sort aussi souvent que le réseau l'annonce ;
    moins, il s'en tient aux plus attendues ; plus, il ose. Lève une ``ValueError`` si elle n'est pas
    positive, ou si une lettre de ``debut`` n'est pas connue.
    """
    if not audace > 0:
        raise ValueError(f"L'audace est plus grande que zéro ; pas {audace}.")
    apprenait = reseau.training
    reseau.eval()
    lues, memoire = code([debut])[0].expand(combien, -1), None
    ecrites = [lues[:, 1:]]
    for _ in range(LONGUEUR - len(debut)):
        avis, memoire = reseau(lues, memoire)
        lues = torch.multinomial((avis[:, -1] / audace).softmax(dim=1), 1, generator=hasard)
        ecrites.append(lues)
    reseau.train(apprenait)
    return decode(torch.cat(ecrites, dim=1))


@torch.no_grad()
def contrefait(
    faussaire: Faussaire,
    chiffres: Sequence[int],
    audace: float = 1.0,
    hasard: torch.Generator | None = None,
) -> torch.Tensor:
    """Un faux de chacun des ``chiffres`` demandés : des images (n, 28, 28), de 0 à 1.

    ``audace`` multiplie le bruit : à 0, toujours le même dessin ; à 1, la variété qu'il a apprise.
    """
    bruit = audace * torch.randn(len(chiffres), faussaire.BRUIT, generator=hasard)
    return faussaire(bruit, torch.eye(10)[torch.as_tensor(chiffres)])
