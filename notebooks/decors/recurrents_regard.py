"""Le décor du carnet 07 : une tête d'attention, et la paire récurrente qu'elle défie."""

import time
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import torch
from demystifie import reseaux, vue, vues
from torch import nn
from torch.nn.functional import cross_entropy

ALPHABET, LARGEUR, LOT, PLUS_LONG = "ABCDEFGHIJKL", 32, 64, 20


MOTS = {"dix lettres": dict(longueur=10), "quatre lettres": dict(longueur=4),
        "vingt lettres": dict(longueur=20)}  # fmt: skip
BOUTS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10**9)
ABSCISSES = ["exercices", "secondes de calcul"]


class Concurrent(nn.Module):
    """Un réseau de la course, sa montre, et ce qu'il vaut."""

    def __init__(self, taux):
        super().__init__()
        self.taux, self.secondes, self.justes = taux, 0.0, 0.0

    @contextmanager
    def chronometre(self):
        """Compte le temps de calcul, montre en main."""
        depart = time.perf_counter()
        yield
        self.secondes += time.perf_counter() - depart

    @cached_property
    def descente(self):
        """De quoi tourner ses boutons, une fois qu'il les a tous."""
        return reseaux.Adam(self.parameters(), self.taux)

    def corrige(self, avis, attendus):
        """Mesure, fait remonter le reproche, descend ; et retient la part de lettres justes."""
        self.zero_grad()
        cross_entropy(avis.mT, attendus).backward()
        self.descente.step()
        self.justes = float((avis.argmax(-1) == attendus).float().mean())


class Tete(Concurrent):
    """Une tête d'attention : quelle lettre, à quelle place, et ce que demande chaque place à remplir."""

    def __init__(self, longueur):
        super().__init__(0.001)
        self.lettres = nn.Embedding(len(ALPHABET), LARGEUR)
        nn.init.normal_(self.lettres.weight, std=0.02)
        self.places, self.demandes = (
            nn.Parameter(0.02 * torch.randn(longueur, LARGEUR)) for _ in range(2)
        )
        self.cles, self.valeurs = (nn.Linear(LARGEUR, LARGEUR, bias=False) for _ in range(2))
        self.reponse = nn.Linear(LARGEUR, len(ALPHABET))


class Paire(Concurrent):
    """Deux réseaux récurrents : l'un lit le mot et le résume dans sa mémoire, l'autre l'en récite."""

    def __init__(self, cases=64):
        super().__init__(0.005)
        self.lettres = nn.Embedding(len(ALPHABET) + 1, 16)
        self.lit, self.recite = (nn.LSTM(16, cases, batch_first=True) for _ in range(2))
        self.reponse = nn.Linear(cases, len(ALPHABET))

    def apprend(self, mots):
        """Un pas d'apprentissage, montre en main ; se rend elle-même."""
        attendus = mots.flip(1)
        with self.chronometre():
            _, resume = self.lit(self.lettres(mots))
            rien = torch.full_like(attendus[:, :1], len(ALPHABET))  # avant sa première lettre
            redites = torch.cat([rien, attendus[:, :-1]], 1)
            self.corrige(self.reponse(self.recite(self.lettres(redites), resume)[0]), attendus)
        return self


def instantane(mots, avis, regards, tete, paire):
    """Un mot, la réponse de la tête, où elle a regardé ; et ce que vaut chacun, à quel prix."""
    mot, reponse = ("".join(ALPHABET[i] for i in rangs[0]) for rangs in (mots, avis.argmax(-1)))
    scores = {nom: (c.justes, c.secondes) for nom, c in (("tete", tete), ("paire", paire))}
    return mot, reponse, regards[0].detach().numpy().copy(), scores


def diagonale(regards):
    """La part du regard posée sur la bonne lettre, en moyenne."""
    return float(regards[::-1].diagonal().mean())


def dit_regard(mot, reponse, regards, scores):
    """La réponse, où va le regard, et qui a raison."""
    justes = {nom: f"{100 * part:.0f} %" for nom, (part, _) in scores.items()}
    ou = diagonale(regards)
    comment = (
        "au bon endroit" if ou > 0.5 else "à peu près où il faut" if ou > 1.5 / len(mot) else "partout"
    )
    return (
        f"À l’envers, {mot} se lit {mot[::-1]} ; la tête répond {reponse}. Elle regarde {comment}. "
        f"Lettres justes : {justes['tete']} pour la tête, {justes['paire']} pour la paire récurrente."
    )


def mesure_regard(mot, reponse, regards, scores):
    """La part de lettres justes de chacun, et le temps de calcul qu'il y a mis."""
    return {
        "tete": scores["tete"][0], "paire": scores["paire"][0],
        "secondes_tete": scores["tete"][1], "secondes_paire": scores["paire"][1],
    }  # fmt: skip


@vue(
    recit=dit_regard,
    mesure=mesure_regard,
    cadre=[6 * ["carte"] + 5 * ["courbe"]],
    taille=(12, 5.4),
    vitesse=20,
)
def regard(carte, courbe, passe, reglages):
    """La carte des regards, une ligne par place à remplir ; et la course."""
    vues.sans_axes(carte)
    image = carte.imshow(np.zeros((2, 2)), cmap="Blues", aspect="auto", extent=(0, 1, 1, 0))
    carte.set(xlim=(-0.15, 1.01), ylim=(1.02, -0.18))
    carte.text(0.5, -0.165, "ce qu’elle lit", fontsize=16, ha="center", va="center", color="#52606d")
    carte.text(-0.135, 0.5, "ce qu’elle répond", fontsize=16, ha="center", va="center", rotation=90,
               color="#52606d")  # fmt: skip
    carte.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color="#9aa5b1", lw=1.5)
    textes = dict(ha="center", va="center", fontweight="bold")
    lues = [carte.text(0, -0.06, "", **textes) for _ in range(PLUS_LONG)]
    dites = [carte.text(-0.04, 0, "", **textes) for _ in range(PLUS_LONG)]
    courbe.set(xlim=(0, 100), ylim=(0, 1.3), title="lettres justes")
    courbe.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    courbe.grid(True)
    (a_elle,) = courbe.plot([], [], color=vues.BLEU, lw=4, label="la tête d’attention")
    (a_eux,) = courbe.plot([], [], color="#52606d", lw=3, ls=(0, (4, 1.5)), label="la paire récurrente")
    courbe.legend(loc="upper left")  # au-dessus de 100 % : elle ne couvre aucune courbe

    def montre(mot, reponse, regards, scores):
        long = len(mot)
        image.set_data(regards)
        image.set_clim(0, max(0.5, float(regards.max())))
        taille = 24 if long <= 10 else 15 if long <= 14 else 12
        for i, (lue, dite) in enumerate(zip(lues, dites, strict=True)):
            existe = i < long
            lue.set(x=(i + 0.5) / long, text=mot[i] if existe else "", fontsize=taille)
            juste = existe and reponse[i] == mot[long - 1 - i]
            dite.set(y=(i + 0.5) / long, text=reponse[i] if existe else "", fontsize=taille,
                     color=vues.VERT if juste else vues.ORANGE, alpha=1 if juste else 0.75)  # fmt: skip
        en_secondes = reglages.abscisse == ABSCISSES[1]
        for ligne, nom in ((a_elle, "tete"), (a_eux, "paire")):
            ligne.set_data(passe[f"secondes_{nom}" if en_secondes else "pas"], passe[nom])
        bout = max(a_elle.get_xdata()[-1], a_eux.get_xdata()[-1])
        droite = next(b for b in BOUTS if b >= max(bout, 0.5 if en_secondes else 100))
        if courbe.get_xlim() != (0, droite):
            courbe.set_xlim(0, droite)
        if courbe.get_xlabel() != reglages.abscisse:
            courbe.set_xlabel(reglages.abscisse)
        return image, *lues, *dites, a_elle, a_eux

    return montre
