"""Ways of saying: words with places for what is said of fields, and the tokens that are read back."""
import re
from typing import NamedTuple

TOKEN = re.compile(r'"[^"]*"|[^\W_][\w]*(?:[-./:\'’][^\W_]\w*)*|[^\s\w]|_')
"""A quoted text, a word, number, date or code, or a mark."""


class Place(NamedTuple):
    """Where a field is said; in brackets unless it is of the group."""

    field: str
    group: str = ""


class Rest(NamedTuple):
    """Where parts are said, in any order."""


Piece = str | Place | Rest
Template = tuple[Piece, ...]
"""Texts as they are written, spaces included, and places."""


def tokens(text: str) -> list[str]:
    """What is compared: words in small letters, quoted texts as they are."""
    return [found if found.startswith('"') else found.lower() for found in TOKEN.findall(text)]
