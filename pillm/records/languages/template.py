"""Ways of saying, taken apart: words, and places for what is said of fields."""
import re
from collections.abc import Iterator
from itertools import product

from pillm.records.generator.phrase import Choice, Named, Phrase, parse
from pillm.records.languages.language import Count, Piece, Place, Rest, Template

SPACES = re.compile(r"\s+")
REST = re.compile(r"(,\s*)?\.\.\.")
"""Where the parts of a node go that no place names: `...`, or `, ...` with a comma before each."""


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
            options.append([(_place(f"{node.before} {node.name}".strip()),)])
        else:
            options.append([_texts(str(node))])
    return (tuple(piece for part in parts for piece in part) for parts in product(*options))


def _place(text: str) -> Place | Count:
    """`{field}`, `{field:group}`, or words for one of a list and for several: `{field#child is#children are}`."""
    field, *numbers = text.split("#")
    return Count(field, *numbers) if len(numbers) == 2 else Place(*text.split(":", 1))


def _texts(text: str) -> tuple[Piece, ...]:
    found = REST.search(text)
    pieces: list[Piece] = [text[:found.start()], Rest(bool(found[1])), text[found.end():]] if found else [text]
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
