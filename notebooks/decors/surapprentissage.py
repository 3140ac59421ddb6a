"""Le décor du carnet 05 : des chats, des chiens, leurs siestes, un tiroir et six fautes du maître.

Un module par moment du carnet ; celui-ci les réunit.
"""

from decors.surapprentissage_astuces import (
    ASTUCES,
    DIT,
    astuces,
    cache_un_carre,
    deux_courbes,
    enneige,
    interroge,
    varie,
)
from decors.surapprentissage_eleve import (
    ATTENDUS,
    EXERCICES,
    TIROIR,
    TOUS,
    Eleve,
    chat_ou_chien,
    papier,
    partout,
    pose,
    sur_l_herbe,
)
from decors.surapprentissage_regard import ELEVES, NOMS, exerce, fondu, regard, sans_un_carre
from decors.surapprentissage_sieste import au_plus_pres, des_chats, ondes, sieste

__all__ = [
    "ASTUCES", "ATTENDUS", "DIT", "ELEVES", "EXERCICES", "NOMS", "TIROIR", "TOUS", "Eleve",
    "astuces", "au_plus_pres", "cache_un_carre", "chat_ou_chien", "des_chats",
    "deux_courbes", "enneige", "exerce", "fondu", "interroge", "ondes", "papier", "partout", "pose",
    "regard", "sans_un_carre", "sieste", "sur_l_herbe", "varie",
]  # fmt: skip
