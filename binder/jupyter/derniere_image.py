"""Un carnet rouvert sans son noyau montre ses images, et non « widget model not found ».

JupyterLab enregistre chaque scène deux fois : le nom d'un widget, qui ne vit que dans le noyau, et une
image. À la réouverture il préfère le widget, même s'il est mort. Le serveur ne remet donc, d'un carnet,
que les widgets que son noyau connaît encore. Le fichier, lui, n'est pas touché.
"""

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

VIVANT = "application/vnd.jupyter.widget-view+json"
PATIENCE = 5  # secondes : un noyau répond sur ce canal même pendant qu'il calcule


class DerniereImage(AsyncLargeFileManager):
    """Le gestionnaire de fichiers de Jupyter, qui ne rend d'un carnet que les widgets vivants."""

    async def get(self, path, content=True, **options):
        """Le fichier ``path`` ; d'un carnet, les widgets morts laissent voir leur image."""
        modele = await super().get(path, content=content, **options)
        if content and modele["type"] == "notebook":
            vues = list(_vues(modele["content"]))
            vivants = await self._vivants(modele["path"]) if vues else None
            for data in vues if vivants is not None else ():
                if data[VIVANT].get("model_id") not in vivants:
                    del data[VIVANT]
        return modele

    async def _vivants(self, chemin):
        """Les widgets des noyaux ouverts sur ``chemin`` ; ``None`` si l'un d'eux n'a pas répondu."""
        vivants = set()
        try:
            for session in await self.parent.session_manager.list_sessions():
                if session["path"].strip("/") == chemin.strip("/"):
                    noyau = self.parent.kernel_manager.get_kernel(session["kernel"]["id"])
                    vivants.update(await _widgets(noyau))
        except Exception as erreur:  # un noyau distant, muet, en train de mourir : on ne touche à rien
            self.log.warning("Les widgets de %s restent tels quels : %r", chemin, erreur)
            return None
        return vivants


def _vues(carnet):
    for cellule in carnet["cells"]:
        for sortie in cellule.get("outputs", ()):
            if VIVANT in sortie.get("data", {}):
                yield sortie["data"]


async def _widgets(noyau):
    """Demande au ``noyau`` quels widgets il a."""
    client = noyau.client()
    client.control_channel.start()
    try:
        client.control_channel.send(client.session.msg("comm_info_request", {}))
        reponse = await client.get_control_msg(timeout=PATIENCE)
        return reponse["content"]["comms"]
    finally:
        client.control_channel.stop()
