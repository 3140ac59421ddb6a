"""Le petit module d'aide des carnets : des scènes vivantes, et de quoi les remplir."""

from threadpoolctl import threadpool_limits

from . import donnees, vues
from .ardoise import Ardoise
from .pari import Pari
from .reglages import Point
from .scene import Scene

# Deux cœurs partagés avec un navigateur : un seul fil de calcul par scène, sinon chacun attend l'autre.
threadpool_limits(1, user_api="blas")

__all__ = ["Ardoise", "Pari", "Point", "Scene", "donnees", "vues"]
