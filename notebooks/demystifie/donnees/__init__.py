"""Les données des carnets ; tout ce qui est ici marche sans réseau.

Un fichier par jeu ; rien n'est lu avant d'être demandé.
"""

from .animaux import chats_et_chiens
from .chiffres import chiffres
from .mnist import Mnist, mnist, mnist_extrait
from .vision import importe_torchvision

__all__ = ["Mnist", "chats_et_chiens", "chiffres", "importe_torchvision", "mnist", "mnist_extrait"]
