"""The language of phrasings.

    (allume|ouvre|) la lumière          one of these
    {room}                              what the fragment `room` says
    {de room}                           the same after «de»: «du salon», «de la cuisine», «d'en haut»
    [title=souper avec {name}]          what is said inside is copied to the slot `title`
    {+room}                             a further call begins: like the one before, without its `room`
"""
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pillm.errors import DataError

TOKEN = re.compile(r"\(|\)|\||\]|\[\w+=|\{[^{}]*\}|[^()|\[\]{}]+|.", re.DOTALL)


@dataclass(frozen=True)
class Choice:
    options: tuple["Phrase", ...]


@dataclass(frozen=True)
class Named:
    """What a fragment says, after a preposition or article if `before` names one."""

    name: str
    before: str = ""


@dataclass(frozen=True)
class Copied:
    slot: str
    inside: "Phrase"


@dataclass(frozen=True)
class Further:
    without: tuple[str, ...]


Node = str | Choice | Named | Copied | Further
Phrase = tuple[Node, ...]


def parse(text: str, where: str) -> Phrase:
    """Raises DataError where brackets do not match."""
    tokens = TOKEN.findall(text)
    phrase, rest = _sequence(tokens, 0)
    if rest < len(tokens):
        raise DataError(f"{where}: {tokens[rest]!r} is not opened in {text!r}. Write ( | ), {{name}} or [slot=words].")
    return phrase


def names(phrase: Phrase) -> Iterator[Named]:
    """Every fragment that the phrase refers to."""
    for node in phrase:
        if isinstance(node, Named):
            yield node
        elif isinstance(node, Copied):
            yield from names(node.inside)
        elif isinstance(node, Choice):
            for option in node.options:
                yield from names(option)


def _sequence(tokens: list[str], at: int) -> tuple[Phrase, int]:
    nodes: list[Node] = []
    while at < len(tokens) and tokens[at] not in ("|", ")", "]"):
        node, at = _node(tokens, at)
        nodes.append(node)
    return tuple(nodes), at


def _node(tokens: list[str], at: int) -> tuple[Node, int]:
    token = tokens[at]
    if token == "(":
        return _choice(tokens, at + 1)
    if token.startswith("{"):
        return _reference(token[1:-1].split()), at + 1
    if token.startswith("["):
        inside, end = _sequence(tokens, at + 1)
        return Copied(token[1:-1], inside), _closed(tokens, end, "]")
    return token, at + 1


def _choice(tokens: list[str], at: int) -> tuple[Node, int]:
    options = []
    while True:
        option, at = _sequence(tokens, at)
        options.append(option)
        if at == len(tokens) or tokens[at] != "|":
            return Choice(tuple(options)), _closed(tokens, at, ")")
        at += 1


def _closed(tokens: list[str], at: int, bracket: str) -> int:
    if at == len(tokens) or tokens[at] != bracket:
        raise DataError(f"phrasing {''.join(tokens)!r}: a {bracket!r} is missing. Close every bracket.")
    return at + 1


def _reference(words: list[str]) -> Node:
    if words and words[0].startswith("+"):
        return Further((words[0][1:], *words[1:]))
    return Named(words[-1] if words else "", " ".join(words[:-1]))
