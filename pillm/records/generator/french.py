"""What stands before a noun or a clause: articles and prepositions, with their contractions and elisions."""
import re
from collections.abc import Callable
from random import Random

OPEN = re.compile(r"[aàâeéèêëiîïoôuùûœh]|y(?![aàâeéèêëiîïoôuùûœ])|yeux", re.IGNORECASE)
"""How a word starts that elides the one before: «l'été», «l'hiver», «d'Yvon»; not «le yoga»."""
WORD = re.compile(r"[^\W\d_]+")
APART = frozenset((
    "onze", "onzième", "oui", "ouistiti", "hache", "hachette", "hachis", "haddock", "haie", "haine", "hall",
    "halte", "hamac", "hamburger", "hampe", "hamster", "hanche", "hand", "handball", "handicap", "hangar",
    "hanneton", "hareng", "hargne", "haricot", "harnais", "harpe", "hasard", "hausse", "haut", "haute", "hauteur",
    "havre", "hayon", "hernie", "héron", "héros", "herse", "hibou", "hic", "hideux", "hiérarchie", "hip", "hippie",
    "hit", "hobby", "hochet", "hockey", "hockeyeur", "holding", "homard", "honte", "hoodie", "hoquet", "hors",
    "hot", "hotte", "houblon", "houe", "houle", "houmous", "housse", "houx", "hublot", "huche", "huée", "huit",
    "huitaine", "huitième", "hurlement", "hutte", "habs", "hamilton", "hampstead", "hampton", "hatley", "havane",
    "hawkesbury", "hemmingford", "hollande", "hollywood", "hongrie", "hongrois", "hudson", "hull", "huntingdon",
))
"""What starts with a vowel or an h and elides nothing: aspirated h, mostly; any other h is mute."""
QUE_BEFORE = re.compile(r"\b((?:puis|lors|quoi|jus)?qu)e *$", re.IGNORECASE)
QUE = re.compile(r"\b((?:puis|lors|quoi|jus)?qu)e +(?=(\S+))", re.IGNORECASE)
"""«que» alone or in a conjunction: at the end of a text, and with the word after it."""
Before = tuple[str, int]
"""(what is said before, how many letters of the noun's own article it replaces)."""


def de(head: str, feminine: bool, rng: Random) -> Before:
    return _contracted(head, "du ", "des ") or ("d'" if elides(head) else "de ", 0)


def a(head: str, feminine: bool, rng: Random) -> Before:
    return _contracted(head, "au ", "aux ") or ("à ", 0)


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


def elides(head: str) -> bool:
    """Whether «le», «de» and «que» lose their vowel before it."""
    if not OPEN.match(head):
        return False
    word = WORD.match(head.lower())
    return word is None or not {word[0], word[0].rstrip("sx")} & APART


def elided(text: str) -> str:
    """With «que», «puisque», «lorsque» and the like joined to a vowel that follows: «parce qu'on»."""
    if "ue " not in text:
        return text
    return QUE.sub(lambda found: f"{found[1]}'" if elides(found[2]) else found[0], text)


def _contracted(head: str, singular: str, plural: str) -> Before | None:
    """One word with the noun's own «le» or «les»."""
    return next(((said, len(own)) for own, said in (("le ", singular), ("les ", plural)) if head.startswith(own)), None)


BEFORE: dict[str, Callable[[str, bool, Random], Before]] = {
    "de": de, "à": a, "que": que, "dans": dans, "le": le, "un": un, "mon": mon,
}
