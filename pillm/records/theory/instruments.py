"""Instruments: strings, lowest notes, and what written notes sound."""
from pillm.records.theory.intervals import parsed
from pillm.records.theory.notes import note

STRINGS = {
    "violin": "G3 D4 A4 E5", "viola": "C3 G3 D4 A4", "cello": "C2 G2 D3 A3", "double bass": "E1 A1 D2 G2",
    "guitar": "E2 A2 D3 G3 B3 E4", "bass guitar": "E1 A1 D2 G2", "mandolin": "G3 D4 A4 E5", "ukulele": "G4 C4 E4 A4"}
"""Open, as they sound, from the lowest in position."""
LOWEST = {
    "flute": "C4", "oboe": "Bb3", "bassoon": "Bb1", "trombone": "E2", "piano": "A0", "accordion": "F3"}
"""Sounding, on the usual model, without extensions."""
WRITTEN_DOWN = {
    "clarinet in Bb": "M2", "bass clarinet": "M9", "soprano saxophone": "M2", "alto saxophone": "M6",
    "tenor saxophone": "M9", "baritone saxophone": "M13", "trumpet in Bb": "M2", "horn in F": "P5",
    "English horn": "P5", "double bass": "P8"}
"""How far below the written note it sounds (the bass clarinet in treble clef)."""


def strings(name: str) -> str:
    return STRINGS[name]


def lowest(name: str) -> str:
    if name in LOWEST:
        return LOWEST[name]
    return min(STRINGS[name].split(), key=lambda text: note(text).semitone)


def reaches(name: str, text: str) -> str:
    """Whether a note is not below the lowest one."""
    return "yes" if note(text).semitone >= note(lowest(name)).semitone else "no"


def sounding(name: str, *texts: str) -> str:
    """What written notes sound."""
    steps, size = parsed(WRITTEN_DOWN[name])
    return _said([note(text).moved(-steps, -size) for text in texts], texts)


def written(name: str, *texts: str) -> str:
    """How notes are written for it that should sound."""
    return _said([note(text).moved(*parsed(WRITTEN_DOWN[name])) for text in texts], texts)


def _said(found: list, like: tuple[str, ...]) -> str:
    return " ".join(one.full if text[-1].isdigit() else one.name for one, text in zip(found, like, strict=True))
