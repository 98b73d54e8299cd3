"""How a request is spelled once it is said: elisions, and figures before a degree sign, across its pieces too."""
import re
from itertools import pairwise

from pillm.records.generator.french import QUE_BEFORE, elided, elides
from pillm.records.generator.noise import Piece
from pillm.records.generator.numbers import in_words

FIGURES = {in_words(number): str(number) for number in range(100)}
BEFORE_DEGREES = re.compile(rf"\b({'|'.join(sorted(FIGURES, key=len, reverse=True))})(?= ?°)")


def spell(pieces: list[Piece]) -> None:
    """«fait que» + «on gèle» → «fait qu'on gèle»; «quinze» + «°» → «15°»."""
    text = "".join(piece.text for piece in pieces)
    if "°" not in text and elided(text) == text:
        return
    spoken = _with_their_spaces(pieces)
    for piece in spoken:
        piece.text = _figures(elided(piece.text))
    for piece, after in pairwise(spoken):
        following = after.text.lstrip()
        if not piece.copied and (found := QUE_BEFORE.search(piece.text)) and elides(following):
            piece.text, after.text = f"{piece.text[:found.start()]}{found[1]}'", following
        elif following.startswith("°"):
            piece.text = _figures(f"{piece.text}°").removesuffix("°")


def _with_their_spaces(pieces: list[Piece]) -> list[Piece]:
    """The pieces that say something; space alone goes to the one before it."""
    spoken: list[Piece] = []
    for piece in pieces:
        if spoken and piece.text.isspace() and not spoken[-1].copied:
            spoken[-1].text, piece.text = spoken[-1].text + piece.text, ""
        elif piece.text:
            spoken.append(piece)
    return spoken


def _figures(text: str) -> str:
    return BEFORE_DEGREES.sub(lambda found: FIGURES[found[1]], text) if "°" in text else text
