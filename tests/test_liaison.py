"""Une page qui se rebranche deux fois de suite parle encore à son noyau ; le serveur n'y laisse rien."""

import asyncio
import contextlib
import json
import socket
import urllib.request
import uuid

import labo
import psutil
import pytest
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.websocket import WebSocketClosedError, websocket_connect

PROTOCOLE = "v1.kernel.websocket.jupyter.org"


class _Page:
    """Une page et son noyau, sans navigateur."""

    def __init__(self, adresse, jeton):
        self._adresse, self._jeton, self._session = adresse, jeton, uuid.uuid4().hex
        self._noyau = self._ordonne("")

    def _ordonne(self, suite):
        entete = {"Authorization": f"token {self._jeton}"}
        demande = urllib.request.Request(f"{self._adresse}/api/kernels{suite}", b"{}", entete)
        return json.loads(urllib.request.urlopen(demande).read())["id"]

    @property
    def _canaux(self):
        return f"/api/kernels/{self._noyau}/channels?session_id={self._session}&token={self._jeton}"

    def prise(self):
        return websocket_connect(
            self._adresse.replace("http", "ws") + self._canaux, subprotocols=[PROTOCOLE]
        )

    def prise_perdue(self):
        """Une prise ouverte, au bout de laquelle plus personne ne lit ni ne répond."""
        perdue = socket.create_connection(("127.0.0.1", int(self._adresse.rpartition(":")[2])))
        entetes = ["Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
                   "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13",
                   f"Sec-WebSocket-Protocol: {PROTOCOLE}"]  # fmt: skip
        perdue.sendall("\r\n".join([f"GET {self._canaux} HTTP/1.1", *entetes, "", ""]).encode())
        assert perdue.recv(12) == b"HTTP/1.1 101"
        return perdue

    def redemarre(self):
        self._ordonne(f"/{self._noyau}/restart")

    def demande_d_identite(self) -> bytes:
        """Ce qu'une page envoie à son noyau pour savoir qui il est."""
        entete = {"msg_id": uuid.uuid4().hex, "msg_type": "kernel_info_request", "version": "5.4",
                  "username": "", "session": self._session, "date": "2026-01-01T00:00:00Z"}  # fmt: skip
        parties = [json.dumps(partie).encode() for partie in (entete, {}, {}, {})]
        return serialize_msg_to_ws_v1(parties, "shell")

    async def interroge(self, prise):
        """Demande au noyau qui il est, et attend sa réponse."""
        prise.write_message(self.demande_d_identite(), binary=True)
        async with asyncio.timeout(30):
            while b"kernel_info_reply" not in await prise.read_message():
                pass


@pytest.fixture(scope="module")
def acces():
    with labo.serveur() as acces:
        yield acces


async def parle_dans_deux_prises(page):
    """Une page parle encore dans une prise pendant qu'elle se rebranche ; la nouvelle lui répond."""
    premiere, seconde = await page.prise(), asyncio.ensure_future(page.prise())
    with contextlib.suppress(WebSocketClosedError):
        while not seconde.done():
            await premiere.write_message(page.demande_d_identite(), binary=True)
            await asyncio.sleep(0.001)
    await page.interroge(await seconde)


def test_une_page_qui_se_rebranche_deux_fois_parle_encore_a_son_noyau(acces):
    (serveur,) = (p for p in psutil.Process().children() if "jupyterlab" in p.cmdline())
    asyncio.run(parle_dans_deux_prises(_Page(*acces)))
    assert serveur.memory_info().rss < 1e9


async def redemarre_apres_une_coupure(page):
    """La ligne se perd, la page se rebranche, et le noyau redémarre : il répond à la bonne prise."""
    for _ in range(8):  # le hasard peut sauver une fois, deux fois
        with contextlib.closing(await asyncio.to_thread(page.prise_perdue)):
            prise = await page.prise()
            await page.interroge(prise)
            await asyncio.to_thread(page.redemarre)
            await page.interroge(prise)
            prise.close()


def test_un_noyau_redemarre_apres_une_coupure_repond_a_la_bonne_prise(acces):
    asyncio.run(redemarre_apres_une_coupure(_Page(*acces)))
