"""Le décor du carnet 01 : des règles qui s'usent, un bouton à deviner, dix scores, un dessin."""

import numpy as np
from demystifie import donnees, vue, vues

images, etiquettes = donnees.chiffres()
images = images.astype(float)

# --- Les règles du maître -------------------------------------------------------------------

# Les copies du maître : tous les 0, les 1 et les 7, dans l'ordre du paquet.
pile, verites = (tout[np.isin(etiquettes, [0, 1, 7])] for tout in (images, etiquettes))

LIGNES, COLONNES = 3, 6


def etale(rangs):
    """Au plus dix-huit copies, prises d'un bout à l'autre de la liste."""
    combien = min(len(rangs), LIGNES * COLONNES)
    return rangs[np.linspace(0, len(rangs) - 1, combien).astype(int)] if combien else rangs


def dit_regles(reponses):
    """Combien de copies les règles lisent bien, et de quels chiffres."""
    reponses = np.array(reponses)
    vrais = verites[: len(reponses)]
    detail = ", ".join(
        f"{np.mean(reponses[vrais == c] == c):.0%} des {c}".replace("%", " %") for c in (0, 1, 7)
    )
    justes = np.sum(reponses == vrais)
    combien = f"{justes} copie{'s bien lues' if justes > 1 else ' bien lue'} sur {len(vrais)}"
    return f"{combien}, soit {100 * justes / len(vrais):.0f} % ; {detail}."


@vue(recit=dit_regles, cadre=[["reussies", "ratees"]] * 6 + [["taux"] * 2])
def regles_du_maitre(reussies, ratees, taux):
    """En haut des copies bien lues et mal lues ; en bas leur part."""
    cases = {}
    for axe in (reussies, ratees):
        cases[axe] = vues.mosaique(axe, LIGNES, COLONNES, (11, 8), limite=1)
        axe.set_title(" ", fontsize=24)  # la place des titres
    style = dict(fontsize=15, fontweight="bold", ha="center", va="center")
    titres = [
        axe.text(0.5, 1.03, "", transform=axe.transAxes, **style | dict(va="bottom", fontsize=19))
        for axe in (reussies, ratees)
    ]
    lus = [
        ratees.text(9 * (i % COLONNES) + 3.5, 12 * (i // COLONNES) + 9.2, "", color=vues.ORANGE, **style)
        for i in range(LIGNES * COLONNES)
    ]
    vues.sans_axes(taux)
    taux.set(xlim=(0, 100), ylim=(-0.5, 0.5))
    (perdu,) = taux.barh(
        [0], [100], height=0.9, color="#f6ddcf", hatch="//", edgecolor=vues.ORANGE, lw=0
    )
    (gagne,) = taux.barh([0], [0], height=0.9, color=vues.VERT)
    mot = taux.text(1.5, 0, "", color="white", **style | dict(ha="left", fontsize=22))

    def montre(reponses):
        reponses = np.array(reponses)
        justes = reponses == verites[: len(reponses)]
        bien, mal = etale(np.flatnonzero(justes)), etale(np.flatnonzero(~justes))
        for i, lu in enumerate(lus):
            reponse = reponses[mal[i]] if i < len(mal) else None
            lu.set_text("" if reponse is None else "lu ?" if reponse < 0 else f"lu {reponse}")
        titres[0].set_text(f"bien lues : {justes.sum()}")
        titres[1].set_text(f"mal lues : {(~justes).sum()}")
        gagne.set_width(100 * justes.mean())
        mot.set_text(f"{100 * justes.mean():.0f} %")
        mot.set_color("white" if justes.mean() > 0.1 else "#1f2933")
        copies = [np.pad(pile[choix], ((0, 0), (0, 3), (0, 0))) for choix in (bien, mal)]
        return cases[reussies](copies[0]), cases[ratees](copies[1]), *titres, *lus, perdu, gagne, mot

    return montre


# --- Chaud ou froid --------------------------------------------------------------------------


def dit_devine(retour, essais):
    """Ce que le maître vient de répondre."""
    if not essais:
        return f"Le maître répondra par {retour}. Quel cran essayer ?"
    (cran, reponse), combien = list(essais.items())[-1], len(essais)
    essais_faits = f"{combien} essai{'s' if combien > 1 else ''}"
    if reponse == (0 if retour == "un nombre" else True):
        return f"Trouvé, au cran {cran}, en {essais_faits} !"
    if retour == "un nombre":
        # Le premier nombre laisse deux crans possibles (s'ils existent) ; le suivant tranche.
        mystere = combien == 1 and cran + reponse >= 1 and cran - reponse <= 100
        suite = f"On est à {-reponse} près" + (" : mais de quel côté ?" if mystere else ".")
        return f"{essais_faits} ; cran {cran} : {reponse}. {suite}"
    return f"{essais_faits} ; cran {cran} : faux. Et maintenant, plus haut ou plus bas ? Mystère."


def en_tiges(x, y):
    """Un trait du bas jusqu'à chaque point, en une seule ligne brisée."""
    return np.repeat(x, 3), np.c_[np.full(len(y), -105.0), y, np.full(len(y), np.nan)].ravel()


@vue(recit=dit_devine, cadre=[["bouton"] * 4 + ["compte"]], taille=(12, 4.2), vitesse=10)
def devine(bouton, compte, reglages):
    """À gauche chaque cran essayé et sa réponse ; à droite le compte des essais."""
    bouton.set(xlim=(-2, 103), ylim=(-105, 8), xlabel="cran du bouton")
    bouton.set_ylabel("réponse")
    bouton.set_yticks([-100, -50, 0])
    (aiguille,) = bouton.plot([], [], color="#52606d", ls=(0, (4, 2)), lw=2)
    (tiges,) = bouton.plot([], [], color="#b8d4e6", lw=2, zorder=2)
    (croix,) = bouton.plot([], [], "x", color=vues.ORANGE, ms=17, mew=4, zorder=3)
    (points,) = bouton.plot([], [], "o", color=vues.BLEU, ms=13, zorder=3)
    (etoile,) = bouton.plot([], [], "*", color=vues.VERT, ms=36, mec="white", zorder=4)
    style = dict(fontsize=18, fontweight="bold", ha="center", va="top", zorder=5)
    dernier = bouton.text(0, 0, "", **style)
    dernier.set_bbox(dict(fc="white", ec="none", pad=1))
    vues.sans_axes(compte)
    total = compte.text(
        0.5, 0.55, "", transform=compte.transAxes, **style | dict(fontsize=80, va="center")
    )
    mot = compte.text(0.5, 0.18, "", transform=compte.transAxes, **style | dict(fontsize=22))

    def montre(retour, essais):
        au_nombre = retour == "un nombre"
        encre = "#1f2933" if au_nombre else "white"  # sans nombre, pas d'échelle
        if bouton.yaxis.label.get_color() != encre:
            bouton.tick_params(axis="y", colors=encre)
            bouton.yaxis.label.set_color(encre)
        crans = np.array(list(essais), dtype=float)
        hauts = np.array(list(essais.values()), dtype=float) if au_nombre else np.full(len(crans), -50.0)
        gagne = np.array(
            [reponse == (0 if au_nombre else True) for reponse in essais.values()], dtype=bool
        )
        aiguille.set_data([reglages.essai] * 2, [-105, 8])
        aiguille.set_visible(reglages.joueur == "la salle")
        tiges.set_data(en_tiges(crans, hauts) if au_nombre else ([], []))
        croix.set_data([crans[~gagne], hauts[~gagne]] if not au_nombre else ([], []))
        points.set_data([crans[~gagne], hauts[~gagne]] if au_nombre else ([], []))
        etoile.set_data(crans[gagne], hauts[gagne])
        if len(crans):
            reponse = essais[int(crans[-1])]
            dernier.set_text(vues.nombre(reponse) if au_nombre else "juste !" if reponse else "faux")
            dernier.set_position((np.clip(crans[-1], 5, 96), hauts[-1] - 7))
        dernier.set_visible(len(crans) > 0 and (not au_nombre or hauts[-1] > -95))
        total.set_text(str(len(crans)))
        total.set_color(vues.VERT if gagne.any() else "#1f2933")
        mot.set_text("trouvé !" if gagne.any() else "essai" if len(crans) < 2 else "essais")
        return aiguille, tiges, croix, points, etoile, dernier, total, mot

    return montre


# --- Deux élèves -----------------------------------------------------------------------------

ELEVES = (("faux", vues.ORANGE, "x"), ("note", vues.BLEU, "o"))


def dit_deux_eleves(secret, essais_faux, essais_note, finies):
    """La partie en cours, et la moyenne de celles d'avant."""
    combien, pluriel = len(essais_faux), "s" if len(essais_faux) > 1 else ""
    essais = f"{combien} essai{pluriel} avec « faux », {len(essais_note)} avec la note"
    suite = f"partie {len(finies) + 1} : {essais}."
    if not finies:
        return suite.capitalize()
    moyennes = np.mean(finies, axis=0)
    debut = f"En moyenne, {moyennes[0]:.1f} essais contre {moyennes[1]:.1f}"
    return f"{debut} ; {suite}" if len(finies) < 100 else f"{debut}, sur cent parties."


@vue(
    recit=dit_deux_eleves,
    cadre=[["faux", "parties"], ["note", "parties"]],
    taille=(12, 5.4),
    vitesse=10,
)
def deux_eleves(faux, note, parties, reglages):
    """À gauche la partie de chacun ; à droite une marque par partie finie."""
    axes, lignes, secrets, comptes = (faux, note), [], [], []
    for axe, (nom, couleur, marque) in zip(axes, ELEVES, strict=True):
        titre = "il entend « faux »" if nom == "faux" else "il entend une note"
        axe.set_title(titre, color=couleur, loc="left")
        axe.set_ylabel("cran essayé")
        secrets.append(axe.axhline(0, color=vues.VERT, lw=3, ls=(0, (4, 2)), zorder=1))
        lignes += axe.plot(
            [], [], marque + ("-" if nom == "note" else ""), color=couleur, ms=8, mew=2.5, lw=2
        )
        style = dict(transform=axe.transAxes, color=couleur, ha="right", va="bottom")
        comptes.append(axe.text(1, 1.04, "", fontsize=16, fontweight="bold", **style))
    note.set_xlabel("essai")
    style = dict(color=vues.VERT, fontsize=15, fontweight="bold", ha="right", zorder=5)
    style["bbox"] = dict(fc="white", ec="none", pad=1, alpha=0.85)
    noms = [axe.text(0, 0, "le bon cran", **style) for axe in axes]
    parties.set(ylim=(-0.6, 1.6), xlabel="essais pour trouver")
    parties.set_title("une marque par partie finie")
    parties.set_yticks([0, 1], ["note", "faux"], fontsize=16)
    parties.grid(True, axis="x")
    nuages = [parties.plot([], [], m, color=c, ms=9, mew=2, alpha=0.6)[0] for _, c, m in ELEVES]
    moyennes = [parties.plot([], [], "-", color="#1f2933", lw=5, zorder=4)[0] for _ in ELEVES]
    style = dict(fontsize=16, fontweight="bold", ha="center", va="bottom", zorder=5)
    style["bbox"] = dict(fc="white", ec="none", pad=1.5)
    mots = [parties.text(0, y, "", **style) for y in (1.32, 0.32)]

    def montre(secret, essais_faux, essais_note, finies):
        crans = reglages.crans
        if parties.get_xlim()[1] != 1.03 * crans:
            for axe in axes:
                axe.set(xlim=(0, 1.03 * crans), ylim=(0, 1.06 * crans))
            parties.set_xlim(0, 1.03 * crans)
            for ligne in lignes:
                ligne.set_markersize(9 if crans <= 200 else 5)
        for i, essais in enumerate((essais_faux, essais_note)):
            secrets[i].set_ydata([secret] * 2)
            sous = secret > crans / 2  # du côté où il y a de la place
            noms[i].set(position=(1.02 * crans, secret + (-0.02 if sous else 0.02) * crans))
            noms[i].set_va("top" if sous else "bottom")
            lignes[i].set_data(np.arange(len(essais)) + 1, essais)
            compte = f"{len(essais)} essai{'s' if len(essais) > 1 else ''}"
            comptes[i].set_text(f"en {compte} !" if essais[-1] == secret else compte)
            y, faits = 1 - i, [partie[i] for partie in finies]
            nuages[i].set_data(faits, y + 0.22 * np.sin(7 * np.arange(len(faits))))
            moyenne = np.mean(faits) if faits else np.nan
            moyennes[i].set_data([moyenne] * 2, [y - 0.3, y + 0.3])
            mots[i].set_text(f"moyenne {vues.virgules(f'{moyenne:.1f}')}" if faits else "")
            mots[i].set_x(np.clip(moyenne if faits else 0, 0.2 * crans, 0.8 * crans))
        return *secrets, *noms, *lignes, *comptes, *nuages, *moyennes, *mots

    return montre


# --- Dix scores ------------------------------------------------------------------------------

# La force de chaque vote : 640 nombres, réglés d'avance sur les 1 200 premières copies, d'un seul
# coup de calcul (moindres carrés). Le chapitre 3 montrera comment un élève les trouve tout seul.
vues_en_classe = images[:1200].reshape(1200, 64)
ideal = np.eye(10)[etiquettes[:1200]]  # 1 pour le bon chiffre, 0 pour les autres
moderation = 36 * np.eye(64)  # sans elle, quelques pixels rares crieraient très fort
boutons = np.linalg.solve(vues_en_classe.T @ vues_en_classe + moderation, vues_en_classe.T @ ideal)
boutons = boutons.T.reshape(10, 8, 8)

# Cent copies que l'élève n'a jamais vues.
neuves, leurs_chiffres = images[1516:1616], etiquettes[1516:1616]


def centiemes(score):
    """Le score avec deux décimales, et jamais « moins zéro »."""
    return vues.virgules(f"{round(score, 2) + 0.0:.2f}")


def encadre(axe):
    """Le bord des 64 pixels, par-dessus l'image."""
    tour = np.array([[-0.5, 7.5, 7.5, -0.5, -0.5], [-0.5, -0.5, 7.5, 7.5, -0.5]])
    return axe.plot(*tour, color=vues.GRIS, lw=1.5, clip_on=False)[0]


def barres_des_scores(axe):
    """Dix barres de scores, et le nombre au bout de chacune."""
    montre_barres = vues.barres(axe, range(10), bas=-0.55, haut=1.15, titre="les dix scores")
    axe.set_yticks([0, 1], ["0", "1"])
    axe.axhline(1, color=vues.VERT, lw=2, ls=(0, (4, 3)))
    axe.text(9.5, 1.02, "l’idéal du bon chiffre", color=vues.VERT, fontsize=15, ha="right", va="bottom")
    nombres = [axe.text(i, 0, "", fontsize=16, ha="center") for i in range(10)]

    def valeurs(dix):
        for i, (nombre, score) in enumerate(zip(nombres, dix, strict=True)):
            rond = round(score, 1)
            nombre.set_text(vues.virgules(f"{rond:.1f}") if rond else "")  # pas de « 0,0 » sans barre
            nombre.set_position((i, score + (0.02 if score >= 0 else -0.02)))
            nombre.set_va("bottom" if score >= 0 else "top")
        return nombres

    return montre_barres, valeurs


def dit_dix_scores(image, vote, dix, vrai):
    """Le chiffre lu, et à combien près."""
    premier = int(np.argmax(dix))
    if premier == vrai:
        return (
            f"Un {vrai}, bien lu : score {dix[vrai]:.2f} ; "
            f"il manque {1 - round(dix[vrai], 2):.2f} pour l’idéal."
        )
    return (
        f"Un {vrai}, lu {premier} ({dix[premier]:.2f}). Faux… mais le {vrai} a {dix[vrai]:.2f} : "
        f"c’était à {dix[premier] - dix[vrai]:.1f} près."
    )


@vue(recit=dit_dix_scores, cadre=[["copie"] * 3 + ["votes"] * 6 + ["scores"] * 9], taille=(12, 4.4))
def dix_scores(copie, votes, scores, reglages):
    """La copie, les votes de ses pixels pour le chiffre choisi, et les dix scores."""
    montre_copie = vues.mosaique(copie, 1, 1, limite=1)
    montre_votes = vues.mosaique(votes, 1, 1, palette=vues.CONTRE_POUR, limite=0.17)
    style = dict(fontsize=15, ha="center", va="center")
    nombres = [votes.text(i % 8, i // 8, "", **style) for i in range(64)]
    haut = dict(fontsize=17, fontweight="bold", ha="center", va="bottom")
    titres = [a.text(0.5, 1.02, "", transform=a.transAxes, **haut) for a in (copie, votes)]
    bas = dict(fontsize=15, ha="center", va="top", transform=votes.transAxes)
    votes.text(0.5, -0.02, "les plus forts, en centièmes", **bas)
    montre_barres, valeurs = barres_des_scores(scores)
    cadre = encadre(votes)
    colonne = scores.axvspan(0, 1, color=vues.GRIS, alpha=0.25, zorder=0)

    def montre(image, vote, dix, vrai):
        titres[0].set_text(f"un vrai {vrai}")
        titres[1].set_text(f"pour ou contre le {reglages.chiffre} ? {centiemes(vote.sum())}")
        for nombre, part in zip(nombres, vote.ravel(), strict=True):
            cent = round(100 * part)
            nombre.set_text(vues.nombre(cent) if abs(cent) >= 5 else "")  # les voix qui pèsent
            nombre.set_color("white" if part > 0.12 else "#1f2933")
        colonne.set_x(reglages.chiffre - 0.5)
        acteurs = montre_copie([image]), montre_votes([vote]), cadre, colonne, *montre_barres(dix, vrai)
        return *acteurs, *nombres, *titres, *valeurs(dix)

    return montre


# --- Le chiffre dessiné ----------------------------------------------------------------------


def lisible(dessin):
    """Ni vide, ni pâté : un trait plus petit que le feutre, agrandi, noircit tout le papier."""
    return 0 < dessin.mean() < 0.5  # la plus noire des 1 797 copies est à 0,42


def annonce(dessin, dix):
    """Ce que dit la machine ; elle doute quand deux scores se touchent."""
    second, premier = np.argsort(dix)[-2:]
    if not lisible(dessin):
        return "dessine plus grand" if dessin.any() else "l’ardoise est vide"
    if dix[premier] - dix[second] < 0.1:
        return f"{premier} ? ou {second} ?"
    return f"c’est un {premier}" if dix[premier] > 0.3 else f"un {premier}, peut-être"


def dit_mon_dessin(dessin, dix):
    """Les deux meilleurs scores, ou pourquoi il n'y a rien à lire."""
    second, premier = np.argsort(dix)[-2:]
    if dessin.any() and not lisible(dessin):
        return "Trop petit, on n’y voit qu’un pâté : efface, et dessine un chiffre bien grand."
    if not dessin.any():
        return "Rien à lire : l’ardoise est vide. Dessine un chiffre, bien grand."
    return f"Meilleur score : le {premier}, {dix[premier]:.2f} ; puis le {second}, {dix[second]:.2f}."


@vue(recit=dit_mon_dessin, cadre=[["machine"] + ["scores"] * 2], taille=(9, 4.5))
def lis_mon_dessin(machine, scores):
    """Le dessin tel que la machine le voit, et les dix scores."""
    montre_image = vues.mosaique(machine, 1, 1, limite=1, titre="vu par la machine")
    cadre = encadre(machine)
    montre_barres, valeurs = barres_des_scores(scores)
    avis = scores.text(
        0.5, 0.03, "", transform=scores.transAxes, fontsize=24, fontweight="bold", ha="center"
    )

    def montre(dessin, dix):
        avis.set_text(annonce(dessin, dix))
        barres = montre_barres(dix)
        chiffres = valeurs(dix)
        for acteur in (*barres, *chiffres):
            acteur.set_visible(lisible(dessin))
        return montre_image([dessin]), cadre, *barres, *chiffres, avis

    return montre
