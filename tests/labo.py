"""Un vrai JupyterLab dans un vrai navigateur, pour les tests, les mesures et les photos.

python tests/labo.py notebooks/03_sgd.ipynb dossier/    photographie chaque cellule du carnet
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

DEPOT = Path(__file__).resolve().parents[1]
CONFIGURATION = DEPOT / "binder" / "jupyter"
NAVIGATEURS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
               "msedge", "microsoft-edge"]  # fmt: skip
AILLEURS = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
]
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
           "--disable-background-networking", "--disable-component-update"]  # fmt: skip

FAUTES = ", ".join(
    f".jp-Notebook {faute}"
    for faute in (
        '[data-mime-type="application/vnd.jupyter.stderr"]',
        '[data-mime-type="application/vnd.jupyter.error"]',
        ".demystifie-erreur:not(:empty)",
        ".jupyter-widgets-error-widget",
    )
)


def chemin_du_navigateur() -> str | None:
    """Un Chromium, Chrome ou Edge déjà installé, ou celui de Playwright ; ``None`` s'il n'y en a pas."""
    from playwright.sync_api import sync_playwright

    trouves = [shutil.which(nom) for nom in NAVIGATEURS] + [c for c in AILLEURS if Path(c).exists()]
    with sync_playwright() as playwright:
        propre = playwright.chromium.executable_path
    return next((chemin for chemin in [*trouves, propre] if chemin and Path(chemin).exists()), None)


def assure_navigateur() -> str | None:
    """Trouve un navigateur, ou l'installe : par apt-get si l'on est root, sinon par Playwright."""
    if chemin := chemin_du_navigateur():
        return chemin
    tentatives = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        tentatives.insert(0, ["sh", "-c", "apt-get update -qq && apt-get install -y -qq chromium"])
    for tentative in tentatives:
        print(f"Pas de navigateur : {' '.join(tentative)}", flush=True)
        subprocess.run(
            tentative, capture_output=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        )
        if chemin := chemin_du_navigateur():
            return chemin
    print("AUCUN NAVIGATEUR : les essais dans JupyterLab seront sautés, les autres non.", flush=True)
    return None


def copie_du_depot(copie: Path) -> Path:
    """Copie les carnets et leurs données dans ``copie``, et la rend : le dépôt, lui, reste propre."""
    for nom in ("notebooks", "data"):
        ignores = shutil.ignore_patterns("MNIST", "__pycache__")
        shutil.copytree(DEPOT / nom, copie / nom, ignore=ignores)
    shutil.copy(DEPOT / "requirements.txt", copie)
    return copie


@contextlib.contextmanager
def serveur(dossier: Path = DEPOT, reglages: Path = CONFIGURATION):
    """Démarre JupyterLab sur ``dossier`` et rend son adresse et son jeton ; l'arrête à la fin."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port = prise.getsockname()[1]
    jeton = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as temporaire:
        environnement = os.environ | {
            "JUPYTER_CONFIG_PATH": str(reglages),
            "JUPYTER_CONFIG_DIR": temporaire,
            "JUPYTER_DATA_DIR": temporaire,
            "JUPYTER_RUNTIME_DIR": temporaire,
        }
        commande = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}",
                    "--port-retries=0", "--ip=127.0.0.1", f"--IdentityProvider.token={jeton}",
                    f"--ServerApp.root_dir={dossier}",
                    "--LabApp.expose_app_in_browser=True"]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            commande.append("--allow-root")
        journal = Path(temporaire) / "journal.txt"
        with journal.open("w") as sortie:
            processus = subprocess.Popen(
                commande, env=environnement, cwd=dossier, stdout=sortie, stderr=subprocess.STDOUT
            )
        try:
            adresse = f"http://127.0.0.1:{port}"
            for _ in range(240):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{adresse}/api", timeout=1).close()
                    break
                if processus.poll() is not None:
                    raise RuntimeError(f"JupyterLab n'a pas démarré :\n{journal.read_text()}")
                time.sleep(0.25)
            yield adresse, jeton
        finally:
            processus.terminate()
            try:
                processus.wait(1)
            except subprocess.TimeoutExpired:  # il attend ses noyaux, qui s'arrêteront bien sans lui
                processus.kill()


@contextlib.contextmanager
def navigateur(**options):
    """Un navigateur sans écran, piloté par Playwright."""
    from playwright.sync_api import sync_playwright

    chemin = chemin_du_navigateur()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chemin, args=OPTIONS, **options)
        try:
            yield chromium
        finally:
            chromium.close()


def ouvre(page, adresse: str, jeton: str, carnet: str) -> None:
    """Ouvre ``carnet`` dans un espace propre et attend son noyau."""
    espace = secrets.token_hex(4)
    page.goto(f"{adresse}/lab/workspaces/{espace}/tree/{carnet}?reset&token={jeton}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
    attends_le_noyau(page)


def attends_le_noyau(page, delai: int = 120) -> None:
    """Attend que le noyau ne fasse plus rien (une scène qui joue ne l'occupe pas)."""
    page.wait_for_function(
        """() => {
            const noyau = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
            return noyau?.connectionStatus === "connected" && noyau.status === "idle";
        }""",
        timeout=delai * 1000,
    )


def execute_tout(page, delai: int = 180) -> None:
    """Exécute toutes les cellules et attend la dernière."""
    page.evaluate(
        """() => {
            window.fini = false;
            const fin = () => { window.fini = true };
            window.jupyterapp.commands.execute("notebook:run-all-cells").then(fin, fin);
        }"""
    )
    page.wait_for_function("() => window.fini", timeout=delai * 1000)
    if erreurs(page):
        raise AssertionError("\n".join(erreurs(page)))
    page.wait_for_timeout(800)


def dans_la_page(page, fonction: str, argument=None, delai: int = 60):
    """Appelle ``fonction`` dans la page et rend ce que tient sa promesse.

    ``page.evaluate`` seul attendrait pour toujours un noyau mort ; ici, après ``delai`` secondes, c'est
    une faute.
    """
    return page.evaluate(
        """([fonction, argument, delai]) => Promise.race([
            eval(fonction)(argument),
            new Promise((_, refuse) => setTimeout(
                () => refuse(new Error(`rien au bout de ${delai} s : ${fonction}`)), delai * 1000)),
        ])""",
        [fonction, argument, delai],
    )


def demande(page, code: str, delai: int = 60) -> str:
    """Exécute ``code`` dans le noyau du carnet ouvert et rend ce qu'il imprime."""
    return dans_la_page(
        page,
        """async code => {
            const noyau = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const futur = noyau.requestExecute({code, store_history: false});
            let texte = '';
            futur.onIOPub = m => { if (m.header.msg_type === 'stream') texte += m.content.text; };
            await futur.done;
            return texte;
        }""",
        code,
        delai,
    )


def commande(page, nom: str) -> None:
    """Fait faire à JupyterLab sa commande ``nom``, et attend qu'elle soit faite."""
    dans_la_page(page, "nom => window.jupyterapp.commands.execute(nom).then(() => {})", nom)


def erreurs(page) -> list[str]:
    """Tout ce qui, dans le carnet, ressemble à une erreur : pile d'appels, avertissement, scène."""
    return page.evaluate(
        "fautes => [...document.querySelectorAll(fautes)].map(e => e.textContent.trim())", FAUTES
    )


def photographie(carnet: str, dossier: Path, largeur: int = 1500, hauteur: int = 1000) -> None:
    """Exécute ``carnet`` et enregistre une image par cellule, et chaque scène après cinq secondes."""
    dossier.mkdir(parents=True, exist_ok=True)
    with serveur() as (adresse, jeton), navigateur() as chromium:
        page = chromium.new_page(viewport={"width": largeur, "height": hauteur})
        ouvre(page, adresse, jeton, carnet)
        execute_tout(page)
        for i, cellule in enumerate(page.locator(".jp-Notebook .jp-Cell").all()):
            cellule.scroll_into_view_if_needed()
            page.wait_for_timeout(300)
            cellule.screenshot(path=dossier / f"{i:02d}.png")
        for i, scene in enumerate(page.locator(".demystifie-scene").all()):
            joue = scene.locator(".demystifie-joue")
            if joue.count():
                scene.scroll_into_view_if_needed()
                joue.click()
                page.wait_for_timeout(5000)
                scene.screenshot(path=dossier / f"scene_{i:02d}_5s.png")
                if "Pause" in joue.inner_text():
                    joue.click()


if __name__ == "__main__":
    if sys.argv[1:] == ["navigateur"]:
        assure_navigateur()
    else:
        photographie(sys.argv[1], Path(sys.argv[2]))
