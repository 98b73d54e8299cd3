"""Roman numerals: a degree, the chord on it, and perhaps the key that it is borrowed from."""
import re
from dataclasses import dataclass

from pillm.records.theory.chords import BUILT, INVERSIONS, symbol
from pillm.records.theory.intervals import parsed
from pillm.records.theory.notes import Note, names
from pillm.records.theory.scales import notes as scale_notes

DEGREES = ("I", "II", "III", "IV", "V", "VI", "VII")
NUMERAL = re.compile(r"(b?)([IV]+|[iv]+)(°|ø|\+)?(7|65|64|6|43|42)?(?:/(.+))?")
FIGURES = {None: (3, 0), "6": (3, 1), "64": (3, 2), "7": (4, 0), "65": (4, 1), "43": (4, 2), "42": (4, 3)}
"""Notes of the chord, and which of them is in the bass."""
DIATONIC = {"major": ("I", "ii", "iii", "IV", "V", "vi", "vii°"), "minor": ("i", "ii°", "III", "iv", "V", "VI", "vii°")}
CADENCES = {(4, 0): "authentic cadence", (6, 0): "authentic cadence", (3, 0): "plagal cadence",
            (4, 5): "deceptive cadence"}
"""By the degrees of the last two roots, from 0."""


@dataclass(frozen=True)
class Chord:
    notes: list[Note]
    """From the root up."""
    inversion: int

    @property
    def quality(self) -> str:
        sizes = [(one.step - self.notes[0].step, one.semitone - self.notes[0].semitone) for one in self.notes[1:]]
        return next(name for name, up in BUILT.items() if [parsed(one) for one in up] == sizes)

    @property
    def sounding(self) -> list[Note]:
        """From the bass up."""
        return [*self.notes[self.inversion:], *self.notes[:self.inversion]]

    @property
    def symbol(self) -> str:
        """D7, or D7/F# with another note than the root in the bass."""
        written = symbol(self.notes[0].name, self.quality)
        return f"{written}/{self.sounding[0].name}" if self.inversion else written


def read(tonic: str, mode: str, numeral: str) -> Chord:
    if not (found := NUMERAL.fullmatch(numeral)):
        raise ValueError(f"{numeral!r} is no numeral")
    flat, roman, mark, figures, of = found.groups()
    if of:
        target = read(tonic, mode, of)
        home = "minor" if of.islower() else "major"
        return read(target.notes[0].name, home, numeral.rpartition(f"/{of}")[0])
    size, inversion = FIGURES[figures]
    root = _root(tonic, mode, flat, roman)
    third = "M3" if roman.isupper() else "m3"
    fifth = {"°": "d5", "ø": "d5", "+": "A5", None: "P5"}[mark]
    tower = [root, root.moved(*parsed(third)), root.moved(*parsed(fifth))]
    return Chord([*tower, *[_seventh(tonic, mode, root, mark)] * (size == 4)], inversion)


def _root(tonic: str, mode: str, flat: str, roman: str) -> Note:
    """In minor vii is on the raised seventh degree, VII on the natural one."""
    place = DEGREES.index(roman.upper())
    scale = "harmonic" if mode == "minor" and roman == "vii" else "major" if flat else mode
    return scale_notes(tonic, scale)[place].moved(0, -1 if flat else 0)


def _seventh(tonic: str, mode: str, root: Note, mark: str | None) -> Note:
    """Of the key, unless the sign says which."""
    if mark:
        return root.moved(*parsed({"°": "d7", "ø": "m7"}[mark]))
    letter = root.step + 6
    return next(Note(letter, root.semitone + size) for size in (10, 11, 9)
                if Note(letter, root.semitone + size).name in {one.name for one in scale_notes(tonic, mode)})


def spelled(tonic: str, mode: str, numeral: str) -> str:
    """From the bass up."""
    return names(read(tonic, mode, numeral).sounding)


def symbolised(tonic: str, mode: str, numeral: str) -> str:
    return read(tonic, mode, numeral).symbol


def lowest(tonic: str, mode: str, numeral: str) -> str:
    return read(tonic, mode, numeral).sounding[0].name


def inversion(tonic: str, mode: str, numeral: str) -> str:
    return INVERSIONS[read(tonic, mode, numeral).inversion]


def progression(tonic: str, mode: str, *numerals: str) -> str:
    return " ".join(symbolised(tonic, mode, one) for one in numerals)


def numeral(tonic: str, mode: str, root: str, quality: str) -> str:
    """Of a triad in its key; ValueError where it is not of the key."""
    for one in DIATONIC[mode]:
        chord = read(tonic, mode, one)
        if (chord.notes[0].name, chord.quality) == (root, quality):
            return one
    raise ValueError(f"{symbol(root, quality)} is not in {tonic} {mode}")


def cadence(tonic: str, mode: str, first: str, second: str) -> str:
    """What the last two chords do, by the degrees of their roots and whether they are inverted."""
    before, last = (read(tonic, mode, one) for one in (first, second))
    scale = [one.name for one in scale_notes(tonic, "major" if mode == "major" else "harmonic")]
    roots = scale.index(before.notes[0].name), scale.index(last.notes[0].name)
    if roots[1] == 4 and not last.inversion:
        return "Phrygian half cadence" if (mode, roots[0], before.inversion) == ("minor", 3, 1) else "half cadence"
    found = CADENCES[roots]
    weak = before.inversion or last.inversion or roots[0] == 6
    return f"imperfect {found}" if weak and found == "authentic cadence" else found


def resolved(tonic: str, mode: str, text: str) -> str:
    """Where a tendency note of V7 goes: the leading note up to the tonic, the seventh down to the third."""
    harmonic = scale_notes(tonic, "major" if mode == "major" else "harmonic")
    places = {harmonic[6].name: harmonic[0], harmonic[3].name: harmonic[2]}
    return places[text].name

