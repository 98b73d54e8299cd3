"""How music21 writes what we write: B- for Bb."""
from typing import Any

from music21 import chord, interval, pitch


def pitched(text: str) -> pitch.Pitch:
    return pitch.Pitch(text[0] + text[1:].replace("b", "-"))


def named(one: Any, like: str = "") -> str:
    """With an octave where `like` has one."""
    return (one.nameWithOctave if like[-1:].isdigit() else one.name).replace("-", "b")


def names(found: Any) -> str:
    return " ".join(named(one) for one in found)


def rising(texts: tuple[str, ...]) -> list[pitch.Pitch]:
    """Each the next above the last, from octave 4."""
    found: list[pitch.Pitch] = []
    for text in texts:
        one = pitched(text)
        one.octave = 4
        while found and one.diatonicNoteNum <= found[-1].diatonicNoteNum:
            one.octave += 1
        found.append(one)
    return found


def stacked(texts: tuple[str, ...]) -> chord.Chord:
    return chord.Chord(rising(texts))


def moved(text: str, short: str, *, down: bool = False) -> str:
    by = interval.Interval(short)
    return named((by.reverse() if down else by).transposePitch(pitched(text)), text)


def said(found: interval.Interval) -> str:
    """music21 says «Minor Sixth», and «Minor Sixth» of a tenth too: the number comes from it, the word is ours."""
    return found.directedNiceName.lower().replace("ascending ", "").replace("descending ", "")
