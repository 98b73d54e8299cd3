"""What stands before a noun or a clause: articles and prepositions, with their contractions and elisions."""
from collections.abc import Callable
from random import Random

VOWELS = frozenset("aàâeéèêëiîïoôuùûœAÀÂEÉÈÊËIÎÏOÔUÙÛŒ")
Before = tuple[str, int]
"""(what is said before, how many letters of the noun's own article it replaces)."""


def de(head: str, feminine: bool, rng: Random) -> Before:
    return _contracted(head, "du ", "des ") or ("d'" if _elides(head) else "de ", 0)


def a(head: str, feminine: bool, rng: Random) -> Before:
    return _contracted(head, "au ", "aux ") or ("à ", 0)


def que(head: str, feminine: bool, rng: Random) -> Before:
    return ("qu'" if _elides(head) else "que "), 0


def dans(head: str, feminine: bool, rng: Random) -> Before:
    """Spoken: «dans l'salon», «dans cuisine», «au salon» as well as «dans le salon»."""
    if rng.random() < 0.3:
        if head.startswith("le "):
            return rng.choice(("au ", "dans l'", "dans l'")), 3
        if head.startswith("la "):
            return rng.choice((("dans ", 3), ("à la ", 3), ("dans 'a ", 3)))
    return "dans ", 0


def le(head: str, feminine: bool, rng: Random) -> Before:
    return ("l'" if _elides(head) else "la " if feminine else "le "), 0


def un(head: str, feminine: bool, rng: Random) -> Before:
    return ("une " if feminine else "un "), 0


def mon(head: str, feminine: bool, rng: Random) -> Before:
    return ("ma " if feminine and not _elides(head) else "mon "), 0


def _elides(head: str) -> bool:
    return head[:1] in VOWELS or head.startswith(("y ", "y'"))


def _contracted(head: str, singular: str, plural: str) -> Before | None:
    """One word with the noun's own «le» or «les»."""
    return next(((said, len(own)) for own, said in (("le ", singular), ("les ", plural)) if head.startswith(own)), None)


BEFORE: dict[str, Callable[[str, bool, Random], Before]] = {
    "de": de, "à": a, "que": que, "dans": dans, "le": le, "un": un, "mon": mon,
}
