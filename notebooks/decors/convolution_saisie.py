"""Ce que la salle donne à regarder au carnet 06 : une image à elle, et les neuf nombres d'une loupe."""

import io

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image, ImageOps

COTE = 64  # pixels de ce qu'apporte la salle, et des chats
POIDS_MAXIMAL, PIXELS_MAXIMAUX = 5_000_000, 20_000_000  # octets, pixels de ce que l'on reçoit

# --- Une image à soi ------------------------------------------------------------------------

UNE_PHOTO = """
const LOURDE = 200; // Mo : au-delà, on n'essaie pas
function render({ model, el }) {
  const cree = (genre, proprietes) =>
    el.appendChild(Object.assign(document.createElement(genre), proprietes));
  el.className += " demystifie-photo";
  const fichier = cree("input", { type: "file", accept: "image/*", hidden: true });
  const bouton = cree("button", { type: "button", textContent: model.get("description"),
    className: "jupyter-button widget-button" });
  const mot = cree("span", {});
  mot.setAttribute("role", "status");
  bouton.addEventListener("click", () => fichier.click());

  // Une photo de téléphone pèse plus que la ligne ne porte : seul son carré du milieu part, tout petit.
  async function reduis(photo) {
    const image = await createImageBitmap(photo), { width, height } = image;
    const cote = Math.min(width, height), petit = Math.min(cote, 4 * model.get("cote"));
    const feuille = Object.assign(document.createElement("canvas"), { width: petit, height: petit });
    const encre = feuille.getContext("2d");
    encre.imageSmoothingQuality = "high";
    encre.fillStyle = "white"; // sous ce qui est transparent
    encre.fillRect(0, 0, petit, petit);
    encre.drawImage(image, (width - cote) / 2, (height - cote) / 2, cote, cote, 0, 0, petit, petit);
    image.close();
    return new Promise((rend) => feuille.toBlob(rend, "image/png"));
  }

  let derniere = 0;
  fichier.addEventListener("change", async () => {
    const photo = fichier.files[0], numero = ++derniere;
    fichier.value = "";
    if (!photo) return;
    try {
      if (photo.size > LOURDE * 1e6) throw new Error("trop lourde");
      const octets = await (await reduis(photo)).arrayBuffer();
      if (numero === derniere) model.send({}, undefined, [octets]);
    } catch {
      if (numero === derniere) model.send({}) /* rien à montrer */;
    }
  });
  const dis = () => { mot.textContent = model.get("message"); };
  model.on("change:message", dis);
  dis();
  return () => model.off(null, null, dis);
}
export default { render };
"""

ILLISIBLE = (
    "Ton navigateur ne sait pas ouvrir ce fichier. Une photo d’iPhone (HEIC)\u00a0? "
    "Enregistre-la en JPEG, ou fais-en une capture d’écran, et apporte celle-là."
)


class Photo(anywidget.AnyWidget):
    """Un bouton qui apporte une image, réduite par le navigateur avant de partir.

    ``value`` est l'image, (64, 64), de 0 (clair) à 1 (sombre) ; ``None`` tant qu'on n'en a pas de
    bonne. Ce qui est refusé l'est d'une phrase, et ne change rien. Rien n'est gardé ailleurs.
    """

    _esm = UNE_PHOTO
    _css = """
        .demystifie-photo { display: flex; flex-flow: row wrap; gap: 8px; align-items: center; }
        .demystifie-photo span { font-size: 15px; }
        .demystifie-photo button { flex: none; }
    """
    description = traitlets.Unicode("apporter une image").tag(sync=True)
    cote = traitlets.Int(COTE).tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    value = traitlets.Any()

    def __init__(self):
        super().__init__()
        self.on_msg(lambda _, __, octets: self.recoit(octets[0] if octets else None))

    def recoit(self, octets) -> None:
        """Prend l'image de ces octets ; ``None`` : le navigateur n'a pas su l'ouvrir."""
        try:
            if octets is None:
                raise ValueError(ILLISIBLE)
            self.value, self.message = lis_image(octets), ""
        except ValueError as refus:
            self.message = str(refus)


def lis_image(octets):
    """L'image de ces octets, apportée par la salle, en 64×64, de 0 (clair) à 1 (sombre).

    Lève une ``ValueError``, en une phrase, si ce n'en est pas une, ou si elle est trop grande.
    """
    octets = bytes(octets)
    if len(octets) > POIDS_MAXIMAL:
        raise ValueError(f"Ce fichier pèse {len(octets) / 1e6:.0f} Mo ; 5 au plus.")
    try:
        photo = Image.open(io.BytesIO(octets), formats=["PNG", "JPEG", "GIF", "BMP", "WEBP"])
        large, haut = photo.size
        if large * haut <= PIXELS_MAXIMAUX and min(large, haut) >= 3:
            photo = ImageOps.exif_transpose(photo).convert("RGBA")
    except Exception:  # Pillow en a de toutes sortes, selon ce qui est abîmé
        raise ValueError("Ce fichier n’est pas une image lisible (PNG, JPEG, GIF, BMP, WebP).") from None
    if large * haut > PIXELS_MAXIMAUX or min(large, haut) < 3:
        raise ValueError(f"{large} sur {haut} pixels : il en faut 3 de côté, et 20 millions au plus.")
    fond = Image.new("RGBA", photo.size, "white")
    gris = ImageOps.fit(Image.alpha_composite(fond, photo).convert("L"), (COTE, COTE))
    return 1 - np.asarray(gris) / 255


class Album(widgets.HBox):
    """L'image à regarder ; ``value`` est ``(choix, image apportée ou rien)``."""

    value = traitlets.Any()

    def __init__(self):
        style = dict(options=["un chat", "un chiffre", "la mienne"], description="image")
        self._choix, self._photo = widgets.ToggleButtons(**style), Photo()
        super().__init__([self._choix, self._photo], layout=widgets.Layout(flex_flow="row wrap"))
        self._photo.observe(self._recoit, "value")
        self._choix.observe(lambda _: self._rend(), "value")
        self._rend()

    def _recoit(self, _):
        self._choix.value = "la mienne"
        self._rend()

    def _rend(self):
        self.value = self._choix.value, self._photo.value


# --- Les neuf nombres -----------------------------------------------------------------------

LOUPES = {
    "contours": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "flou": [[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]],
    "relief": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "verticales": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "rien": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}

NEUF_NOMBRES = """
const PIXELS = 6; // de glissade, pour un cran
const FLECHES = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
function render({ model, el }) {
  const mini = model.get("mini"), maxi = model.get("maxi"), cran = model.get("cran");
  const table = el.appendChild(document.createElement("div"));
  table.className = "matrix-wrapper";
  const lit = (i, j) => model.get("value")[i][j];
  const pose = (i, j, v) => {
    const nombres = model.get("value").map((rangee) => [...rangee]);
    nombres[i][j] = Math.round(100 * Math.min(Math.max(v, mini), maxi)) / 100;
    if (nombres[i][j] === lit(i, j)) return;
    model.set("value", nombres);
    model.save_changes();
  };
  const cases = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => {
    const une = table.appendChild(document.createElement("span"));
    une.tabIndex = 0;
    une.setAttribute("role", "spinbutton");
    une.setAttribute("aria-label", `rangée ${i + 1}, colonne ${j + 1}`);
    une.setAttribute("aria-valuemin", mini);
    une.setAttribute("aria-valuemax", maxi);
    let prise = null; // là où l'on a saisi, et ce qu'il y avait
    une.addEventListener("pointerdown", (main) => {
      prise = [main.clientX, lit(i, j)];
      une.setPointerCapture(main.pointerId);
    });
    une.addEventListener("pointermove", (main) => {
      if (prise) pose(i, j, prise[1] + cran * Math.trunc((main.clientX - prise[0]) / PIXELS));
    });
    une.addEventListener("lostpointercapture", () => { prise = null; });
    une.addEventListener("keydown", ({ key }) => {
      if (key in FLECHES) pose(i, j, lit(i, j) + cran * FLECHES[key]);
      if (key === "Home") pose(i, j, mini);
      if (key === "End") pose(i, j, maxi);
    });
    return une;
  }));
  const dis = () => model.get("value").flat().forEach((v, rang) => {
    cases[rang].textContent = String(v).replace(".", ",").replace("-", "−");
    cases[rang].setAttribute("aria-valuenow", v);
  });
  model.on("change:value", dis);
  dis();
  return () => model.off(null, null, dis);
}
export default { render };
"""


class Nombres(anywidget.AnyWidget):
    """Neuf nombres que l'on tire, à la souris, au doigt ou aux flèches ; ``value`` : trois rangées."""

    _esm = NEUF_NOMBRES
    _css = """
        .matrix-wrapper { display: inline-grid; grid-template-columns: repeat(3, auto); padding: 6px;
          background: white; color: #1f2933; border-radius: 4px; font-size: 20px;
          border-left: 2px solid #1f2933; border-right: 2px solid #1f2933; }
        .matrix-wrapper span { min-width: 52px; padding: 5px 0; text-align: center; cursor: ew-resize;
          touch-action: none; user-select: none; font-variant-numeric: tabular-nums; color: #0b5394; }
    """
    mini, maxi = traitlets.Int(-9).tag(sync=True), traitlets.Int(9).tag(sync=True)
    cran = traitlets.Float(0.5).tag(sync=True)
    value = traitlets.List().tag(sync=True)


class Noyau(widgets.VBox):
    """Les neuf nombres de la loupe ; ``value`` est une liste de trois rangées."""

    value = traitlets.List()

    def __init__(self):
        self._choix = widgets.Dropdown(options=[*LOUPES, "la tienne"], description="loupe")
        self._choix.layout.width = "190px"
        self.nombres = Nombres(value=LOUPES["contours"])
        super().__init__([self._choix, self.nombres, widgets.Label("↔ tire sur un nombre")])
        self._choix.observe(self._choisit, "value")
        traitlets.link((self.nombres, "value"), (self, "value"))
        self.observe(self._nomme, "value")

    def _choisit(self, _):
        if self._choix.value in LOUPES:  # « la tienne » : celle que l'on a sous les yeux
            self.nombres.value = LOUPES[self._choix.value]

    def _nomme(self, _):
        if self.value != LOUPES.get(self._choix.value):
            self._choix.value = "la tienne"
