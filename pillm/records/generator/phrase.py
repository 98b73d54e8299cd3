"""The language of phrasings.

    (allume|ouvre|) la lumière          one of these
    {room}                              what the fragment `room` says
    {de room}                           the same after «de»: «du salon», «de la cuisine», «d'en haut»
    [title=souper avec {name}]          what is said inside is copied to the slot `title`
    {+room}                             a further call begins: like the one before, without its `room`
"""
import re
from collections import deque
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
    tokens = deque(TOKEN.findall(text))
    phrase = _sequence(tokens, f"{where}: phrase {text!r}")
    if tokens:
        raise DataError(f"{where}: {tokens[0]!r} is not opened in {text!r}. Write ( | ), {{name}} or [slot=words].")
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


def written(phrase: Phrase) -> str:
    """The text that a phrase was parsed from."""
    return "".join(_text(node) for node in phrase)


def _text(node: Node) -> str:
    if isinstance(node, Choice):
        return f"({'|'.join(written(option) for option in node.options)})"
    if isinstance(node, Named):
        return f"{{{' '.join(filter(None, (node.before, node.name)))}}}"
    if isinstance(node, Copied):
        return f"[{node.slot}={written(node.inside)}]"
    return f"{{+{' '.join(node.without)}}}" if isinstance(node, Further) else node


def _sequence(tokens: deque[str], where: str) -> Phrase:
    nodes: list[Node] = []
    while tokens and tokens[0] not in ("|", ")", "]"):
        nodes.append(_node(tokens, where))
    return tuple(nodes)


def _node(tokens: deque[str], where: str) -> Node:
    token = tokens.popleft()
    if token == "(":
        return _choice(tokens, where)
    if token.startswith("{"):
        return _reference(token[1:-1].split())
    if token.startswith("["):
        inside = _sequence(tokens, where)
        _close(tokens, "]", where)
        return Copied(token[1:-1], inside)
    return token


def _choice(tokens: deque[str], where: str) -> Choice:
    options = [_sequence(tokens, where)]
    while tokens and tokens[0] == "|":
        tokens.popleft()
        options.append(_sequence(tokens, where))
    _close(tokens, ")", where)
    return Choice(tuple(options))


def _close(tokens: deque[str], bracket: str, where: str) -> None:
    if not tokens or tokens.popleft() != bracket:
        raise DataError(f"{where}: a {bracket!r} is missing. Close every bracket.")


def _reference(words: list[str]) -> Node:
    if words and words[0].startswith("+"):
        return Further((words[0][1:], *words[1:]))
    return Named(words[-1] if words else "", " ".join(words[:-1]))
