"""Une classe entière sur une seule machine : vingt noyaux, un seul serveur, chacun joue une scène.

    python tests/mesures/classe.py              1, 5, 10 puis 20 sièges
    python tests/mesures/classe.py 20 3600      20 sièges pendant une heure : la mémoire grossit-elle ?

Chaque siège est un vrai noyau derrière un vrai JupyterLab, relié par WebSocket ; à l'autre bout, au
lieu d'un navigateur (vingt n'y tiendraient pas), un client qui confirme chaque image dès qu'elle arrive,
comme le fait jupyter_rfb. Imprime, par siège : images par seconde (médiane et le plus mal servi), part
de ce qu'un siège seul reçoit, et mémoire propre du noyau (USS), à la fin et par rapport au départ.
"""

import asyncio
import json
import statistics
import sys
import time
import urllib.request
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import carnets
import labo
import psutil
from jupyter_server.services.kernels.connection.base import deserialize_binary_message
from tornado.websocket import websocket_connect

DUREE = 20  # secondes d'observation


def cellules() -> str:
    """Les imports du carnet 03 et sa scène des chiffres, qui se met à jouer."""
    textes = {c.id: c.source for c in carnets.lis("03_sgd").cells}
    scene = textes["apprentissage"].replace("\nScene(", "\nscene = Scene(")
    return f"{textes['imports']}\n{scene}\ndisplay(scene)\nscene.joue()"


class Siege:
    """Un noyau qui joue, et celui qui le regarde."""

    def __init__(self, adresse: str, jeton: str):
        self.adresse, self.jeton, self.session = adresse, jeton, uuid.uuid4().hex
        self.images, self.toile, self.arrivees = 0, None, []

    async def arrive(self):
        """Démarre le noyau, exécute la scène, et attend sa première image."""
        demande = urllib.request.Request(
            f"{self.adresse}/api/kernels",
            data=json.dumps({"name": "python3", "path": "notebooks"}).encode(),
            headers={"Authorization": f"token {self.jeton}", "Content-Type": "application/json"},
        )
        repond = await asyncio.to_thread(lambda: urllib.request.urlopen(demande, timeout=120).read())
        noyau = json.loads(repond)["id"]
        suite = f"/api/kernels/{noyau}/channels?session_id={self.session}&token={self.jeton}"
        self.ligne = await websocket_connect(
            self.adresse.replace("http", "ws") + suite, max_message_size=2**26
        )
        self.tache = asyncio.create_task(self.regarde())
        self.envoie("execute_request", {"code": cellules(), "silent": False, "store_history": False,
                                        "user_expressions": {}, "allow_stdin": False})  # fmt: skip
        while not self.images:
            await asyncio.sleep(0.1)

    def envoie(self, genre: str, contenu: dict):
        """Un message du protocole de Jupyter, sur le canal « shell »."""
        entete = {"msg_id": uuid.uuid4().hex, "msg_type": genre, "username": "", "version": "5.4",
                  "session": self.session, "date": time.strftime("%Y-%m-%dT%H:%M:%SZ")}  # fmt: skip
        self.ligne.write_message(json.dumps(
            {"header": entete, "parent_header": {}, "metadata": {}, "content": contenu,
             "channel": "shell", "buffers": []}
        ))  # fmt: skip

    def dit(self, donnees: dict):
        """Parle au widget de la toile."""
        self.envoie("comm_msg", {"comm_id": self.toile, "data": donnees})

    async def regarde(self):
        """Reconnaît la toile parmi les widgets, se dit visible, puis confirme chaque image."""
        while (recu := await self.ligne.read_message()) is not None:
            message = deserialize_binary_message(recu) if isinstance(recu, bytes) else json.loads(recu)
            contenu = message["content"]
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(contenu["traceback"]))
            if message["msg_type"] == "comm_open" and "_frame_feedback" in contenu["data"]["state"]:
                self.toile = contenu["comm_id"]
                self.dit({"method": "update", "state": {"_has_visible_views": True}, "buffer_paths": []})
                taille = {"width": 960, "height": 430, "ratio": 1, "pwidth": 960, "pheight": 430}
                self.dit({"method": "custom", "content": {"type": "resize", **taille}})
            elif message["msg_type"] == "comm_msg" and contenu["comm_id"] == self.toile:
                image = contenu["data"].get("content") or {}
                if "index" in image:
                    self.images += 1
                    vue = {
                        "index": image["index"],
                        "timestamp": image["timestamp"],
                        "localtime": time.time(),
                    }
                    etat = {"_frame_feedback": vue}
                    self.dit({"method": "update", "state": etat, "buffer_paths": []})


def memoires() -> list[float]:
    """Mébioctets propres à chaque noyau lancé par ce serveur."""
    enfants = psutil.Process().children(recursive=True)
    noyaux = [e for e in enfants if "ipykernel" in " ".join(e.cmdline())]
    return [n.memory_full_info().uss / 2**20 for n in noyaux]


async def observe(adresse: str, jeton: str, combien: int, duree: float):
    """Installe ``combien`` sièges et rend les images par seconde de chacun, et les mémoires."""
    sieges = [Siege(adresse, jeton) for _ in range(combien)]
    await asyncio.gather(*(siege.arrive() for siege in sieges))
    await asyncio.sleep(3)
    avant, debut, depart = [s.images for s in sieges], time.perf_counter(), memoires()
    await asyncio.sleep(duree)
    secondes = time.perf_counter() - debut
    rythmes = [(s.images - vues) / secondes for s, vues in zip(sieges, avant, strict=True)]
    for siege in sieges:
        siege.tache.cancel()
        siege.ligne.close()
    return rythmes, depart, memoires()


def main() -> None:
    """Imprime un tableau, un nombre de sièges par ligne."""
    effectifs = [int(sys.argv[1])] if len(sys.argv) > 1 else [1, 5, 10, 20]
    duree = float(sys.argv[2]) if len(sys.argv) > 2 else DUREE
    print(f"{'sièges':>7} {'images/s':>9} {'pire':>6} {'part':>6} {'Mio/siège':>10} {'croissance':>11}")
    seul = None
    for combien in effectifs:
        with labo.serveur() as (adresse, jeton):
            rythmes, depart, fin = asyncio.run(observe(adresse, jeton, combien, duree))
        mediane = statistics.median(rythmes)
        seul = seul or mediane
        grossit = sum(fin) / sum(depart) - 1
        print(f"{combien:7} {mediane:9.1f} {min(rythmes):6.1f} {mediane / seul:6.0%} "
              f"{statistics.median(fin):10.0f} {grossit:11.1%}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
