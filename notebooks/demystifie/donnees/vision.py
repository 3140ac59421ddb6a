"""torchvision, même quand il s'accorde mal avec torch."""

import importlib
import sys


def importe_torchvision():
    """Importe torchvision, même bancal à côté de ce torch ; le rend.

    Un torchvision compilé pour une carte graphique, à côté d'un torch qui n'en connaît pas, ne
    charge pas ses opérateurs, et s'arrête à « operator torchvision::nms does not exist ». Ils ne
    servent qu'à la détection d'objets : les déclarer, vides, suffit pour tout le reste. On ne le
    fait qu'après un échec, car un torchvision bien portant les déclare lui-même, et deux fois non plus
    ne va pas.
    """
    try:
        return importlib.import_module("torchvision")
    except (RuntimeError, AttributeError):  # AttributeError : un autre l'a essayé avant nous, en vain
        import torch

    for module in [nom for nom in sys.modules if nom.partition(".")[0] == "torchvision"]:
        del sys.modules[module]  # ce que l'essai manqué a laissé à moitié chargé
    declare = torch.library.Library("torchvision", "FRAGMENT")
    for operateur in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, operateur):
            declare.define(f"{operateur}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    importe_torchvision.garde = declare  # l'oublier effacerait les déclarations
    return importlib.import_module("torchvision")
