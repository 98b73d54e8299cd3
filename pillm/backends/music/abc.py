"""A tune in ABC, as music21 reads it: its key, its metre, and bar by bar what sounds and for how long."""
import io
from contextlib import redirect_stderr
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from pillm.errors import DataError

VERSION = "%abc-2.1"
"""Says to music21 that an accidental holds until the bar's end."""
Sound = tuple[int, ...]
"""MIDI numbers that begin together; none is a rest."""


@dataclass(frozen=True)
class Bar:
    length: Fraction
    """In quarter notes, of what is written in it."""
    sounds: tuple[Sound, ...]


@dataclass(frozen=True)
class Tune:
    key: str
    """As in «F# minor», «Bb major», «D dorian»."""
    metre: str
    """As in 6/8."""
    bars: tuple[Bar, ...]


def missing() -> str | None:
    """Why nothing can be read, with the remedy."""
    return None if find_spec("music21") else "music21 is not installed. Run `pip install 'pillm[music]'`."


def tune(text: str) -> Tune:
    """Raises DataError where music21 finds no tune of one voice with bars in it."""
    score = _parsed(text)
    parts = list(getattr(score, "parts", ()))
    if len(parts) != 1:
        raise DataError(f"{len(parts)} parts in place of one voice" if parts else "more than one tune")
    bars = tuple(_bar(measure) for measure in parts[0].getElementsByClass("Measure"))
    if not bars:
        raise DataError("no bars")
    keys, metres = (list(parts[0].recurse().getElementsByClass(name)) for name in ("Key", "TimeSignature"))
    if not keys or not metres:
        raise DataError("no key" if not keys else "no metre")
    return Tune(f"{keys[0].tonic.name.replace('-', 'b')} {keys[0].mode}", metres[0].ratioString, bars)


def _parsed(text: str) -> Any:
    """music21's readers raise whatever a malformed text makes their code raise."""
    from music21 import converter

    with redirect_stderr(io.StringIO()):
        try:
            return converter.parseData(f"{VERSION}\n{text}", format="abc")
        except Exception as error:
            raise DataError(f"{' '.join(str(error).split())[:120] or type(error).__name__}") from error


def _bar(measure: Any) -> Bar:
    """Grace notes last nothing, and chord symbols sound as chords but are none."""
    written = [one for one in measure.notesAndRests if "ChordSymbol" not in one.classes]
    length = sum((Fraction(one.duration.quarterLength) for one in written), Fraction(0))
    return Bar(length, tuple(tuple(pitch.midi for pitch in getattr(one, "pitches", ())) for one in written))
