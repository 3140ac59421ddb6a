// Ce que jupyter_rfb ne sait pas : une scène peut avoir plusieurs vues, et une page perdre son noyau.
/* global AnywidgetRenderView, toile */

// Chaque signe d'une vue dit sa taille, et si l'on voit encore la scène par une autre.
const signale = AnywidgetRenderView.prototype.onEvent;
AnywidgetRenderView.prototype.onEvent = function (signe) {
  const ailleurs = this.model?.views.some((vue) => vue !== this && vue.isVisible);
  signale.call(this, { ...signe, vue: this._lsize, ailleurs });
};

const MORT = ["restarting", "autorestarting", "terminating", "dead"];
const QUESTION = 4000, UN_ESSAI = 10000; // ms : ce qu'on laisse au serveur pour répondre, à un essai pour aboutir
const PLUS_DE_SERVEUR = ".jp-Dialog-content:not(:has(.jp-mod-accept)) .jp-mod-reject"; // ce que dit JupyterLab

// Une réponse perdue en route, et un widget attendrait pour toujours avant de redire quoi que ce soit.
async function debloque(widgets) {
  for (const widget of (await Promise.all(widgets)).filter((w) => w._pending_msgs > 0)) {
    widget._pending_msgs = 1;
    widget._handle_status({ content: { execution_state: "idle" } });
  }
}

// Un essai manqué pendant une coupure ne défait pas, trente secondes plus tard, celui qui a réussi depuis.
function prepare(noyau) {
  noyau.essai = null; // de se rebrancher : un à la fois, pour toutes les scènes
  const repare = noyau._onWSClose;
  noyau._onWSClose = (fin) => { if (fin.target === noyau._ws) repare(fin); };
}

// JupyterLab espace ses essais, puis renonce : on se rebranche dès que le serveur répond, et pas avant.
async function rebranche(noyau) {
  const prise = noyau._ws, adresse = `${noyau.serverSettings.baseUrl}api`;
  const reponse = await fetch(adresse, { cache: "no-store", signal: AbortSignal.timeout(QUESTION) }).catch(() => {});
  if (prise?.readyState === WebSocket.CONNECTING) await issue(prise);
  if (reponse?.ok && prise === noyau._ws && noyau.connectionStatus !== "connected") noyau.reconnect().catch(() => {});
}

// Un essai en cours a son temps pour aboutir, ou échouer.
const issue = (prise) => new Promise((fin) => {
  ["open", "close"].forEach((evenement) => prise.addEventListener(evenement, fin));
  setTimeout(fin, UN_ESSAI);
});

export default () => {
  const { initialize, render } = toile();
  return {
    render,
    initialize(ctx) {
      const ferme = initialize(ctx), page = ctx.model.widget_manager, noyau = page.kernel;
      if (noyau && !("essai" in noyau)) prepare(noyau);
      let presente = true, dernier = Date.now();
      const ecoute = (_, statut) => { if (MORT.includes(statut)) { page.disconnect(); cesse(); } }; // pupitre.css le dit
      const coupure = (_, statut) => { presente &&= statut === "connected"; }; // si brève soit-elle
      noyau?.statusChanged.connect(ecoute);
      noyau?.connectionStatusChanged.connect(coupure);
      // Un seul regard par seconde voit la coupure, la veille et l'onglet laissé dans le fond.
      const rappel = setInterval(async () => {
        if (!noyau || noyau.isDisposed) return;
        const maintenant = Date.now(), reliee = noyau.connectionStatus === "connected";
        if (!reliee) noyau.essai ??= rebranche(noyau).finally(() => { noyau.essai = null; });
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
