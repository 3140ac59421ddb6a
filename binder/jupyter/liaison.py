"""La liaison entre une page et son noyau, quand la page se rebranche avant qu'on la sache partie."""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Liaison(ZMQChannelsWebsocketConnection):
    """Celle de jupyter_server, où la dernière prise d'une page remplace aussitôt les autres.

    Deux prises d'une même page ont le même nom aux yeux du noyau : il répond à l'une ou à l'autre, et
    après un redémarrage ce peut être, pour de bon, à celle que personne n'écoute plus.
    """

    _ouverte = _remplacee = False

    async def _register_session(self):
        ancienne = self._open_sessions.get(f"{self.kernel_id}:{self.session.session}")
        await super()._register_session()
        if ancienne is not None and ancienne.connection is not None:
            ancienne.connection.cede()

    def cede(self):
        """Lâche le noyau sans attendre que la page, peut-être injoignable, ait dit adieu."""
        if self._ouverte and not self._remplacee:
            super().disconnect()
            self.multi_kernel_manager.stop_buffering(self.kernel_id)
        self._remplacee = True

    def connect(self):
        """Ouvre la liaison, si une autre prise ne l'a pas remplacée pendant qu'elle se préparait."""
        if self._remplacee:
            self.websocket_handler.close()
            return asyncio.sleep(0)
        self._ouverte = True
        return super().connect()

    def disconnect(self):
        """Ferme la liaison, si ce n'est déjà fait."""
        if not self._remplacee:
            super().disconnect()

    def handle_incoming_message(self, incoming_msg):
        """Transmet au noyau ce que dit la page, si la prise est encore la sienne, et ouverte.

        Fermée, jupyter_server 2.21 ne sait plus quel format on lui parle : lu de travers, un message
        lui prend trois gigaoctets et le fige dix secondes.
        """
        if self.websocket_handler.ws_connection is not None and not self._remplacee:
            super().handle_incoming_message(incoming_msg)
