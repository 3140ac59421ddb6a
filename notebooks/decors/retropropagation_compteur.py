"""Le compteur du carnet 04 : les passages, le temps, et les pentes trouvées des deux façons."""

import math

import numpy as np
from demystifie import vue, vues

from .petits_reseaux import BANCS, RETRO, UN_PAR_UN, prevues

GRIS_FONCE = "#52606d"
PATIENCES = {"patient": dict(patience=60.0), "pressé": dict(patience=0.5)}


def dit_compteur(releves):
    """Les passages comptés, et le temps du plus grand réseau."""
    if not releves:
        return "Rien n’a encore été compté."
    r = releves[-1]
    faits, seconde = r["passages"], r["secondes"]
    tournes, tous = vues.nombre(faits[UN_PAR_UN]), vues.nombre(r["taille"] + 1)
    phrases = [
        f"{vues.nombre(r['taille'])} boutons.",
        f"Un par un : {tournes} passages faits sur {tous}.",
        f"Rétropropagation : {faits[RETRO]} passages.",
    ]
    if r["taille"] == max(BANCS):
        mesure = "mesuré" if r["tournes"] == r["taille"] else "prévu"
        phrases.append(f"Temps : {prevues(r):.2g} s ({mesure}) contre {1000 * seconde[RETRO]:.2g} ms.")
    return " ".join(phrases)


@vue(recit=dit_compteur, vitesse=math.inf)
def compteur(passages, secondes, gradients):
    """Les passages, le temps, et les deux gradients l'un contre l'autre."""
    passages.set(xlim=(5, 2e5), ylim=(0.7, 3e7), title="passages comptés")
    secondes.set(xlim=(5, 2e5), ylim=(5e-6, 500), title="temps mesuré")
    lignes = []
    for axe in (passages, secondes):
        axe.set(xscale="log", yscale="log", xlabel="boutons", xlim=(5, 2e5))
        axe.set_xticks([10, 1000, 1e5], ["10", "1 000", "100 000"])
        axe.minorticks_off()
        axe.grid(True)
        lignes.append(
            (
                axe.plot([], [], "o-", color=GRIS_FONCE, ms=12, label="un par un")[0],
                axe.plot([], [], "o", mec=GRIS_FONCE, mfc="white", mew=3, ms=14, label="prévu")[0],
                axe.plot([], [], "D--", color=vues.BLEU, ms=11, label="rétropropagation")[0],
            )
        )
    passages.set_yticks([1, 100, 1e4, 1e6], ["1", "100", "10 000", "1 million"])
    secondes.set_yticks([1e-5, 1e-3, 0.1, 10], ["0,01 ms", "1 ms", "0,1 s", "10 s"])
    passages.legend(loc="upper left")
    for echelle in (gradients.set_xscale, gradients.set_yscale):
        echelle("symlog", linthresh=0.01)  # les petites pentes se voient autant que les grandes
    gradients.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), xticks=[0], yticks=[0], title="les deux gradients")
    gradients.minorticks_off()
    gradients.plot([-1.6, 1.6], [-1.6, 1.6], color=vues.GRIS, lw=2, ls=":", label="pareil")
    gradients.legend(loc="lower right")
    gradients.set(xlabel="par rétropropagation", ylabel="un par un")
    gradients.grid(True)
    (pentes,) = gradients.plot([], [], "o", color=vues.VERT, ms=8, alpha=0.6)
    combien = gradients.text(0.04, 0.92, "", transform=gradients.transAxes, fontsize=15)

    def montre(releves):
        tailles = np.array([r["taille"] for r in releves])
        finis = np.array([r["tournes"] == r["taille"] for r in releves], bool)
        mesures = (
            ([r["taille"] + 1 for r in releves], [r["passages"][RETRO] for r in releves]),
            ([prevues(r) for r in releves], [r["secondes"][RETRO] for r in releves]),
        )
        for (faits, prevus, d_un_coup), (un_par_un, retro) in zip(lignes, mesures, strict=True):
            faits.set_data(tailles[finis], np.array(un_par_un)[finis])
            prevus.set_data(tailles[~finis], np.array(un_par_un)[~finis])
            d_un_coup.set_data(tailles, retro)
        trouvees = releves[-1]["pentes"] if releves else np.zeros((0, 2))
        pentes.set_data(*(trouvees / np.abs(trouvees).max(initial=1e-12)).T)
        combien.set_text(f"{len(trouvees)} pentes" if len(trouvees) else "")
        return lignes, pentes, combien

    return montre
