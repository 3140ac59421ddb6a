// Ce que Paint ne sait pas : le doigt, et le clavier. L'un et l'autre y deviennent une souris.
/* global papier */

const OUTILS = { "Marker (thick)": "Feutre", "Eraser": "Gomme", "Undo": "Annuler", "Clear": "Tout effacer" };
const SOURIS = { touchstart: "mousedown", touchmove: "mousemove", touchend: "mouseup", touchcancel: "mouseup" };
const PAS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ENJAMBEE = 10; // pixels du dessin, à chaque flèche
const NOM = "Ardoise : les flèches promènent le stylo, Entrée le pose ou le lève";

export default {
  render({ model, el }) {
    const ferme = papier.render({ model, el });
    const souris = (feuille, type, clientX, clientY) =>
      feuille.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX, clientY }));

    const touche = (doigt) => {
      if (!doigt.target.matches("canvas")) return;
      doigt.preventDefault(); // la page ne défile pas sous le dessin
      doigt.stopPropagation();
      const { clientX, clientY } = doigt.changedTouches[0];
      souris(doigt.target, SOURIS[doigt.type], clientX, clientY);
    };
    for (const type in SOURIS) el.addEventListener(type, touche, { capture: true, passive: false });

    const stylo = document.createElement("i");
    stylo.className = "demystifie-stylo";
    let ou = [0.5, 0.3], pose = false; // en parts de la feuille
    const place = (feuille, type) => {
      const bord = feuille.getBoundingClientRect();
      const ici = [bord.left + ou[0] * bord.width, bord.top + ou[1] * bord.height];
      stylo.style.left = `${100 * ou[0]}%`;
      stylo.style.top = `${100 * ou[1]}%`;
      stylo.classList.toggle("pose", pose);
      if (type) souris(feuille, type, ...ici);
    };
    el.addEventListener("keydown", ({ key, target: feuille }) => {
      if (!feuille.matches("canvas")) return;
      if (key in PAS) {
        ou = ou.map((v, i) => Math.min(Math.max(v + (PAS[key][i] * ENJAMBEE) / feuille.width, 0), 1));
        place(feuille, pose && "mousemove");
      } else if (key === "Enter" || key === " ") {
        pose = !pose;
        place(feuille, pose ? "mousedown" : "mouseup");
      }
    });
    el.addEventListener("focusin", ({ target: feuille }) => {
      if (!feuille.matches("canvas:focus-visible")) return; // pas pour une souris
      feuille.after(stylo);
      place(feuille);
    });
    el.addEventListener("focusout", ({ target: feuille }) => {
      if (feuille.matches("canvas") && pose) { pose = false; place(feuille, "mouseup"); }
      stylo.remove();
    });
    // React pose la feuille un peu plus tard, et rend leur nom anglais aux outils.
    const naissance = new MutationObserver(() => {
      el.querySelectorAll(".paint-toolbar [title]").forEach((outil) => {
        const nom = OUTILS[outil.title] ?? (outil.type === "range" ? "Épaisseur du trait" : outil.title);
        if (outil.title !== nom) outil.title = nom;
        outil.setAttribute("aria-label", nom);
      });
      const feuille = el.querySelector("canvas");
      if (!feuille || feuille.tabIndex === 0) return;
      feuille.tabIndex = 0;
      feuille.setAttribute("role", "application");
      feuille.setAttribute("aria-label", NOM);
    });
    naissance.observe(el, { childList: true, subtree: true, attributeFilter: ["title"] });
    return () => { naissance.disconnect(); ferme?.(); };
  },
};
