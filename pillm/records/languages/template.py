"""Ways of saying, taken apart: words, and places for what is said of fields."""
import re
from collections.abc import Iterator
from itertools import product

from pillm.records.generator.phrase import Choice, Named, Phrase, parse
from pillm.records.languages.language import Piece, Place, Rest, Template

SPACES = re.compile(r"\s+")
REST = "..."
"""Where the parts of a node go that no place names."""


def templates(text: str, where: str) -> list[Template]:
    """All that a text with choices stands for; raises DataError where its brackets do not match."""
    return [_joined(flat) for flat in _flat(parse(text, where))]


def _flat(phrase: Phrase) -> Iterator[tuple[Piece, ...]]:
    """Every way through the choices; brackets without a choice are brackets."""
    options: list[list[tuple[Piece, ...]]] = []
    for node in phrase:
        if isinstance(node, Choice) and len(node.options) == 1:
            options.append([("(", *flat, ")") for flat in _flat(node.options[0])])
        elif isinstance(node, Choice):
            options.append([flat for option in node.options for flat in _flat(option)])
        elif isinstance(node, Named):
            options.append([(Place(*node.name.split(":", 1)),)])
        else:
            options.append([_texts(str(node))])
    return (tuple(piece for part in parts for piece in part) for parts in product(*options))


def _texts(text: str) -> tuple[Piece, ...]:
    before, found, after = text.partition(REST)
    pieces: list[Piece] = [before, Rest(), after] if found else [before]
    return tuple(piece for piece in pieces if piece != "")


def _joined(flat: tuple[Piece, ...]) -> Template:
    """Neighbouring texts are one, and white space is single."""
    joined: list[Piece] = []
    for piece in flat:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(SPACES.sub(" ", piece) if isinstance(piece, str) else piece for piece in joined)
