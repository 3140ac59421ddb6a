"""Le décor du carnet 06, quatrième partie : les filtres 11×11 en couleurs, appris sur des photos."""

from functools import cache

import numpy as np
import torch
from demystifie import donnees, reseaux, vue, vues
from demystifie.donnees.photos import SENS
from PIL import Image
from torch.nn import functional

GRAINE = 0
COPIES, TOUS_LES = 200, 20  # morceaux à l'examen, et lots entre deux examens
PHOTOS = {  # nom : comment on le dit
    "astronaute": "de l’astronaute", "chat": "du chat", "dahlia": "du dahlia", "fusee": "de la fusée",
    "raton": "du raton laveur", "tasse": "de la tasse", "temple": "du temple",
}  # fmt: skip
QUESTIONS = {
    "les deux": {},
    "la photo seule": {"question": "la photo"},
    "le sens seul": {"question": "le sens"},
    "au hasard": {"reponses_au_hasard": True},
    "déjà appris": {"deja_appris": True},
}


@cache
def examen():
    """200 morceaux de la partie des photos que personne n'apprend ; tels quels, et tels que lus."""
    tires = donnees.morceaux("test", COPIES, np.random.default_rng(0))
    return tires, reseaux.couleurs(tires.pixels)


class Eleve:
    """Un réseau qui apprend à reconnaître des morceaux de photo, et sa descente."""

    def __init__(self, deja_appris=False):
        self.hasard = np.random.default_rng(GRAINE)
        torch.manual_seed(GRAINE)
        self.reseau = reseaux.charger("filtres11") if deja_appris else reseaux.filtres11()
        self.depart = force(reseaux.filtres11().filtres1.weight.detach())
        # Le frein tire chaque bouton vers zéro ; plus fort sur les filtres, il en efface le bruit.
        filtres = set(self.reseau.filtres1.parameters())
        self.elans = [
            (p, torch.zeros_like(p), 0.03 if p in filtres else 0.001) for p in self.reseau.parameters()
        ]
        self.lots = 0
        donnees.morceaux("apprentissage", 0, self.hasard)  # que les photos soient déjà tournées

    def pioche(self, combien, au_hasard=False):
        """Des morceaux tels qu'un réseau les lit ; les bonnes réponses, ou n'importe quoi."""
        tires = donnees.morceaux("apprentissage", combien, self.hasard)
        vrais = tires.photo, tires.sens
        if au_hasard:
            vrais = (self.hasard.integers(n, size=combien) for n in (len(PHOTOS), len(SENS)))
        return reseaux.couleurs(tires.pixels, self.hasard), *map(torch.from_numpy, vrais)

    def repond(self, morceaux):
        """Ce qu'il dit de la photo, et du sens."""
        return self.reseau(morceaux).split([len(PHOTOS), len(SENS)], dim=1)

    @torch.no_grad()
    def descend(self, taux):
        """Descend comme ``torch.optim.SGD`` (élan de Nesterov), sans les modules qu'il charge.

        Un reproche plus grand que 2 est ramené à 2 : un lot de travers ne doit pas tout défaire.
        """
        torch.nn.utils.clip_grad_norm_(self.reseau.parameters(), 2)
        for p, elan, frein in self.elans:
            pente = p.grad.add_(p, alpha=frein)
            elan.mul_(0.9).add_(pente)
            p.sub_(pente.add_(elan, alpha=0.9), alpha=taux)
            p.grad = None
        self.lots += 1

    @torch.no_grad()
    def examine(self):
        """Ce qu'il répond à l'examen, et la part de bonnes réponses : la photo, le sens."""
        tires, lus = examen()
        # Par petits paquets : d'un coup, torch prend vingt mégaoctets de plus.
        paquets = zip(*map(self.repond, lus.split(25)), strict=True)
        dits = [torch.cat(dits).softmax(dim=1).numpy() for dits in paquets]
        vrais = tires.photo, tires.sens
        justes = [float(np.mean(d.argmax(1) == v)) for d, v in zip(dits, vrais, strict=True)]
        self.copie = self.lots // TOUS_LES % COPIES
        self.avis = tuple(dit[self.copie] for dit in dits)
        self.justes = dict(zip(("photo", "sens"), justes, strict=True))

    def bilan(self):
        """Ses filtres ; une copie d'examen et ce qu'il en dit ; ses notes, et la force des filtres."""
        if self.lots % TOUS_LES == 0:
            self.examine()
        filtres = self.reseau.filtres1.weight.detach()
        mesures = self.justes | {"force": force(filtres) / self.depart}
        return filtres.half().numpy(), self.copie, self.avis, mesures


def force(filtres):
    """La taille moyenne d'un filtre : la racine de la somme des carrés de ses boutons."""
    return float(filtres.flatten(1).norm(dim=1).mean())


ecart = functional.cross_entropy  # l'erreur d'un lot de réponses


def planche(filtres):
    """Les 48 filtres en six rangées de huit, chacun étiré jusqu'à son propre maximum, zéro en gris."""
    grand = np.ones((6 * 12 - 1, 8 * 12 - 1, 3), np.float32)
    for rang, filtre in enumerate(filtres.astype(np.float32).transpose(0, 2, 3, 1)):
        y, x = 12 * (rang // 8), 12 * (rang % 8)
        grand[y : y + 11, x : x + 11] = 0.5 + 0.5 * filtre / max(np.abs(filtre).max(), 1e-12)
    return grand


def pour_cent(part):
    """La part, en pour cent."""
    return f"{100 * part:.0f} %"


def dit_filtres11(filtres, copie, avis, mesures):
    """Ce qu'il dit d'un morceau, et ce que valent ses filtres à l'examen."""
    tires, _ = examen()
    photo, sens = tires.photo[copie], tires.sens[copie]
    noms = list(PHOTOS.values())
    dite, tournee = (int(dit.argmax()) for dit in avis)
    return (
        f"Un morceau {noms[photo]}, tourné de {SENS[sens]:.1f}° ; l’élève dit : {noms[dite]}, "
        f"{SENS[tournee]:.1f}°. Examen : {pour_cent(mesures['photo'])} des photos, "
        f"{pour_cent(mesures['sens'])} des sens (au hasard : 14 et 25). "
        f"Force : {mesures['force']:.1f} fois celle du départ."
    )


@vue(
    recit=dit_filtres11,
    mesure=lambda filtres, copie, avis, mesures: mesures,
    cadre=[
        [*gauche, *11 * ["filtres"], *6 * ["notes"]]
        for gauche in (4 * ["morceau"] + 4 * ["sens"], 8 * ["photo"])
    ],
    taille=(12, 5),
    vitesse=50,
)
def filtres11(morceau, sens, photo, filtres, notes, passe):
    """Un morceau et ce qu'on en dit ; les 48 filtres ; les bonnes réponses à l'examen."""
    vide = np.ones((1, 1, 3))
    vu = vues.sans_axes(morceau, "morceau").imshow(vide, extent=(0, 1, 0, 1))
    dit_photo = vues.barres(photo, [""] * len(PHOTOS), bas=-0.5, haut=1.05, titre="quelle photo ?")
    dit_sens = vues.barres(sens, [""] * len(SENS), bas=-0.5, haut=1.05, titre="quel sens ?")
    for axe in (photo, sens):
        axe.set(yticks=[])
        axe.spines[:].set_visible(False)
    for rang, vignette in enumerate(vignettes()):
        photo.imshow(vignette, extent=(rang - 0.45, rang + 0.45, -0.5, -0.04), aspect="auto", zorder=2)
    for rang, angle in enumerate(SENS):
        style = dict(rotation=angle, ha="center", va="center", fontsize=22)
        sens.text(rang, -0.27, "↑", **style)
    photo.set(xlim=(-0.6, 6.6), ylim=(-0.5, 1.05))
    mur = vues.sans_axes(filtres, "les 48 filtres").imshow(np.ones((71, 95, 3)))
    for axe in (morceau, sens, photo):
        axe.title.set_fontsize(15)
    for axe in (morceau, filtres):
        axe.set_anchor("N")
    style = dict(ha="center", va="top", fontsize=14, transform=filtres.transAxes)
    dessous = filtres.text(0.5, -0.02, "chacun étiré à son maximum\nforce", **style)
    trace = vues.courbe(
        notes, {"photo": "la photo", "sens": "le sens"}, passe, haut=1, titre="bonnes réponses"
    )
    points = {}
    for nom, couleur, choix in (("photo", vues.BLEU, PHOTOS), ("sens", vues.ENCRE, SENS)):
        hasard = notes.axhline(1 / len(choix), color=couleur, lw=2, ls=(0, (1, 2)))
        (points[nom],) = notes.plot([], [], "o", color=couleur, ms=10, clip_on=False, zorder=4)
    hasard.set_label("au hasard")
    notes.legend(loc="upper right")
    notes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])

    def montre(noyaux, copie, avis, mesures):
        tires, _ = examen()
        vu.set_data(tires.pixels[copie])
        mur.set_data(planche(noyaux))
        combien = f"force : {mesures['force']:.1f} fois celle du départ"
        dessous.set_text(vues.virgules(f"chacun étiré à son maximum\n{combien}"))
        barres = dit_photo(avis[0], tires.photo[copie]), dit_sens(avis[1], tires.sens[copie])
        for nom, point in points.items():
            point.set_data([passe["pas"][-1]], [mesures[nom]])
        return vu, mur, dessous, *barres, *trace("pas"), *points.values()

    return montre


@cache
def vignettes():
    """Les photos, réduites à un petit carré pris au milieu."""
    carres = []
    for pixels in donnees.photos().values():
        cote, (haut, large) = min(pixels.shape[:2]), pixels.shape[:2]
        y, x = (haut - cote) // 2, (large - cote) // 2
        carre = Image.fromarray(pixels[y : y + cote, x : x + cote])
        carres.append(np.asarray(carre.resize((64, 64), Image.Resampling.LANCZOS)))
    return carres
