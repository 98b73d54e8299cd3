"""Checkers of answers that are text: what is wanted is known word for word, in part, by pattern, or as a number."""
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pillm.serve.checker import Measures

GROUPED = r"\d{1,3}(?:[ .,']\d{3})+(?!\d)"
NUMBER = re.compile(rf"(?:(?<!\d)[-+])?(?:{GROUPED}|\d+)(?:[.,]\d+)?")
ODD_CHARACTERS = str.maketrans({"’": "'", "ʼ": "'", "−": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "})
"""Typographic forms that say the same: apostrophes, the minus sign, no-break and thin spaces."""

ROUNDING = 1e-9
"""Relative: 3.6 is within 0.1 of 3.5, though not in binary."""


def exact(answer: str, wanted: str) -> "Measures":
    """The text itself; only what surrounds it and the Unicode form may differ."""
    return {"score": float(_trimmed(answer) == _trimmed(wanted))}


def one_of(answer: str, wanted: list[str]) -> "Measures":
    """Any of these texts."""
    return {"score": float(_trimmed(answer) in map(_trimmed, wanted))}


def contains(answer: str, wanted: str | list[str]) -> "Measures":
    """All of these occur somewhere, in any case, with straight or curly apostrophes."""
    texts = [wanted] if isinstance(wanted, str) else wanted
    return {"score": float(all(_folded(text) in _folded(answer) for text in texts))}


def regex(answer: str, pattern: str) -> "Measures":
    """The pattern is found (`^` and `$` are the ends of the text; begin with `(?i)` for any case)."""
    return {"score": float(re.search(pattern, _trimmed(answer)) is not None)}


def number(answer: str, wanted: float | dict[str, float]) -> "Measures":
    """The last number of the answer, within `tolerance`; «1,234» may be read the French or the English way."""
    value, tolerance = (wanted["value"], wanted.get("tolerance", 0)) if isinstance(wanted, dict) else (wanted, 0)
    found = NUMBER.findall(answer.translate(ODD_CHARACTERS))
    allowed = tolerance + ROUNDING * max(1, abs(value))
    return {"score": float(any(abs(reading - value) <= allowed for text in found[-1:] for reading in _readings(text)))}


def chrf(answer: str, wanted: str | list[str] | dict[str, Any]) -> "Measures":
    """chrF against the best of the references: how much of the wording is shared, from 0 to 1.

    `{references, given}`: how much of what the `given` text lacks is gained, (chrF - chrF of given) / (1 - chrF of
    given), at least 0: of a text that is to be rewritten, its copy shares much and is worth nothing.
    """
    if isinstance(wanted, dict):
        copied = _likeness(wanted["given"], wanted["references"])
        gained = _likeness(answer, wanted["references"]) - copied
        return {"score": max(0.0, gained / (1 - copied)) if copied < 1 else 0.0}
    return {"score": _likeness(answer, wanted)}


def _likeness(text: str, wanted: str | list[str]) -> float:
    from pillm.backends import statistics

    references = [wanted] if isinstance(wanted, str) else wanted
    return statistics.chrf(_trimmed(text), [_trimmed(reference) for reference in references])


def _trimmed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(ODD_CHARACTERS).casefold().split())


def _readings(text: str) -> Iterator[float]:
    """What a written number may mean: all its marks group thousands, or the last one starts the decimals."""
    digits = re.split(r"[ .,']", text)
    if all(len(group) == 3 for group in digits[1:]):
        yield float("".join(digits))
    if re.search(r"[.,]\d+$", text):
        yield float("".join(digits[:-1]) + "." + digits[-1])
