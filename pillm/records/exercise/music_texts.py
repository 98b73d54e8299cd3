"""Files that programs about music are tried on, drawn anew each time."""
from collections.abc import Iterable
from random import Random

from pillm.records.theory import chords
from pillm.records.theory.melodies import tower
from pillm.records.theory.notes import dashed

NOTES = ("C", "D", "E", "F", "G", "A", "B", "C#", "Eb", "F#", "Ab", "Bb")
ROOTS = ("C", "D", "E", "F", "G", "A", "Bb", "Eb")
QUALITIES = ("major", "minor", "diminished", "7", "maj7", "m7")
CELLS = "1 1 1 1 | 2 1 1 | 1.5 0.5 2 | 1 0.5 0.5 1 1"
PLANS = ("I IV V I vi ii V I", "I V I V I IV V I", "I vi IV V I vi V I", "I IV I V IV I V I")
KEYS = ("C", "D", "G", "F", "Bb", "A", "Eb")


def pitches(rng: Random, count: str = "9") -> str:
    """Names with octaves, one a line; flats as music21 writes them (B-4)."""
    return _lines(dashed(f"{rng.choice(NOTES)}{rng.randint(3, 5)}") for _ in range(_about(rng, count)))


def chord_notes(rng: Random, count: str = "7") -> str:
    """A chord a line, as its notes from the bass up: `E4 G4 C5`."""
    return _lines(dashed(tower(*chords.turned(rng.choice(ROOTS), quality, str(rng.randrange(3))).split()))
                  for quality in rng.choices(QUALITIES, k=_about(rng, count)))


def triad_notes(rng: Random, count: str = "7") -> str:
    """Triads in root position."""
    return _lines(dashed(chords.chord(rng.choice(ROOTS), quality))
                  for quality in rng.choices(("major", "minor", "diminished", "augmented"), k=_about(rng, count)))


def pitch_classes(rng: Random) -> str:
    """A set of numbers from 0 to 11, on one line."""
    return " ".join(map(str, rng.sample(range(12), rng.randint(3, 6)))) + "\n"


def abc_tune(rng: Random, bars: str = "8") -> str:
    """A tune in 4/4."""
    from pillm.records.tunes.makers import tune

    key = rng.choice(KEYS)
    made = tune(rng, key, "major", "4/4", " ".join(rng.choice(PLANS).split()[-int(bars):]), CELLS, "A3", "A5")
    return f"X:1\nT:Untitled\nM:4/4\nL:1/8\nK:{key}\n{made['']}\n"


def _about(rng: Random, count: str) -> int:
    return int(count) + rng.randrange(-2, 4)


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


TEXTS = {maker.__name__: maker for maker in (pitches, chord_notes, triad_notes, pitch_classes, abc_tune)}
