"""Le petit module d'aide des carnets : des scènes vivantes, et de quoi les remplir."""

from . import donnees, vues
from .ardoise import Ardoise
from .pari import Pari
from .reglages import Point
from .scene import Scene

__all__ = ["Ardoise", "Pari", "Point", "Scene", "donnees", "vues"]
