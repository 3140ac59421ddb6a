"""Parier avant de lancer : une question, des mains levées, et la réponse après."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import ipywidgets as widgets

# La page tient ce style d'une scène, s'il y en a une ; un pari joué seul l'apporte avec lui.
STYLE = f"<style>{Path(__file__).with_name('pupitre.css').read_text('utf-8')}</style>"
GRAND = {"font_size": "17px"}  # lisible du dixième rang


def grand_bouton(mot: str, infobulle: str, **options) -> widgets.Button:
    """Un bouton qui se lit du dixième rang."""
    place = widgets.Layout(width="auto", height="40px")
    return widgets.Button(description=mot, tooltip=infobulle, style=GRAND, layout=place, **options)


def _mains(combien: int) -> str:
    return f"{combien} main{'s' if combien > 1 else ''}"


class Pari:
    """Une question posée à la salle ; un clic sur un choix compte une main de plus.

    ``choix`` : de deux à six réponses possibles. Affiche-le dans une cellule, lance la scène, puis
    appelle ``devoile`` dans une autre. Lève une ``ValueError`` si le pari n'en est pas un.
    """

    def __init__(self, question: str, choix: Sequence[str]):
        if isinstance(choix, str) or not 2 <= len(choix) <= 6 or len(set(choix)) != len(choix):
            raise ValueError(f"Le pari « {question} » doit proposer de deux à six choix différents.")
        self.question, self.choix = question, list(choix)
        self.mains = dict.fromkeys(self.choix, 0)
        self._comptes = {nom: widgets.Label(style=GRAND) for nom in self.choix}
        titre = f"<i class='fa fa-hand-paper-o'></i> <b>{escape(question)}</b>"
        titre = widgets.HTML(f"{STYLE}<div style='font-size:20px;padding:4px 0'>{titre}</div>")
        self._page = widgets.VBox([titre, *map(self._ligne, self.choix)])
        self._page.add_class("demystifie-pari")  # agrandi en diapositives, par sliveshow.css

    def leve(self, choix: str, mains: int = 1) -> None:
        """Compte ``mains`` mains de plus pour ``choix`` (négatif : de moins, jamais sous zéro)."""
        self._verifie(choix)
        self.mains[choix] = levees = max(0, self.mains[choix] + mains)
        self._comptes[choix].value = _mains(levees) if levees else ""

    def devoile(self, bonne: str, pourquoi: str) -> "Devoile":
        """Un bouton « Voir la réponse », qui compare les mains levées à ce que l'on a vu."""
        self._verifie(bonne)
        return Devoile(self, bonne, pourquoi)

    def _verifie(self, choix):
        if choix not in self.mains:
            raise ValueError(f"« {choix} » n'est pas un choix de ce pari : {', '.join(self.choix)}.")

    def _ligne(self, nom):
        plus = grand_bouton(nom, f"Une main : {nom}", button_style="info")
        plus.layout.min_width = "min(340px, 60%)"  # un écran étroit, ou zoomé
        moins = grand_bouton("−", f"Une main de moins : {nom}")
        plus.on_click(lambda _: self.leve(nom))
        moins.on_click(lambda _: self.leve(nom, -1))
        return widgets.HBox([plus, moins, self._comptes[nom]])

    def _repr_mimebundle_(self, **options):
        fige = f"{self.question}\n" + "\n".join(f"  · {nom}" for nom in self.choix)
        liste = "".join(f"<li>{escape(nom)}</li>" for nom in self.choix)
        html = f"<p><b>{escape(self.question)}</b></p><ul>{liste}</ul>"
        return self._page._repr_mimebundle_(**options) | {"text/plain": fige, "text/html": html}


class Cache:
    """Ce qui ne se montre qu'une fois demandé : « Tout exécuter » ne vend rien."""

    def __init__(self, mot: str, infobulle: str, fige: str):
        """``mot`` est sur le bouton ; ``fige`` tient sa place dans un document figé."""
        self._fige, self._reponse = fige, widgets.HTML()
        bouton = grand_bouton(mot, infobulle, icon="eye", button_style="warning")
        bouton.on_click(lambda _: self.montre())
        self._page = widgets.VBox([bouton, self._reponse]).add_class("demystifie-pari")
        self._page.layout.align_items = "flex-start"

    def montre(self) -> None:
        """Affiche ce qui était caché, avec les mains levées jusque-là."""
        self._reponse.value = self.html()

    def html(self) -> str:
        """Ce qui est caché."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options):
        return self._page._repr_mimebundle_(**options) | {"text/plain": self._fige}


class Devoile(Cache):
    """La réponse d'un pari, et une barre par choix si des mains se sont levées."""

    def __init__(self, pari: Pari, bonne: str, pourquoi: str):
        self._pari, self._bonne, self._pourquoi = pari, bonne, pourquoi
        super().__init__(
            "Voir la réponse", "Celle du pari", "La réponse se dévoile en exécutant le carnet."
        )

    def html(self) -> str:
        """La réponse telle qu'elle s'affiche."""
        total = sum(self._pari.mains.values())
        lignes = "".join(
            f"<tr><td>{'✔' if nom == self._bonne else ''}</td><td>{escape(nom)}</td><td>"
            f"<div style='width:{400 * mains / total:.0f}px;height:20px;border-radius:4px;"
            f"background:{'#009E73' if nom == self._bonne else '#b8c4ce'}'></div></td>"
            f"<td>{_mains(mains)}</td></tr>"
            for nom, mains in self._pari.mains.items()
            if total
        )
        return (
            f"<div style='font-size:20px;line-height:1.4;padding:6px 0'><b>{escape(self._bonne)}</b>. "
            f"{escape(self._pourquoi)}</div>"
            + (f"<table style='font-size:17px'>{lignes}</table>" if total else "")
        )
