"""Le décor du carnet 09, à la fin : les réponses des paris, et ce que la salle avait parié."""

from html import escape

from demystifie import Pari
from demystifie.pari import Cache

from .intelligent_donnees import EXERCICES, JUSTES

__all__ = ["EXERCICES", "JUSTES", "REPONSES", "Releve"]

REPONSES = {
    "sales": (
        "toujours la même faute",
        "Au hasard, les fautes se contredisent et se noient : à peu près deux fois plus de ratés "
        "qu’avec un cahier propre. Toujours la même, c’est une leçon : il l’apprend, et rate cinq "
        "fois plus.",
    ),
    "ignorante": (
        "B",
        "B souligne les contours de l’image : qu’on change le réseau, elle ne bouge pas d’un cheveu. "
        "Le plus gênant, c’est A : elle connaît le réseau, et pourtant, signes oubliés, elle ressemble "
        "plus à B qu’à C.",
    ),
    "compris": (
        "ça dépend de ce que « compris » veut dire",
        "S’il s’agit de lire, cinq fautes sur mille : il lit. S’il s’agit de savoir ce qu’est un 7, "
        "non : un crochet, et un 1 devient un 7 ; un tampon, et il ne regarde plus l’encre. Il a trouvé "
        "ce qui, dans nos exemples, allait avec le mot « 7 ». Le reste, c’est nous qui l’ajoutons, en "
        "disant « comprendre ».",
    ),
}
"""Par pari, la bonne réponse et pourquoi."""

RELIRE = "Relire nos paris"


class Releve(Cache):
    """Les paris de la salle, côte à côte avec ce que l'on a vu ; rien ne se montre avant un clic.

    ``paris`` : un ``Pari`` par clé de ``REPONSES``. Le dernier est celui de l'accueil : sa réponse n'a
    encore été donnée nulle part, et vient avec son pourquoi.
    """

    def __init__(self, **paris: Pari):
        self._paris = paris
        vu = "Ce que la salle a parié, et ce que l’on a vu"
        super().__init__(RELIRE, vu, "Les paris se relisent en exécutant le carnet.")

    def html(self) -> str:
        """Une ligne par pari ; et la réponse du dernier."""
        lignes = "".join(self._ligne(nom, pari) for nom, pari in self._paris.items())
        bonne, pourquoi = REPONSES[list(self._paris)[-1]]
        entetes = "".join(
            f"<th style='text-align:left;padding:4px 14px'>{mot}</th>"
            for mot in ("la question", "la salle", "ce qu’on a vu")
        )
        return (
            f"<table style='font-size:16px;line-height:1.35'><tr>{entetes}</tr>{lignes}</table>"
            f"<div style='font-size:18px;line-height:1.4;padding:8px 0;max-width:46em'>"
            f"<b>{escape(bonne)}</b>. {escape(pourquoi)}</div>"
        )

    def _ligne(self, nom, pari):
        bonne, total = REPONSES[nom][0], sum(pari.mains.values())
        salle, couleur = "pas une main levée", "#52606d"
        if total:
            gagnant = max(pari.mains, key=pari.mains.get)
            salle = f"{gagnant} ({pari.mains[gagnant]} sur {total})"
            couleur = "#009E73" if gagnant == bonne else "#D55E00"
        cases = (escape(pari.question), f"<b style='color:{couleur}'>{escape(salle)}</b>", escape(bonne))
        case = "<td style='text-align:left;padding:4px 14px;white-space:normal;max-width:20em'>"
        return f"<tr>{''.join(f'{case}{texte}</td>' for texte in cases)}</tr>"
