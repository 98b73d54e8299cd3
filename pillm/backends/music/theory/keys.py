"""Scales and keys."""
from music21 import interval, key, pitch, scale

from pillm.backends.music.theory import words

SCALES = {"major": scale.MajorScale, "minor": scale.MinorScale, "harmonic": scale.HarmonicMinorScale,
          "melodic": scale.MelodicMinorScale, "dorian": scale.DorianScale, "phrygian": scale.PhrygianScale,
          "lydian": scale.LydianScale, "mixolydian": scale.MixolydianScale, "locrian": scale.LocrianScale}
GAPPED = {"major-pentatonic": "M2 M3 P5 M6", "minor-pentatonic": "m3 P4 P5 m7", "blues": "m3 P4 d5 P5 m7"}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def pitches(tonic: str, mode: str, direction: scale.Direction = scale.Direction.ASCENDING) -> list[pitch.Pitch]:
    """From the tonic to the one before its octave."""
    low = words.pitched(tonic + "4")
    if mode in GAPPED:
        return [low, *(interval.Interval(up).transposePitch(low) for up in GAPPED[mode].split())]
    found = SCALES[mode](words.pitched(tonic)).getPitches(low, low.transpose("P8"), direction=direction)
    return sorted(found, key=lambda one: one.ps)[:-1]


def scale_of(tonic: str, mode: str) -> str:
    return words.names(pitches(tonic, mode))


def downward(tonic: str, mode: str) -> str:
    found = pitches(tonic, mode, scale.Direction.DESCENDING)
    return words.names([found[0], *reversed(found)])


def degree(tonic: str, mode: str, number: str) -> str:
    return words.named(pitches(tonic, mode)[int(number) - 1])


def member(text: str, tonic: str, mode: str) -> str:
    found = words.pitched(text)
    return "yes" if any(one.name == found.name for one in pitches(tonic, mode)) else "no"


def place(text: str, tonic: str, mode: str) -> str:
    return ORDINALS[SCALES[mode](words.pitched(tonic)).getScaleDegreeFromPitch(words.pitched(text)) - 1]


def _key(tonic: str, mode: str) -> key.Key:
    return key.Key(words.pitched(tonic).name, mode)


def accidentals(tonic: str, mode: str) -> str:
    return ", ".join(words.named(one) for one in _key(tonic, mode).alteredPitches) or "none"


def signature(tonic: str, mode: str) -> str:
    sharps = _key(tonic, mode).sharps
    if not sharps:
        return "no sharps or flats"
    return f"{abs(sharps)} {'sharp' if sharps > 0 else 'flat'}{'s' if abs(sharps) > 1 else ''}"


def signed(number: str, kind: str) -> str:
    sharps = int(number) if kind.startswith("sharp") else -int(number)
    return words.named(key.KeySignature(sharps).asKey("major").tonic)


def relative(tonic: str, mode: str) -> str:
    found = _key(tonic, mode).relative
    return f"{words.named(found.tonic)} {found.mode}"


def neighbours(tonic: str, mode: str) -> str:
    """By signature: as many sharps, one more, one less."""
    sharps = _key(tonic, mode).sharps
    other = "minor" if mode == "major" else "major"
    wanted = [(sharps + 1, mode), (sharps - 1, mode), (sharps, other), (sharps + 1, other), (sharps - 1, other)]
    found = [key.KeySignature(number).asKey(kind) for number, kind in wanted]
    return ", ".join(f"{words.named(one.tonic)} {one.mode}" for one in found)


def shared(tonic: str, mode: str, tonic2: str, mode2: str) -> str:
    other = {one.name for one in pitches(tonic2, mode2)}
    return words.names([one for one in pitches(tonic, mode) if one.name in other])


def parent(tonic: str, mode: str) -> str:
    """By the signature that music21 gives the mode."""
    return words.named(key.KeySignature(_key(tonic, mode).sharps).asKey("major").tonic)


def child(tonic: str, mode: str) -> str:
    return words.named(key.KeySignature(_key(tonic, "major").sharps).asKey(mode).tonic)
