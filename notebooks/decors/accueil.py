"""Le décor du carnet 00 : un élève et sa courbe, et la vérification avant de monter sur scène."""

import importlib
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from html import escape
from importlib.metadata import distributions
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from demystifie import Pari, Scene, donnees, vue, vues
from demystifie.pupitre import Recit

images, etiquettes = donnees.chiffres()

EXIGENCES = Path(__file__).parents[2] / "requirements.txt"

# --- Ce matin -------------------------------------------------------------------------------

TOUJOURS, SOUVENT, NON = "presque toujours un réseau", "souvent un réseau", "non"
DEBUT = "Ce matin, j’ai…"

# Ce que l'on a fait ; si un réseau y travaille ; ce qu'en dirait un spécialiste, avant et après ce mot ;
# et si ce seul geste lui fait déjà prendre des dizaines de décisions.
GESTES = [
    ("débloqué mon téléphone d’un regard", TOUJOURS, "Un visage reconnu ?", "", False),
    ("lu des sous-titres automatiques", TOUJOURS, "Une voix devenue texte ?", ", à chaque mot", True),
    ("dicté un message", TOUJOURS, "Une voix devenue texte ?", "", False),
    ("fait traduire une phrase", TOUJOURS, "Une traduction ?", ", depuis 2016 ou 2017", False),
    ("cherché un visage dans mes photos", TOUJOURS, "Un visage retrouvé ?", "", False),
    ("ouvert mon courrier, sans pourriels", SOUVENT, "Un pourriel écarté ?", ", avec des règles", False),
    ("suivi un itinéraire", SOUVENT, "Le chemin, non ; mais l’heure d’arrivée ?", "", False),
    ("déroulé un fil d’actualité", SOUVENT, "L’ordre du fil ?", ", message par message", True),
    ("croisé des publicités en ligne", SOUVENT, "Une publicité ?", ", à chaque enchère", True),
    ("entendu sonner mon réveil", NON, "Un réveil ?", " : une règle y suffit", False),
]


class CeMatin(widgets.VBox):
    """Des cases à cocher, et une phrase : où un réseau a choisi, et ce que cela répond au pari."""

    def __init__(self, pari: Pari):
        """``pari`` : quatre choix, de « jamais » à « des dizaines de fois »."""
        self._pari = pari
        self.cases = [widgets.Checkbox(description=geste, indent=False) for geste, *_ in GESTES]
        self.recit = Recit(texte=self.phrase())
        colonnes = "repeat(auto-fit, minmax(min(100%, 420px), 1fr))"  # deux, ou une si c'est étroit
        liste = widgets.GridBox(self.cases, layout=widgets.Layout(grid_template_columns=colonnes))
        liste.add_class("demystifie-pari")  # le clavier y est rendu aux diapositives
        super().__init__([widgets.HTML(STYLE), liste, self.recit])
        self.add_class("demystifie-matin")
        for case, geste in zip(self.cases, GESTES, strict=True):
            case.observe(lambda change, geste=geste: self._raconte(geste, change["new"]), "value")

    def _raconte(self, geste, coche):
        self.recit.texte = self.phrase(geste if coche else None)

    def compte(self, *degres: str) -> int:
        """Combien de gestes cochés où un réseau travaille à ces degrés-là."""
        return sum(case.value and g[1] in degres for case, g in zip(self.cases, GESTES, strict=True))

    def reponse(self) -> str:
        """Le choix du pari où mènent les cases cochées, au moins."""
        jamais, une_ou_deux, quelques, dizaines = self._pari.choix
        if any(case.value and g[-1] for case, g in zip(self.cases, GESTES, strict=True)):
            return dizaines
        reseaux = self.compte(TOUJOURS, SOUVENT)
        return quelques if reseaux > 2 else une_ou_deux if reseaux else jamais

    def phrase(self, geste: tuple | None = None) -> str:
        """Le geste que l'on vient de cocher, le compte, et ce qu'il répond au pari."""
        if not self.compte(TOUJOURS, SOUVENT, NON):
            return "Rien encore : coche ce que tu as fait, et compte."
        dit = f"{geste[2]} {geste[1].capitalize()}{geste[3]}. " if geste else ""
        compte = f"En tout : {self.compte(TOUJOURS)} presque toujours, {self.compte(SOUVENT)} souvent. "
        reponse, total = self.reponse(), sum(self._pari.mains.values())
        mains = self._pari.mains[reponse]
        salle = f", comme l’ont parié {mains} mains sur {total}" if mains > 1 else ""
        deja = "Sans doute déjà" if self.compte(TOUJOURS, SOUVENT) else "Pour l’instant,"
        return f"{dit}{compte}{deja} « {reponse} »{salle}."

    def _repr_mimebundle_(self, **options):
        texte = "\n".join([DEBUT, *(f"  · {geste}" for geste, *_ in GESTES)])
        html = f"<p>{DEBUT}</p><ul>{''.join(f'<li>{geste}</li>' for geste, *_ in GESTES)}</ul>"
        return super()._repr_mimebundle_(**options) | {"text/plain": texte, "text/html": html}


STYLE = """<style>
.demystifie-matin .widget-checkbox { width: auto; height: 36px; }
.demystifie-matin label { font-size: clamp(18px, 1.6vw, 26px); line-height: 1.3; }
.demystifie-matin input { width: 20px; height: 20px; margin: 0 10px 0 0; vertical-align: middle; }
.demystifie-matin.jupyter-widgets-disconnected::before,
.demystifie-matin > .jupyter-widgets-disconnected:not(.demystifie-pari)::before { content: none; }
</style>"""


# --- L'élève --------------------------------------------------------------------------------


def mesure_eleve(image, vrai, reponse, justes):
    """La part de bonnes réponses, sur les cinquante dernières."""
    return {"reussite": np.mean(justes[-50:]) if len(justes) else np.nan}


def dit_eleve(image, vrai, reponse, justes):
    """Où en est l'élève, et sa dernière réponse."""
    if not len(justes):
        return "L’élève n’a encore rien vu."
    reussite = mesure_eleve(image, vrai, reponse, justes)["reussite"]
    vus = f"{vues.nombre(len(justes))} chiffre{'s vus' if len(justes) > 1 else ' vu'}"
    lesquels = "sur les 50 derniers" if len(justes) >= 50 else "jusqu’ici"
    return f"{vus} ; il dit {reponse}, c’était {vrai} ; {100 * reussite:.0f} % de réussite {lesquels}."


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

REFAIRE = "jette le dossier .venv et relance lancer.py : il réinstallera, ou dira pourquoi"

SANS_NAVIGATEUR = "pas chronométré ; il faut exécuter cette cellule dans JupyterLab."


def constate() -> list[str]:
    """Ce qui est en place et ce qui ne l'est pas, une phrase chacun : charger, comparer, dessiner."""
    soucis, autres = [], []
    _souci.cache_clear()
    for nom, voulue in re.findall(r"^([\w-]+)==(\S+)", EXIGENCES.read_text("utf-8"), re.MULTILINE):
        try:
            _charge(nom)
        except Exception as erreur:  # une bibliothèque abîmée a toutes les façons d'échouer
            sans = "les carnets 00 à 05 marchent, pas les autres ; " if nom.startswith("torch") else ""
            soucis.append(f"{nom} ne se charge pas ({_court(erreur)}) : {sans}{REFAIRE}.")
        else:
            trouvee = _version(nom)
            if trouvee != voulue:
                autres.append(f"{nom} {trouvee or 'absent'} au lieu de {voulue}")
    if autres:
        soucis.append(
            f"Les scènes ont été vérifiées avec d’autres versions : {', '.join(autres)}. "
            f"Si quelque chose cloche, {REFAIRE}."
        )
    try:
        essai = Scene(lambda reglages: (images[0], etiquettes[0], None, []), eleve)
        assert essai.image().std() > 1, "l’image est vide"
        essai.ferme()
    except Exception as erreur:
        soucis.append(f"Une scène ne se dessine pas ({_court(erreur)}) : {REFAIRE}.")
    combien = vues.nombre(len(images))
    tout = f"Tout est en place : {combien} chiffres, les bonnes bibliothèques, et une scène se dessine."
    return soucis or [tout]


TORCH = {
    "torch": "import torch",
    "torchvision": "from demystifie import donnees; donnees.importe_torchvision()",
}


def _charge(nom):
    if nom == "torch" and not _souci("torchvision"):
        return  # torchvision vient de le charger
    if nom in TORCH:
        if souci := _souci(nom):
            raise ImportError(souci)
    elif nom != "jupyterlab":  # s'il manquait, qui aurait ouvert ce carnet ?
        importlib.import_module({"pillow": "PIL"}.get(nom, nom.replace("-", "_")))


@cache
def _souci(nom):
    """Ce qui empêche de charger ``nom`` ; essayé à part, pour ne pas alourdir ce noyau de 200 Mio."""
    code = f"try:\n    {TORCH[nom]}\nexcept BaseException as erreur:\n    raise SystemExit(str(erreur))"
    ici = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    essai = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ici)
    return (essai.stderr or "il s'arrête net") if essai.returncode else ""


def _version(nom):
    """La version installée ; les restes sans version d'une installation coupée ne comptent pas."""
    for paquet in distributions(name=nom):
        with suppress(Exception):
            if version := paquet.version:
                return version.partition("+")[0]
    return None


def _court(erreur):
    lignes = str(erreur).strip().splitlines()
    return lignes[0].rstrip(" .") if lignes else type(erreur).__name__


class Verification(anywidget.AnyWidget):
    """Des phrases, et la dernière chronomètre l'aller-retour entre le noyau et le navigateur."""

    ALLERS = 5  # on en garde la médiane : le premier paie la mise en route
    LENT = 150  # millisecondes : au-delà, la main sent le retard

    _esm = """
    export default { render({ model, el }) {
        const dis = () => el.replaceChildren(...model.get("lignes").map(
            (ligne) => Object.assign(document.createElement("p"), { textContent: ligne })));
        model.on("change:lignes", dis);
        model.on("msg:custom", () => model.send("retour"));
        dis();
        model.send("pret");
    } };
    """
    lignes = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, constats: list[str]):
        super().__init__()
        self._constats, self._depart, self._durees = constats, 0.0, []
        self._dis("on attend sa réponse… Si cette ligne reste, recharge la page.")
        self.on_msg(lambda _, message, __: self._recoit(message))

    def _dis(self, phrase):
        self.lignes = [*self._constats, f"Le navigateur : {phrase}"]

    def _recoit(self, message):
        if message == "retour":
            self._durees.append(time.perf_counter() - self._depart)
        else:
            self._durees = []
        if len(self._durees) < self.ALLERS:
            self._depart = time.perf_counter()
            self.send("aller")
        elif len(self._durees) == self.ALLERS:
            self._dis(self._juge(1000 * np.median(self._durees)))

    def _juge(self, duree):
        if duree < self.LENT:
            return f"il répond en {max(1, duree):.0f} ms, les curseurs obéiront sous le doigt."
        return (
            f"il met {duree:.0f} ms à répondre, les images traîneront. Ferme les autres onglets et les "
            "autres carnets ; si le serveur est loin, lance plutôt les carnets ici, par lancer.py."
        )

    def _repr_mimebundle_(self, **options):
        fige = [*self._constats, f"Le navigateur : {SANS_NAVIGATEUR}"]
        html = "".join(f"<p>{escape(ligne)}</p>" for ligne in fige)
        vivant, *_ = super()._repr_mimebundle_(**options)
        return vivant | {"text/plain": "\n".join(fige), "text/html": html}


def verifie() -> Verification:
    """À afficher : tout est en place, ou ce qui ne l'est pas et quoi faire ; et le navigateur répond."""
    return Verification(constate())


def rapporte_mnist():
    """Télécharge MNIST s'il n'est pas déjà là, et dit ce que l'on a en main."""
    return f"Le chapitre 6 montrera : {donnees.mnist().origine}."
