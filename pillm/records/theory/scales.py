"""Scales and keys."""
from pillm.records.theory.notes import Note, names, note

PATTERNS: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10), "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "melodic": (0, 2, 3, 5, 7, 9, 11), "dorian": (0, 2, 3, 5, 7, 9, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10), "locrian": (0, 1, 3, 5, 6, 8, 10)}
"""Semitones above the tonic, one for each letter; melodic is the way up."""
GAPPED: dict[str, tuple[tuple[int, int], ...]] = {
    "major-pentatonic": ((0, 0), (1, 2), (2, 4), (4, 7), (5, 9)),
    "minor-pentatonic": ((0, 0), (2, 3), (3, 5), (4, 7), (6, 10)),
    "blues": ((0, 0), (2, 3), (3, 5), (4, 6), (4, 7), (6, 10))}
"""Those that leave letters out: letters and semitones."""
RELATIVE = {"major": (5, 9, "minor"), "minor": (2, 3, "major")}
"""Letters and semitones above the tonic, and the mode of the relative key."""
ON_WHITE = {"dorian": 1, "phrygian": 2, "lydian": 3, "mixolydian": 4, "minor": 5, "locrian": 6}
"""The degree of a major scale that a mode begins on, from 0."""
ORDER = "FCGDAEB"
"""Of sharps; flats come the other way round."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def notes(tonic: str, mode: str) -> list[Note]:
    """From the tonic up, without its octave."""
    pattern = GAPPED.get(mode) or tuple(enumerate(PATTERNS[mode]))
    return [note(tonic).moved(*up) for up in pattern]


def scale(tonic: str, mode: str) -> str:
    return names(notes(tonic, mode))


def downward(tonic: str, mode: str) -> str:
    """From the upper tonic down; melodic minor comes down as natural minor."""
    down = notes(tonic, "minor" if mode == "melodic" else mode)
    return names([down[0], *reversed(down)])


def degree(tonic: str, mode: str, number: str) -> str:
    return notes(tonic, mode)[int(number) - 1].name


def member(text: str, tonic: str, mode: str) -> str:
    return "yes" if text in scale(tonic, mode).split() else "no"


def place(text: str, tonic: str, mode: str) -> str:
    """Which degree a note is."""
    return ORDINALS[scale(tonic, mode).split().index(text)]


def _altered(tonic: str, mode: str) -> list[str]:
    found = [one.name for one in notes(tonic, mode) if one.accidental]
    return sorted(found, key=lambda name: ORDER.index(name[0]), reverse=any("b" in name for name in found))


def accidentals(tonic: str, mode: str) -> str:
    """Of the key signature, in order."""
    return ", ".join(_altered(tonic, mode)) or "none"


def signature(tonic: str, mode: str) -> str:
    """3 sharps, 1 flat, no sharps or flats."""
    found = _altered(tonic, mode)
    kind = "flat" if "b" in "".join(found) else "sharp"
    return f"{len(found)} {kind}{'s' * (len(found) > 1)}" if found else "no sharps or flats"


def signed(number: str, kind: str) -> str:
    """The major key with so many sharps or flats: a fifth up or down for each."""
    steps, semitones = (4, 7) if kind.startswith("sharp") else (-4, -7)
    return note("C").moved(steps * int(number), semitones * int(number)).name


def relative(tonic: str, mode: str) -> str:
    steps, semitones, other = RELATIVE[mode]
    return f"{note(tonic).moved(steps, semitones).name} {other}"


def neighbours(tonic: str, mode: str) -> str:
    """Keys whose signature differs by one accidental at most: dominant, subdominant, and the three relatives."""
    fifths = [note(tonic).moved(*up).name for up in ((4, 7), (3, 5))]
    return ", ".join([*(f"{one} {mode}" for one in fifths), *(relative(one, mode) for one in (tonic, *fifths))])


def shared(tonic: str, mode: str, tonic2: str, mode2: str) -> str:
    """Notes that two scales have in common, in order of the first."""
    other = scale(tonic2, mode2).split()
    return " ".join(name for name in scale(tonic, mode).split() if name in other)


def parent(tonic: str, mode: str) -> str:
    """The major scale of the same notes."""
    degree_of_major = ON_WHITE[mode]
    return note(tonic).moved(-degree_of_major, -PATTERNS["major"][degree_of_major]).name


def child(tonic: str, mode: str) -> str:
    """Where a mode begins in a major scale."""
    return notes(tonic, "major")[ON_WHITE[mode]].name
