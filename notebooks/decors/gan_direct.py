"""Le carnet 08, en direct : de vrais chiffres réduits à 14×14, et un faussaire qui part du bruit."""

from functools import cache

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import Rectangle

from . import gan
from .gan import chances, sort

COTE, RANGEES = 14, 4
DEMANDES = np.arange(10 * RANGEES) % 10  # de 0 à 9, à chaque rangée
UN = np.eye(10, dtype=np.float32)
"""Ce que l'on demande : une ligne par chiffre."""


def reduits(images: np.ndarray) -> np.ndarray:
    """Des images 28×28 en octets, réduites à 14×14 et mises à plat : (n, 196), de 0 à 1."""
    hauts = images[:, ::2].astype(np.uint16) + images[:, 1::2]
    return (hauts[..., ::2] + hauts[..., 1::2]).reshape(-1, COTE**2) / np.float32(4 * 255)


class Hasard(gan.Hasard):
    """Tout ce qui se tire au sort devant les chiffres, par lots de 50."""

    LOT, LARGE = 50, 16

    def vrais(self) -> tuple[np.ndarray, np.ndarray]:
        """De vrais chiffres, (50, 196), et ce qu'ils sont, (50, 10)."""
        modeles = gan.modeles()
        lot = self.integers(len(modeles.images), size=self.LOT)
        return reduits(modeles.images[lot]), UN[modeles.etiquettes[lot]]

    def commande(self, chiffres: np.ndarray) -> np.ndarray:
        """Ce que reçoit le faussaire, (50, 26) : du bruit, et le chiffre demandé."""
        return np.hstack([self.bruit(), chiffres])


def annonce(images: np.ndarray, chiffres: np.ndarray) -> np.ndarray:
    """Ce que voit l'expert, (n, 206) : chaque image, et le chiffre qu'elle prétend être.

    Deux fois plus d'images que de ``chiffres`` : des vrais, puis des faux, dans le même ordre.
    """
    return np.hstack([images, np.resize(chiffres, (len(images), 10))])


DUELS = {
    "équilibre": {},
    "l’expert endormi": {"tours_expert": 0},
    "une seule cachette": {"tours_faussaire": 10},
}
BOUTONS = {
    "taux": (0.0005, 0.003, 0.02),
    "tours_faussaire": (1, 1, 10),  # c'est en jouant qu'il apprend ce que l'expert soupçonne
    "tours_expert": (0, 1, 10),
    "brume": (0.0, 0.1, 0.5),
}


BRUITS = np.random.default_rng(9).standard_normal((len(DEMANDES), 16)).astype(np.float32)
COMMANDES = np.hstack([BRUITS, UN[DEMANDES]])


def dessine(faussaire: list) -> np.ndarray:
    """Ses quarante faux, toujours tirés du même bruit : (40, 14, 14)."""
    return chances(sort(faussaire, COMMANDES)).reshape(-1, COTE, COTE)


@cache
def lecteur():
    """LeNet-5, celui du carnet 6, et de quoi lui agrandir une image."""
    from demystifie import reseaux

    return reseaux.charger("lenet5")


def lit(faux: np.ndarray) -> np.ndarray:
    """Ce que LeNet-5 lit dans ces images, agrandies et un peu foncées : l'agrandissement les pâlit."""
    import torch
    from torch.nn.functional import interpolate

    petites = torch.from_numpy(np.ascontiguousarray(faux, np.float32))[:, None]
    with torch.no_grad():
        return lecteur()(1.15 * interpolate(petites, size=28, mode="bilinear")).argmax(dim=1).numpy()


def variete(images: np.ndarray, chiffres: np.ndarray) -> float:
    """La distance moyenne entre deux dessins du même chiffre."""
    ecarts = []
    for chiffre in range(10):
        siens = images[chiffres == chiffre].reshape(-1, COTE**2)[:10]
        ecarts.append(
            np.linalg.norm(siens[:, None] - siens, axis=2)[np.triu_indices(len(siens), 1)].mean()
        )
    return float(np.mean(ecarts))


@cache
def variete_des_vrais() -> float:
    """Celle de cent vrais chiffres de l'extrait."""
    extrait = donnees.mnist_extrait()
    return variete(reduits(extrait.images[:100]), extrait.etiquettes[:100])


def mesure_direct(faux, passe):
    """Ce que la machine lit dans les faux, la part qui est ce qu'on a demandé, et leur variété."""
    lus = lit(faux)
    return {"lus": lus, "obeit": np.mean(lus == DEMANDES), "variete": variete(faux, DEMANDES)}


def dit_direct(faux, passe):
    """Combien de commandes sont lisibles, si les dessins varient, et ce qu'en pense l'expert."""
    mesures = mesure_direct(faux, passe)
    bien_lus = np.sum(mesures["lus"] == DEMANDES)
    pareils = mesures["variete"] < variete_des_vrais() / 3
    return (
        f"Sur {len(faux)} commandes, la machine en lit {bien_lus} comme demandé"
        + (" ; mais c’est toujours le même dessin" if pareils else "")
        + f". L’expert soupçonne les faux à {100 * (1 - passe):.0f} %."
    )


@vue(
    recit=dit_direct,
    mesure=mesure_direct,
    cadre=3 * [2 * ["vrais"] + ["bilan"]] + 8 * [2 * ["faux"] + ["courbes"]],
    taille=(12, 5.3),
    vitesse=200,
)
def en_direct(vrais, bilan, faux, courbes, passe):
    """Une rangée de vrais, quatre de faux ; en pointillé orange, ce que la machine lit de travers."""
    extrait = donnees.mnist_extrait()
    pose_les_vrais = vues.mosaique(
        vrais, 1, 10, (COTE, COTE), limite=1, titre="de vrais chiffres, réduits"
    )
    pose_les_vrais(reduits(extrait.images[20:30]).reshape(-1, COTE, COTE))
    titre = "les faux, sur commande ; en pointillé, les mal lus"
    pose = vues.mosaique(faux, RANGEES, 10, (COTE, COTE), limite=1, titre=titre)
    style = dict(fill=False, ec=vues.ORANGE, lw=2.5, ls=(0, (1, 1)), zorder=4)
    cadres = [
        faux.add_patch(Rectangle((15 * (i % 10) - 0.5, 15 * (i // 10) - 0.5), COTE, COTE, **style))
        for i in range(10 * RANGEES)
    ]
    vues.sans_axes(bilan).set(xlim=(0, 2), ylim=(0, 1))
    nombres = []
    for x, nom, couleur in (
        (0.5, "lus comme\ndemandé", vues.BLEU),
        (1.5, "soupçon\nde l’expert", "#1f2933"),
    ):
        style = dict(ha="center", va="center")
        bilan.text(x, 0.25, nom, fontsize=16, **style)
        nombres.append(bilan.text(x, 0.75, "", fontsize=32, fontweight="bold", color=couleur, **style))
    trace = vues.courbe(courbes, {"obeit": ""}, passe, haut=1.02, titre="lus comme demandé")
    courbes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])

    def montre(dessins, passe_l_expert):
        lus = lit(dessins)  # à l'instant : une partie longue ne garde pas tous ses pas
        for cadre, rate in zip(cadres, lus != DEMANDES, strict=True):
            cadre.set_visible(rate)
        nombres[0].set_text(f"{100 * np.mean(lus == DEMANDES):.0f} %")
        nombres[1].set_text(f"{100 * (1 - passe_l_expert):.0f} %")
        return pose(dessins), cadres, nombres, trace()

    return montre
