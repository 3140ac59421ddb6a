"""Le petit module d'aide des carnets : des scènes vivantes, et de quoi les remplir."""

import importlib

from threadpoolctl import threadpool_limits

from . import donnees, vues
from .dessin import vue
from .pari import Pari
from .point import Point
from .scene import Scene

# Deux cœurs partagés avec un navigateur : un seul fil de calcul par scène, sinon chacun attend l'autre.
threadpool_limits(1, user_api="blas")

__all__ = ["Ardoise", "Pari", "Point", "Scene", "donnees", "reseaux", "vue", "vues"]


def __getattr__(nom):
    """N'importe ce qui est long à charger, torch surtout, que si un carnet s'en sert."""
    if nom == "reseaux":
        return importlib.import_module(".reseaux", __name__)
    if nom == "Ardoise":
        return importlib.import_module(".ardoise", __name__).Ardoise
    raise AttributeError(f"module {__name__!r} has no attribute {nom!r}")
