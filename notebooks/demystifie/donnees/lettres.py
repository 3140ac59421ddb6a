"""Les signes dont un nom est fait, et comment y ramener n'importe quel texte."""

import unicodedata

FIN = "\n"  # le signe qui finit un nom
LETTRES = FIN + " '-abcdefghijklmnopqrstuvwxyzàâçèéêëîïôûüÿœ"  # les 44 signes des noms de communes
LONGUEUR = 30  # lettres d'un nom, au plus

_AUTREMENT = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "‑": "-", "–": "-", "æ": "ae", "ß": "ss"})


def en_lettres(texte: str) -> str:
    """Le même texte, écrit avec les seuls ``LETTRES`` (sans ``FIN``), et long de ``LONGUEUR`` au plus.

    Les majuscules deviennent minuscules, un accent inconnu tombe (le ñ devient n), le reste est effacé,
    chiffres compris, et les espaces de trop avec.
    """
    compose = unicodedata.normalize("NFC", texte[: 8 * LONGUEUR]).lower().translate(_AUTREMENT)
    nus = (s if s in LETTRES else unicodedata.normalize("NFD", s)[0] for s in " ".join(compose.split()))
    connus = "".join(signe for signe in nus if signe in LETTRES)
    return " ".join(connus.split())[:LONGUEUR].strip()
