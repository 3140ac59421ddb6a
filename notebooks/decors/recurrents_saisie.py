"""Ce que la salle donne à lire au carnet 07 : un mot, une liste, bornés avant d'être envoyés."""

import anywidget
import traitlets
from demystifie import vues
from demystifie.donnees import en_lettres
from demystifie.francais import etiquette

SIGNES, OCTETS = 20_000, 100_000  # d'un texte collé, d'un fichier : au-delà, rien ne part
MINI, MAXI = 20, 2000  # noms différents d'une liste

CSS = """
.demystifie-saisie { font-size: 15px; display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.demystifie-saisie label, .demystifie-saisie summary { font-weight: 600; cursor: pointer; }
.demystifie-saisie input[type=text], .demystifie-saisie textarea, .demystifie-saisie button {
  font: inherit; padding: 3px 8px; border: 1px solid #9aa5b1; border-radius: 3px;
  background: var(--jp-layout-color0, white); color: var(--jp-content-font-color1, #1f2933); }
.demystifie-saisie input[type=text] { font-size: 18px; }
.demystifie-saisie textarea { display: block; width: 340px; height: 110px; margin: 4px 0; }
.demystifie-saisie button { margin-right: 6px; cursor: pointer; }
.demystifie-saisie p { margin: 2px 0; max-width: 44em; }
.demystifie-saisie p.refus { color: #b3261e; font-weight: 600; }
"""

UN_MOT = """
function render({ model, el }) {
  const label = document.createElement("label");
  const champ = document.createElement("input");
  champ.type = "text";
  champ.id = "saisie-" + Math.random().toString(36).slice(2);
  champ.maxLength = model.get("longueur");
  champ.size = Math.min(model.get("longueur") + 2, 26);
  champ.spellcheck = false;
  champ.autocomplete = "off";
  champ.title = model.get("tooltip") ?? "";
  label.htmlFor = champ.id;
  label.textContent = model.get("description");
  el.className += " demystifie-saisie";
  el.append(label, champ);
  const relit = () => { if (champ.value !== model.get("texte")) champ.value = model.get("texte"); };
  let attente = null;
  champ.addEventListener("input", () => {
    clearTimeout(attente);
    attente = setTimeout(() => { model.set("texte", champ.value); model.save_changes(); }, 250);
  });
  // Les touches du champ ne sont pas des raccourcis du carnet ni des diapositives.
  champ.addEventListener("keydown", (touche) => {
    if (touche.key === "Enter" && !touche.shiftKey) champ.blur();
    else if (touche.key !== "Enter") touche.stopPropagation();
  });
  model.on("change:texte", relit);
  relit();
  return () => { clearTimeout(attente); model.off("change:texte", relit); };
}
export default { render };
"""

UNE_LISTE = """
function render({ model, el }) {
  const cree = (genre, texte, proprietes = {}) =>
    Object.assign(document.createElement(genre), { textContent: texte }, proprietes);
  const volet = cree("details", "");
  const poids = model.get("octets_maxi");
  const colle = cree("textarea", "", { maxLength: model.get("signes_maxi"), spellcheck: false,
    placeholder: "Un nom par ligne : prénoms, fromages, dinosaures…" });
  colle.setAttribute("aria-label", "les noms, un par ligne");
  const fichier = cree("input", "", { type: "file", accept: ".txt,.csv,text/plain", hidden: true });
  const choisit = cree("button", "Choisir un fichier", { type: "button" });
  choisit.addEventListener("click", () => fichier.click());
  const lis = cree("button", "Apprendre ces noms", { type: "button" });
  const oublie = cree("button", "Oublier la liste", { type: "button" });
  const message = cree("p", "");
  message.setAttribute("role", "status");
  volet.append(cree("summary", model.get("description")), colle, lis, choisit, fichier, oublie, message);
  el.className += " demystifie-saisie";
  el.append(volet);
  // Chaque envoi porte son numéro : envoyer deux fois la même chose est encore un envoi.
  const envoie = (genre, contenu = new DataView(new ArrayBuffer(0)), taille = 0) => {
    model.set("envoi", { genre, taille, numero: Date.now() });
    model.set("octets", contenu);
    model.save_changes();
  };
  lis.addEventListener("click", () => {
    const octets = new TextEncoder().encode(colle.value);
    envoie("texte", new DataView(octets.buffer), octets.length);
  });
  fichier.addEventListener("change", async () => {
    const choisi = fichier.files[0];
    if (!choisi) return;
    if (choisi.size > poids) envoie("trop", undefined, choisi.size); // rien n’est lu
    else envoie("fichier", new DataView(await choisi.arrayBuffer()), choisi.size);
    fichier.value = "";
  });
  oublie.addEventListener("click", () => { colle.value = ""; envoie("oubli"); });
  volet.addEventListener("keydown", (touche) => {
    if (!(touche.key === "Enter" && touche.shiftKey)) touche.stopPropagation();
  });
  const dis = () => {
    message.textContent = model.get("message");
    message.className = model.get("refuse") ? "refus" : "";
  };
  model.on("change:message change:refuse", dis);
  dis();
  return () => model.off(null, null, dis);
}
export default { render };
"""


class Mot(anywidget.AnyWidget):
    """Un réglage que l'on tape : quelques lettres, jamais plus de ``longueur``.

    ``value`` est toujours lisible par le réseau : minuscules, sans chiffre ni signe inconnu.
    """

    _esm, _css = UN_MOT, CSS
    description = traitlets.Unicode().tag(sync=True)
    longueur = traitlets.Int().tag(sync=True)
    texte = traitlets.Unicode().tag(sync=True)
    value = traitlets.Unicode()

    def __init__(self, reglage: str, depart: str = "", longueur: int = 30):
        super().__init__(
            description=etiquette(reglage), longueur=longueur, tooltip=f"reglages.{reglage}"
        )
        self.value = depart

    @traitlets.validate("texte")
    def _borne(self, proposition):
        return proposition["value"][: self.longueur]

    @traitlets.observe("texte")
    def _lit(self, _):
        self.value = self.texte

    @traitlets.validate("value")
    def _nettoie(self, proposition):
        return en_lettres(str(proposition["value"]))[: self.longueur].strip()

    @traitlets.observe("value")
    def _montre(self, _):
        if en_lettres(self.texte)[: self.longueur].strip() != self.value:
            self.texte = self.value


class Liste(anywidget.AnyWidget):
    """Un réglage que l'on colle ou que l'on dépose : des noms, un par ligne.

    ``value`` : les noms, tels qu'un réseau les lit ; vide tant qu'on n'a rien donné de bon. Ce qui est
    refusé l'est d'une phrase, et ne change rien. Rien n'est gardé ailleurs que dans ``value``.
    """

    _esm, _css = UNE_LISTE, CSS
    description = traitlets.Unicode().tag(sync=True)
    signes_maxi = traitlets.Int(SIGNES).tag(sync=True)
    octets_maxi = traitlets.Int(OCTETS).tag(sync=True)
    envoi = traitlets.Dict().tag(sync=True)
    octets = traitlets.Any(b"").tag(sync=True, echo_update=False)  # le navigateur donne une vue
    message = traitlets.Unicode().tag(sync=True)
    refuse = traitlets.Bool().tag(sync=True)
    value = traitlets.Tuple()

    def __init__(self, reglage: str):
        super().__init__(description=etiquette(reglage), tooltip=f"reglages.{reglage}")

    @traitlets.observe("envoi")
    def _recoit(self, _):
        genre, octets = self.envoi.get("genre"), bytes(self.octets)
        self.octets = b""
        if genre == "oubli":
            self.value, self.refuse, self.message = (), False, "Liste oubliée : retour aux communes."
            return
        try:
            noms, remarque = noms_de(octets, int(self.envoi.get("taille", 0)))
        except ValueError as souci:
            self.refuse, self.message = True, str(souci)
        else:
            self.value, self.refuse, self.message = noms, False, remarque


def noms_de(octets: bytes, taille: int = 0) -> tuple[tuple[str, ...], str]:
    """Les noms d'un texte, un par ligne, et ce qu'il faut en dire.

    ``taille`` : celle du fichier, s'il était trop lourd pour être envoyé. Lève une ``ValueError``, en
    une phrase, si ce n'est pas une liste dont on puisse apprendre.
    """
    if max(taille, len(octets)) > OCTETS:
        combien = vues.nombre(max(taille, len(octets)) / 1000)
        raise ValueError(f"C’est trop lourd ({combien} Ko) : {vues.nombre(OCTETS // 1000)} Ko au plus.")
    if b"\0" in octets and not octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("Ce fichier n’est pas du texte : il faut un nom par ligne, et rien d’autre.")
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("Ce texte n’est pas en UTF-8 : réenregistre-le ainsi, ou colle-le.") from None
    if not texte.strip():
        raise ValueError("La liste est vide : un nom par ligne, s’il te plaît.")
    lignes = texte.splitlines()
    if len(lignes) == 1:
        lignes = texte.replace(";", ",").split(",")
    lus = [en_lettres(ligne) for ligne in lignes]
    noms = tuple(dict.fromkeys(nom for nom in lus if nom))
    if not noms:
        raise ValueError("Il n’y a pas une lettre là-dedans que le réseau sache lire.")
    if len(noms) == 1 and len(lus) > 1:
        raise ValueError(f"Le même nom, {len(lus)} fois : il n’y a rien à en apprendre.")
    if len(noms) < MINI:
        raise ValueError(f"C’est trop court ({len(noms)}) : il faut au moins {MINI} noms différents.")
    if len(noms) > MAXI:
        raise ValueError(
            f"C’est trop long ({vues.nombre(len(noms))}) : {vues.nombre(MAXI)} noms au plus."
        )
    coupes = sum(len(ligne.strip()) > 30 for ligne in lignes)
    suite = f" ({coupes} coupés à 30 lettres)" if coupes else ""
    return noms, f"{vues.nombre(len(noms))} noms{suite}, lus et gardés nulle part."
