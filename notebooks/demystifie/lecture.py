"""Jouer une partie en tâche de fond, sans jamais faire attendre la main."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar

from .page import Page
from .partie import Partie

TRANCHE, TRANCHE_CALME = 0.005, 0.040  # secondes de calcul avant de rendre la main aux boutons
# … et le temps qu'on la leur laisse : un message passe par plusieurs tours d'asyncio.
RESPIRATION, RESPIRATION_CALME = 0.006, 0.003
CALME = 0.6  # secondes sans que rien ne bouge, avant de préférer le calcul à la main
CADENCE = 24  # images par seconde, celle du cinéma : davantage retarderait la main sans mieux montrer
CADENCE_MAIN = 5  # quand une main bouge, les images qu'elle attend passent avant celles du film
PART_DU_DESSIN = 0.25  # du temps, au plus, tant qu'aucune main ne bouge rien…
A_FOND = 0.15  # … et quand on a demandé d'aller à fond


class Lecture:
    """Ce qui fait avancer une partie toute seule ; il n'y en a jamais deux à la fois."""

    en_cours: ClassVar["Lecture | None"] = None

    def __init__(self, partie: Partie, page: Page, garde: Callable[[], AbstractContextManager]):
        """``garde()`` : le contexte qui montre sous la scène ce que la boucle ferait de travers."""
        self._partie, self._page, self._garde = partie, page, garde
        self._tache: asyncio.Task | None = None
        self._touche = 0.0

    @property
    def joue(self) -> bool:
        """Vrai pendant la lecture."""
        return Lecture.en_cours is self

    def touche(self) -> None:
        """Une main vient de bouger quelque chose : elle passe avant le calcul."""
        self._touche = time.perf_counter()

    def lance(self) -> None:
        """Joue, et arrête qui jouait. Lève une ``RuntimeError`` si rien ne tourne ici."""
        try:
            boucle = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError("Rien ne tourne ici pour jouer la scène : avance avec pas(n).") from None
        if Lecture.en_cours is not None:
            Lecture.en_cours.arrete()
        Lecture.en_cours = self
        self._tache = boucle.create_task(self._lit())
        self._page.affiche()

    def arrete(self) -> None:
        """Arrête de jouer, sur le présent ; sans effet si rien ne jouait."""
        if self.joue:
            Lecture.en_cours = None
            self._tache.cancel()
            self._page.affiche()

    async def _lit(self):
        moi = asyncio.current_task()
        try:
            with self._garde():
                await self._deroule()
        finally:
            if self._tache is moi:
                self.arrete()

    async def _deroule(self):
        """Des tranches de calcul, une image de temps en temps, et la main rendue aux boutons."""
        depart, dus, image, du_neuf = time.perf_counter(), 1.0, 0.0, False
        while True:
            debut = time.perf_counter()
            calme = debut - self._touche > CALME
            tranche, souffle = (TRANCHE_CALME, RESPIRATION_CALME) if calme else (TRANCHE, RESPIRATION)
            vitesse = self._page.vitesse.value
            # Une longue pause (un ordinateur qui s'endort) ne se rattrape pas d'un coup.
            dus = min(dus, 1) + max(min(debut - depart, 0.25), 1e-9) * vitesse
            depart = debut
            if dus >= 1:
                dus -= self._partie.avance(int(min(dus, 1e9)), debut + tranche)
                du_neuf = True
            fini = bool(self._partie.verdict)
            part = PART_DU_DESSIN if vitesse < math.inf else A_FOND
            entre_images = max(1 / CADENCE, self._page.cout / part) if calme else 1 / CADENCE_MAIN
            if du_neuf and (time.perf_counter() - image > entre_images or fini):
                image, du_neuf = time.perf_counter(), False
                self._page.rafraichit()
                await asyncio.sleep(0)  # l'image se peint ici : elle ne doit pas manger la respiration
            if fini:
                return
            while self._page.abandonnee:  # jusqu'à ce qu'elle revienne, sans rien calculer
                await asyncio.sleep(0.2)
            await asyncio.sleep(souffle if dus >= 1 else min(0.02, (1 - dus) / vitesse))
