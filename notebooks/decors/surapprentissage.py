"""Le décor du carnet 05 : des chats, des chiens, leurs siestes, un tiroir et six fautes du maître."""

import asyncio
from contextlib import suppress
from functools import cache

import numpy as np
from demystifie import donnees, vue, vues
from matplotlib.patches import Rectangle

# --- L'élève et ses images ------------------------------------------------------------------

TOUS = np.arange(500)
EXERCICES = np.flatnonzero(TOUS % 5 > 1)  # 300 images
TIROIR = np.flatnonzero(TOUS % 5 < 2)  # 200 autres
CHIENS = TOUS % 2 == 1  # un chat, un chien, un chat…
ATTENDUS = np.where(CHIENS, 1, -1).astype(np.float32)  # chien : 1 ; chat : −1
DECORS = ("canapé", "herbe")
GRIS = np.float32(0.6)  # ni clair ni foncé
RIEN = {"examen": -1, "tiroir": np.nan, "exercices": np.nan}  # tant qu'on ne l'a pas interrogé


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


@cache
def dessins(combien=500):
    """Les premiers animaux, en octets : ``{fond: images}``, chaque fois un tableau (combien, 3072)."""
    images, _ = donnees.chats_et_chiens(combien)
    return {fond: petits.reshape(combien, 3072) for fond, petits in images.items()}


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


def pose(lesquels, herbe):
    """Ces animaux, sur l'herbe ou sur le canapé, tels que l'élève les reçoit."""
    sur_herbe, sur_canape = dessins()["herbe"][lesquels], dessins()["canapé"][lesquels]
    return pour_l_eleve(np.where(herbe[lesquels, None], sur_herbe, sur_canape))


@cache
def blancheur():
    """La moyenne, entre 0 et 1, de toutes les images sur papier."""
    return np.float32(dessins()["papier"].mean() / 255)


def papier(lesquels):
    """Ces animaux sans décor, sur du papier, tels que l'élève les reçoit."""
    return pour_l_eleve(dessins()["papier"][lesquels], blancheur())


class Examens:
    """Un passé réduit à ses examens, chacun à son pas : la courbe va droit de l'un à l'autre."""

    def __init__(self, passe):
        self._passe = passe

    @property
    def fantomes(self):
        """Ceux des parties précédentes."""
        return [Examens(fantome) for fantome in self._passe.fantomes]

    def __getitem__(self, nom):
        _, rangs = np.unique(self._passe["examen"], return_index=True)
        colonne = self._passe["examen" if nom == "pas" else nom]
        return colonne[rangs[1:] if len(rangs) > 1 else rangs]  # le premier n'en est pas un


def planche(axe, lignes, colonnes, titre):
    """Des portraits encadrés, un mot sous chacun. Rend ``montre(images, mots, justes)``."""
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

    def montre(images, mots, justes):
        for i, photo in enumerate(photos):
            photo.set_data(images[i])
            couleur, trait, signe = (vues.VERT, "-", "✓") if justes[i] else (vues.ORANGE, ":", "✗")
            cadres[i].set(edgecolor=couleur, linestyle=trait)
            textes[i].set(text=f"{mots[i]} {signe}", color=couleur)
        return *photos, *cadres, *textes

    return montre


# --- Chat ou chien ? ------------------------------------------------------------------------

MONTRES = (*EXERCICES[:4].tolist(), *TIROIR[:4].tolist())  # ceux que l'on voit à l'écran
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


@cache
def huit_animaux():
    """Les huit que l'on montre, tels que l'élève les reçoit : sur le canapé, puis sur l'herbe."""
    huit = dessins(1 + max(MONTRES))
    return pour_l_eleve(np.stack([huit[decor][[*MONTRES]] for decor in DECORS]))


def reussites(avis, examen):
    """La part de bonnes réponses au dernier examen, exercices et tiroir."""
    if examen is None:
        return RIEN
    pas, scores = examen
    justes = (scores > 0) == CHIENS
    return {
        "examen": pas,
        "tiroir": justes[TIROIR].mean(),
        "exercices": justes[EXERCICES].mean(),
    }


def dit_chat_ou_chien(avis, examen):
    """Ce qu'il réussit dans le cahier, et dans le tiroir."""
    if examen is None:
        return "L’élève n’a encore rien vu : il répond au hasard."
    parts = reussites(avis, examen)
    return (
        f"Bonnes réponses : {100 * parts['exercices']:.0f} % aux exercices, "
        f"{100 * parts['tiroir']:.0f} % dans le tiroir."
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
    grands = portraits(DECORS, MONTRES)
    montre_exercices = planche(exercices, 1, 4, "cahier d’exercices")
    montre_tiroir = planche(tiroir, 1, 4, "tiroir")
    noms = {"tiroir": "tiroir", "exercices": "exercices"}
    trace = vues.courbe(courbes, noms, Examens(passe), haut=1.04, titre="bonnes réponses")
    courbes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    courbes.legend(loc="center right", bbox_to_anchor=(1, 0.27))
    courbes.locator_params(axis="x", nbins=6, integer=True)

    def montre(avis, examen):
        herbe = sur_l_herbe(reglages.exercices_varies, reglages.echanges)[[*MONTRES]]
        dits = avis[herbe.astype(int), np.arange(8)] > 0
        images = [grands["herbe" if h else "canapé"][m] for m, h in zip(MONTRES, herbe, strict=True)]
        justes = dits == CHIENS[[*MONTRES]]
        mots = np.where(dits, "chien", "chat")
        return (
            montre_exercices(images[:4], mots[:4], justes[:4]),
            montre_tiroir(images[4:], mots[4:], justes[4:]),
            trace(),
        )

    return montre


# --- Que regarde-t-il ? ---------------------------------------------------------------------

NOMS = {"Neige": 10, "Médor": 5, "Caramel": 20, "Nuage": 15, "Réglisse": 6, "Biscuit": 11,
        "Moustache": 0}  # fmt: skip


@cache
def exerce(nom, corrige):
    """L'élève « piégé », ou « averti » : mille pas de la boucle d'avant, sans la regarder."""
    hasard, herbe = np.random.default_rng(1), sur_l_herbe(nom == "averti", 50)
    eleve = Eleve(hasard, 32)
    for _ in range(1000):
        lot = hasard.choice(EXERCICES, 30, replace=False)
        corrige(eleve, pose(lot, herbe), ATTENDUS[lot], 0.002)
    return eleve


def fondu(animal, fond):
    """L'animal sur un fond entre le canapé (0) et l'herbe (1), tel que l'élève le reçoit."""
    canape, herbe = dessins()["canapé"][animal], dessins()["herbe"][animal]
    return (1 - fond) * pour_l_eleve(canape) + fond * pour_l_eleve(herbe)


@cache
def flou():
    """Toutes les images d'exercice, mélangées."""
    canape, herbe = (dessins()[f][EXERCICES].mean(0, np.float32) for f in DECORS)
    return pour_l_eleve((canape + herbe) / 2)


def floute(image, ligne, colonne):
    """L'image, dont un carré est remplacé par du flou."""
    floue, bout = (
        image.reshape(32, 32, 3).copy(),
        np.index_exp[max(0, 4 * ligne - 4) : 4 * ligne + 8, max(0, 4 * colonne - 4) : 4 * colonne + 8],
    )
    floue[bout] = flou().reshape(32, 32, 3)[bout]
    return floue.ravel()


def dit_regard(animal, score, carte):
    """Ce qu'il dit, et ce que c'est."""
    dit, vrai = ("chien" if v else "chat" for v in (score > 0, CHIENS[animal]))
    return f"Score {score:.2f} : il dit « {dit} », et c’est un {vrai}."


@vue(recit=dit_regard, cadre=[5 * ["image"] + 5 * ["regard"] + 3 * ["score"]])
def regard(image, regard, score, reglages):
    """L'animal sur son fond, ce qui y fait bouger le score, et le score."""
    grands = portraits(DECORS, tuple(NOMS.values()))
    vues.sans_axes(image, "l’image")
    vues.sans_axes(regard, "ce qu’il regarde")
    regard.set_xlabel("bleu : ce qui lui fait dire « chien »\norange : « chat »", fontsize=15)
    rien = np.zeros((128, 128, 4), np.uint8)
    photo = image.imshow(rien, interpolation="bilinear")
    pale = regard.imshow(rien, interpolation="bilinear", extent=(0, 8, 8, 0))
    voile = regard.imshow(rien, interpolation="bicubic", extent=(0, 8, 8, 0))
    score.set(xlim=(-1, 1), ylim=(-1.7, 1.7), xticks=[], title="son score")
    score.set_yticks([-1, 0, 1], ["chat : −1", "0", "chien : 1"], fontsize=16)
    score.axhline(0, color=vues.GRIS, lw=2)
    (barre,) = score.bar([0], [0], width=0.9)
    verdict = score.text(0, 0, "", fontsize=24, fontweight="bold", ha="center")

    def montre(animal, valeur, carte):
        fond = reglages.fond
        melange = (1 - fond) * grands["canapé"][animal] + fond * grands["herbe"][animal]
        photo.set_data(melange.astype(np.uint8))
        melange[..., :3] = 115 + 0.5 * melange[..., :3].mean(axis=2, keepdims=True)
        pale.set_data(melange.astype(np.uint8))
        force = carte / max(np.abs(carte).max(), 0.1)
        couleurs = vues.CONTRE_POUR(0.5 + 0.5 * np.sign(force), bytes=True)
        couleurs[..., 3] = 255 * 0.85 * np.abs(force) ** 1.2
        voile.set_data(couleurs)
        barre.set_height(valeur)
        barre.set_color(vues.BLEU if valeur > 0 else vues.ORANGE)
        juste = (valeur > 0) == CHIENS[animal]
        verdict.set_text(f"{'chien' if valeur > 0 else 'chat'} {'✓' if juste else '✗'}")
        verdict.set_y(1.4 if valeur > 0 else -1.55)
        return photo, pale, voile, barre, verdict

    return montre


# --- La sieste ------------------------------------------------------------------------------

rng = np.random.default_rng(138)
AGES_TIROIR, TOUS_LES_AGES = rng.uniform(0, 18, 60), np.linspace(0, 18, 400)
HUMEURS = rng.normal(0, 1.2, 160)  # chaque chat dort un peu comme il veut
PARTS = (0.5 + 0.618 * np.arange(100) + rng.uniform(-0.06, 0.06, 100)) % 1  # un peu de tous les âges


def vraie_sieste(age):
    """Un chat dort beaucoup petit, moins adulte, et de nouveau vieux (nombres inventés)."""
    return 11.5 + 9 * np.exp(-age / 2.2) + 7 / (1 + np.exp(-(age - 12) / 1.3))


HEURES_TIROIR = vraie_sieste(AGES_TIROIR) + HUMEURS[100:]


def des_chats(exemples, age_maxi):
    """Les âges et les heures de sommeil d'``exemples`` chats, de 0 à ``age_maxi`` ans."""
    ages = age_maxi * PARTS[:exemples]
    return ages, vraie_sieste(ages) + HUMEURS[:exemples]


def ondes(ages, boutons):
    """Une colonne par bouton : une forme de plus en plus ondulée."""
    return np.cos(np.pi * np.outer(ages / 18, np.arange(boutons)))


def heures_dites(ages, boutons):
    """La courbe que dessinent ces boutons."""
    return ondes(ages, len(boutons)) @ boutons


def erreurs_de_sieste(ages, heures, boutons):
    """De combien d'heures elle se trompe, en moyenne, sur les exemples et dans le tiroir."""
    exemples = np.abs(heures_dites(ages, boutons) - heures).mean()
    return float(exemples), float(np.abs(heures_dites(AGES_TIROIR, boutons) - HEURES_TIROIR).mean())


def dit_sieste(ages, heures, boutons):
    """Ses deux erreurs, et ce que la courbe a de fou."""
    courbe = heures_dites(TOUS_LES_AGES, boutons)
    folie = " Un chat qui dort plus de 24 heures par jour !" if courbe.max() > 24 else ""
    folie = folie or (" Un chat qui dort moins que pas du tout !" if courbe.min() < 0 else "")
    erreurs = erreurs_de_sieste(ages, heures, boutons)
    dire = [f"{e:.1f}" if e < 100 else "plus de 100" for e in erreurs]
    return f"Elle se trompe de {dire[0]} h sur les exemples, de {dire[1]} h dans le tiroir.{folie}"


@vue(recit=dit_sieste, cadre=[4 * ["courbe"] + ["erreurs"]])
def sieste(courbe, erreurs):
    """La courbe au milieu des chats, et ses deux erreurs."""
    courbe.set(xlim=(-0.2, 18.2), ylim=(-3, 33), xlabel="âge du chat (ans)", xticks=range(0, 19, 3))
    courbe.set_title("heures de sommeil par jour")
    courbe.set_yticks([0, 6, 12, 18, 24])
    bandes = ((24, 33, 11.5, "plus de 24 heures par jour !"), (-3, 0, 9, "moins que pas du tout !"))
    style = dict(ha="center", va="center", fontsize=14, color=vues.ORANGE)
    for bas, haut, ou, mot in bandes:
        courbe.axhspan(bas, haut, color="#fbe9df")
        courbe.text(ou, (bas + haut) / 2, mot, **style)
    courbe.grid(True)
    courbe.plot(AGES_TIROIR, HEURES_TIROIR, "o", mfc="none", mec=vues.GRIS, mew=1.8, label="tiroir")
    (vus,) = courbe.plot([], [], "o", color=vues.BLEU, ms=11, mec="white", label="exemples", zorder=5)
    (ligne,) = courbe.plot([], [], color=vues.ORANGE, lw=4, zorder=4)
    courbe.legend(loc="lower left", ncols=2, bbox_to_anchor=(0, 0.07))
    erreurs.set(title="se trompe de…", ylim=(0, 8), xlim=(-0.6, 1.6), yticks=[])
    erreurs.set_xticks([0, 1], ["exemples", "tiroir"], fontsize=16)
    barres = erreurs.bar([0, 1], [0, 0], width=0.7, color=[vues.BLEU, "#c3ccd4"], edgecolor=vues.GRIS)
    mots = [erreurs.text(i, 0, "", ha="center", fontsize=18, fontweight="bold") for i in (0, 1)]

    def montre(ages, heures, boutons):
        vus.set_data(ages, heures)
        ligne.set_data(TOUS_LES_AGES, np.clip(heures_dites(TOUS_LES_AGES, boutons), -99, 99))
        for barre, mot, erreur in zip(
            barres, mots, erreurs_de_sieste(ages, heures, boutons), strict=True
        ):
            barre.set_height(min(erreur, 7))
            mot.set_y(min(erreur, 7) + 0.15)
            mot.set_text(vues.virgules(f"{erreur:.1f} h" if erreur < 100 else "> 100 h"))
        return vus, ligne, *barres, *mots

    return montre


# --- Les deux courbes -----------------------------------------------------------------------

FAUTES = EXERCICES[np.random.default_rng(14).integers(4, size=75) + 4 * np.arange(75)]  # un sur quatre
DIT = ATTENDUS.copy()  # ce qu'en a dit le maître
DIT[FAUTES] *= -1
SOUVENIRS = np.sort(FAUTES)[:6]  # quelques fautes, à garder à l'œil


def ecarts(pas, scores, exemples=300):
    """L'écart au score attendu, au carré, en moyenne (pour le cahier, attendu par le maître)."""
    cahier = EXERCICES[:exemples]
    return {
        "examen": pas,
        "tiroir": float(np.mean((scores[TIROIR] - ATTENDUS[TIROIR]) ** 2)),
        "exercices": float(np.mean((scores[cahier] - DIT[cahier]) ** 2)),
    }


def trace_les_erreurs(axe, passe):
    """Les deux courbes d'erreur, du tiroir et des exercices."""
    noms = {"tiroir": "tiroir", "exercices": "exercices"}
    trace = vues.courbe(axe, noms, Examens(passe), haut=1.35, titre="erreur")
    axe.set_yticks([0, 0.5, 1], ["0", "0,5", "1 : ne sait rien"])
    axe.locator_params(axis="x", nbins=6, integer=True)
    return trace


def dit_les_erreurs(erreurs):
    """Les deux erreurs, en une phrase."""
    return f"Erreur : {erreurs['exercices']:.2f} aux exercices, {erreurs['tiroir']:.2f} dans le tiroir."


def justes(souvenirs):
    """Pour chacune des six fautes du maître, vrai si l'élève ne la répète pas."""
    return (souvenirs > 0) == CHIENS[SOUVENIRS]


def mesure_deux_courbes(pas, drapeau, souvenirs, erreurs):
    """Les deux erreurs ; rien avant le premier examen, ni quand l'élève est revenu au drapeau."""
    return RIEN if pas == drapeau else erreurs


def dit_deux_courbes(pas, drapeau, souvenirs, erreurs):
    """Où il en est, ses deux erreurs, et les fautes du maître qu'il évite."""
    if erreurs is None:
        return "L’élève n’a encore rien vu."
    ou = f"Pas {vues.nombre(pas)}, drapeau au pas {vues.nombre(drapeau)}"
    ou = "L’élève est au drapeau" if pas == drapeau else ou
    return f"{ou}. {dit_les_erreurs(erreurs)} Fautes évitées : {justes(souvenirs).sum()} sur 6."


@vue(
    recit=dit_deux_courbes,
    mesure=mesure_deux_courbes,
    cadre=[4 * ["courbes"] + 3 * ["fautes"]],
    vitesse=100,
)
def deux_courbes(courbes, fautes, passe):
    """Les deux erreurs, le drapeau, et ce que l'élève dit de six fautes du maître."""
    grands = portraits(("papier",), tuple(SOUVENIRS.tolist()))["papier"]
    trace = trace_les_erreurs(courbes, passe)
    (mat,) = courbes.plot([], [], color=vues.VERT, lw=4, zorder=5)
    (fanion,) = courbes.plot([], [], ">", color=vues.VERT, ms=22, zorder=5)
    fanion.set_label("le tiroir au plus bas")
    courbes.legend(loc="upper right", ncols=3, columnspacing=1, handlelength=1.6, markerscale=0.6)
    (bille,) = courbes.plot([], [], "o", color=vues.BLEU, ms=18, mec="white", zorder=6, clip_on=False)
    bille.set_in_layout(False)  # vide, elle fausserait la mise en page
    montre_fautes = planche(fautes, 2, 3, "six fautes du maître")

    def montre(pas, drapeau, souvenirs, erreurs):
        bille.set_data(([erreurs["examen"]], [erreurs["tiroir"]]) if erreurs else ([], []))
        mat.set_data([drapeau, drapeau], [0, 1.05])
        fanion.set_data([drapeau], [1.05])
        mots = np.where(souvenirs > 0, "chien", "chat")
        suite = montre_fautes(list(grands.values()), mots, justes(souvenirs))
        return trace(), mat, fanion, bille, suite

    return montre


# --- Les astuces ----------------------------------------------------------------------------


def enneige(images, hasard):
    """Les mêmes images, sous la neige."""
    return images + 0.3 * hasard.standard_normal(images.shape, np.float32)


def varie(images, hasard):
    """Chaque image décalée de deux points au plus, et une fois sur deux vue dans un miroir."""
    autres = images.reshape(-1, 32, 32, 3).copy()
    for autre in autres:
        if hasard.random() < 0.5:
            autre[:] = autre[:, ::-1]
        autre[:] = np.roll(autre, hasard.integers(-2, 3, 2), axis=(0, 1))
    return autres.reshape(-1, 3072)


def dit_astuces(recues, allumes, erreurs):
    """Les deux erreurs, et combien de neurones travaillent."""
    if erreurs is None:
        return "L’élève n’a encore rien vu."
    return f"{dit_les_erreurs(erreurs)} {int((allumes > 0).sum())} neurones allumés."


@vue(
    recit=dit_astuces,
    mesure=lambda recues, allumes, erreurs: erreurs or RIEN,
    cadre=[3 * ["images"] + 4 * ["courbes"], 3 * ["neurones"] + 4 * ["courbes"]],
    vitesse=100,
)
def astuces(images, neurones, courbes, passe):
    """Trois des images reçues, les neurones allumés, et les deux erreurs."""
    trace = trace_les_erreurs(courbes, passe)
    vues.sans_axes(images, "ce que l’élève reçoit")
    photos = images.imshow(np.zeros((32, 100, 4), np.uint8))
    vues.sans_axes(neurones, "ses 32 neurones").set(xlim=(-0.6, 7.6), ylim=(4.4, -0.6))
    ronds = neurones.scatter(*np.indices((8, 4)), s=420, edgecolors=vues.BLEU, linewidths=2.5)
    etat = neurones.text(3.5, 4.4, "tous allumés", fontsize=15, ha="center", va="bottom")

    def montre(recues, allumes, erreurs):
        plan = np.full((32, 100, 4), 255, np.uint8)
        for i, recue in enumerate(recues.reshape(-1, 32, 32, 3)):
            plan[:, 34 * i : 34 * i + 32, :3] = 255 * (recue + blancheur()).clip(0, 1)
        photos.set_data(plan)
        ronds.set_facecolors(np.where(allumes > 0, vues.BLEU, "white"))
        eteints = int((allumes == 0).sum())
        etat.set_text(f"{eteints} éteints pour ce lot" if eteints else "tous allumés")
        return photos, ronds, etat, trace()

    return montre
