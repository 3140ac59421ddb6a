// Parcourt toutes les diapositives d'un carnet, et dit ce que chacune coupe, cache ou rend illisible.
async () => {
  const MORCEAUX = `.jp-RenderedMarkdown > *, .cm-line, .jp-RenderedText, .demystifie-rangee > *, .renderview-wrapper,
    .paint-container, .demystifie-recit, .demystifie-pari > *, .demystifie-pari button`;
  const deck = document.querySelector(".reveal"), cellules = window.jupyterapp.shell.currentWidget.content.widgets;
  const images = async (n) => { while (n--) await new Promise(requestAnimationFrame); };
  const touche = (keyCode) => document.dispatchEvent(new KeyboardEvent("keydown", { keyCode }));
  const ou = () => [...deck.querySelectorAll("section, .fragment")].map((s) => s.className).join();

  // Ce qui dépasse de l'écran, ou d'un cadre qui le rogne : combien de pixels.
  function coupe(morceau) {
    const b = morceau.getBoundingClientRect();
    let [x, y, droite, bas] = [0, 0, innerWidth, innerHeight];
    for (let cadre = morceau.parentElement; cadre !== deck; cadre = cadre.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(cadre), c = cadre.getBoundingClientRect();
      if (overflowX !== "visible") [x, droite] = [Math.max(x, c.left), Math.min(droite, c.right)];
      if (overflowY !== "visible") [y, bas] = [Math.max(y, c.top), Math.min(bas, c.bottom)];
    }
    return Math.round(Math.max(b.bottom - bas, y - b.top, b.right - droite, x - b.left));
  }

  // Une flèche de navigation posée sur un bouton, un récit, une barre de temps.
  function sousUneFleche(morceau) {
    const b = morceau.getBoundingClientRect();
    return [...deck.querySelectorAll(".controls .enabled")].some((fleche) => {
      const f = fleche.getBoundingClientRect();
      return f.left < b.right && f.right > b.left && f.top < b.bottom && f.bottom > b.top;
    });
  }

  const fautes = new Set();
  document.activeElement.blur(); // sliveshow laisse les touches à qui écrit
  let diapositives = 0;
  // Page précédente jusqu'au début : Début ferait sauter, au retour, les diapositives déjà vues.
  for (let avant = ""; avant !== ou(); touche(33)) avant = ou();
  for (let avant = ""; avant !== ou(); touche(32)) { // Espace
    avant = ou();
    diapositives++;
    await images(3);
    const section = deck.querySelector("section.present > section.present");
    for (const cellule of section.querySelectorAll(".jp-Cell")) {
      const visible = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height;
      const { id } = cellules.find((c) => c.node === cellule).model;
      const faute = (quoi) => fautes.add(`${id} : ${quoi}`);
      for (const morceau of [...cellule.querySelectorAll(MORCEAUX)].filter(visible)) {
        const nom = `« ${morceau.textContent.slice(0, 30) || morceau.className} »`, deTrop = coupe(morceau);
        if (deTrop > 2) faute(`${nom} coupé de ${deTrop} px`);
        if (!morceau.closest(".jp-RenderedMarkdown") && sousUneFleche(morceau)) faute(`${nom} sous une flèche`);
      }
      const taille = (choix, part) => {
        const e = cellule.querySelector(choix), lettre = e && parseFloat(getComputedStyle(e).fontSize);
        if (e && visible(e) && lettre < part * innerWidth) faute(`${choix} écrit en ${lettre} px`);
      };
      taille(".jp-RenderedMarkdown p:not(:has(> small))", 0.02);
      taille(".cm-line", section.querySelector(":scope > .fragment.visible .demystifie-pari") ? 0.0098 : 0.0118);
      taille(".demystifie-recit", 0.0155);
      const figure = cellule.querySelector(".demystifie-toile");
      if (figure && visible(figure)) {
        const { width, height } = figure.querySelector(".renderview-wrapper").getBoundingClientRect();
        const petite = cellule.querySelector(".paint-container") ? 0.25 : 0.3;
        if (width < petite * innerWidth) faute(`une figure de ${Math.round(width)} × ${Math.round(height)} px`);
      }
    }
  }
  const manquees = deck.querySelectorAll("section > section, .fragment").length - diapositives;
  return { manquees, fautes: [...fautes] };
}
