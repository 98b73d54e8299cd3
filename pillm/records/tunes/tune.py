"""What a tune is."""
from dataclasses import dataclass
from fractions import Fraction

from pillm.records.theory.notes import Note

Sound = tuple[Note, Fraction]
"""A note and how long it lasts, in quarter notes."""
Bar = tuple[Sound, ...]


@dataclass(frozen=True)
class Tune:
    tonic: str
    mode: str
    metre: str
    bars: tuple[Bar, ...]

    @property
    def beat(self) -> Fraction:
        """In quarter notes; three eighths in compound metres."""
        beats, unit = map(int, self.metre.split("/"))
        return Fraction(4 * (3 if beats > 3 and beats % 3 == 0 else 1), unit)

    @property
    def sounds(self) -> list[Sound]:
        return [sound for bar in self.bars for sound in bar]
