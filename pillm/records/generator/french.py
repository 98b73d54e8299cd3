"""What stands before a noun or a clause: articles and prepositions, with their contractions and elisions."""
from collections.abc import Callable
from random import Random

VOWELS = frozenset("aàâeéèêëiîïoôuùûœAÀÂEÉÈÊËIÎÏOÔUÙÛŒ")
Before = tuple[str, int]
"""(what is said before, how many letters of the noun's own article it replaces)."""


def elides(head: str) -> bool:
    return head[:1] in VOWELS or head.startswith(("y ", "y'"))


def de(head: str, feminine: bool, rng: Random) -> Before:
    for article, contracted in (("le ", "du "), ("les ", "des ")):
        if head.startswith(article):
            return contracted, len(article)
    return ("d'" if elides(head) else "de "), 0


def a(head: str, feminine: bool, rng: Random) -> Before:
    for article, contracted in (("le ", "au "), ("les ", "aux ")):
        if head.startswith(article):
            return contracted, len(article)
    return "à ", 0


def que(head: str, feminine: bool, rng: Random) -> Before:
    return ("qu'" if elides(head) else "que "), 0


def dans(head: str, feminine: bool, rng: Random) -> Before:
    """Spoken: «dans l'salon», «dans cuisine», «au salon» as well as «dans le salon»."""
    if rng.random() < 0.3:
        if head.startswith("le "):
            return rng.choice(("au ", "dans l'", "dans l'")), 3
        if head.startswith("la "):
            return rng.choice((("dans ", 3), ("à la ", 3), ("dans 'a ", 3)))
    return "dans ", 0


def le(head: str, feminine: bool, rng: Random) -> Before:
    return ("l'" if elides(head) else "la " if feminine else "le "), 0


def un(head: str, feminine: bool, rng: Random) -> Before:
    return ("une " if feminine else "un "), 0


def mon(head: str, feminine: bool, rng: Random) -> Before:
    return ("ma " if feminine and not elides(head) else "mon "), 0


BEFORE: dict[str, Callable[[str, bool, Random], Before]] = {
    "de": de, "à": a, "que": que, "dans": dans, "le": le, "un": un, "mon": mon,
}
