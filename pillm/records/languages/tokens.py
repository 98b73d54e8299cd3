"""The tokens that requests are compared by."""
import re

TOKEN = re.compile(r'"[^"]*"|[^\W_][\w]*(?:[-./:\'’][^\W_]\w*)*|[^\s\w]|_')
"""A quoted text, a word, number, date or code, or a mark."""


def tokens(text: str) -> list[str]:
    """Words in small letters, quoted texts as they are."""
    return [found if found.startswith('"') else found.lower() for found in TOKEN.findall(text)]
