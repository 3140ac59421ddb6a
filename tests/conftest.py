"""De quoi entendre un essai sauté faute de navigateur."""


def pytest_terminal_summary(terminalreporter):
    sautes = terminalreporter.stats.get("skipped", [])
    if any("AUCUN NAVIGATEUR" in str(saute.longrepr) for saute in sautes):
        terminalreporter.section("ATTENTION", sep="!", red=True)
        terminalreporter.line("AUCUN NAVIGATEUR : les essais dans JupyterLab ont été sautés.")
