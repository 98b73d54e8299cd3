"""How people write: openers, asides, spoken spellings, typing mistakes, no capitals, no accents.

Every piece is changed on its own, so a copied slot stays the words as they stand in the request.
"""
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import BaseModel, ConfigDict

LIKELY = "aeioutnrsl"
SHORTEST_MISTYPED = 4
NEXT_SENTENCE = re.compile(r"((?:[^\s.,A-Z]|[A-Z]{2}) ?[.!?] +)([^\W\d_])")
"""«M. Roy» begins none."""
LOOKED_BACK = 6
"""Letters of what was said before a piece: enough for the end of a sentence."""


class Noise(BaseModel):
    """The shares are those of requests that are noisy at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    openers: list[str]
    opener_share: float
    closers: list[str]
    closer_share: float
    asides: list[str]
    aside_share: float
    rewrites: list[tuple[str, str]]
    """(as written in a dictionary, as people write)."""
    rewrite_shares: list[float]
    """One is drawn for each request: the share of places that are rewritten."""
    typing_mistake_shares: list[float]
    """One is drawn for each request: the share of words with a mistake."""
    lowercase_share: float
    unaccented_share: float
    unpunctuated_share: float
    question: str
    """A regular expression: requests it finds may end in a question mark; of several said as one, the last."""


@dataclass
class Piece:
    """Some words of a request; `copied` ones are the value of a slot."""

    text: str
    copied: bool = False
    joins: bool = False
    """The last words between two requests."""


def write(pieces: list[Piece], noise: Noise, rng: Random) -> None:
    """As people do."""
    if rng.random() < noise.aside_share:
        _interrupt(pieces[0], noise, rng)
    if rng.random() < noise.opener_share:
        pieces.insert(0, Piece(rng.choice(noise.openers)))
    if rng.random() < noise.closer_share:
        pieces.append(Piece(rng.choice(noise.closers)))
    if share := rng.choice(noise.rewrite_shares):
        _each(pieces, lambda text: _rewrite(text, noise.rewrites, share, rng))
    if share := rng.choice(noise.typing_mistake_shares):
        _each(pieces, lambda text: " ".join(_mistyped(word, share, rng) for word in text.split(" ")))
    if rng.random() < noise.unaccented_share:
        _each(pieces, _unaccented)
    if rng.random() < noise.lowercase_share:
        _each(pieces, str.lower)
    else:
        _capitalise(pieces)
    if rng.random() < noise.unpunctuated_share:
        _each([piece for piece in pieces if not piece.copied], lambda text: re.sub(r" ?[,:](?= |$)", "", text))
    else:
        pieces.append(Piece(_end(pieces, noise, rng)))


def write_cleanly(pieces: list[Piece], noise: Noise) -> None:
    """As an editor would."""
    _capitalise(pieces)
    said = ""
    for piece in pieces:
        together = NEXT_SENTENCE.sub(lambda found: found[1] + found[2].upper(), said + piece.text)
        piece.text, said = together[len(said):], together[-LOOKED_BACK:]
    pieces.append(Piece("?" if _asks(pieces, noise) else ""))


def _capitalise(pieces: list[Piece]) -> None:
    first = next((piece for piece in pieces if piece.text.strip()), None)
    if first:
        text = first.text.lstrip()
        first.text = text[:1].upper() + text[1:]


def _each(pieces: Sequence[Piece], change: Callable[[str], str]) -> None:
    for piece in pieces:
        piece.text = change(piece.text)


def _interrupt(piece: Piece, noise: Noise, rng: Random) -> None:
    words = piece.text.split(" ")
    if len(words) > 1 and not piece.copied:
        words.insert(rng.randint(1, len(words) - 1), rng.choice(noise.asides))
        piece.text = " ".join(words)


def _rewrite(text: str, rewrites: Sequence[tuple[str, str]], share: float, rng: Random) -> str:
    for written, spoken in rewrites:
        if written in text and rng.random() < share:
            text = text.replace(written, spoken)
    return text


def _unaccented(text: str) -> str:
    kept = (letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return "".join(kept).replace("œ", "oe").replace("Œ", "OE")


def _mistyped(word: str, share: float, rng: Random) -> str:
    """Now and then with a letter less, doubled, wrong, or two that changed places."""
    if len(word) < SHORTEST_MISTYPED or not word.isalpha() or rng.random() >= share:
        return word
    i = rng.randint(1, len(word) - 2)
    return rng.choice((
        word[:i] + word[i + 1:], word[:i] + word[i + 1] + word[i] + word[i + 2:], word[:i] + word[i] + word[i:],
        word[:i] + rng.choice(LIKELY) + word[i + 1:],
    ))


def _end(pieces: Sequence[Piece], noise: Noise, rng: Random) -> str:
    return rng.choice(("?", " ?", "?", "")) if _asks(pieces, noise) else rng.choice(("", "", ".", "!", "."))


def _asks(pieces: Sequence[Piece], noise: Noise) -> bool:
    last = max((n + 1 for n, piece in enumerate(pieces) if piece.joins), default=0)
    return bool(re.search(noise.question, "".join(piece.text for piece in pieces[last:]), re.IGNORECASE))
