"""La scène du 03 au bout d'une mauvaise ligne, puis dans un navigateur lent : la main y répond-elle ?

    python tests/mesures/ligne.py

Dans JupyterLab et Chromium : le temps entre une touche sur le curseur « taux » et l'image qui en tient
compte, pendant que la scène joue à fond : ici, puis au bout d'une ligne de 1 Mbit/s avec 150 ms dans
chaque sens, puis dans un navigateur ralenti six fois. « Au début » et « à la fin » (une demi-minute plus
tard) disent si une file s'allonge.
"""

import asyncio
import statistics
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import labo
import latence

DEBIT, RETARD = 1e6 / 8, 0.15  # octets et secondes


class Ligne:
    """Un relais vers un serveur d'ici, que l'on peut rendre mauvais."""

    def __init__(self, port: int):
        self._port, self.mauvaise = port, False
        self._boucle = asyncio.new_event_loop()
        threading.Thread(target=self._boucle.run_forever, daemon=True).start()
        ecoute = asyncio.start_server(self._accepte, "127.0.0.1", 0, limit=2**12)
        serveur = asyncio.run_coroutine_threadsafe(ecoute, self._boucle).result()
        self.port = serveur.sockets[0].getsockname()[1]
        self._libre = {"monte": 0.0, "descend": 0.0}  # quand la ligne aura fini d'émettre

    async def _accepte(self, lit, ecrit):
        lit_la_bas, ecrit_la_bas = await asyncio.open_connection("127.0.0.1", self._port, limit=2**12)
        await asyncio.gather(
            self._verse(lit, ecrit_la_bas, "monte"), self._verse(lit_la_bas, ecrit, "descend")
        )

    async def _verse(self, de, vers, sens):
        file = asyncio.Queue(16)  # un modem garde peu de chose : au-delà, l'émetteur attend
        remise = asyncio.create_task(self._remet(file, vers))
        while octets := await de.read(2**12):
            maintenant = self._boucle.time()
            if self.mauvaise:
                self._libre[sens] = max(self._libre[sens], maintenant) + len(octets) / DEBIT
                await asyncio.sleep(self._libre[sens] - maintenant)
            await file.put((self._boucle.time() + RETARD * self.mauvaise, octets))
        await file.put((0, b""))
        await remise

    async def _remet(self, file, vers):
        while (remise := await file.get())[1]:
            await asyncio.sleep(max(0, remise[0] - self._boucle.time()))
            vers.write(remise[1])
        vers.close()


def mesure(page, nom):
    """Une ligne du tableau, et rend la médiane des vingt premières et des vingt dernières touches."""
    mesurees = latence.latences(page, ".renderview-view")
    cadence = latence.images_par_seconde(page)
    debut, fin = (statistics.median(m) for m in (mesurees[:20], mesurees[20:]))
    print(f"{nom:28} {debut:9.0f} {fin:9.0f} {max(mesurees):9.0f} {cadence:9.1f}", flush=True)


def main() -> None:
    """Mesure tout, imprime le tableau."""
    preparation = [*latence.cellules_du_chapitre(), latence.COMMUN]
    with tempfile.TemporaryDirectory() as temporaire:
        depot = Path(temporaire)
        (depot / "notebooks").mkdir()
        for nom in ("demystifie", "decors"):
            (depot / "notebooks" / nom).symlink_to(carnets.DOSSIER / nom)
        latence.carnet(depot / "notebooks", "scene", *preparation, latence.SCENE)
        print(f"{'':28} {'au début':>9} {'à la fin':>9} {'pire':>9} {'images/s':>9}")
        with labo.serveur(depot) as (adresse, jeton), labo.navigateur() as chromium:
            ligne = Ligne(int(adresse.rpartition(":")[2]))
            page = latence.ouvre(chromium, f"http://127.0.0.1:{ligne.port}", jeton, "scene")
            page.locator(".demystifie-joue").click()
            mesure(page, "ici")
            ligne.mauvaise = True
            mesure(page, "1 Mbit/s, 150 ms")
            ligne.mauvaise = False
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
            mesure(page, "navigateur ralenti six fois")


if __name__ == "__main__":
    main()
