"""Installe les carnets à côté d'eux-mêmes, et les ouvre.

    python3 lancer.py            ouvre les carnets dans JupyterLab (installe d'abord, la première fois)
    python3 lancer.py tests      prépare les tests et les passe
    python3 lancer.py sorties    refait les images enregistrées dans les carnets

Ce fichier n'a besoin que de Python. Tout ce qu'il installe va dans le dossier .venv : le jeter suffit à
tout désinstaller. Il est écrit pour être lu aussi par un Python trop vieux, qui saura ainsi le dire.
"""

import hashlib
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import webbrowser
from pathlib import Path

DEPOT = Path(__file__).resolve().parent
VENV = DEPOT / ".venv"
JOURNAL = DEPOT / ".venv" / "installation.log"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PYTHON_MINIMAL = (3, 11)
PYTHON_MAXIMAL = (3, 14)  # au-delà, torch n'a pas encore de paquet tout prêt
PLACE = 3 * 1024**3  # octets : torch et JupyterLab, avec de la marge
TORCH_SANS_GPU = "https://download.pytorch.org/whl/cpu"
# Ce que pip dit de ce qui l'empêche, et ce qu'il faut en comprendre ; la première trouvée est la bonne.
CAUSES = [
    (r"No space left|Errno 28", "Il n'y a plus de place sur le disque : libères-en."),
    (
        r"407 Proxy|Proxy Authentication Required",
        "Le mandataire (proxy) de ce réseau veut un nom et un mot de passe : écris-les dans la variable "
        "HTTPS_PROXY (http://nom:secret@adresse:port), ou change de réseau.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|problem confirming the ssl certificate",
        "Le réseau présente un certificat inconnu (horloge fausse ? antivirus ou mandataire qui ouvre "
        "les connexions ?) : règle l'heure, nomme ce certificat dans la variable PIP_CERT, ou change de "
        "réseau.",
    ),
    (
        r"Windows Long Path|exceeding 255 characters",
        "Ce dossier est trop profond pour Windows : déplace-le en haut du disque, dans C:\\carnets.",
    ),
    (
        r"NewConnectionError|NameResolutionError|name resolution|getaddrinfo|ConnectTimeout|ReadTimeout"
        r"|Read timed out|ProxyError|ProtocolError|Connection reset",
        "Le réseau ne répond pas : vérifie la connexion, et la variable HTTPS_PROXY s'il faut un "
        "mandataire.",
    ),
    (
        r"Permission denied|Access is denied|WinError 5\b|WinError 32\b",
        "On ne peut pas écrire dans .venv : ferme les carnets ouverts, ou déplace ce dossier chez toi.",
    ),
]
SANS_ROUE = [  # où pip nomme le paquet qui n'est pas tout prêt ; le dernier : qu'il n'a pas su compiler
    r"No matching distribution found for ([\w.-]+)",
    r"no matching distributions available for your environment:\s+([\w.-]+)",
    r"Failed (?:to build '|building wheel for )([\w.-]+)",
    r"(?s).*(?:Collecting |Processing \S*/)([A-Za-z0-9_]+).*?subprocess-exited-with-error",
]
# Là où torch n'existe pas, celui-ci dit pourquoi à qui l'importe.
FAUX_TORCH = """
import pathlib, sys, sysconfig
for nom in ("torch", "torchvision"):
    faux = pathlib.Path(sysconfig.get_paths()["purelib"], nom + ".py")
    faux.write_text("raise ImportError({!r})\\n".format(sys.argv[1]), encoding="utf-8")
"""
ESSAIS = ["tests/test_*.py", "notebooks", "tests/hasard"]  # du plus vif au plus lent


class Empechement(Exception):  # noqa: N818
    """Ce qui empêche de continuer, en une phrase que l'on peut montrer."""


def verifie_python():
    """Refuse un Python trop vieux, avant d'avoir rien touché."""
    if sys.version_info < PYTHON_MINIMAL:
        raise Empechement(
            "Il faut Python {}.{} ou plus récent ; celui-ci est le {}.{}.".format(
                *(PYTHON_MINIMAL + tuple(sys.version_info[:2]))
            )
        )


def installe(*listes):
    """Installe les ``listes`` de paquets dans .venv, si ce n'est déjà fait.

    Les témoins ne sont écrits qu'à la fin : une installation coupée est reprise la fois suivante.
    """
    temoins = {VENV / ("complet-" + liste.replace("/", "-")): empreinte(liste) for liste in listes}
    if PYTHON.exists() and all(t.exists() and t.read_text() == e for t, e in temoins.items()):
        return
    if shutil.disk_usage(str(DEPOT)).free < PLACE and not any(temoin.exists() for temoin in temoins):
        raise Empechement("Il faut 3 Go libres sur ce disque pour installer les carnets.")
    print("Installation dans .venv (quelques minutes, une seule fois)…", flush=True)
    cree_venv()
    if "requirements.txt" in listes and profite_de_torch_sans_gpu():
        versions = [ligne for ligne in lignes("requirements.txt") if ligne.startswith("torch")]
        pip("--no-deps", "--retries", "0", "--timeout", "5", "--index-url", TORCH_SANS_GPU, *versions)
    arguments = [mot for liste in listes for mot in ("-r", str(DEPOT / liste))]
    if not pip(*arguments) and not se_passe_de_torch(listes):
        raise Empechement(pourquoi_pip_a_echoue())
    for temoin, contenu in temoins.items():
        temoin.write_text(contenu)


def empreinte(liste):
    """Ce qui, s'il change, demande de réinstaller : la liste, et le Python qui installe."""
    return hashlib.sha256(sys.version.encode() + (DEPOT / liste).read_bytes()).hexdigest()


def cree_venv():
    """Crée .venv ; le refait s'il est resté à moitié fait."""
    if PYTHON.exists() and appelle(PYTHON, "-m", "pip", "--version") == 0:
        return
    shutil.rmtree(str(VENV), ignore_errors=True)
    VENV.mkdir(exist_ok=True)
    if appelle(sys.executable, "-m", "venv", "--clear", VENV) != 0:
        shutil.rmtree(str(VENV), ignore_errors=True)
        raise Empechement(
            "Python n'a pas pu créer le dossier .venv : sur Debian ou Ubuntu, installe le paquet "
            "python3-venv ; ailleurs, vérifie que l'on peut écrire ici et que le disque n'est pas plein."
        )


def pip(*arguments):
    """Installe sans rien afficher ; rend vrai si tout va bien, et garde le journal."""
    return appelle(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *arguments) == 0


def appelle(*commande):
    """Lance une commande muette ; sa sortie s'ajoute au journal de l'installation."""
    commande = [str(mot) for mot in commande]
    sortie = subprocess.run(commande, cwd=str(DEPOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if JOURNAL.parent.exists():
        with JOURNAL.open("ab") as journal:
            journal.write((" ".join(commande) + "\n").encode("utf-8") + sortie.stdout)
    return sortie.returncode


def profite_de_torch_sans_gpu():
    """Vrai sur un Linux sans carte NVIDIA : le torch ordinaire y pèserait 5 Go pour rien."""
    return sys.platform.startswith("linux") and not (
        shutil.which("nvidia-smi") or Path("/proc/driver/nvidia").exists()
    )


def lignes(liste):
    """Les paquets d'une liste, sans les commentaires."""
    texte = (DEPOT / liste).read_text(encoding="utf-8").splitlines()
    return [ligne.strip() for ligne in texte if ligne.strip() and not ligne.startswith("#")]


def dernier_journal():
    """Ce que le dernier appel à pip a dit."""
    texte = JOURNAL.read_text(encoding="utf-8", errors="replace")
    return texte.rpartition(" -m pip install ")[2]


def empeche(journal):
    """Ce qui a empêché pip d'aller chercher ou d'écrire ; ``None`` si ce n'est pas cela."""
    if "No matching distribution found for " in journal:  # seul compte ce qui est arrivé à ce paquet
        page = "/{}/".format(re.sub(r"[-_.]+", "-", sans_roue(journal) or "").lower())
        journal = "\n".join(ligne for ligne in journal.splitlines() if page in ligne)
    return next((phrase for motif, phrase in CAUSES if re.search(motif, journal)), None)


def sans_roue(journal):
    """Le paquet qui n'existe pas tout prêt pour cette machine ou ce Python, ou ``None``."""
    trouves = (re.search(motif, journal) for motif in SANS_ROUE)
    return next((trouve.group(1) for trouve in trouves if trouve), None)


def pourquoi_sans_roue():
    """Pourquoi un paquet n'existe pas ici, et quoi faire."""
    version = "{}.{}".format(*sys.version_info[:2])
    verifiee = "{}.{}".format(*PYTHON_MAXIMAL)
    if sys.version_info[:2] > PYTHON_MAXIMAL:
        return f"Python {version} est trop récent : installe Python {verifiee}, et relance avec lui"
    if struct.calcsize("P") < 8:
        return "ce Python est en 32 bits : installe Python en 64 bits, et relance avec lui"
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        return (
            "depuis torch 2.2, rien pour un Mac à processeur Intel : prends Binder, ou une autre machine"
        )
    machine = f"{platform.system()} {platform.machine()}, Python {version}"
    return f"rien n'est prêt pour cette machine ({machine}) : prends Binder, ou une autre machine"


def se_passe_de_torch(listes):
    """S'il ne manque que torch, installe le reste : 00 à 05 marchent, les autres diront pourquoi."""
    journal = dernier_journal()
    if empeche(journal) or sans_roue(journal) not in ("torch", "torchvision"):
        return False
    if not pip(*[ligne for liste in listes for ligne in lignes(liste) if not ligne.startswith("torch")]):
        return False
    phrase = (
        f"Les carnets 00 à 05 marchent ici, les suivants non, faute de torch : {pourquoi_sans_roue()}."
    )
    print(phrase, flush=True)
    return appelle(PYTHON, "-c", FAUX_TORCH, phrase) == 0


def pourquoi_pip_a_echoue():
    """Traduit en une phrase ce qui a empêché pip, et donne le remède."""
    journal = dernier_journal()
    raison, paquet = empeche(journal), sans_roue(journal)
    if not raison and paquet:
        raison = f"Le paquet « {paquet} » manque : {pourquoi_sans_roue()}."
    raison = raison or "Un paquet n'a pas pu être installé."
    return raison + " Relance la même commande : l'installation reprendra. Détails : " + str(JOURNAL)


def ouvre(arguments):
    """Ouvre JupyterLab, en français, sur l'accueil."""
    environnement = dict(os.environ)
    reglages = [str(DEPOT / "binder" / "jupyter"), environnement.get("JUPYTER_CONFIG_PATH", "")]
    environnement["JUPYTER_CONFIG_PATH"] = os.pathsep.join(chemin for chemin in reglages if chemin)
    commande = [str(PYTHON), "-m", "jupyterlab", "--ServerApp.root_dir=" + str(DEPOT)]
    # L'adresse elle-même, pas un fichier qui y mène : un navigateur en bac à sable (Snap) ou d'à côté
    # (WSL) ne saurait pas le lire.
    commande.append("--ServerApp.use_redirect_file=False")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        commande.append("--allow-root")
    if a_un_navigateur():
        print("JupyterLab s'ouvre dans le navigateur. Pour arrêter : Ctrl+C ici, deux fois.", flush=True)
    else:
        print(
            "Aucun navigateur ici : ouvre dans le tien l'adresse que JupyterLab va donner.", flush=True
        )
        commande.append("--no-browser")
    print(
        "Dans un carnet : « Tout lancer », en haut, puis « Jouer » ; Maj+Entrée pour une seule cellule."
    )
    sys.stdout.flush()
    return subprocess.call(commande + arguments, env=environnement, cwd=str(DEPOT))


def a_un_navigateur():
    """Vrai si Python sait ouvrir une page sur cette machine."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def teste(arguments):
    """Trouve un navigateur, puis passe tous les essais, ou ceux qu'on nomme."""
    subprocess.call([str(PYTHON), "tests/labo.py", "navigateur"], cwd=str(DEPOT))
    commande = [str(PYTHON), "-m", "pytest"]
    if arguments:
        return subprocess.call(commande + arguments, cwd=str(DEPOT))
    essais = [str(c.relative_to(DEPOT)) for essai in ESSAIS for c in sorted(DEPOT.glob(essai))]
    # Le navigateur attend plus qu'il ne calcule : il passe en même temps que tout le reste.
    a_cote = [*commande, "-vv", "tests/navigateur"]
    with subprocess.Popen(a_cote, cwd=str(DEPOT), stdout=subprocess.PIPE) as navigateur:
        code = subprocess.call(commande + essais, cwd=str(DEPOT))
        print("\nPendant ce temps, dans le navigateur :", flush=True)
        sys.stdout.buffer.write(navigateur.communicate()[0])
    return code or navigateur.returncode


def main(arguments):
    """Installe ce qu'il faut, puis ouvre, teste ou refait."""
    verifie_python()
    action = arguments[0] if arguments and not arguments[0].startswith("-") else "ouvre"
    if action == "ouvre":
        installe("requirements.txt")
        return ouvre(arguments)
    if action not in ("tests", "sorties"):
        raise Empechement(f"« {action} » : je connais « tests », « sorties », ou rien du tout.")
    installe("requirements.txt", "tests/requirements.txt")
    if action == "tests":
        return teste(arguments[1:])
    return subprocess.call([str(PYTHON), "tests/sorties.py", *arguments[1:]], cwd=str(DEPOT))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Empechement as empechement:
        sys.exit(str(empechement))
    except KeyboardInterrupt:
        sys.exit(130)
