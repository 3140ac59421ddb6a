"""Le décor du carnet 02 : une vallée, un paysage dans le brouillard, des cartes de boutons."""

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import Rectangle

toutes, etiquettes = donnees.chiffres()
# Cent images, dix de chaque chiffre : la première est un 0, la suivante un 1, la onzième un 0…
rangs = [np.flatnonzero(etiquettes == chiffre)[tour] for tour in range(10) for chiffre in range(10)]
images, chiffres = toutes[rangs].reshape(100, 64).astype(float), etiquettes[rangs]


def par_image(boutons):
    """L'erreur de chacune des cent images : un tableau (100,)."""
    return np.sum((images @ boutons.T - np.eye(10)[chiffres]) ** 2, axis=1)


# --- Un seul bouton, et la taille du pas ----------------------------------------------------

pixel = int(images[3].argmax())  # le plus noir du premier 3


def erreur_du_3(bouton):
    """L'erreur du premier 3, d'un élève dont seul le bouton de ce pixel n'est pas à zéro."""
    return (bouton * images[3, pixel] - 1) ** 2


def pose_la_vallee(axe, bornes, haut):
    """Le décor : la courbe de l'erreur. Rend de quoi y poser la bille et la pente sous ses pieds."""
    b = np.linspace(*bornes, 200)
    axe.plot(b, erreur_du_3(b), color=vues.GRIS, lw=4)
    axe.set(xlim=bornes, ylim=(-0.06 * haut, haut), xlabel="bouton", ylabel="erreur")
    axe.grid(True)
    (tangente,) = axe.plot([], [], color=vues.VERT, lw=4, ls=(0, (3, 1)), zorder=4)
    (bille,) = axe.plot([], [], "o", color=vues.ORANGE, ms=22, mec="white", mew=2, zorder=6)

    def montre(bouton, ici, pente):
        large = 0.16 * (bornes[1] - bornes[0]) / np.hypot(1, 2 * pente / haut)
        tangente.set_data([bouton - large, bouton + large], [ici - large * pente, ici + large * pente])
        bille.set_data([bouton], [ici])
        return tangente, bille

    return montre


def dit_un_bouton(bouton, ici, pente):
    """Où est la bille, et de quel côté ça descend."""
    sens = (
        "plat" if abs(pente) < 0.05 else "descendre : à droite" if pente < 0 else "descendre : à gauche"
    )
    pente = round(pente, 2) + 0.0  # jamais « moins zéro »
    return f"Bouton {bouton:.2f} ; erreur {ici:.3f} ; pente {pente:.2f} ({sens})."


@vue(recit=dit_un_bouton, cadre=[["image", "courbe", "courbe"]], vitesse=10)
def un_bouton(image, courbe):
    """À gauche le 3 et son pixel encadré ; à droite la vallée de l'erreur, et la bille."""
    vues.mosaique(image, 1, 1, titre="un vrai 3")([images[3].reshape(8, 8)])
    ligne, colonne = divmod(pixel, 8)
    image.add_patch(Rectangle((colonne - 0.5, ligne - 0.5), 1, 1, fill=False, ec=vues.ORANGE, lw=5))
    montre_la_bille = pose_la_vallee(courbe, (-1.3, 3.3), 5)
    style = dict(ha="center", transform=courbe.transAxes, fontsize=19, fontweight="bold")
    conseil = courbe.text(0.5, 0.9, "", color=vues.VERT, **style)

    def montre(bouton, ici, pente):
        if abs(pente) < 0.05:
            mot = "c’est plat : on est au fond"
        else:
            mot = "ça descend à droite →" if pente < 0 else "← ça descend à gauche"
            mot = f"pente {vues.virgules(f'{pente:.1f}')} : {mot}"
        conseil.set_text(mot)
        return *montre_la_bille(bouton, ici, pente), conseil

    return montre


def dit_le_pas(bouton, ici, pente, taille):
    """Où est la bille, et si l'erreur monte ou baisse."""
    # La vallée est une parabole : ce qu'y fera un autre pas de cette taille, le dernier l'a fait aussi.
    gain = ici - erreur_du_3(bouton - taille * pente)
    sens = "elle ne bouge plus" if abs(gain) < 1e-6 else "elle baisse" if gain > 0 else "elle monte"
    return (
        f"Bouton {vues.nombre(round(bouton, 2) + 0.0)} ; erreur {vues.nombre(round(ici, 4))} "
        f"({sens if taille else 'au départ'})."
    )


def mesure_le_pas(bouton, ici, pente, taille):
    """La courbe de l'erreur, les sauts, et de quoi nommer les fantômes."""
    return {"erreur": ici, "bouton": bouton, "pente": pente, "taille": taille}


def poses_de(passe, bouton):
    """Où la bille s'est posée jusqu'à ``bouton``, même si le passé ne garde plus qu'un pas sur deux."""
    gardes = passe["bouton"]
    entre = gardes[:-1] - passe["taille"][1:] * passe["pente"][:-1]  # refaire le pas qui suivait
    tous = np.append(np.column_stack([gardes[:-1], entre]), [gardes[-1], bouton])
    return tous[np.append(True, np.diff(tous) != 0)]


@vue(recit=dit_le_pas, mesure=mesure_le_pas, vitesse=8)
def le_pas(vallee, erreurs, passe):
    """La vallée et les derniers sauts ; l'erreur pas après pas, et les parties d'avant."""
    montre_la_bille = pose_la_vallee(vallee, (-2.6, 4.6), 12)
    vallee.set_title("la même vallée, de plus loin")
    sauts = vallee.plot([], [], "o-", color=vues.BLEU, lw=2, ms=7, zorder=3)[0]
    trace = vues.courbe(erreurs, {"erreur": "erreur"}, passe, haut=4, titre="l’erreur, pas après pas")
    style = dict(fontsize=15, color="#6b7785", zorder=2, clip_on=True)
    tailles = [erreurs.text(0, 0, "", **style) for _ in range(4)]  # au bout de chaque fantôme
    erreurs.xaxis.get_major_locator().set_params(integer=True, prune="upper")  # elle sortirait
    alarme = vallee.text(
        1, 11, "", color="#b3261e", fontsize=17, fontweight="bold", ha="center", va="top"
    )
    alarme.set_zorder(7)
    alarme.set_bbox(dict(fc="white", ec="none", pad=5))

    def montre(bouton, ici, pente, taille):
        # Les derniers sauts, ou ceux qui ont mené hors du cadre : davantage feraient un pâté.
        poses = poses_de(passe, bouton)
        fin = np.argmax(erreur_du_3(poses) > 12) + 2 if ici > 12 else len(poses)
        poses = poses[max(0, fin - 21) : fin]
        sauts.set_data(poses, erreur_du_3(poses))
        alarme.set_text(
            f"la bille est sortie du cadre !\nbouton {vues.nombre(bouton)}" if ici > 12 else ""
        )
        acteurs = trace()
        nomme_les_fantomes()
        return alarme, sauts, *montre_la_bille(bouton, ici, pente), *acteurs, *tailles

    def nomme_les_fantomes():
        for rang, texte in enumerate(tailles):
            texte.set_visible(rang < len(passe.fantomes))
            if rang < len(passe.fantomes):
                ancien = passe.fantomes[rang]
                dedans = np.flatnonzero(ancien["erreur"] < 3.7)[-1]  # le dernier point bien visible
                texte.set_text(f"pas de {vues.nombre(ancien['taille'][-1])}")
                x, y, bord = ancien["pas"][dedans], ancien["erreur"][dedans], erreurs.get_xlim()[1]
                texte.set(ha="left", va="center", position=(x + 0.015 * bord, max(y, 0.13)))
                if x > 0.7 * bord:  # plus de place à droite : dessous, ou dessus tout en bas
                    texte.set(ha="right", va="top" if y > 0.3 else "bottom", position=(x, y))

    return montre


# --- Deux boutons, dans le brouillard -------------------------------------------------------


def paysage(x, y):
    """L'erreur selon deux boutons : une cuvette, un grand creux, un petit creux, une colline."""
    cuvette = 0.16 * ((x - 0.9) ** 2 + 0.9 * (y + 0.7) ** 2)
    grand_creux = 1.3 * np.exp(-((x - 1.5) ** 2 + (y + 1.2) ** 2) / 0.9)
    petit_creux = 0.9 * np.exp(-((x + 1.6) ** 2 + (y - 1.2) ** 2) / 0.7)
    colline = 0.8 * np.exp(-((x - 0.2) ** 2 + (y - 0.2) ** 2) / 0.8)
    return 1.205 + cuvette + colline - grand_creux - petit_creux


AU_FOND = 0.1  # l'erreur sous laquelle on se dit arrivé


def essais_pour_arriver(erreurs):
    """Combien d'essais (3 par tour) avant de passer sous ``AU_FOND`` ; ``None`` si ce n'est pas fait."""
    arrives = np.flatnonzero(erreurs < AU_FOND)
    return 3 * int(arrives[0]) if len(arrives) else None


def dit_brouillard(essais, tatonneur, sensible, tentes):
    """L'erreur de chacun, et qui est au fond."""
    faits = [f"{essais} essai{'s' if essais else ''} chacun"]
    for nom, ou in (("au hasard", tatonneur), ("par la pente", sensible)):
        ici = paysage(*ou)
        faits.append(f"{nom}, erreur {ici:.2f}" + (" (au fond)" if ici < AU_FOND else ""))
    return " ; ".join(faits) + "."


def mesure_brouillard(essais, tatonneur, sensible, tentes):
    """Où est chacun, (2,), et les trois essais du tour, (3, 2) ; au départ, personne n'a rien tenté."""
    tentes = np.array(tentes or 3 * [tatonneur])
    return {"essais": essais, "au hasard": tatonneur, "par la pente": sensible, "tentes": tentes}


@vue(recit=dit_brouillard, mesure=mesure_brouillard, vitesse=5)
def brouillard(carte, essais, passe, reglages):
    """La carte, que le brouillard cache loin des pas faits ; l'erreur de chacun, essai après essai."""
    grille, pixels = np.linspace(-3, 3, 121), np.linspace(-3, 3, 73)
    carte.contourf(grille, grille, paysage(*np.meshgrid(grille, grille)), levels=18, cmap="YlGnBu_r")
    gris = np.full((73, 73, 4), (0.85, 0.87, 0.90, 1.0))
    voile = carte.imshow(gris, extent=(-3, 3, -3, 3), origin="lower", interpolation="bilinear", zorder=3)
    carte.set(aspect="auto", xlim=(-3, 3), ylim=(-3, 3), xlabel="un bouton", ylabel="l’autre bouton")
    carte.set_title("la carte")
    essais.set(xlim=(0, 150), ylim=(0, 5.7), xlabel="essais", title="l’erreur, essai après essai")
    essais.grid(True)
    essais.axhline(AU_FOND, color=vues.GRIS, ls=":")
    essais.text(149, AU_FOND + 0.05, "le fond", fontsize=15, color="#52606d", ha="right", va="bottom")
    (croix,) = carte.plot([], [], "x", color="#7b4b2a", ms=6, mew=1.5, zorder=4)
    lignes, chemins, billes = {}, {}, {}
    for nom, marque, taille, trait, couleur in (
        ("au hasard", "o", 24, "--", vues.ORANGE),
        ("par la pente", "D", 14, "-", vues.VERT),
    ):
        (chemins[nom],) = carte.plot([], [], trait, color=couleur, zorder=5)
        (billes[nom],) = carte.plot(
            [], [], marque, color=couleur, ms=taille, mec="white", mew=2, zorder=6
        )
        (lignes[nom],) = essais.plot([], [], trait, color=couleur, label=nom, zorder=3)
    legende = essais.legend(loc="upper right", fontsize=16)

    def montre(combien, tatonneur, sensible, tentes):
        tous = passe["tentes"][1:].reshape(-1, 2)
        vus = np.vstack([passe["au hasard"], passe["par la pente"], tous])
        en_x, en_y = (np.exp(-((pixels - vu[:, None]) ** 2) / 0.12) for vu in vus.T)
        gris[..., 3] = np.exp(-2.5 * en_y.T @ en_x) if reglages.brouillard else 0
        voile.set_data(gris)
        croix.set_data(*tous.T)
        for nom, texte in zip(lignes, legende.get_texts(), strict=True):
            x, y = passe[nom].T
            chemins[nom].set_data(x, y)
            billes[nom].set_data(x[-1:], y[-1:])
            lignes[nom].set_data(passe["essais"], paysage(x, y))
            arrive = essais_pour_arriver(paysage(x, y))
            texte.set_text(nom if arrive is None else f"{nom} : {arrive} essais")
        return voile, croix, chemins.values(), billes.values(), lignes.values(), legende

    return montre


# --- Ce que demande une image ---------------------------------------------------------------

ENTRAINE = np.zeros((10, 64))
for _ in range(60):  # l'élève après soixante leçons de la dernière scène du carnet
    ENTRAINE += 0.0004 * (np.eye(10)[chiffres] - images @ ENTRAINE.T).T @ images
ELEVES = {"tout neuf": np.zeros((10, 64)), "entraîné": ENTRAINE}


def encadre(rang):
    """Le cadre vert de la carte de rang ``rang``, dans une mosaïque de cinq colonnes."""
    coin = 9 * (rang % 5) - 0.75, 9 * (rang // 5) - 0.75
    return Rectangle(coin, 8.5, 8.5, fill=False, ec=vues.VERT, lw=4, clip_on=False)


def numerote(axe):
    """Un fond gris, et le chiffre en coin de chaque carte."""
    axe.set_facecolor("#dde1e6")
    style = dict(fontsize=15, fontweight="bold", ha="left", va="top", color="#52606d", zorder=5)
    return [axe.text(9 * (i % 5) - 0.2, 9 * (i // 5) - 0.4, str(i), **style) for i in range(10)]


def dit_tate(chiffre, demande, tates):
    """Combien d'essais, et les plus fortes pentes trouvées."""
    if not tates:
        return f"Un {chiffre} ; aucun bouton tâté."
    lui, *autres = np.roll(np.abs(demande).max(axis=1), -chiffre)
    pentes = f"plus forte pente chez le {chiffre} : {lui:.2f} ; chez les autres : {max(autres):.2f}"
    return f"Un {chiffre} ; {10 * tates + 1} essais ; {pentes}."


@vue(recit=dit_tate, cadre=[["image", "cartes", "cartes", "cartes"]], taille=(12, 4.2), vitesse=10)
def tate(image, cartes):
    """L'image, et le pixel dont on tâte les boutons ; les dix cartes, qui se colorient."""
    montre_image = vues.mosaique(image, 1, 1, titre="l’image")
    curseur = image.add_patch(Rectangle((0, 0), 1, 1, fill=False, ec=vues.ORANGE, lw=5))
    montre_cartes = vues.mosaique(cartes, 2, 5, palette=vues.CONTRE_POUR, limite=1.2)
    cartes.set_title("ce que l’image demande aux boutons de chaque chiffre", pad=20)
    noms = numerote(cartes)
    bon = cartes.add_patch(encadre(0))

    def montre(chiffre, demande, tates):
        plan = np.where(np.arange(64) < tates, demande, np.nan)
        bon.set_xy(encadre(chiffre).get_xy())
        ligne, colonne = divmod(min(tates, 63), 8)
        curseur.set_xy((colonne - 0.5, ligne - 0.5))
        curseur.set_visible(tates < 64)
        return (
            montre_image([images[chiffre].reshape(8, 8)]),
            montre_cartes(plan.reshape(10, 8, 8)),
            noms,
            bon,
            curseur,
        )

    return montre


def compare(a_la_main, d_un_coup, apres):
    """Dit si les 640 cases sont les mêmes, et ce qu'un petit pas fait à l'erreur."""
    ecart = np.abs(d_un_coup - a_la_main).max()
    print(vues.virgules(f"à la main ou d’un coup, plus grand écart\u00a0: {ecart:.3f}"))
    print(vues.virgules(f"erreur avant\u00a0: 1\u202f; après un petit pas\u00a0: {apres:.2f}"))


# --- La moyenne des demandes ----------------------------------------------------------------

PIRE = 1.005  # un élève neuf se trompe de 1 sur chaque image : au-delà, elle va plus mal qu'au départ


def dit_moyenne(boutons, dix_demandes, ensemble):
    """L'erreur moyenne, les images reconnues, et celles qui vont plus mal."""
    erreurs = par_image(boutons)
    justes = np.sum(np.argmax(images @ boutons.T, axis=1) == chiffres)
    return (
        f"Erreur moyenne {erreurs.mean():.2f}. Sur 100 images, reconnues : {justes} ; "
        f"plus mal qu’au départ : {np.sum(erreurs > PIRE)}."
    )


@vue(
    recit=dit_moyenne,
    cadre=[["demandes", "demandes", "ensemble"]] * 3 + [["erreurs"] * 3] * 2,
    taille=(12, 5.6),
    vitesse=5,
)
def moyenne(demandes, ensemble, erreurs, reglages):
    """Ce que demandent dix images, la moyenne que l'on écoute, et ce qu'y gagne chaque chiffre."""
    montre_demandes = vues.mosaique(demandes, 2, 5, palette=vues.CONTRE_POUR, limite=1.2)
    demandes.set_title("ce que dix images demandent à ces boutons", pad=16)
    noms = numerote(demandes)
    montre_ensemble = vues.mosaique(ensemble, 1, 1, palette=vues.CONTRE_POUR, limite=1)
    ensemble.set_title("la moyenne écoutée", pad=16)
    ensemble.set_xlabel("grossie")
    cadres = [demandes.add_patch(encadre(i)) for i in range(10)]
    erreurs.set(ylim=(0, 2), xlim=(-0.6, 10.6), title="l’erreur moyenne de chaque chiffre")
    erreurs.set_xticks(range(10), range(10), fontsize=16)
    erreurs.axhline(1, color="#1f2933", ls="--", lw=2, zorder=4)
    erreurs.text(10.55, 1.06, "au départ", ha="right", fontsize=15)
    barres = erreurs.bar(range(10), [0] * 10, width=0.75)

    def montre(boutons, dix_demandes, moyen):
        for i, cadre in enumerate(cadres):
            cadre.set_visible(i < reglages.combien)
        for barre, hauteur in zip(barres, par_image(boutons).reshape(10, 10).mean(axis=0), strict=True):
            barre.set_height(hauteur)
            vues.habille(barre, "faux" if hauteur > PIRE else "juste")
        du = reglages.boutons_du
        # Ses couleurs sont forcées, mais pas celles d'une demande qui s'éteint.
        grossie = (moyen[du] / max(np.abs(moyen[du]).max(), 0.03)).reshape(8, 8)
        return (
            montre_demandes(dix_demandes[:, du].reshape(10, 8, 8)),
            montre_ensemble([grossie]),
            noms,
            cadres,
            *barres,
        )

    return montre
