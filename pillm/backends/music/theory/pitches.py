"""Notes and intervals."""
from music21 import clef, interval, pitch

from pillm.backends.music.theory import words

CLEFS = {"treble": clef.TrebleClef, "bass": clef.BassClef, "alto": clef.AltoClef, "tenor": clef.TenorClef}


def midi(text: str) -> str:
    return str(words.pitched(text).midi)


def hertz(text: str) -> str:
    return f"{words.pitched(text).frequency:.2f}"


def enharmonic(text: str) -> str:
    return words.named(words.pitched(text).getEnharmonic())


def fret(string: str, number: str) -> str:
    found = pitch.Pitch(midi=words.pitched(string).midi + int(number))
    return words.named(found if found.accidental is None or found.alter > 0 else found.getEnharmonic(), string)


def line(name: str, number: str) -> str:
    return _at(CLEFS[name]().lowestLine + 2 * (int(number) - 1))


def space(name: str, number: str) -> str:
    return _at(CLEFS[name]().lowestLine + 2 * int(number) - 1)


def _at(place: int) -> str:
    found = pitch.Pitch()
    found.diatonicNoteNum = place
    return words.named(found, "4")


def between(low: str, high: str) -> str:
    one, other = words.pitched(low), words.pitched(high)
    if not low[-1].isdigit():
        one, other = words.rising((low, high))
    return words.said(interval.Interval(one, other))


def above(text: str, short: str) -> str:
    return words.moved(text, short)


def below(text: str, short: str) -> str:
    return words.moved(text, short, down=True)


def named(short: str) -> str:
    return words.said(interval.Interval(short))


def semitones(short: str) -> str:
    return str(interval.Interval(short).semitones)


def inverted(short: str) -> str:
    return words.said(interval.Interval(short).complement)


def simple(short: str) -> str:
    return words.said(interval.Interval(interval.Interval(short).semiSimpleName))


def compound(short: str) -> str:
    return words.said(interval.add([interval.Interval(short), interval.Interval("P8")]))
