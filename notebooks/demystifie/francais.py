"""Écrire pour un humain : les nombres à la française, et le nom de chaque bouton."""

import re

# Un identifiant n'a pas d'accent, un écran en a : les mots des réglages et des figures qui en demandent.
ACCENTS = {
    "a": "à", "age": "âge", "annee": "année", "cote": "côté", "debut": "début",
    "decoupage": "découpage", "deja": "déjà", "depart": "départ", "detecteurs": "détecteurs",
    "echanges": "échanges", "eleve": "élève", "francaise": "française", "ilots": "îlots",
    "lecon": "leçon", "lecons": "leçons", "memoire": "mémoire", "numero": "numéro",
    "premiere": "première", "premieres": "premières", "region": "région", "reponses": "réponses",
    "reseau": "réseau", "tamponnee": "tamponnée", "varies": "variés", "vise": "visé",
}  # fmt: skip
LIEUX = {
    "anneau": "l’anneau", "carte": "la carte", "gros_plan": "le gros plan",
    "minutes": "les cinq minutes", "photo": "la photo", "reseau": "le réseau", "vitrine": "la vitrine",
}  # fmt: skip


def virgules(texte: str) -> str:
    """Écrit les nombres à la française : « 0,5 », « −2 » et « 0 » pour « 0.5 », « -2 » et « -0 »."""
    texte = re.sub(r"(?<![\w,.)])-(?=0(\.0+)?(?!\.?\d))", "", texte)
    texte = re.sub(r"(?<=\d)\.(?=\d)", ",", texte)
    return re.sub(r"(?<![\w,.)])-(?=\d)", "−", texte)


def insecables(texte: str) -> str:
    """Une phrase qu'un bord d'écran ne coupera pas entre « 12 » et « % », ni avant un « ; »."""
    return re.sub(r" (?=[%:;!?»])|(?<=«) ", "\u00a0", texte)


def nombre(valeur: float) -> str:
    """Un nombre pour un humain : « 0,05 », « 1 797 » (espace fine insécable), « −2 »."""
    if abs(valeur) >= 1000:
        return virgules(f"{valeur:,.0f}".replace(",", "\u202f"))
    return virgules(f"{valeur:.4g}")


def etiquette(nom: str) -> str:
    """Le nom d'un réglage, tel qu'il se lit : « exercices variés » pour ``exercices_varies``."""
    return " ".join(ACCENTS.get(mot, mot) for mot in nom.split("_"))


def lieu(axe: str) -> str:
    """Le nom d'une figure, précédé de son article : « la carte » pour ``carte``."""
    return LIEUX.get(axe, f"la figure « {etiquette(axe)} »")
