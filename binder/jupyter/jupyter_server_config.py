"""Réglages du serveur : le carnet d'accueil, et des messages qui n'attendent pas."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class SansAttente(ZMQChannelsWebsocketConnection):
    """Le canal du noyau, sans l'algorithme de Nagle.

    Il retient un petit paquet jusqu'à ce que l'autre bout accuse réception du précédent, ce qui
    prend 40 ms : chaque image et chaque curseur les paieraient.
    """

    def connect(self):
        """Ouvre le canal."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c = get_config()  # noqa: F821
c.LabApp.default_url = "/lab/tree/notebooks/00_accueil.ipynb"
c.ServerApp.kernel_websocket_connection_class = SansAttente
