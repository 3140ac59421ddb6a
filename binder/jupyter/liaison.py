"""La liaison entre une page et son noyau, quand la page se rebranche avant qu'on la sache partie."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Liaison(ZMQChannelsWebsocketConnection):
    """Celle de jupyter_server, qui n'écoute plus une prise remplacée par une autre."""

    def handle_incoming_message(self, incoming_msg):
        """Transmet au noyau ce que dit la page, si la prise est encore ouverte.

        Fermée, jupyter_server 2.21 ne sait plus quel format on lui parle : lu de travers, un message
        lui prend trois gigaoctets et le fige dix secondes.
        """
        if self.websocket_handler.ws_connection is not None:
            super().handle_incoming_message(incoming_msg)
