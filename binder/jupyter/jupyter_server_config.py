"""Les réglages du serveur qui demandent un peu de Python (les autres : jupyter_server_config.json)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

c = get_config()  # noqa: F821 (Jupyter la donne)
c.ServerApp.contents_manager_class = "derniere_image.DerniereImage"
c.ServerApp.kernel_spec_manager_class = "noyaux.NoyauxSecourus"
c.ServerApp.kernel_websocket_connection_class = "liaison.Liaison"
