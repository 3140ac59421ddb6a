"""Une cellule jouée seule dans un noyau neuf dit, en français, quoi presser ; lu par chaque noyau.

« name 'np' is not defined » ne dit rien à qui n'a pas écrit le carnet. Si une autre de ses cellules
donne ce nom, il suffit de la jouer ; sinon c'est une vraie faute, et l'erreur reste telle quelle.
"""


def _installe(ipython):
    import json
    import os
    import symtable
    from pathlib import Path

    def donne(source, nom):
        try:
            table = symtable.symtable(source, "cellule", "exec")
        except SyntaxError:  # une commande d'IPython, ou un brouillon
            return False
        trouves = [symbole for symbole in table.get_symbols() if symbole.get_name() == nom]
        return any(symbole.is_assigned() or symbole.is_imported() for symbole in trouves)

    def vient_d_une_autre_cellule(nom):
        carnet = json.loads(Path(os.environ["JPY_SESSION_NAME"]).read_text(encoding="utf-8"))
        sources = ["".join(c["source"]) for c in carnet["cells"] if c["cell_type"] == "code"]
        return any(donne(s, nom) for s in sources if s.strip() != ipython.user_ns["In"][-1].strip())

    def dis(ipython, genre, erreur, pile, tb_offset=None):
        lignes = ipython.InteractiveTB.structured_traceback(genre, erreur, pile, tb_offset=tb_offset)
        try:
            if genre is NameError and vient_d_une_autre_cellule(erreur.name):
                phrase = (
                    f"« {erreur.name} » vient d’une autre cellule, à jouer avant celle-ci. "
                    "Presse « ▶ Tout lancer », en haut du carnet.\n"
                )
                lignes = [phrase, lignes[-1]]
        except Exception as souci:  # pas de carnet, ou illisible : l'erreur toute nue
            ipython.log.debug("premier_secours : %r", souci)
        ipython._showtraceback(genre, erreur, lignes)
        return lignes

    ipython.set_custom_exc((NameError,), dis)


_installe(get_ipython())  # noqa: F821 (le noyau la donne)
del _installe
