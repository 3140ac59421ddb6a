"""Le décor du carnet 00 : un élève et sa courbe, et la vérification avant de monter sur scène."""

import re
from importlib.metadata import distributions
from pathlib import Path

import numpy as np
from demystifie import donnees, vue, vues

images, etiquettes = donnees.chiffres()

EXIGENCES = Path(__file__).parents[2] / "requirements.txt"

# --- L'élève --------------------------------------------------------------------------------


def mesure_eleve(image, vrai, reponse, justes):
    """La part de bonnes réponses, sur les cinquante dernières."""
    return {"reussite": np.mean(justes[-50:]) if len(justes) else np.nan}


def dit_eleve(image, vrai, reponse, justes):
    """Où en est l'élève, et sa dernière réponse."""
    if not len(justes):
        return "L’élève n’a encore rien vu."
    reussite = mesure_eleve(image, vrai, reponse, justes)["reussite"]
    return (
        f"{vues.nombre(len(justes))} chiffres vus ; il dit {reponse}, c’était {vrai} ; "
        f"{100 * reussite:.0f} % de réussite sur les 50 derniers"
    )


@vue(recit=dit_eleve, mesure=mesure_eleve, vitesse=5)
def eleve(copie, progres, passe):
    """À gauche la copie et la réponse ; à droite la réussite, chiffre après chiffre."""
    papier = vues.mosaique(copie, 1, 1, limite=1)
    style = dict(transform=copie.transAxes, ha="center", va="top", fontsize=22, weight="bold")
    verdict = copie.text(0.5, -0.03, "", **style)
    progres.set(xlim=(0, 1000), ylim=(0, 1), title="réussite sur les 50 derniers", xlabel="chiffres vus")
    progres.set_yticks([0, 0.1, 0.5, 1], ["0 %", "10 %", "50 %", "100 %"])
    progres.axhline(0.1, color=vues.GRIS, ls=(0, (4, 3)), lw=2)
    style = dict(transform=progres.transAxes, color="#52606d", ha="right", va="bottom")
    progres.text(0.98, 0.12, "au hasard", **style)
    (courbe,) = progres.plot([], [])
    (tete,) = progres.plot([], [], "o", color=vues.BLEU, ms=12)

    def montre(image, vrai, reponse, justes):
        juste = reponse == vrai
        suite = "Oui !" if juste else f"C’était {vrai}."
        verdict.set_text(f"Il dit {reponse}. {suite}" if len(justes) else "Que va-t-il dire ?")
        verdict.set_color("#1f2933" if not len(justes) else vues.VERT if juste else vues.ORANGE)
        vus = [*passe["pas"], len(justes)]
        reussite = [*passe["reussite"], mesure_eleve(image, vrai, reponse, justes)["reussite"]]
        courbe.set_data(vus, reussite)
        tete.set_data(vus[-1:], reussite[-1:])
        return papier([image]), verdict, courbe, tete

    return montre


# --- Avant de monter sur scène --------------------------------------------------------------


def verifie():
    """Une phrase : tout est en place, ou ce qui diffère de ce qui a été vérifié."""
    attendues = re.findall(r"^([\w-]+)==(\S+)", EXIGENCES.read_text(), re.MULTILINE)
    installees = {paquet.name.lower().replace("_", "-"): paquet.version for paquet in distributions()}
    ecarts = []
    for nom, voulue in attendues:
        trouvee = installees.get(nom.lower().replace("_", "-"), "absent").split("+")[0]
        if trouvee != voulue:
            ecarts.append(f"{nom} {trouvee} au lieu de {voulue}")
    if not ecarts:
        return "Tout est en place : 1 797 chiffres, et les bonnes bibliothèques."
    conseil = "Les scènes ont été vérifiées avec d’autres versions ; relance lancer.py : "
    return conseil + ", ".join(ecarts)


def rapporte_mnist():
    """Télécharge MNIST s'il n'est pas déjà là, et dit ce que l'on a en main."""
    return f"Le chapitre 6 montrera : {donnees.mnist().origine}."
