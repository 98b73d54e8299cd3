"""Notes: a letter with an accidental, and perhaps an octave."""
import re
from dataclasses import dataclass

LETTERS = "CDEFGAB"
ABOVE_C = (0, 2, 4, 5, 7, 9, 11)
WRITTEN = re.compile(r"([A-G])(#{0,2}|b{0,2})(-?\d)?")
MIDDLE = 4
"""The octave of a note that names none."""


@dataclass(frozen=True)
class Note:
    step: int
    """Letters above C0."""
    semitone: int
    """Above C0."""

    @property
    def accidental(self) -> int:
        """Semitones that it is raised."""
        return self.semitone - ABOVE_C[self.step % 7] - 12 * (self.step // 7)

    @property
    def name(self) -> str:
        """Without its octave: F#, Bb, C."""
        return LETTERS[self.step % 7] + ("#" * self.accidental if self.accidental > 0 else "b" * -self.accidental)

    @property
    def full(self) -> str:
        """With its octave; that of B#3 is the letter's."""
        return f"{self.name}{self.step // 7}"

    def moved(self, steps: int, semitones: int) -> "Note":
        return Note(self.step + steps, self.semitone + semitones)


def note(text: str) -> Note:
    """C4 is middle C."""
    if not (found := WRITTEN.fullmatch(text)):
        raise ValueError(f"{text!r} is no note")
    letter, octave = LETTERS.index(found[1]), int(found[3] or MIDDLE)
    raised = found[2].count("#") - found[2].count("b")
    return Note(7 * octave + letter, 12 * octave + ABOVE_C[letter] + raised)


def ascending(texts: tuple[str, ...] | list[str]) -> list[Note]:
    """Notes without octaves, each the next one above the last."""
    found: list[Note] = []
    for text in texts:
        next_one = note(text)
        while found and next_one.step <= found[-1].step:
            next_one = next_one.moved(7, 12)
        found.append(next_one)
    return found


def names(notes: list[Note]) -> str:
    return " ".join(one.name for one in notes)


def dashed(text: str) -> str:
    """As music21 writes notes: B- for Bb; words that are no notes stay."""
    return re.sub(r"(?<![A-Za-z#])([A-G])(b+)(?=-?\d|[^A-Za-z#]|$)", lambda found: found[1] + "-" * len(found[2]), text)


def midi(text: str) -> str:
    return str(note(text).semitone + 12)


def hertz(text: str) -> str:
    """Equal temperament, A4 = 440 Hz."""
    return f"{440 * 2 ** ((note(text).semitone - 57) / 12):.2f}"


def enharmonic(text: str) -> str:
    """The other name that a black key has; of a white key's odd name, its plain one."""
    this = note(text)
    others = [this.moved(steps, 0) for steps in (1, -1, 2, -2)]
    return min(others, key=lambda other: abs(other.accidental)).name


def fret(string: str, number: str) -> str:
    """The note at a fret of a string: white keys plain, black ones as sharps."""
    semitone = note(string).semitone + int(number)
    plain = [Note(step, semitone) for step in range(70) if Note(step, semitone).accidental in (0, 1)]
    return min(plain, key=lambda one: one.accidental).full


def line(clef: str, number: str) -> str:
    """The note on a line, counted from below."""
    return _plain(_lowest_line(clef) + 2 * (int(number) - 1))


def space(clef: str, number: str) -> str:
    return _plain(_lowest_line(clef) + 2 * int(number) - 1)


def _lowest_line(clef: str) -> int:
    """Treble E4, bass G2, alto F3, tenor D3: the clefs put G4, F3 and C4 (twice) on a line."""
    named = {"treble": ("G4", 2), "bass": ("F3", 4), "alto": ("C4", 3), "tenor": ("C4", 4)}
    pitch, number = named[clef]
    return note(pitch).step - 2 * (number - 1)


def _plain(step: int) -> str:
    """A white key."""
    return f"{LETTERS[step % 7]}{step // 7}"
