"""L'élève du carnet 05, ses images, son cahier, son tiroir ; et la première scène, chat ou chien."""

import asyncio
from contextlib import suppress
from functools import cache

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import Rectangle

TOUS = np.arange(500)
EXERCICES = np.flatnonzero(TOUS % 5 > 1)  # 300 images
TIROIR = np.flatnonzero(TOUS % 5 < 2)  # 200 autres
CHIENS = TOUS % 2 == 1  # un chat, un chien, un chat…
ATTENDUS = np.where(CHIENS, 1, -1).astype(np.float32)  # chien : 1 ; chat : −1
DECORS = ("canapé", "herbe")
GRIS = np.float32(0.6)  # ni clair ni foncé


class Eleve:
    """Un élève qui ne sait rien : ses boutons d'``entree`` et de ``sortie``, au hasard, tout petits."""

    def __init__(self, hasard, neurones):
        self.entree = hasard.normal(0, 0.02, (3072, neurones)).astype(np.float32)
        self.sortie = hasard.normal(0, 0.3, neurones).astype(np.float32)

    def copie(self):
        """Les mêmes boutons, mis de côté."""
        autre = object.__new__(Eleve)
        autre.entree, autre.sortie = self.entree.copy(), self.sortie.copy()
        return autre

    def freine(self, part):
        """Ramène tous ses boutons vers zéro, de cette ``part``."""
        self.entree *= 1 - part
        self.sortie *= 1 - part


@cache
def dessins():
    """Les 500 animaux, en octets : ``{fond: images}``, chaque fois un tableau (500, 3072)."""
    images, _ = donnees.chats_et_chiens(500)
    return {fond: petits.reshape(500, 3072) for fond, petits in images.items()}


def dessine_d_avance():
    """Dessine les 500 animaux pendant qu'on lit la page, plutôt qu'au premier clic."""
    with suppress(RuntimeError):  # sans noyau, personne n'attend
        asyncio.get_running_loop().call_later(2, dessins)


@cache
def portraits(fonds, animaux):
    """Ces animaux sur ces fonds, en grand, pour nos yeux : ``{fond: {animal: image}}``.

    Opaques, en quatre octets par point : matplotlib les agrandit alors deux fois plus vite.
    """
    images, _ = donnees.chats_et_chiens(max(animaux) + 1, cote=128)
    opaques = {fond: np.full((len(animaux), 128, 128, 4), 255, np.uint8) for fond in fonds}
    for fond in fonds:
        opaques[fond][..., :3] = images[fond][[*animaux]]
    return {fond: dict(zip(animaux, opaques[fond], strict=True)) for fond in fonds}


def pour_l_eleve(octets, milieu=GRIS):
    """Ce que l'élève reçoit : 32 × 32 points en trois couleurs, soit 3 072 nombres autour de zéro."""
    nombres = octets / np.float32(255)
    nombres -= milieu  # sur place : 500 images pèsent déjà six mébioctets
    return nombres


@cache
def partout():
    """Les 500 animaux, sur le canapé puis sur l'herbe, tels que l'élève les reçoit : (2, 500, 3072)."""
    return pour_l_eleve(np.stack([dessins()[fond] for fond in DECORS]))


def pose(lesquels, herbe):
    """Ces animaux, sur l'herbe ou sur le canapé, tels que l'élève les reçoit."""
    return partout()[herbe[lesquels].astype(int), lesquels]


@cache
def blancheur():
    """La moyenne, entre 0 et 1, de toutes les images sur papier."""
    return np.float32(dessins()["papier"].mean() / 255)


def papier(lesquels):
    """Ces animaux sans décor, sur du papier, tels que l'élève les reçoit."""
    return pour_l_eleve(dessins()["papier"][lesquels], blancheur())


class Interrogations:
    """Le même passé, d'une interrogation à l'autre : l'élève ne répond que tous les ``combien`` pas."""

    def __init__(self, passe, combien):
        self._passe, self._combien = passe, combien

    @property
    def fantomes(self):
        """Ceux des parties précédentes."""
        return [Interrogations(fantome, self._combien) for fantome in self._passe.fantomes]

    def __getitem__(self, nom):
        quand = (self._passe["pas"] - 1) // self._combien * self._combien
        _, rangs = np.unique(quand, return_index=True)
        dits = rangs[np.isfinite(self._passe["tiroir"][rangs])]  # au départ, on n'a rien demandé
        return (quand if nom == "pas" else self._passe[nom])[dits if len(dits) else rangs[:1]]


def planche(axe, lignes, colonnes, titre):
    """Des portraits encadrés, un mot sous chacun.

    Rend ``montre(images, dits, justes)`` : ``dits`` est vrai pour « chien » ; ``None`` : on n'a pas
    demandé.
    """
    cote, ecart, bas = 128, 14, 40
    vues.sans_axes(axe, titre)
    coins = [(x * (cote + ecart), y * (cote + bas)) for y in range(lignes) for x in range(colonnes)]
    rien = np.zeros((cote, cote, 4), np.uint8)
    photos = [
        axe.imshow(rien, interpolation="bilinear", extent=(x, x + cote, y + cote, y)) for x, y in coins
    ]
    cadres = [axe.add_patch(Rectangle(coin, cote, cote, fill=False, lw=5)) for coin in coins]
    style = dict(fontsize=16, fontweight="bold", ha="center", va="top")
    textes = [axe.text(x + cote / 2, y + cote + 5, "", **style) for x, y in coins]
    axe.set(xlim=(-6, colonnes * (cote + ecart) - ecart + 6), ylim=(lignes * (cote + bas), -6))

    def montre(images, dits, justes):
        for i, photo in enumerate(photos):
            photo.set_data(images[i])
            if dits is None:
                couleur, trait, mot = vues.GRIS, "-", "?"
            else:
                couleur, trait, signe = (vues.VERT, "-", "✓") if justes[i] else (vues.ORANGE, ":", "✗")
                mot = f"{'chien' if dits[i] else 'chat'} {signe}"
            cadres[i].set(edgecolor=couleur, linestyle=trait)
            textes[i].set(text=mot, color=couleur)
        return *photos, *cadres, *textes

    return montre


# --- Chat ou chien ? ------------------------------------------------------------------------

MONTRES = np.r_[EXERCICES[:4], TIROIR[:4]]  # ceux que l'on voit à l'écran
RANG = np.zeros(500, int)
RANG[TIROIR] = (20 + 81 * np.arange(200)) % 200  # qui change de décor, et quand
AU_HASARD = np.random.default_rng(7).random(500) < 0.5


def sur_l_herbe(exercices_varies, echanges):
    """Qui est sur l'herbe ? ``echanges`` : combien, sur cent, ont changé de décor dans le tiroir."""
    herbe = CHIENS.copy()
    if exercices_varies:
        herbe[EXERCICES] = AU_HASARD[EXERCICES]
    herbe[TIROIR] ^= RANG[TIROIR] < 2 * echanges
    return herbe


def reussites(herbe, scores):
    """La part de bonnes réponses, exercices et tiroir."""
    if scores is None:
        return {"tiroir": np.nan, "exercices": np.nan}
    justes = (scores[herbe.astype(int), TOUS] > 0) == CHIENS
    return {"tiroir": justes[TIROIR].mean(), "exercices": justes[EXERCICES].mean()}


def dit_chat_ou_chien(herbe, scores):
    """Ce qu'il réussit dans le cahier, et dans le tiroir."""
    if scores is None:
        return "On n’a encore rien demandé à l’élève."
    parts = reussites(herbe, scores)
    return (
        f"Bonnes réponses : {100 * parts['exercices']:.0f} % aux exercices, "
        f"{100 * parts['tiroir']:.0f} % dans le tiroir."
    )


@vue(
    recit=dit_chat_ou_chien,
    mesure=reussites,
    cadre=[3 * ["exercices"] + 2 * ["courbes"], 3 * ["tiroir"] + 2 * ["courbes"]],
    vitesse=50,
)
def chat_ou_chien(exercices, tiroir, courbes, passe, reglages):
    """Quatre animaux du cahier, quatre du tiroir, et les bonnes réponses."""
    dessine_d_avance()
    grands = portraits(DECORS, tuple(MONTRES.tolist()))
    montre_exercices = planche(exercices, 1, 4, "cahier d’exercices")
    montre_tiroir = planche(tiroir, 1, 4, "tiroir")
    noms = {"tiroir": "tiroir", "exercices": "exercices"}
    trace = vues.courbe(courbes, noms, Interrogations(passe, 5), haut=1.04, titre="bonnes réponses")
    courbes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    courbes.legend(loc="center right", bbox_to_anchor=(1, 0.27))

    def montre(_, scores):
        # À l'arrêt aussi, un décor échangé se voit : l'élève a répondu pour les deux.
        herbe = sur_l_herbe(reglages.exercices_varies, reglages.echanges)[MONTRES].astype(int)
        images = [grands[DECORS[h]][m] for m, h in zip(MONTRES, herbe, strict=True)]
        dits = justes = (None, None)
        if scores is not None:
            dits = (scores[herbe, MONTRES] > 0).reshape(2, 4)
            justes = dits == CHIENS[MONTRES].reshape(2, 4)
        return (
            montre_exercices(images[:4], dits[0], justes[0]),
            montre_tiroir(images[4:], dits[1], justes[1]),
            trace(),
        )

    return montre
