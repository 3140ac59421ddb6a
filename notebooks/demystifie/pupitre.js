// Le récit d'une scène : visible, lu par les lecteurs d'écran, et texte de remplacement de l'image.
// Au passage, il nomme les boutons que les bibliothèques laissent sans nom accessible.

const CADENCE_ANNONCES = 3000; // ms : assez rare pour qu'une voix ait le temps de finir sa phrase

function render({ model, el }) {
  el.innerHTML = `
    <p class="demystifie-recit" aria-hidden="true"><b></b><span></span></p>
    <p class="demystifie-annonce" role="status" aria-live="polite"></p>
    <pre class="demystifie-erreur" role="alert"></pre>
    <pre class="demystifie-paroles" tabindex="0"></pre>`; // ce que la boucle imprime
  const [visible, annonce, erreur, paroles] = el.children, [verdict, phrase] = visible.children;

  function nomme() {
    const scene = el.closest(".demystifie-scene");
    if (!scene) return;
    for (const image of scene.querySelectorAll(".renderview-view")) image.alt = model.get("texte");
    scene.querySelectorAll(".widget-inline-hbox, .widget-hbox").forEach((bouton) => {
      const nom = bouton.querySelector(":scope > .widget-label")?.textContent.replace("\u200b", ""); // une case n'a là qu'un blanc
      bouton.querySelectorAll(".noUi-handle, select, input").forEach((prise) => {
        if (nom) prise.setAttribute("aria-label", nom);
        const lu = bouton.querySelector(":scope > .widget-readout")?.textContent;
        if (lu && prise.classList.contains("noUi-handle")) prise.setAttribute("aria-valuetext", lu);
      });
    });
  }

  function dis() {
    verdict.textContent = model.get("verdict");
    verdict.className = model.get("alerte") ? "alerte" : "fin";
    phrase.textContent = model.get("texte");
    erreur.textContent = model.get("erreur");
    erreur.hidden = !model.get("erreur");
    paroles.textContent = model.get("paroles");
    paroles.hidden = !model.get("paroles");
    paroles.scrollTop = paroles.scrollHeight;
    nomme();
  }

  let derniere = 0, attente = null;
  function annonceTantot() {
    const delai = Math.max(0, derniere + CADENCE_ANNONCES - Date.now());
    attente ??= setTimeout(() => {
      attente = null;
      derniere = Date.now();
      annonce.textContent = [model.get("verdict"), model.get("texte")].filter(Boolean).join(" : ");
    }, delai);
  }

  const change = () => { dis(); annonceTantot(); };
  model.on("change:texte change:verdict change:alerte change:erreur change:paroles", change);
  change();
  const rappel = setInterval(nomme, 1000); // les autres widgets de la scène naissent après lui
  return () => { clearInterval(rappel); clearTimeout(attente); model.off(null, null, change); };
}

export default { render };
