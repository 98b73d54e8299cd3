"""Chords."""
from pillm.records.theory.intervals import parsed
from pillm.records.theory.notes import Note, ascending, names, note
from pillm.records.theory.scales import PATTERNS
from pillm.records.theory.scales import notes as scale_notes

BUILT: dict[str, tuple[str, ...]] = {
    "major": ("M3", "P5"), "minor": ("m3", "P5"), "diminished": ("m3", "d5"), "augmented": ("M3", "A5"),
    "7": ("M3", "P5", "m7"), "maj7": ("M3", "P5", "M7"), "m7": ("m3", "P5", "m7"), "m7b5": ("m3", "d5", "m7"),
    "dim7": ("m3", "d5", "d7"), "mMaj7": ("m3", "P5", "M7"), "sus4": ("P4", "P5"), "sus2": ("M2", "P5"),
    "6": ("M3", "P5", "M6"), "m6": ("m3", "P5", "M6"), "9": ("M3", "P5", "m7", "M9"), "add9": ("M3", "P5", "M9"),
    "maj9": ("M3", "P5", "M7", "M9"), "m9": ("m3", "P5", "m7", "M9")}
"""Intervals above the root."""
ADDED = ("6", "m6", "sus4", "sus2", "add9")
"""Those that other chords of the same notes are named before."""
SIGNS = {"major": "", "minor": "m", "diminished": "dim", "augmented": "aug"}
"""How a symbol writes it after the root; the others as they are called."""
INVERSIONS = ("root position", "first inversion", "second inversion", "third inversion")
MEMBERS = ("root", "third", "fifth", "seventh")


def notes(root: str, quality: str) -> list[Note]:
    """From the root up."""
    return [note(root), *(note(root).moved(*parsed(up)) for up in BUILT[quality])]


def symbol(root: str, quality: str) -> str:
    return root + SIGNS.get(quality, quality)


def chord(root: str, quality: str) -> str:
    return names(notes(root, quality))


def turned(root: str, quality: str, inversion: str) -> str:
    """With another member in the bass, close position."""
    found, lowest = notes(root, quality), int(inversion)
    return names([*found[lowest:], *found[:lowest]])


def bass(root: str, quality: str, inversion: str) -> str:
    return turned(root, quality, inversion).split()[0]


def identified(*texts: str) -> str:
    """Root, quality and inversion of notes from the bass up."""
    for lowest, root in enumerate(texts):
        for quality in (name for name, up in BUILT.items() if len(up) == len(texts) - 1 and name not in ADDED):
            if sorted(chord(root, quality).split()) == sorted(texts):
                return f"{symbol(root, quality)}, {INVERSIONS[(len(texts) - lowest) % len(texts)]}"
    raise ValueError(f"{texts} make no chord of the table")


def quality(*texts: str) -> str:
    """Of a triad in root position."""
    found = ascending(texts)
    sizes = [(one.step - found[0].step, one.semitone - found[0].semitone) for one in found[1:]]
    return next(name for name in SIGNS if [parsed(up) for up in BUILT[name]] == sizes)


def role(text: str, root: str, quality: str) -> str:
    """Which member of the chord a note is."""
    return MEMBERS[chord(root, quality).split().index(text)]


def common(root: str, quality: str, root2: str, quality2: str) -> str:
    other = chord(root2, quality2).split()
    return " ".join(name for name in chord(root, quality).split() if name in other) or "none"


def stacked(tonic: str, mode: str, size: int) -> list[str]:
    """Symbols of the chords in thirds on each degree; minor has its raised seventh in V and vii only."""
    return [symbol(*_on(tonic, "harmonic" if mode == "minor" and place in (4, 6) else mode, place, size))
            for place in range(7)]


def _on(tonic: str, mode: str, place: int, size: int) -> tuple[str, str]:
    scale = scale_notes(tonic, mode)
    tower = ascending([scale[(place + 2 * n) % 7].name for n in range(size)])
    sizes = [(one.step - tower[0].step, one.semitone - tower[0].semitone) for one in tower[1:]]
    found = next(name for name, up in BUILT.items() if [parsed(one) for one in up] == sizes)
    return tower[0].name, found


def triads(tonic: str, mode: str) -> str:
    return " ".join(stacked(tonic, mode, 3))


def sevenths(tonic: str, mode: str) -> str:
    return " ".join(stacked(tonic, mode, 4))


def homes(root: str, quality: str) -> str:
    """Major keys that have the triad, with its place in each."""
    signs = {"major": ("I", "IV", "V"), "minor": ("ii", "iii", "vi"), "diminished": ("vii°",)}
    places = {"I": 0, "ii": 1, "iii": 2, "IV": 3, "V": 4, "vi": 5, "vii°": 6}
    return ", ".join(f"{note(root).moved(-places[sign], -PATTERNS['major'][places[sign]]).name} major ({sign})"
                     for sign in signs[quality])
