"""Une page qui se rebranche deux fois de suite parle encore à son noyau ; le serveur n'y laisse rien."""

import asyncio
import contextlib
import json
import urllib.request
import uuid

import labo
import psutil
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.websocket import WebSocketClosedError, websocket_connect

PROTOCOLE = "v1.kernel.websocket.jupyter.org"


def demande_d_identite(session: str) -> bytes:
    """Ce qu'une page envoie à son noyau pour savoir qui il est."""
    entete = {"msg_id": uuid.uuid4().hex, "msg_type": "kernel_info_request", "session": session,
              "username": "", "version": "5.4", "date": "2026-01-01T00:00:00Z"}  # fmt: skip
    parties = [json.dumps(partie).encode() for partie in (entete, {}, {}, {})]
    return serialize_msg_to_ws_v1(parties, "shell")


async def parle_dans_deux_prises(adresse, jeton):
    """Une page parle encore dans une prise pendant qu'elle se rebranche ; la nouvelle lui répond."""
    demande = urllib.request.Request(
        f"{adresse}/api/kernels", data=b"{}", headers={"Authorization": f"token {jeton}"}
    )
    noyau = json.loads(await asyncio.to_thread(lambda: urllib.request.urlopen(demande).read()))["id"]
    session = uuid.uuid4().hex
    ou = f"/api/kernels/{noyau}/channels?session_id={session}&token={jeton}"

    def prise():
        return websocket_connect(adresse.replace("http", "ws") + ou, subprotocols=[PROTOCOLE])

    premiere, seconde = await prise(), asyncio.ensure_future(prise())
    with contextlib.suppress(WebSocketClosedError):
        while not seconde.done():
            await premiere.write_message(demande_d_identite(session), binary=True)
            await asyncio.sleep(0.001)
    (await seconde).write_message(demande_d_identite(session), binary=True)
    async with asyncio.timeout(60):
        while b"kernel_info_reply" not in await seconde.result().read_message():
            pass


def test_une_page_qui_se_rebranche_deux_fois_parle_encore_a_son_noyau():
    with labo.serveur() as (adresse, jeton):
        (serveur,) = (p for p in psutil.Process().children() if "jupyterlab" in p.cmdline())
        asyncio.run(parle_dans_deux_prises(adresse, jeton))
        assert serveur.memory_info().rss < 1e9
