"""Un câble que l'on débranche, pour les essais."""

import contextlib
import socket
import threading


class Cable:
    """Un câble entre le navigateur et un serveur d'ici, que l'on peut débrancher."""

    def __init__(self, port: int):
        self._port, self._prises = port, set()
        self._coule = threading.Event()
        self._coule.set()
        self._ecoute = socket.create_server(("127.0.0.1", 0))
        self.port = self._ecoute.getsockname()[1]
        threading.Thread(target=self._accepte, daemon=True).start()

    def _accepte(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._ecoute.accept()[0]
                if not self._coule.is_set():
                    client.close()
                    continue
                serveur = socket.create_connection(("127.0.0.1", self._port))
                self._prises |= {client, serveur}
                for sens in ((client, serveur), (serveur, client)):
                    threading.Thread(target=self._verse, args=sens, daemon=True).start()

    def _verse(self, de, vers):
        with contextlib.suppress(OSError):
            while octets := de.recv(1 << 16):
                if not self._coule.is_set():  # ce qui était en route se perd
                    self._coule.wait()
                    break
                vers.sendall(octets)
        self._debranche({de, vers})

    def _debranche(self, prises):
        for prise in prises:
            with contextlib.suppress(OSError):
                prise.shutdown(socket.SHUT_RDWR)
            prise.close()
            self._prises.discard(prise)

    @contextlib.contextmanager
    def coupe(self, franchement: bool):
        """Plus rien ne passe ; ``franchement`` : et les deux bouts le savent aussitôt."""
        self._coule.clear()
        if franchement:
            self._debranche(set(self._prises))
        yield
        self._coule.set()

    def ferme(self):
        """Ne laisse ni prise ni fil."""
        self._ecoute.close()
        self._debranche(set(self._prises))
