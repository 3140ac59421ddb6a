"""Le carnet 08, l'anneau : des îlots à imiter, dont on dessine la carte d'un clic."""

import ipywidgets as widgets
import numpy as np
import traitlets
from demystifie import Point, vue, vues

from . import gan
from .gan import REPROCHES, chances, sort

ETALE, BIEN_PLACE = 0.05, 0.15  # dispersion d'un îlot ; au-delà, un faux n'est plus chez lui
COTE = 1.6  # de la carte, du milieu au bord


def en_rond(combien: int) -> tuple:
    """Le milieu de ``combien`` îlots, posés en rond."""
    angles = 2 * np.pi * np.arange(combien) / combien
    return tuple((float(np.cos(a)), float(np.sin(a))) for a in angles)


HUIT, DEUX = en_rond(8), en_rond(2)


class Cible(Point):
    """Des îlots que l'on pose en cliquant dans un axe, un par un, ou en tirant.

    ``value`` est le tuple de leurs milieux. Le premier clic efface ceux du départ ; le bouton
    « effacer » les ramène. Passé ``MAXIMUM``, le plus ancien s'en va.
    """

    MAXIMUM, ECART = 16, 0.3
    value = traitlets.Tuple()

    def __init__(self, axe: str, depart: tuple = HUIT):
        self.depart = depart
        super().__init__(axe, depart)
        efface = widgets.Button(
            description="effacer", icon="eraser", tooltip="Revenir aux îlots du départ"
        )
        efface.on_click(lambda _: setattr(self, "value", self.depart))
        self.children = [*self.children, efface]
        self.layout.align_items = "center"

    @property
    def place(self):
        """Le dernier îlot posé."""
        return self.value[-1]

    def deplace(self, point):
        """Pousse le dernier îlot posé."""
        self.value = (*self.value[:-1], point)

    @traitlets.validate("value")
    def _ajoute(self, propose):
        """Un point (x, y) s'ajoute aux îlots ; une suite d'îlots les remplace tous."""
        valeur = propose["value"]
        if not valeur or isinstance(valeur[0], tuple):
            return valeur
        anciens = self.value if self.value not in (HUIT, DEUX) else ()
        if any(np.hypot(valeur[0] - x, valeur[1] - y) < self.ECART for x, y in anciens):
            return self.value
        return (*anciens, valeur)[-self.MAXIMUM :]

    def convient(self, valeur):
        """Un point, ou des îlots."""
        return super().convient(valeur) or all(map(super().convient, valeur))


DUELS = {
    "équilibre": {},
    "deux îlots": {"cible": DEUX},
    "une seule cachette": {"tours_faussaire": 10, "taux_faussaire": 0.003, "lisse": False},
    "l’expert trop fort": {"tours_expert": 10, "brume": 0.0, "reproche": "d’origine"},
    "fort mais bon prof": {"tours_expert": 10, "brume": 0.0, "reproche": "d’usage"},
}
BOUTONS = {
    "brume": (0.0, 0.1, 0.5),
    "reproche": REPROCHES,
    "taux_faussaire": (0.0005, 0.005, 0.05),
    "taux_expert": (0.001, 0.01, 0.1),
    "tours_faussaire": (0, 1, 10),
    "tours_expert": (0, 1, 10),
}


# --- De quoi nourrir la boucle --------------------------------------------------------------


class Hasard(gan.Hasard):
    """Tout ce qui se tire au sort autour de l'anneau."""

    def vrais(self, cible: tuple) -> np.ndarray:
        """De vrais billets, (150, 2) : chacun près du milieu d'un îlot."""
        milieux = np.array(cible, np.float32)
        return milieux[self.integers(len(milieux), size=self.LOT)] + np.float32(ETALE) * self.bruit()


# --- Ce qu'on regarde -----------------------------------------------------------------------

BRUITS = np.random.default_rng(9).standard_normal((1000, 2)).astype(np.float32)  # toujours les mêmes
TEMOINS = BRUITS[:32]
GRILLE = np.stack(np.meshgrid(*2 * [np.linspace(-COTE, COTE, 48)]), axis=2).reshape(-1, 2)
GRILLE = GRILLE.astype(np.float32)


# La carte se calcule sur une grille, puis s'adoucit et se colore ici : matplotlib y mettrait trois fois
# plus de temps, à chaque image.
ADOUCIT = np.array([np.interp(np.linspace(0, 47, 192), np.arange(48), e) for e in np.eye(48)]).T
TEINTES = 0.6 * vues.CONTRE_POUR(np.linspace(0, 1, 256)) + 0.4
TEINTES = (255 * TEINTES).astype(np.uint8)


def peint_la_carte(expert: list) -> np.ndarray:
    """Ce que l'expert pense de chaque lieu, en couleurs : (192, 192, 4) octets."""
    croit = chances(sort(expert, GRILLE)).reshape(48, 48)
    return TEINTES[(255 * (ADOUCIT @ croit @ ADOUCIT.T)).astype(np.uint8)]


def comptes(faux: np.ndarray, cible: tuple) -> tuple[int, float]:
    """Combien d'îlots sont couverts (par plus du cinquième de leur part), et la part de bien placés."""
    loin = np.linalg.norm(faux[:, None] - np.array(cible, np.float32), axis=2)
    bien = loin.min(axis=1) < BIEN_PLACE
    chez = np.bincount(loin.argmin(axis=1)[bien], minlength=len(cible)) / len(faux)
    return int(np.sum(chez > 0.2 / len(cible))), float(bien.mean())


def fleches(expert: list, faux: np.ndarray, reproche: str) -> np.ndarray:
    """De quel côté bouger chaque faux : la pente de l'avis, prise en se déplaçant d'un rien."""
    rien = np.float32(1e-2) * np.eye(2, dtype=np.float32)
    pente = (
        np.concatenate([sort(expert, faux + r) - sort(expert, faux - r) for r in rien], axis=1) / 2e-2
    )
    p = chances(sort(expert, faux))
    return pente * (1 - p if reproche == "d’usage" else p)


def mesure_anneau(faussaire, expert, cible):
    """La part des îlots couverts, et celle des faux bien placés."""
    couverts, bien = comptes(sort(faussaire, BRUITS), cible)
    return {"couverts": couverts / len(cible), "bien": bien}


def dit_anneau(faussaire, expert, cible):
    """Les deux comptes, et ce qu'en pense l'expert."""
    faux = sort(faussaire, BRUITS)
    couverts, bien = comptes(faux, cible)
    soupcon = 100 * float(np.mean(1 - chances(sort(expert, faux))))
    combien = f"{couverts} îlot{'s' if couverts > 1 else ''} sur {len(cible)}"
    juge = ("s’y trompe autant qu’à pile ou face" if 40 < soupcon < 60
            else f"les soupçonne à {soupcon:.0f} %")  # fmt: skip
    return f"Les faux couvrent {combien}, et {100 * bien:.0f} % sont bien placés ; l’expert {juge}."


@vue(
    recit=dit_anneau,
    mesure=mesure_anneau,
    cadre=[6 * ["anneau"] + 5 * ["bilan"]] + 2 * [6 * ["anneau"] + 5 * ["courbes"]],
    taille=(12, 5.4),
    vitesse=50,
)
def anneau(anneau, bilan, courbes, passe, reglages):
    """La carte de l'expert, les îlots, les faux et leurs flèches ; les deux comptes, et leur courbe."""
    vues.sans_axes(anneau, "bleu : l’expert y croit ; orange : non")
    anneau.set(xlim=(-COTE, COTE), ylim=(-COTE, COTE), aspect="equal")
    carte = anneau.imshow(
        np.zeros((192, 192, 4), np.uint8), extent=2 * (-COTE, COTE), origin="lower", zorder=1
    )
    vrais = anneau.scatter([], [], s=24, color=vues.VERT, lw=0, zorder=2)
    ronds = anneau.scatter([], [], s=1150, fc="none", ec=vues.VERT, lw=3.5, zorder=3)
    foule = anneau.scatter([], [], s=18, color="#7a3300", alpha=0.6, lw=0, zorder=4)
    rien = np.zeros(len(TEMOINS))
    traits = anneau.quiver(rien, rien, rien, rien, angles="xy", scale_units="xy", scale=1, width=0.007,
                           color="#1f2933", zorder=5)  # fmt: skip
    temoins = anneau.scatter([], [], s=75, color=vues.ORANGE, ec="white", lw=1.5, zorder=6)

    vues.sans_axes(bilan).set(xlim=(0, 3), ylim=(0, 1))
    noms = {"îlots couverts": vues.VERT, "faux bien placés": vues.BLEU, "flèche médiane": "#1f2933"}
    nombres = []
    for x, (nom, couleur) in enumerate(noms.items()):
        style = dict(ha="center", va="center")
        bilan.text(x + 0.5, 0.2, nom.replace(" ", "\n", 1), fontsize=16, **style)
        style |= dict(fontsize=34, fontweight="bold", color=couleur)
        nombres.append(bilan.text(x + 0.5, 0.7, "", **style))
    trace = vues.courbe(courbes, {"couverts": ""}, passe, haut=1.08, titre="îlots couverts")
    courbes.lines[0].set_color(vues.VERT)  # celle de son nombre
    courbes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])

    def montre(faussaire, expert, cible):
        faux, milieux = sort(faussaire, BRUITS[:400]), np.array(cible)
        carte.set_data(peint_la_carte(expert))
        vrais.set_offsets((milieux[:, None] + ETALE * BRUITS[:14]).reshape(-1, 2))
        ronds.set_offsets(milieux)
        foule.set_offsets(faux)
        vers = fleches(expert, faux, reglages.reproche)
        longs = np.linalg.norm(vers, axis=1, keepdims=True)
        montrees = vers / np.maximum(longs, 1e-9) * np.minimum(0.12 * longs, 0.7)
        traits.set_offsets(faux[: len(TEMOINS)])
        traits.set_UVC(*montrees[: len(TEMOINS)].T)
        temoins.set_offsets(faux[: len(TEMOINS)])
        couverts, bien = comptes(sort(faussaire, BRUITS), cible)  # à l'instant, comme le récit
        nombres[0].set_text(f"{couverts}/{len(cible)}")
        nombres[1].set_text(f"{100 * bien:.0f} %")
        nombres[2].set_text(vues.virgules(f"{np.median(longs):.1f}"))
        return carte, vrais, ronds, foule, traits, temoins, *nombres, trace()

    return montre
