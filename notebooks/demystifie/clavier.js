// À qui va une touche, quand la main est dans une sortie du carnet (une scène, un pari) ou une diapositive.
// Les flèches, Début et Fin au réglage qui les a sous la main ; Espace et les pages aux diapositives,
// sauf si l'on écrit ; et après un clic, sauf sur un curseur, le clavier revient au carnet.

const NOTRES = ".jp-OutputArea-output";
const GARDEES = "data-lm-suppress-shortcuts"; // ce que JupyterLab regarde avant de prendre une touche
const FLECHES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
const PAGES = [" ", "PageUp", "PageDown"];
const DESSIN = "[role=application]"; // l'ardoise, où l'on dessine aussi au clavier
const CLICS = "[type=checkbox], [type=radio], [type=range], [type=color], [type=file]";

const ecrit = (prise) => prise.isContentEditable || prise.matches(`textarea, input:not(${CLICS})`);
const glisse = (prise) =>
  prise.matches(`[role=slider], [role=spinbutton], ${DESSIN}, [type=range], [type=radio], select`);
const presse = (prise) => prise.matches(`button, select, ${DESSIN}, [type=checkbox], [type=radio]`);

function rends(prise) {
  if (prise.closest(".reveal")) document.activeElement.blur();
  else prise.closest(".jp-Cell")?.focus({ preventScroll: true });
}

function aiguille(touche) {
  const prise = touche.target, seule = !(touche.ctrlKey || touche.altKey || touche.metaKey || touche.shiftKey);
  if (!seule || !(prise instanceof Element) || ecrit(prise)) return;
  const { key, code, keyCode } = touche;
  const notre = prise.closest(NOTRES), diapositives = prise.closest(".reveal");
  const fleche = FLECHES.includes(key), page = PAGES.includes(key);
  if (notre && diapositives && page) {
    touche.preventDefault();
    touche.stopImmediatePropagation();
    rends(prise);
    document.dispatchEvent(new KeyboardEvent("keydown", { key, code, keyCode, cancelable: true }));
    return;
  }
  const sienne = notre && ((fleche && glisse(prise)) || (presse(prise) && ["Enter", " "].includes(key)));
  if (sienne || (diapositives && (fleche || page))) {
    prise.setAttribute(GARDEES, "");
    setTimeout(() => prise.removeAttribute(GARDEES));
  }
  touche.garde = sienne;
  if (sienne && key === "Enter" && prise.matches("[type=checkbox]")) prise.click(); // Espace est pris
}

function apresLeClic(clic) {
  const prise = clic.target.closest?.(`button, label, ${DESSIN}, ${CLICS}`);
  // detail vaut 0 quand le clic vient du clavier : lui, reste où il est.
  if (clic.detail && prise?.closest(NOTRES)) setTimeout(() => rends(prise));
}

let touchee = null; // là où l'on a appuyé en dernier

// Un curseur tiré à la souris prend le clavier, que JupyterLab vient de donner à la cellule.
function lache() {
  const curseur = touchee?.closest?.(NOTRES) && touchee.closest(".noUi-target");
  setTimeout(() => curseur?.querySelector(".noUi-handle").focus({ preventScroll: true }));
}

// Une figure cliquée donne le clavier à une zone de saisie invisible de jupyter_rfb.
function reprends(entree) {
  if (touchee && entree.target.closest?.("#rendercanvas-focus-element-container")) rends(touchee);
}

// Une seule fois par page : chaque scène lit ce fichier.
if (!window.demystifieClavier) {
  window.demystifieClavier = true;
  window.addEventListener("keydown", aiguille, true); // avant JupyterLab et sliveshow
  document.body.addEventListener("keydown", (touche) => { if (touche.garde) touche.stopPropagation(); });
  document.addEventListener("click", apresLeClic, true);
  document.addEventListener("pointerdown", (appui) => { touchee = appui.target; }, true);
  document.addEventListener("pointerup", lache, true);
  document.addEventListener("focusin", reprends);
}
