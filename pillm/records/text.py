"""Text in comparable forms."""
import re
import unicodedata
from itertools import pairwise

MARKS = re.compile("[\u0300-\u036f]+")
WORDS = re.compile(r"[^\W_]+")


def collapsed(text: str) -> str:
    """The text with every run of white space as one space, and none around it."""
    if text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:  # the only printable one is a space
        return text
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """Its words and numbers without case, accents, ligatures and punctuation."""
    if text.isascii():
        return WORDS.findall(text.lower())
    return WORDS.findall(MARKS.sub("", unicodedata.normalize("NFKD", text).casefold()))


def pairs(words: list[str]) -> list[str]:
    """Each word with the next."""
    return [f"{one} {two}" for one, two in pairwise(words)]
