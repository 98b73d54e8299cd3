"""What a tune is judged on."""
import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

ABOVE_C = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 9, 10, 11), "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10), "lydian": (0, 2, 4, 6, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10)}
"""Semitones above the tonic; minor has both sixths and both sevenths."""
PITCH = re.compile(r"([A-G])([#b]?)(-?\d)?")


def _key(text: str) -> str:
    tonic, _, mode = text.partition(" ")
    if not re.fullmatch(r"[A-G][#b]?", tonic) or mode not in SCALES:
        raise ValueError(f"a key is a tonic and a mode: D major, F# minor, A dorian; modes are {', '.join(SCALES)}")
    return text


def _metre(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d?/(1|2|4|8|16)", text):
        raise ValueError("a metre is written like 3/4 or 6/8")
    return text


def _pitch(text: str) -> str:
    if not (found := PITCH.fullmatch(text)) or not found[3]:
        raise ValueError("a pitch has its octave: C4 is middle C, A4 has 440 Hz")
    return text


def semitone(pitch: str) -> int:
    """Of C4 it is 60, as in MIDI; of a pitch without octave the one above C-1."""
    found = PITCH.fullmatch(pitch)
    assert found
    altered = {"#": 1, "b": -1, "": 0}[found[2]]
    return ABOVE_C[found[1]] + altered + 12 * (int(found[3] or -1) + 1)


class Argument(BaseModel):
    """A `music` question's answer: a tune of one voice must be all of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, AfterValidator(_key)]
    """As the tune's head says it, and as its notes are."""
    metre: Annotated[str, AfterValidator(_metre)]
    """As its head says it, and as its bars are."""
    bars: Annotated[int, Field(ge=3, le=64)]
    """How many; an upbeat is none."""
    range: tuple[Annotated[str, AfterValidator(_pitch)], Annotated[str, AfterValidator(_pitch)]] | None = None
    """Lowest and highest note that are allowed."""
    ends: Annotated[str, Field(pattern="^[A-G][#b]?$")] | None = None
    """The last note, in any octave."""
    sounds: tuple[int, ...] | None = None
    """Its notes as MIDI numbers, where it is another writing of a tune that is given."""
    upbeat: bool = False
    """Whether it begins before the first full bar; the last bar is then shorter by as much, or full."""

    @model_validator(mode="after")
    def _rises(self) -> "Argument":
        if self.range and semitone(self.range[0]) >= semitone(self.range[1]):
            raise ValueError("range is the lowest and the highest note")
        return self

    @property
    def bar_length(self) -> Fraction:
        """In quarter notes."""
        beats, unit = map(int, self.metre.split("/"))
        return Fraction(4 * beats, unit)

    def of_key(self, sound: int) -> bool:
        """Whether a note belongs to the key."""
        tonic, mode = self.key.split(" ")
        return (sound - semitone(tonic)) % 12 in SCALES[mode]


def mistakes(value: Any) -> list[str]:
    """What keeps a value from being an argument, each `place: what`."""
    try:
        Argument.model_validate(value)
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in error.errors()]
    return []


def suits(value: Any) -> bool:
    """Whether a value is an argument."""
    return not mistakes(value)
