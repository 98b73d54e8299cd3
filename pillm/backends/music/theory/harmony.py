"""Chords and Roman numerals."""
from music21 import chord, harmony, key, roman

from pillm.backends.music.theory import keys, words

SIGNS = {"major": "", "minor": "m", "diminished": "dim", "augmented": "aug"}
QUALITIES = {
    "major-triad": "", "minor-triad": "m", "diminished-triad": "dim", "augmented-triad": "aug",
    "dominant-seventh-chord": "7", "major-seventh-chord": "maj7", "minor-seventh-chord": "m7",
    "half-diminished-seventh-chord": "m7b5", "diminished-seventh-chord": "dim7"}
"""music21's common names, as symbols."""
INVERSIONS = ("root position", "first inversion", "second inversion", "third inversion")
MEMBERS = ("root", "third", "fifth", "seventh")
BUILT = {"7": "dominant-seventh", "maj7": "major-seventh", "m7": "minor-seventh", "m7b5": "half-diminished-seventh",
         "dim7": "diminished-seventh", "mMaj7": "minor-major-seventh", "sus4": "suspended-fourth",
         "sus2": "suspended-second", "6": "major-sixth", "m6": "minor-sixth", "9": "dominant-ninth",
         "maj9": "major-ninth", "m9": "minor-ninth"}
"""Its kinds of chord symbols."""


def symbol(root: str, quality: str) -> str:
    """By its sound: notes are named by music21."""
    return _symbol(_chord(root, quality)) if quality in SIGNS else root + quality


def _chord(root: str, quality: str) -> harmony.ChordSymbol:
    if quality == "add9":
        return harmony.ChordSymbol(f"{words.pitched(root).name}add9")
    return harmony.ChordSymbol(root=words.pitched(root).name, kind=BUILT.get(quality, quality))


def _symbol(found: chord.Chord) -> str:
    return words.named(found.root()) + QUALITIES[found.commonName.lower().replace(" ", "-")]


def spelled(root: str, quality: str) -> str:
    return words.names(_chord(root, quality).pitches)


def turned(root: str, quality: str, inversion: str) -> str:
    found = chord.Chord(_chord(root, quality).pitches)
    found.inversion(int(inversion), transposeOnSet=True)
    return words.names(sorted(found.pitches, key=lambda one: one.ps))


def bass(root: str, quality: str, inversion: str) -> str:
    return turned(root, quality, inversion).split()[0]


def identified(*texts: str) -> str:
    found = words.stacked(texts)
    return f"{_symbol(found)}, {INVERSIONS[found.inversion()]}"


def quality(*texts: str) -> str:
    return words.stacked(texts).quality


def role(text: str, root: str, quality: str) -> str:
    found = _chord(root, quality)
    steps = found.getChordStep
    members = (found.root(), steps(3), steps(5), steps(7))
    return next(name for name, one in zip(MEMBERS, members, strict=True) if one and words.named(one) == text)


def common(root: str, quality: str, root2: str, quality2: str) -> str:
    other = {one.name for one in _chord(root2, quality2).pitches}
    return words.names([one for one in _chord(root, quality).pitches if one.name in other]) or "none"


def _key(tonic: str, mode: str) -> key.Key:
    return key.Key(words.pitched(tonic).name, mode)


def _numeral(tonic: str, mode: str, numeral: str) -> roman.RomanNumeral:
    """music21 writes a diminished chord as viio."""
    return roman.RomanNumeral(numeral.replace("°", "o"), _key(tonic, mode))


def triads(tonic: str, mode: str) -> str:
    signs = "I ii iii IV V vi viio" if mode == "major" else "i iio III iv V VI viio"
    return " ".join(_symbol(_numeral(tonic, mode, sign)) for sign in signs.split())


def sevenths(tonic: str, mode: str) -> str:
    signs = "I7 ii7 iii7 IV7 V7 vi7 viiø7" if mode == "major" else "i7 iiø7 III7 iv7 V7 VI7 viio7"
    return " ".join(_symbol(_numeral(tonic, mode, sign)) for sign in signs.split())


def homes(root: str, quality: str) -> str:
    """Every major key is tried."""
    found = {}
    for sharps in range(-12, 13):
        home = key.KeySignature(sharps).asKey("major")
        numeral = roman.romanNumeralFromChord(_plain(root, quality), home).figure.replace("o", "°")
        if numeral in ("I", "IV", "V", "ii", "iii", "vi", "vii°"):
            found[numeral] = f"{words.named(home.tonic)} major ({numeral})"
    return ", ".join(found[numeral] for numeral in ("I", "ii", "iii", "IV", "V", "vi", "vii°") if numeral in found)


def _plain(root: str, quality: str) -> chord.Chord:
    return chord.Chord(_chord(root, quality).pitches)


def numeral_spelled(tonic: str, mode: str, numeral: str) -> str:
    return words.names(_numeral(tonic, mode, numeral).pitches)


def symbolised(tonic: str, mode: str, numeral: str) -> str:
    found = _numeral(tonic, mode, numeral)
    over = f"/{words.named(found.bass())}" if found.inversion() else ""
    return _symbol(found) + over


def inversion(tonic: str, mode: str, numeral: str) -> str:
    return INVERSIONS[_numeral(tonic, mode, numeral).inversion()]


def progression(tonic: str, mode: str, *numerals: str) -> str:
    return " ".join(symbolised(tonic, mode, one) for one in numerals)


def numeral(tonic: str, mode: str, root: str, quality: str) -> str:
    figure = roman.romanNumeralFromChord(_plain(root, quality), _key(tonic, mode)).figure
    return figure.replace("o", "°")


def cadence(tonic: str, mode: str, first: str, second: str) -> str:
    """By the figures that music21 reads from the chords' notes."""
    home = _key(tonic, mode)
    before, last = (roman.romanNumeralFromChord(chord.Chord(_numeral(tonic, mode, one).pitches), home)
                    for one in (first, second))
    degrees = before.scaleDegree, last.scaleDegree
    if degrees[1] == 5:
        return "Phrygian half cadence" if mode == "minor" and before.figure == "iv6" else "half cadence"
    weak = "imperfect " if before.inversion() or last.inversion() or degrees[0] == 7 else ""
    return {(5, 1): f"{weak}authentic cadence", (7, 1): f"{weak}authentic cadence", (4, 1): "plagal cadence",
            (5, 6): "deceptive cadence"}[degrees]


def resolved(tonic: str, mode: str, text: str) -> str:
    """The nearest note of the tonic chord, by step."""
    home = keys.pitches(tonic, "harmonic" if mode == "minor" else mode)
    tonic_chord = {home[0].name, home[2].name}
    from_note = words.pitched(text)
    near = [one for one in home if one.name in tonic_chord and abs(_apart(from_note, one)) in (1, 2)]
    return words.named(min(near, key=lambda one: abs(_apart(from_note, one))))


def _apart(one: object, other: object) -> int:
    return (one.pitchClass - other.pitchClass + 6) % 12 - 6  # type: ignore[attr-defined]
