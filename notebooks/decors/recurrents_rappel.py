"""Le décor du carnet 07 : rappeler la première lettre, et voir ce qui reste du reproche en remontant."""

import numpy as np
import torch
from demystifie import vue, vues
from torch import nn

from decors.recurrents_lettres import BRUN, Tuile

RETENIR, DISTRAIRE, RENDRE = "ABCD", "wxyz", "?"
ALPHABET = RETENIR + DISTRAIRE + RENDRE
LOT, CASES, PLUS_LOIN = 128, 32, 34
CELLULES = ["simple", "à porte", "porte qui garde"]


class Rappel(nn.Module):
    """Lit un mot, lettre après lettre, dans 32 cases de mémoire ; puis en dit la première."""

    def __init__(self, cellule):
        super().__init__()
        self.lit = nn.Embedding(len(ALPHABET), 16)
        self.cellule = (nn.RNNCell if cellule == "simple" else nn.GRUCell)(16, CASES)
        if cellule == "porte qui garde":  # à ce réglage, chaque case garde d'abord les neuf dixièmes
            self.cellule.bias_ih.data[CASES : 2 * CASES] = 2
        self.dit = nn.Linear(CASES, len(RETENIR))


def exercice(distance):
    """128 mots : une lettre à retenir, ``distance`` lettres pour distraire, un point d'interrogation."""
    premieres = torch.randint(len(RETENIR), (LOT,))
    bruit = torch.randint(len(RETENIR), len(ALPHABET) - 1, (LOT, distance))
    demande = torch.full((LOT, 1), len(ALPHABET) - 1)
    return premieres, torch.cat([premieres[:, None], bruit, demande], 1)


def vide():
    """La mémoire, avant la première lettre."""
    return torch.zeros(LOT, CASES)


def bilan(mots, avis, memoires):
    """Ce que l'on montre d'un lot : son premier mot, la réponse, la part de justes, et les reproches.

    ``memoires`` : la vide, puis celles d'après chaque lettre.
    """
    mot = "".join(ALPHABET[rang] for rang in mots[0])
    reponses = avis.argmax(1)
    reproches = np.array([float(memoire.grad.norm()) for memoire in memoires[1:]])
    return mot, RETENIR[reponses[0]], float((reponses == mots[:, 0]).float().mean()), reproches


def dit_rappel(mot, reponse, justes, reproches):
    """La réponse, la réussite, et ce qui reste du reproche à l'autre bout."""
    reste = reproches[0] / max(reproches[-1], 1e-30)
    une_part = f"une part sur {vues.nombre(round(1 / max(reste, 1e-30)))}"
    paliers = ((1.4, "encore plus que la dernière"), (0.7, "presque tout"), (0.4, "la moitié"),
               (1e-3, une_part), (1e-6, "moins d’un millième"),
               (0, "moins d’un millionième"))  # fmt: skip
    pendant = f"{len(mot) - 2} lettre{'s' if len(mot) > 3 else ''}"
    combien = next(mots for palier, mots in paliers if reste >= palier)
    return (
        f"Il fallait retenir {mot[0]} pendant {pendant} ; il dit {reponse}. Il a raison "
        f"{100 * justes:.0f} fois sur cent. Du reproche, la première lettre reçoit {combien}."
    )


@vue(
    recit=dit_rappel,
    mesure=lambda mot, reponse, justes, reproches: {"justes": justes},
    cadre=[*5 * [8 * ["remonte"] + 3 * ["courbe"]], 8 * ["mot"] + 3 * ["courbe"]],
    taille=(12, 5.6),
    vitesse=50,
)
def rappel(remonte, mot, courbe, passe):
    """Le reproche que reçoit chaque lettre du mot, et la part de bonnes réponses."""
    longueur = PLUS_LOIN + 2
    vues.sans_axes(mot).set(xlim=(-0.7, longueur + 2.6), ylim=(-0.8, 0.8))
    tuiles = [Tuile(mot, i, 0, large=0.94, haut=1.2, taille=13, rapport=0.5) for i in range(longueur)]
    reponse = Tuile(mot, longueur + 1.5, 0, large=1.8, haut=1.5, taille=24, rapport=0.5)
    fleche = mot.annotate(
        "", (longueur + 0.6, 0), (longueur - 0.5, 0), arrowprops=dict(arrowstyle="-|>", lw=2)
    )
    rien = 1e-13
    remonte.set(xlim=mot.get_xlim(), ylim=(rien, 20), yscale="log", xticks=[])
    reperes = {1: "tout", 1e-3: "un millième", 1e-6: "un millionième", 1e-9: "un milliardième",
               1e-12: "autant dire rien"}  # fmt: skip
    remonte.set_yticks(list(reperes), list(reperes.values()))
    remonte.minorticks_off()
    remonte.grid(True, axis="y")
    remonte.set_title("ce qui reste du reproche, en remontant le temps ←")
    barres = remonte.bar(range(longueur), [rien] * longueur, width=0.8, bottom=rien, color=BRUN)
    trace = vues.courbe(courbe, {"justes": "bonnes réponses"}, passe, haut=1.02, titre="bonnes réponses")
    courbe.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    courbe.axhline(0.25, color="#7b8794", ls=(0, (1, 1)), lw=2)
    courbe.text(0.98, 0.12, "au hasard", ha="right", va="bottom", fontsize=14, color="#7b8794",
                transform=courbe.get_yaxis_transform())  # fmt: skip

    def montre(le_mot, la_reponse, justes, reproches):
        decale = longueur - len(le_mot)  # la fin ne bouge pas, c’est la première qui s’éloigne
        part = np.clip(reproches / max(reproches[-1], 1e-30), rien, 20)
        for i, (tuile, barre) in enumerate(zip(tuiles, barres, strict=True)):
            existe = i >= decale
            lettre = le_mot[i - decale] if existe else None
            tuile.montre(lettre, "lue" if i in (decale, longueur - 1) else "ni")
            barre.set_height(part[i - decale] - rien if existe else 0)
        reponse.montre(la_reponse, "juste" if la_reponse == le_mot[0] else "faux")
        return *barres, *(t.acteurs for t in (*tuiles, reponse)), fleche, trace()

    return montre
