"""Intervals: letters and semitones from one note to another."""
import re

from pillm.records.theory.notes import ABOVE_C, Note, note

NUMBERS = ("unison", "second", "third", "fourth", "fifth", "sixth", "seventh", "octave", "ninth", "tenth", "eleventh",
           "twelfth", "thirteenth")
PERFECT = frozenset({0, 3, 4})
"""Steps, octaves apart, of intervals that are perfect and never major."""
QUALITIES = {"P": "perfect", "M": "major", "m": "minor", "A": "augmented", "d": "diminished"}
SHORT = re.compile(r"([PMmAd])(\d+)")

Interval = tuple[int, int]
"""Steps of letters, and semitones."""


def parsed(short: str) -> Interval:
    """Of m3, P5, A4."""
    if not (found := SHORT.fullmatch(short)):
        raise ValueError(f"{short!r} is no interval")
    steps = int(found[2]) - 1
    return steps, _plain(steps) + _widened(found[1], steps)


def _plain(steps: int) -> int:
    """Semitones of the major or perfect one."""
    return 12 * (steps // 7) + ABOVE_C[steps % 7]


def _widened(quality: str, steps: int) -> int:
    if quality == "d":
        return -1 if steps % 7 in PERFECT else -2
    return {"P": 0, "M": 0, "m": -1, "A": 1}[quality]


def said(interval: Interval) -> str:
    """`minor sixth`; ValueError for doubly altered ones."""
    steps, size = interval
    if not 0 <= steps < len(NUMBERS):
        raise ValueError(f"{steps} steps have no plain name")
    for letter in "PAd" if steps % 7 in PERFECT else "MmAd":
        if size - _plain(steps) == _widened(letter, steps):
            return f"{QUALITIES[letter]} {NUMBERS[steps]}"
    raise ValueError(f"{size} semitones over {steps} steps have no plain name")


def between(low: str, high: str) -> Interval:
    """From a note up to another; without octaves, to the next one above it."""
    one, other = note(low), note(high)
    if other.step < one.step and not low[-1].isdigit():
        other = other.moved(7, 12)
    return other.step - one.step, other.semitone - one.semitone


def interval(low: str, high: str) -> str:
    return said(between(low, high))


def above(text: str, short: str) -> str:
    return _written(note(text).moved(*parsed(short)), text)


def below(text: str, short: str) -> str:
    steps, semitones = parsed(short)
    return _written(note(text).moved(-steps, -semitones), text)


def _written(found: Note, like: str) -> str:
    """With an octave where the other note has one."""
    return found.full if like[-1].isdigit() else found.name


def named(short: str) -> str:
    return said(parsed(short))


def semitones(short: str) -> str:
    return str(parsed(short)[1])


def inverted(short: str) -> str:
    """What it makes with the octave."""
    steps, size = parsed(short)
    return said((7 - steps, 12 - size))


def simple(short: str) -> str:
    """A compound one without its octave."""
    steps, size = parsed(short)
    return said((steps - 7, size - 12))


def compound(short: str) -> str:
    """With an octave more."""
    steps, size = parsed(short)
    return said((steps + 7, size + 12))
