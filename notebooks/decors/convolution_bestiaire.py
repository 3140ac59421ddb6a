"""Le décor du carnet 06, quatrième partie : le bestiaire, que la salle range avant de le voir rangé."""

import ipywidgets as widgets
import traitlets
from demystifie import vue, vues
from matplotlib.patches import ConnectionPatch, FancyBboxPatch

# Les couches : celles qui ont des boutons (l'article de LeNet-5 en compte sept, réductions comprises).
# Les boutons, en millions : ceux d'un seul réseau. Les erreurs : celles du concours ImageNet, où chaque
# équipe fait voter plusieurs réseaux. LeNet-5 n'y a pas couru : ses images sont grises et petites.
BETES = {
    "LeNet-5": {"année": 1998, "couches": 5, "boutons": 0.06},
    "AlexNet": {"année": 2012, "couches": 8, "boutons": 60, "erreur": 16.4},
    "VGG": {"année": 2014, "couches": 19, "boutons": 144, "erreur": 7.3},
    "GoogLeNet": {"année": 2014, "couches": 22, "boutons": 7, "erreur": 6.7},
    "ResNet": {"année": 2015, "couches": 152, "boutons": 60, "erreur": 3.6},
    "SENet": {"année": 2017, "couches": 154, "boutons": 115, "erreur": 2.3},
    "un humain": {"erreur": 5.1},
}
SIGNES = {
    "LeNet-5": "il lit des chèques",
    "AlexNet": "il a appris sur deux cartes de jeu",
    "VGG": "rien que des filtres de 3 sur 3",
    "GoogLeNet": "plusieurs tailles de filtres à chaque étage",
    "ResNet": "des passerelles par-dessus les étages",
    "SENet": "un bouton de volume pour chaque carte",
    "un humain": "entraîné exprès, sur 1 500 images",
}
SENS = {
    "année": "du plus ancien au plus récent",
    "couches": "du moins au plus de couches",
    "boutons": "du moins au plus de boutons",
    "erreur": "du plus au moins de fautes",
}


def valeurs(critere):
    """Ce que vaut chacune des bêtes que l'on peut ranger ainsi ; l'alphabet ne souffle rien."""
    return {nom: BETES[nom][critere] for nom in sorted(BETES) if critere in BETES[nom]}


class Rangement(widgets.HBox):
    """L'ordre de la salle ; ``value`` est ``(critère, noms rangés, dévoilé ou non)``."""

    value = traitlets.Any()

    def __init__(self):
        seul = widgets.Layout(width="100%")  # sur sa ligne : une bête n'est pas un critère
        self._critere = widgets.ToggleButtons(options=[*SENS], description="ranger par", layout=seul)
        self._devoile = widgets.ToggleButton(description="dévoiler", button_style="warning")
        self._efface = widgets.Button(description="recommencer")
        self._bouton = {nom: widgets.Button(description=nom) for nom in sorted(BETES)}
        for nom, bouton in self._bouton.items():
            bouton.on_click(lambda _, nom=nom: self.touche(nom))
        boutons = [*self._bouton.values(), self._efface, self._devoile]
        super().__init__([self._critere, *boutons], layout=widgets.Layout(flex_flow="row wrap"))
        self._critere.observe(lambda _: self.recommence(), "value")
        self._devoile.observe(lambda _: self._rend(self.value[1]), "value")
        self._efface.on_click(lambda _: self.recommence())
        self.recommence()

    def touche(self, nom):
        """Range cette bête à la suite des autres ; l'ôte si elle y était déjà."""
        _, ordre, _ = self.value
        self._rend([n for n in ordre if n != nom] if nom in ordre else [*ordre, nom])

    def recommence(self):
        """Rien n'est plus rangé, ni dévoilé."""
        self._devoile.value = False
        self._rend([])

    def _rend(self, ordre):
        for nom, bouton in self._bouton.items():
            bouton.layout.display = "" if nom in valeurs(self._critere.value) else "none"
            bouton.description = f"{ordre.index(nom) + 1}. {nom}" if nom in ordre else nom
            bouton.button_style = "info" if nom in ordre else ""
        self.value = self._critere.value, ordre, self._devoile.value


def en_clair(critere, nom):
    """Ce que vaut cette bête : « 2012 », « 152 », « 60 millions », « 3,6 % »."""
    valeur = BETES[nom][critere]
    if critere == "boutons":
        return f"{valeur} millions" if valeur >= 1 else vues.nombre(valeur * 1e6)
    return {"erreur": f"{vues.virgules(str(valeur))} %"}.get(critere, str(valeur))


def dit_bestiaire(critere, ordre, attendu, justes, devoile):
    """L'ordre de la salle ; puis le vrai, et combien étaient à leur place."""
    if not devoile:
        range_ = ", ".join(ordre) or "rien encore"
        return f"À ranger {SENS[critere]} : {range_} ({len(ordre)} sur {len(attendu)})."
    vrai = ", ".join(f"{nom} ({en_clair(critere, nom)})" for nom in attendu)
    compte = f" {sum(justes)} à leur place sur {len(ordre)}." if ordre else ""
    return f"{SENS[critere].capitalize()} : {vrai}.{compte}"


def etiquette(axe, x, y, large):
    """Un carton où écrire ; rend le carton et son mot."""
    style = dict(boxstyle="round,pad=0,rounding_size=0.12", mutation_aspect=1, lw=2, clip_on=False)
    carton = axe.add_patch(FancyBboxPatch((x, y - 0.34), large, 0.68, **style))
    return carton, axe.text(x + large / 2, y, "", ha="center", va="center", fontsize=16)


@vue(
    recit=dit_bestiaire,
    cadre=[11 * ["betes"] + 8 * ["ordre"] + 11 * ["verite"]],
    taille=(12, 4.8),
)
def bestiaire(betes, ordre, verite):
    """Les bêtes et leurs signes, l'ordre de la salle, le vrai, et des fils de l'un à l'autre."""
    for axe in (betes, ordre, verite):
        vues.sans_axes(axe).set(xlim=(0, 10), ylim=(6, 0))
    gras = dict(va="center", fontsize=17, fontweight="bold")
    noms = [betes.text(0, y + 0.3, "", **gras) for y in range(6)]
    signes = [betes.text(0, y + 0.67, "", va="center", fontsize=13.5, color="#52606d") for y in range(6)]
    cartons = [etiquette(ordre, 1.2, y + 0.5, 8) for y in range(6)]
    rangs = [ordre.text(0.4, y + 0.5, f"{y + 1}", ha="center", **gras) for y in range(6)]
    vrais = [verite.text(2.2, y + 0.3, "", **gras) for y in range(6)]
    barres = verite.barh([y + 0.68 for y in range(6)], [0] * 6, height=0.2, left=2.2, color=vues.BLEU)
    nombres = [verite.text(9.9, y + 0.3, "", va="center", ha="right", fontsize=17) for y in range(6)]
    points = dict(coordsA=ordre.transData, coordsB=verite.transData, lw=4, zorder=5)
    fils = [ordre.add_artist(ConnectionPatch((9.2, 0), (2, 0), **points)) for _ in range(6)]
    secret = verite.text(5.5, 3, "?", ha="center", va="center", fontsize=120, color="#dde1e6")
    sens = ordre.set_title("du plus ancien au plus récent")

    def montre(critere, range_, attendu, justes, devoile):
        sens.set_text(SENS[critere])
        for nom, signe, bete in zip(noms, signes, valeurs(critere), strict=True):
            nom.set(text=bete, alpha=0.3 if bete in range_ else 1)
            signe.set(text=SIGNES[bete], alpha=0.3 if bete in range_ else 1)
        for (carton, mot), nom in zip(cartons, [*range_, *[""] * 6], strict=False):
            carton.set(fc="#e3eef7" if nom else "#f4f6f8", ec=vues.BLEU if nom else "#dde1e6")
            mot.set_text(nom)
        depart = 1996 if critere == "année" else 0
        plus = max(BETES[nom][critere] for nom in attendu) - depart
        for vrai, barre, valeur, nom in zip(vrais, barres, nombres, attendu, strict=True):
            vrai.set_text(nom)
            valeur.set_text(en_clair(critere, nom))
            barre.set_width(7.7 * (BETES[nom][critere] - depart) / plus)
        for rang, fil in enumerate(fils):
            fil.set_visible(devoile and rang < len(range_))
            if rang < len(range_):
                fil.xy1, fil.xy2 = (9.2, rang + 0.5), (2, attendu.index(range_[rang]) + 0.5)
                juste = justes[rang]
                fil.set(color=vues.VERT if juste else vues.ORANGE, linestyle="-" if juste else ":")
        for acteur in (*vrais, *barres, *nombres):
            acteur.set_visible(devoile)
        secret.set_visible(not devoile)
        return sens, noms, signes, cartons, rangs, vrais, barres, nombres, fils, secret

    return montre
