"""Le décor du carnet 09, côté données : ce que mange un élève, et ce qu'il devient si c'est sale."""

from functools import cache

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import Rectangle
from PIL import Image

from .adam import Adam

# --- Un élève à deux étages -----------------------------------------------------------------


class Eleve:
    """Un réseau à une couche cachée, et ce qu'il sait faire : lire, et apprendre un lot.

    C'est celui du carnet 4 : en avant, le reproche, en arrière. La descente (Adam) règle en plus la
    longueur du pas de chaque bouton sur ce qu'il a reçu de reproches jusque-là.
    """

    def __init__(self, entrees: int, neurones: int, hasard: np.random.Generator):
        def au_sort(avant, apres, ampleur):
            return hasard.normal(0, np.sqrt(ampleur / avant), (avant, apres)).astype(np.float32)

        un, dix = np.zeros(neurones, np.float32), np.zeros(10, np.float32)
        self.boutons = [au_sort(entrees, neurones, 2), un, au_sort(neurones, 10, 1), dix]
        self._descentes = [Adam() for _ in self.boutons]

    def __deepcopy__(self, memo):
        """Pour la barre de temps : une photo de ses boutons, qui ne sert plus qu'à lire."""
        photo = object.__new__(Eleve)
        photo.boutons = [b.copy() for b in self.boutons]
        return photo

    def avis(self, images: np.ndarray) -> np.ndarray:
        """Sa confiance en chacun des dix chiffres : (n, 10), de somme 1."""
        return self._aller(images)[2]

    def lit(self, images: np.ndarray) -> np.ndarray:
        """Le chiffre qu'il lit dans chaque image."""
        return self.avis(images).argmax(axis=1)

    def rate(self, images: np.ndarray, etiquettes: np.ndarray) -> float:
        """La part d'images où il lit autre chose que l'étiquette."""
        lots = np.array_split(images, -(-len(images) // 1000))  # 10 000 réels à la fois : 30 Mio
        return float(np.mean(np.concatenate([self.lit(lot) for lot in lots]) != etiquettes))

    def apprend(self, images: np.ndarray, etiquettes: np.ndarray, taux: float) -> None:
        """Un pas de descente sur ce lot."""
        entrees, caches, reproche = self._aller(images)
        reproche[np.arange(len(reproche)), etiquettes] -= 1
        reproche /= len(reproche)
        remonte = reproche @ self.boutons[2].T * (caches > 0)
        pentes = [entrees.T @ remonte, remonte.sum(0), caches.T @ reproche, reproche.sum(0)]
        for boutons, pente, descente in zip(self.boutons, pentes, self._descentes, strict=True):
            boutons -= descente.pas(pente, taux)

    def _aller(self, images):
        entrees = images.reshape(len(images), -1)
        if entrees.dtype == np.uint8:
            entrees = entrees / np.float32(255)
        caches = np.maximum(0, entrees @ self.boutons[0] + self.boutons[1])
        avis = caches @ self.boutons[2] + self.boutons[3]
        avis = np.exp(avis - avis.max(axis=1, keepdims=True))
        return entrees, caches, avis / avis.sum(axis=1, keepdims=True)


# --- L'appétit ------------------------------------------------------------------------------

TAILLES = (10, 20, 60, 100, 200, 600, 1000, 2000, 6000, 10_000, 20_000, 60_000)
SEMAINE = 35  # heures


@cache
def mnist() -> tuple[donnees.Mnist, donnees.Mnist]:
    """Les chiffres pour apprendre, et ceux de l'examen : tout MNIST s'il est là, sinon l'extrait."""
    return donnees.mnist("apprentissage"), donnees.mnist("test")


def tailles() -> list[int]:
    """Les tailles de cahier que l'on essaie, jusqu'au bout de celui que l'on a."""
    return [combien for combien in TAILLES if combien <= len(mnist()[0].images)]


def mille(partie: donnees.Mnist) -> tuple[np.ndarray, np.ndarray]:
    """Mille images et leurs étiquettes : un petit examen, pour suivre sans attendre."""
    return partie.images[:1000], partie.etiquettes[:1000]


@cache
def feuille(combien: int) -> np.ndarray:
    """Les ``combien`` premières images, serrées sur une même feuille carrée de 640 points environ."""
    cote = int(np.ceil(np.sqrt(combien)))
    taille, bandes = min(28 * cote, 640), []
    for debut in range(0, cote * cote, cote):  # 60 000 images d'un coup pèseraient trois fois 45 Mio
        rangee = np.zeros((cote, 28, 28), np.uint8)
        images = mnist()[0].images[debut : min(debut + cote, combien)]
        rangee[: len(images)] = images
        bande = Image.fromarray(rangee.swapaxes(0, 1).reshape(28, -1))
        bandes.append(np.asarray(bande.resize((taille, 28), Image.Resampling.BOX)))
    bandes = Image.fromarray(np.concatenate(bandes))
    return np.asarray(bandes.resize((taille, taille), Image.Resampling.BOX))


def duree(heures: float) -> str:
    """Un temps de travail, comme on le dirait."""
    if heures < 1:
        minutes, secondes = divmod(round(3600 * heures), 60)
        return f"{minutes} min" if minutes else f"{secondes} s"
    if heures < SEMAINE:
        return f"{vues.nombre(round(heures))} h"
    semaines = heures / SEMAINE
    combien = f"{semaines:.1f}" if semaines < 10 else vues.nombre(round(semaines))
    pluriel = "s" if semaines >= 2 else ""
    return vues.virgules(f"{combien} semaine{pluriel} de bureau")


def dit_appetit(combien, rate, points):
    """Combien d'images le dernier élève a vues, et ce qu'il rate."""
    return f"Avec {vues.nombre(combien)} images étiquetées, l’élève rate {100 * rate:.1f} % de l’examen."


def mesure_appetit(combien, rate, points):
    """Les points de la courbe ; ceux qui manquent encore valent zéro."""
    rates = np.zeros(len(TAILLES))
    rates[: len(points)] = points
    return {"rates": rates}


@vue(
    recit=dit_appetit,
    mesure=mesure_appetit,
    cadre=[2 * ["cahier"] + 3 * ["courbe"]],
    taille=(12, 5.4),
)
def appetit(cahier, courbe, passe, reglages):
    """À gauche la feuille qui se remplit et son prix ; à droite la courbe, en échelle logarithmique."""
    vues.sans_axes(cahier, "ce qu’il faut étiqueter")
    style = dict(vmin=0, vmax=230, extent=(0, 1, 0, 1), interpolation="bilinear")
    page = cahier.imshow(np.zeros((2, 2)), **style)
    cahier.add_patch(Rectangle((0, 0), 1, 1, fill=False, ec=vues.GRIS, lw=1.5, clip_on=False))
    style = dict(ha="center", va="top", fontweight="bold")
    compte = cahier.text(0.5, -0.02, "", fontsize=24, **style)
    prix = cahier.text(0.5, -0.13, "", fontsize=18, color="#52606d", **style)
    cahier.set_ylim(-0.24, 1.01)

    disponibles = len(mnist()[0].images)
    courbe.set(xscale="log", yscale="log", xlim=(8, 80_000), ylim=(0.015, 1), xlabel="images étiquetées")
    courbe.set_xticks([10, 100, 1000, 10_000, 60_000], ["10", "100", "1 000", "10 000", "60 000"])
    courbe.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["2 %", "5 %", "10 %", "20 %", "50 %", "100 %"])
    courbe.minorticks_off()
    courbe.grid(True)
    courbe.set_title("part de l’examen ratée")
    if disponibles < TAILLES[-1]:
        courbe.axvspan(1.15 * disponibles, 80_000, color="#f0f2f5", zorder=0)
        style = dict(ha="center", va="center", color="#52606d")
        courbe.text(12_500, 0.42, "ici, il faudrait\nMNIST en entier", **style)
    gris = [courbe.plot([], [], "o-", color="#cbd2d9", lw=2, ms=6)[0] for _ in range(4)]
    (ligne,) = courbe.plot([], [], "o-", color=vues.BLEU, ms=11, zorder=3)
    (marche,) = courbe.plot([], [], color=vues.VERT, lw=3, ls=(0, (4, 1.5)), zorder=2)
    (ici,) = courbe.plot([], [], "o", mfc="white", mec=vues.BLEU, mew=3, ms=14, zorder=4)
    style = dict(fontsize=17, fontweight="bold", transform=courbe.transAxes)
    regle = courbe.text(0.03, 0.04, "", color=vues.VERT, va="bottom", **style)

    def trace(courbe, rates):
        combien = np.count_nonzero(rates)
        courbe.set_data(TAILLES[:combien], rates[:combien])

    def montre(combien, rate, points):
        page.set_data(feuille(combien))
        compte.set_text(f"{vues.nombre(combien)} images")
        prix.set_text(f"soit {duree(combien * reglages.secondes_par_image / 3600)}")
        for fantome, ancien in zip(gris, passe.fantomes, strict=False):
            trace(fantome, ancien["rates"][-1])
        trace(ligne, passe["rates"][-1])
        ici.set_data([combien], [rate])
        avant, apres = TAILLES[max(len(points) - 4, 0)], TAILLES[max(len(points) - 1, 0)]
        if apres == 10 * avant and avant >= 100:  # la dernière marche de dix fois plus d'images
            haut, bas = points[-4], points[-1]
            marche.set_data([avant, avant, apres], [haut, bas, bas])
            fois = vues.virgules(f"{haut / bas:.1f}")
            regle.set_text(f"10 fois plus d’images,\n{fois} fois moins de fautes")
        else:
            marche.set_data([], [])
            regle.set_text("")
        return page, compte, prix, gris, marche, ligne, ici, regle

    return montre


# --- Des étiquettes sales -------------------------------------------------------------------

petites, vraies = donnees.chiffres()
TIROIR, vrais_du_tiroir = petites[1200:], vraies[1200:]
EXERCICES, JUSTES = petites[:1200], vraies[:1200]
COMMENT = ["au hasard", "toujours pareil", "les 1 notés 7", "un annotateur sur dix"]
SUSPECTS = 50


def salit(comment: str, combien: float) -> np.ndarray:
    """Les étiquettes des 1 200 exercices, dont ``combien`` pour cent de celles visées sont fausses.

    « au hasard » : n'importe laquelle devient n'importe quoi. « toujours pareil » : elle devient le
    chiffre suivant. « les 1 notés 7 » ne touche que les 1. « un annotateur sur dix » : un exercice sur
    dix est passé par lui, et il note le chiffre suivant.
    """
    hasard = np.random.default_rng(2)
    visees = hasard.random(1200) < combien / 100
    autres = hasard.integers(1, 10, 1200) if comment == "au hasard" else 1
    if comment == "les 1 notés 7":
        visees, autres = visees & (JUSTES == 1), 6
    elif comment == "un annotateur sur dix":
        visees &= np.arange(1200) % 10 == 3
    return np.where(visees, (JUSTES + autres) % 10, JUSTES)


def les_plus_suspectes(eleve: Eleve, etiquettes: np.ndarray, relus: np.ndarray) -> np.ndarray:
    """Les 50 exercices non relus dont l'étiquette étonne le plus l'élève."""
    confiance = np.where(relus, 2, eleve.avis(EXERCICES)[np.arange(1200), etiquettes])
    rangs = np.argsort(confiance, kind="stable")[:SUSPECTS]
    return rangs[~relus[rangs]]


def mesure_sales(eleve, etiquettes, relus):
    """Ce qu'il rate dans le tiroir, en tout et par chiffre ; la saleté, et ce qu'on en trouve."""
    rates = eleve.lit(TIROIR) != vrais_du_tiroir
    fausses = etiquettes != JUSTES
    suspects = les_plus_suspectes(eleve, etiquettes, relus)
    return {
        "tiroir": rates.mean(),
        "chiffres": np.array([rates[vrais_du_tiroir == n].mean() for n in range(10)]),
        "fausses": fausses.sum(),
        "trouvees": fausses[suspects].sum(),
        "suspects": len(suspects),
    }


def accorde(nombre: int, singulier: str, pluriel: str) -> str:
    """« une étiquette fausse », « 97 étiquettes fausses »."""
    return f"{vues.nombre(nombre)} {pluriel if nombre > 1 else singulier}"


def dit_sales(eleve, etiquettes, relus):
    """La saleté, ce qu'elle coûte, et ce que trouverait une relecture."""
    m = mesure_sales(eleve, etiquettes, relus)
    deja = f" ({accorde(relus.sum(), 'relue', 'relues')})" if relus.any() else ""
    pire = m["chiffres"].argmax()
    trouvees = accorde(m["trouvees"], "est vraiment fausse", "sont vraiment fausses")
    trouvees = trouvees if m["trouvees"] else "aucune n’est fausse"
    return (
        f"{accorde(m['fausses'], 'fausse étiquette', 'fausses étiquettes')} sur 1 200{deja} : il rate "
        f"{100 * m['tiroir']:.0f} % du tiroir, {100 * m['chiffres'][pire]:.0f} % des {pire}. "
        + (f"Sur les {m['suspects']} plus suspectes, {trouvees}." if m["suspects"] else "Toutes relues.")
    )


@vue(
    recit=dit_sales,
    mesure=mesure_sales,
    cadre=[5 * ["suspects"] + 4 * ["courbe"], 5 * ["suspects"] + 4 * ["chiffres"]],
    taille=(12, 5.2),
    vitesse=100,
)
def etiquettes_sales(suspects, courbe, chiffres, passe):
    """À gauche les suspects, avec leur étiquette ; à droite ce qu'il rate, au total et par chiffre."""
    haut, large = 12, 15  # une carte : le chiffre à gauche, son étiquette à droite
    vues.sans_axes(suspects, "les plus suspectes aux yeux de l’élève")
    place = dict(extent=(0, 10 * large, 5 * haut, 0), aspect="auto", vmin=0, vmax=1)
    planche = suspects.imshow(np.zeros((5 * haut, 10 * large)), **place)
    style = dict(ha="center", va="center", fontweight="bold", zorder=4)
    cartes = []
    for rang in range(SUSPECTS):
        x, y = rang % 10 * large, rang // 10 * haut
        cadre = Rectangle((x + 0.7, y + 0.8), large - 1.4, haut - 1.6, zorder=3)
        mot = suspects.text(x + 11.5, y + haut / 2 + 0.2, "", fontsize=20, **style)
        cartes.append((suspects.add_patch(cadre), mot))
    style |= dict(fontsize=19, clip_on=False)
    bilan = suspects.text(5 * large, 5 * haut + 3.5, "", **style)
    bilan.set_in_layout(False)
    suspects.set_ylim(5 * haut + 6, 0)

    trace = vues.courbe(courbe, {"tiroir": "tiroir"}, passe, haut=1, titre="part du tiroir ratée")
    courbe.set_yticks([0, 0.25, 0.5, 1], ["0", "25 %", "50 %", "100 %"])
    barres = chiffres.bar(range(10), [0] * 10, width=0.8)
    chiffres.set(xlim=(-0.6, 9.6), ylim=(0, 1), title="… et chiffre par chiffre")
    chiffres.set_xticks(range(10), [str(n) for n in range(10)], fontsize=16)
    chiffres.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    chiffres.tick_params(axis="x", length=0)

    def montre(eleve, etiquettes, relus):
        lesquels = les_plus_suspectes(eleve, etiquettes, relus)
        fausses = (etiquettes != JUSTES)[lesquels]
        plan = np.zeros((5, haut, 10, large))
        vus = np.zeros((SUSPECTS, 8, 8))
        vus[: len(lesquels)] = EXERCICES[lesquels]
        plan[:, 2:10, :, 1:9] = vus.reshape(5, 10, 8, 8).transpose(0, 2, 1, 3)
        planche.set_data(plan.reshape(5 * haut, 10 * large))
        for rang, (cadre, mot) in enumerate(cartes):
            la = rang < len(lesquels)
            cadre.set_visible(la)
            mot.set_visible(la)
            if la:
                mot.set_text(str(etiquettes[lesquels[rang]]))
                mot.set_color(vues.ORANGE if fausses[rang] else vues.VERT)
                vues.habille(cadre, "faux" if fausses[rang] else "juste")
                cadre.set(fc="none", lw=3 if fausses[rang] else 1.5)
        combien = accorde(fausses.sum(), "est vraiment fausse", "sont vraiment fausses")
        bilan.set_text(
            f"sur {len(lesquels)}, {combien if fausses.any() else 'aucune n’est fausse'}"
            if len(lesquels) else "toutes relues"
        )  # fmt: skip
        rates = mesure_sales(eleve, etiquettes, relus)["chiffres"]  # à l'instant, comme le récit
        for barre, part in zip(barres, rates, strict=True):
            barre.set_height(part)
            vues.habille(barre, "faux" if part > 0.5 else "ni")
        return planche, cartes, bilan, trace(), *barres

    return montre
