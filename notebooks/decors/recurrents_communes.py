"""Le décor du carnet 07, deuxième partie : inventer des communes, et dire lesquelles existent."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from demystifie import donnees, reseaux, vue, vues
from demystifie.donnees.lettres import FIN, LETTRES
from matplotlib.patches import Rectangle

LOT, PAGE, EXAMEN = 64, 60, 300  # noms lus par pas, inventés par page, interrogés à l'examen
ECRITS = 9  # noms de la page que l'on voit
REGIONS = {
    "toute la France": None, "Bretagne": "Bretagne", "Grand Est, dont l’Alsace": "Grand Est",
    "Corse": "Corse", "Hauts-de-France": "Hauts-de-France", "Normandie": "Normandie",
    "Occitanie": "Occitanie", "Polynésie française": "Polynésie française",
    "Provence-Alpes-Côte d’Azur": "Provence-Alpes-Côte d'Azur",
}  # fmt: skip
COMBIEN = {"tous": None, "5 000": 5000, "1 000": 1000, "300": 300}
INVENTIONS = {
    "de rien": {},
    "sage": dict(audace=0.3),
    "ivre": dict(audace=1.5),
    "trois cents noms": dict(noms=300),
    "en breton": dict(region="Bretagne"),
    "déjà lu": dict(deja_lu=True, taux=0.0003, ta_liste=()),
}
RECOPIE, EXISTE, INVENTE = "recopié", "existe, jamais lu !", "inventé"


class Cahier(NamedTuple):
    """Des noms à lire, d'autres qui ne le seront jamais, et de quoi juger ceux qui s'inventent."""

    lus: tuple[str, ...]
    jamais_lus: tuple[str, ...]
    connus: frozenset[str]  # tout ce que l'élève a lu, dans cette vie ou dans l'autre
    existants: frozenset[str]

    def pioche(self):
        """64 noms au hasard : les rangs de leurs lettres, et ceux des lettres qui suivent."""
        return reseaux.code([self.lus[i] for i in torch.randint(len(self.lus), (LOT,))])

    def tampon(self, nom):
        """Ce que l'on frappe à côté d'un nom sorti du réseau."""
        return RECOPIE if nom in self.connus else EXISTE if nom in self.existants else INVENTE


@cache
def toutes_les_communes():
    """Les noms de toutes les communes, tels que le réseau les lit."""
    return frozenset(map(donnees.en_lettres, donnees.communes().noms))


@cache
def cahier(region=None, combien=None, liste=(), deja_lu=False):
    """Les noms d'une ``region`` (ou de toutes), ``combien`` au plus ; ou ceux d'une ``liste``."""
    avant = donnees.communes_a_lire().lus if deja_lu else ()
    if liste:
        noms = np.random.default_rng(0).permutation(liste).tolist()
        a_part = max(len(noms) // 10, 2)  # un sur dix, qu'il ne lira jamais
        existants = frozenset(noms)
        lus, jamais_lus = noms[a_part:], noms[:a_part]
    else:
        existants = toutes_les_communes()
        lus, jamais_lus = donnees.communes_a_lire(region)
        lus = lus[:combien]
    return Cahier(tuple(lus), tuple(jamais_lus), frozenset(lus) | frozenset(avant), existants)


def depart(reglages):
    """Un élève qui ne sait rien, ou qui a « déjà lu » ; et le cahier que la main a choisi."""
    eleve = reseaux.charger("lettres") if reglages.deja_lu else reseaux.Lettres()
    return eleve, cahier(reglages.region, reglages.noms, reglages.ta_liste, reglages.deja_lu)


class Page(NamedTuple):
    """Ce que l'élève invente à un moment, et ce qu'il en est."""

    noms: tuple[str, ...]
    tampons: tuple[str, ...]
    hesite: float  # entre combien de lettres, sur des noms jamais lus
    relit: float  # et sur ceux de son cahier
    temoins: tuple[float, ...]  # et des tables de 1 à 4 lettres, sur les mêmes noms jamais lus
    gros_lots: tuple[str, ...]  # depuis le départ, sans doublon


def interroge(eleve, le_cahier, page=None, reglages=None):
    """Fait inventer une page à l'élève, la tamponne, et mesure entre combien de lettres il hésite.

    ``page`` : celle d'avant. ``reglages`` : son audace et ses premières lettres, au gré de la main.
    """
    au_gre = (reglages.audace, reglages.premieres_lettres) if reglages else (0.8, "")
    noms = reseaux.invente(eleve, PAGE, *au_gre)
    tampons = tuple(map(le_cahier.tampon, noms))
    avant = page.gros_lots if page else ()
    trouves = [nom for nom, tampon in zip(noms, tampons, strict=True) if tampon == EXISTE]
    return Page(
        tuple(noms),
        tampons,
        reseaux.hesitation(eleve, le_cahier.jamais_lus[:EXAMEN]),
        reseaux.hesitation(eleve, le_cahier.lus[:EXAMEN]),
        temoins(le_cahier),
        tuple(dict.fromkeys((*avant, *trouves))),
    )


def montrables(page):
    """Les noms à écrire en grand, et leurs tampons : d'abord les gros lots de la page."""
    paires = sorted(zip(page.noms, page.tampons, strict=True), key=lambda p: p[1] != EXISTE)
    return paires[:ECRITS]


# --- Les témoins : des tables de quelques lettres ---------------------------------------------


def contextes(noms):
    """Une ligne par lettre à deviner : elle, la lettre d'avant, et ainsi jusqu'à la quatrième."""
    blanc = FIN * 4
    texte = blanc + blanc.join(noms) + blanc
    signes, rangs = np.unique(list(texte), return_inverse=True)
    codes = np.array([LETTRES.index(signe) for signe in signes], np.int32)[rangs]
    lignes = np.lib.stride_tricks.sliding_window_view(codes, 5)[:, ::-1]
    return lignes[(lignes[:, 0] > 0) | (lignes[:, 1] > 0)]  # après la fin d'un nom, rien à deviner


@cache
def temoins(le_cahier):
    """Entre combien de lettres hésite une table, faite du cahier, des 1, 2, 3 ou 4 lettres d'avant."""
    lues, posees = contextes(le_cahier.lus), contextes(le_cahier.jamais_lus[:EXAMEN])
    part, hesitations = np.full(len(posees), 1 / len(LETTRES)), []
    for lettres in range(1, 6):
        poids = len(LETTRES) ** np.arange(lettres, dtype=np.int32)
        cles, questions = lues[:, :lettres] @ poids, posees[:, :lettres] @ poids
        vues_ainsi = _combien(cles, questions)
        en_tout = _combien(cles // len(LETTRES), questions // len(LETTRES))
        part = (vues_ainsi + 5 * part) / (en_tout + 5)  # trop rare : on en croit la table plus courte
        hesitations.append(math.exp(-np.log(part).mean()))
    return tuple(hesitations[1:])


def _combien(cles, questions):
    """Combien de fois chaque question est parmi les clés."""
    connues, comptes = np.unique(cles, return_counts=True)
    ou = np.searchsorted(connues, questions).clip(0, len(connues) - 1)
    return np.where(connues[ou] == questions, comptes[ou], 0)


# --- La scène -------------------------------------------------------------------------------


def examens(passe, mesure):
    """Les pas où on l'a interrogé, et le présent ; et ce que l'on y a mesuré."""
    valeurs = passe[mesure]
    neufs = [*np.flatnonzero(np.diff(valeurs, prepend=np.nan)), len(valeurs) - 1]
    return passe["pas"][neufs], valeurs[neufs]


def parts(page):
    """La part des noms recopiés, de ceux qui existent sans avoir été lus, et des inventés."""
    return [page.tampons.count(tampon) / len(page.tampons) for tampon in (RECOPIE, EXISTE, INVENTE)]


def dit_communes(*etat):
    """Quelques noms, entre combien de lettres il hésite, et ce qu'il recopie."""
    page = Page(*etat)
    copies, _, inventes = parts(page)
    ecrits = ", ".join(nom or "(rien)" for nom, _ in montrables(page)[:3])
    lots = len(page.gros_lots)
    trouves = "aucun gros lot" if not lots else "un gros lot" if lots == 1 else f"{lots} gros lots"
    return (
        f"Il écrit : {ecrits}. Il hésite entre {page.hesite:.1f} lettres ; "
        f"recopié {100 * copies:.0f} %, inventé {100 * inventes:.0f} % ; {trouves} jusqu’ici."
    )


@vue(
    recit=dit_communes,
    mesure=lambda *etat: {"hesite": Page(*etat).hesite, "relit": Page(*etat).relit},
    cadre=[*5 * [6 * ["page"] + 5 * ["courbe"]], 11 * ["tas"]],
    taille=(12, 5.2),
    vitesse=math.inf,
)
def communes(page, courbe, tas, passe):
    """Une page de noms tamponnés, entre combien de lettres il hésite, et le tas de ce qu'il invente."""
    vues.sans_axes(page, "ce qu’il écrit").set(xlim=(0, 10), ylim=(ECRITS - 0.4, -0.6))
    noms = [page.text(0, y, "", fontsize=21, va="center", color="#1f2933") for y in range(ECRITS)]
    cadre = dict(boxstyle="round,pad=0.25", lw=2)
    tampons = [
        page.text(10, y, "", fontsize=14, va="center", ha="right", fontweight="bold", bbox=cadre)
        for y in range(ECRITS)
    ]
    courbe.set(yscale="log", ylim=(0.3, 60), xlabel="pas", title="entre combien de lettres il hésite")
    courbe.set_yticks([1, 2, 5, 10, 20, 44], ["1", "2", "5", "10", "20", "44"])
    courbe.minorticks_off()
    tables = [courbe.axhline(1, color="#7b8794", lw=1.5, ls=(0, (1, 1)), zorder=1) for _ in range(4)]
    fond = dict(boxstyle="round,pad=0.1", fc="white", ec="none")
    rangs = [
        courbe.text(0.98 - 0.06 * i, 1, f"{i + 1}", fontsize=14, ha="center", va="center", zorder=2,
                    color="#52606d", bbox=fond, transform=courbe.get_yaxis_transform())
        for i in range(4)
    ]  # fmt: skip
    gris = [courbe.plot([], [], color="#cbd2d9", lw=2, zorder=3)[0] for _ in range(4)]
    (siens,) = courbe.plot([], [], color="#52606d", lw=2.5, ls=(0, (3, 1.5)), zorder=4)
    (jamais,) = courbe.plot([], [], lw=3.5, zorder=4)
    siens.set_label("sur son cahier")
    jamais.set_label("sur des noms jamais lus")
    tables[0].set_label("témoins : des tables de 1 à 4 lettres")
    courbe.legend(handles=[jamais, siens, tables[0]], loc="lower left", fontsize=13)
    vues.sans_axes(tas).set(xlim=(0, 1), ylim=(0, 1))
    couleurs = ("#9aa5b1", vues.VERT, vues.BLEU)
    pans = [tas.add_patch(Rectangle((0, 0.5), 0, 0.5, fc=couleur)) for couleur in couleurs]
    blanc = dict(fontsize=15, color="white", va="center", fontweight="bold")
    dits = [tas.text(0, 0.75, "", **blanc) for _ in pans]
    compte = tas.text(0, 0.38, "", fontsize=17, va="top", color="#007a5a", fontweight="bold")

    def montre(*etat):
        la_page = Page(*etat)
        for (nom, tampon), mot, cadre in zip(montrables(la_page), noms, tampons, strict=True):
            mot.set_text(nom or "(rien)")
            mot.set_fontsize(21 if len(nom) < 20 else 17 if len(nom) < 26 else 15)
            frappe, fond = {RECOPIE: ("#52606d", "#e4e7eb"), EXISTE: ("white", vues.VERT),
                            INVENTE: (vues.BLEU, "white")}[tampon]  # fmt: skip
            cadre.set(text=tampon, color=frappe)
            cadre.get_bbox_patch().set(fc=fond, ec=vues.VERT if tampon == EXISTE else frappe)
        for table, rang, hauteur in zip(tables, rangs, la_page.temoins, strict=True):
            table.set_ydata([hauteur, hauteur])
            rang.set_y(hauteur)
        for rang, ligne in enumerate(gris):
            ancien = passe.fantomes[rang] if rang < len(passe.fantomes) else None
            ligne.set_data(*(examens(ancien, "hesite") if ancien else ([], [])))
        jamais.set_data(*examens(passe, "hesite"))
        siens.set_data(*examens(passe, "relit"))
        droite = next(m for m in (200, 500, 1000, 2000, 5000, 10_000, 10**9) if m >= passe["pas"][-1])
        if courbe.get_xlim() != (0, droite):
            courbe.set_xlim(0, droite)
        gauche = 0
        mots = ("recopiés", "", "inventés")
        for pan, dit, part, combien in zip(pans, dits, parts(la_page), mots, strict=True):
            pan.set(x=gauche, width=part)
            dit.set(
                x=gauche + 0.01, text=f"{combien} {100 * part:.0f} %" if combien and part > 0.17 else ""
            )
            gauche += part
        lots = la_page.gros_lots
        derniers = ", ".join(f"« {nom} »" for nom in lots[-3:])
        compte.set_text(
            f"gros lots : {len(lots)} — {derniers}" if lots else "gros lots : aucun pour l’instant"
        )
        return *noms, *tampons, *tables, *rangs, *gris, jamais, siens, *pans, *dits, compte

    return montre
