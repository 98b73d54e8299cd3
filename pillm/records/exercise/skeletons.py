"""What is left of a request about music without its literals: fillers, notes, chords, numerals, numbers, code."""
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pillm.records.exercise.tasks import Exercises

MASK = "#"
CODE = re.compile(r"```.*?```|`[^`]*`|«[^»]*»|\"[^\"]*\"", re.DOTALL)
TUNE = re.compile(r"^(?:[A-Z]:.*|.*\|.*|.*\\key .*)$", re.MULTILINE)
"""A line of ABC or LilyPond."""
NOTES = r"[A-G](?:[#b]|#b)*\d?(?:m|dim|aug|maj|sus|add|M)*\d*(?:b5)?(?:/[A-G][#b]*)?"
NUMERALS = r"b?[IViv]+[°ø+]?\d*(?:/b?[IViv]+)?"
ASIDE = r"\S*\d\S*|[-–/]|\b(?:sharps?|flats?|major|minor)\b"
LITERAL = re.compile(rf"(?<![\w#])(?:{NOTES}|(?!I['’ ][a-z']){NUMERALS})(?![\w#])|{ASIDE}")
"""The pronoun I is no numeral."""
FEW = 2
"""Letters of a filler that is too short to be told from a word: `a`, `of`."""


def fillers(exercises: Exercises) -> tuple[str, ...]:
    """All that tasks draw, the longest first."""
    lists = [*exercises.words.values(), *(task.slots for tasks in exercises.tasks.values() for task in tasks)]
    found = {text.lower() for text in _texts(lists) if len(text) > FEW}
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)
    else:
        for inner in value.values():
            yield from _texts(inner)


def skeleton(request: str, literals: Iterable[str]) -> str:
    """Two requests of one skeleton are one phrasing, said of other things."""
    masked = LITERAL.sub(f" {MASK} ", TUNE.sub(f" {MASK} ", CODE.sub(f" {MASK} ", request))).lower()
    for literal in literals:
        if literal in masked:
            masked = re.sub(rf"(?<!\w){re.escape(literal)}(?!\w)", f" {MASK} ", masked)
    said = re.findall(rf"[^\W_]+|{MASK}", masked)
    return " ".join(word for n, word in enumerate(said) if word != MASK or n == 0 or said[n - 1] != MASK)
