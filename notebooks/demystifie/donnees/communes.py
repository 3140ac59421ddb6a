"""Les noms des communes de France, et ce qu'un réseau en lit."""

from functools import cache
from typing import NamedTuple

import numpy as np

from .fichiers import lis, refuse
from .lettres import LONGUEUR, en_lettres

COMBIEN = 34_216
RESERVE = 2000  # noms qu'aucun réseau ne lit
MELANGE = 12345  # la graine du partage : la changer, c'est refaire les poids embarqués


class Communes(NamedTuple):
    """Des noms, et la région de chacun."""

    noms: tuple[str, ...]
    regions: tuple[str, ...]


class Lecture(NamedTuple):
    """Des noms à donner à lire, et d'autres, du même lieu, qui ne l'ont jamais été."""

    lus: tuple[str, ...]
    jamais_lus: tuple[str, ...]


@cache
def communes() -> Communes:
    """Les 34 216 noms de communes de France, par ordre alphabétique, et la région de chacun.

    Il y a 26 régions, collectivités d'outre-mer comprises. La France a 34 969 communes : deux de même
    nom, dans la même région, ne comptent qu'une fois ; dans deux régions, elles comptent deux fois.
    Lève une ``FileNotFoundError`` ou une ``ValueError``, en une phrase, si le fichier manque ou est
    abîmé.

    Source : INSEE, « Code officiel géographique », publié par Etalab, Licence Ouverte 2.0.
    """
    tableaux = lis("communes.npz", "noms", "regions", "region")
    if any(tableau.dtype != np.uint8 for tableau in tableaux) or tableaux[2].shape != (COMBIEN,):
        raise refuse("communes.npz")
    noms, regions = (tableau.tobytes().decode().split("\n") for tableau in tableaux[:2])
    return Communes(tuple(noms), tuple(regions[rang] for rang in tableaux[2]))


@cache
def communes_a_lire(region: str | None = None) -> Lecture:
    """Les noms de communes tels qu'un réseau les lit, mélangés ; 2 000 sont mis de côté.

    En minuscules, sans doublon, de 30 lettres au plus ; ceux de ``region``, ou de toutes. Mélange et
    mise de côté sont les mêmes à chaque fois, et pour toutes les régions : ``lus`` commence toujours
    par les mêmes noms. Lève une ``ValueError`` si la région n'existe pas.
    """
    tous = communes()
    if region not in {None, *tous.regions}:
        raise ValueError(f"Pas de région « {region} » parmi : {', '.join(sorted(set(tous.regions)))}.")
    # Quelques noms ont des parenthèses, que ``en_lettres`` effacerait : on les laisse.
    lisibles = {nom: en_lettres(nom) for nom in tous.noms if "(" not in nom and len(nom) <= LONGUEUR}
    melange = np.random.default_rng(MELANGE).permutation(sorted(set(lisibles.values()))).tolist()
    ici = {lisibles.get(nom) for nom, ou in zip(*tous, strict=True) if region in (None, ou)}
    return Lecture(
        tuple(nom for nom in melange[RESERVE:] if nom in ici),
        tuple(nom for nom in melange[:RESERVE] if nom in ici),
    )
