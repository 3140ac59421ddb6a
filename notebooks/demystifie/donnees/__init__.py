"""Les données des carnets ; tout ce qui est ici marche sans réseau.

Un fichier par jeu ; rien n'est lu avant d'être demandé.
"""

from .animaux import chats_et_chiens
from .chiffres import chiffres
from .coeur import Coeur, coeur
from .communes import Communes, Lecture, communes, communes_a_lire
from .lettres import LETTRES, en_lettres
from .mnist import Mnist, mnist, mnist_extrait
from .photos import Morceaux, morceaux, photos
from .vision import importe_torchvision

__all__ = [
    "LETTRES",
    "Coeur",
    "Communes",
    "Lecture",
    "Mnist",
    "Morceaux",
    "chats_et_chiens",
    "chiffres",
    "coeur",
    "communes",
    "communes_a_lire",
    "en_lettres",
    "importe_torchvision",
    "mnist",
    "mnist_extrait",
    "morceaux",
    "photos",
]
