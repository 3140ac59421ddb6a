// Ce que jupyter_rfb ne sait pas : une scène peut avoir plusieurs vues, et une page perdre son noyau.
/* global AnywidgetRenderView, toile */

// Chaque signe d'une vue dit sa taille, et si l'on voit encore la scène par une autre.
const signale = AnywidgetRenderView.prototype.onEvent;
AnywidgetRenderView.prototype.onEvent = function (signe) {
  const ailleurs = this.model?.views.some((vue) => vue !== this && vue.isVisible);
  signale.call(this, { ...signe, vue: this._lsize, ailleurs });
};

const MORT = ["restarting", "autorestarting", "terminating", "dead"];
const UN_ESSAI = 10000; // ms, pour se rebrancher
const PLUS_DE_SERVEUR = ".jp-Dialog-content:not(:has(.jp-mod-accept)) .jp-mod-reject"; // ce que dit JupyterLab

// Une réponse perdue en route, et un widget attendrait pour toujours avant de redire quoi que ce soit.
async function debloque(widgets) {
  for (const widget of (await Promise.all(widgets)).filter((w) => w._pending_msgs > 0)) {
    widget._pending_msgs = 1;
    widget._handle_status({ content: { execution_state: "idle" } });
  }
}

// Un essai manqué pendant une coupure ne défait pas, trente secondes plus tard, celui qui a réussi depuis.
function oublieLesEssaisManques(noyau) {
  const repare = noyau._onWSClose;
  noyau._onWSClose = (fin) => { if (fin.target === noyau._ws) repare(fin); };
}

export default () => {
  const { initialize, render } = toile();
  return {
    render,
    initialize(ctx) {
      const ferme = initialize(ctx), page = ctx.model.widget_manager, noyau = page.kernel;
      if (noyau && !noyau.coupee) {
        noyau.coupee = Date.now();
        oublieLesEssaisManques(noyau);
      }
      let presente = true, dernier = Date.now();
      const ecoute = (_, statut) => { if (MORT.includes(statut)) { page.disconnect(); cesse(); } }; // pupitre.css le dit
      const coupure = (_, statut) => { presente &&= statut === "connected"; }; // si brève soit-elle
      noyau?.statusChanged.connect(ecoute);
      noyau?.connectionStatusChanged.connect(coupure);
      // Un seul regard par seconde voit la coupure, la veille et l'onglet laissé dans le fond.
      const rappel = setInterval(async () => {
        if (!noyau || noyau.isDisposed) return;
        const maintenant = Date.now(), reliee = noyau.connectionStatus === "connected";
        // Une scène rebranche, et toutes en profitent. Un essai en cours a son temps ; après un essai manqué, on
        // attend autant qu'avant lui : une coupure brève se répare vite, une longue n'use personne.
        if (reliee) noyau.coupee = maintenant;
        if (noyau.essai !== noyau._ws) [noyau.essai, noyau.depuis] = [noyau._ws, maintenant];
        const manque = noyau._ws?.readyState === WebSocket.CLOSED;
        const patience = manque ? Math.min(noyau.depuis - noyau.coupee, UN_ESSAI) : UN_ESSAI;
        if (!reliee && maintenant - noyau.depuis > patience) noyau.reconnect().catch(() => {});
        const la = reliee && document.visibilityState === "visible" && maintenant - dernier < 5000;
        const revient = la && !presente;
        [presente, dernier] = [la, maintenant];
        if (revient) {
          document.querySelectorAll(PLUS_DE_SERVEUR).forEach((bouton) => bouton.click());
          await debloque(Object.values(page._models));
          ctx.model.send({ type: "reveil" });
        }
      }, 1000);
      const cesse = () => {
        clearInterval(rappel);
        noyau?.statusChanged.disconnect(ecoute);
        noyau?.connectionStatusChanged.disconnect(coupure);
      };
      return () => { cesse(); ferme(); };
    },
  };
};
