"""The checker `register`: whether an answer is in joual or in careful French, by the marks of each."""
import unicodedata
from typing import TYPE_CHECKING, Literal, TypedDict

from pillm.serve.lexicon import marks_of_care, marks_of_joual

if TYPE_CHECKING:
    from pillm.serve.checker import Measures

APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "})
CLEAR = 0.75
"""The share of marks that must be of the wanted register: one slip in four is forgiven."""

Register = Literal["quebecois", "standard"]


class Wanted(TypedDict):
    """The checker's argument."""

    want: Register
    least: int
    """How many different marks of it there must be."""


def register(answer: str, wanted: Wanted) -> "Measures":
    """Right if `least` different marks of the register are there, and few of the other; `share` is that of its marks.

    What is in no register (nothing, a code, another language) has no marks and is wrong either way.
    """
    found = marks(answer)
    right = len(found[wanted["want"]])
    share = right / total if (total := sum(map(len, found.values()))) else 0.0
    return {"score": float(right >= wanted["least"] and share >= CLEAR), "share": share}


def marks(text: str) -> dict[Register, set[str]]:
    """The different marks of each register in a text."""
    plain = unicodedata.normalize("NFC", text).translate(APOSTROPHES).casefold()
    return {"quebecois": set(marks_of_joual().findall(plain)), "standard": set(marks_of_care().findall(plain))}
