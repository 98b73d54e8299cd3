"""A tune in ABC, LilyPond, tinyNotation and as lists for Sonic Pi."""
from collections.abc import Sequence
from fractions import Fraction

from pillm.records.theory.notes import Note, note
from pillm.records.theory.scales import notes as scale_notes
from pillm.records.tunes.tune import Bar, Sound, Tune

ABC_ACCIDENTALS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
LILYPOND_ENDINGS = {-2: "eses", -1: "es", 0: "", 1: "is", 2: "isis"}
LENGTHS = {Fraction(4): "1", Fraction(3): "2.", Fraction(2): "2", Fraction(3, 2): "4.", Fraction(1): "4",
           Fraction(3, 4): "8.", Fraction(1, 2): "8", Fraction(1, 4): "16", Fraction(6): "1.",
           Fraction(7, 2): "2..", Fraction(9, 2): "2. ~ {0}4.", Fraction(5, 2): "2 ~ {0}8", Fraction(5): "1 ~ {0}4"}
"""Quarter notes as LilyPond and tinyNotation count them; what no single note has is tied."""
A_LINE = 4
"""Bars in a line of ABC."""


def abc(tune: Tune) -> str:
    """The bars, the unit being an eighth."""
    written = [_abc_bar(tune, bar) for bar in tune.bars]
    lines = [" | ".join(written[n:n + A_LINE]) for n in range(0, len(written), A_LINE)]
    return " |\n".join(lines) + " |]"


def _abc_bar(tune: Tune, bar: Bar) -> str:
    signature = {one.name[0]: one.accidental for one in scale_notes(tune.tonic, tune.mode)}
    altered: set[str] = set()
    text, at, before = "", Fraction(0), Fraction(9)
    for sound in bar:
        joined = at % tune.beat and sound[1] < 1 and before < 1
        text += ("" if joined or not text else " ") + _abc_note(sound, signature, altered)
        at, before = at + sound[1], sound[1]
    return text


def _abc_note(sound: Sound, signature: dict[str, int], altered: set[str]) -> str:
    """Readers differ on how far an accidental holds, so that a letter that had one in the bar always has it again."""
    one, length = sound
    if one.accidental != signature[one.name[0]]:
        altered.add(one.name[0])
    mark = ABC_ACCIDENTALS[one.accidental] if one.name[0] in altered else ""
    octave = one.step // 7
    letter = one.name[0] if octave < 5 else one.name[0].lower()
    return f"{mark}{letter}{',' * (4 - octave)}{chr(39) * (octave - 5)}{_eighths(length)}"


def _eighths(length: Fraction) -> str:
    found = 2 * length
    if found.denominator == 1:
        return "" if found == 1 else str(found.numerator)
    return f"{found.numerator if found.numerator > 1 else ''}/{found.denominator}"


def lilypond(tune: Tune) -> str:
    """The bars, in absolute octaves."""
    bars = [" ".join(_lilypond_note(sound) for sound in bar) for bar in tune.bars]
    lines = [" | ".join(bars[n:n + A_LINE]) for n in range(0, len(bars), A_LINE)]
    return " |\n    ".join(lines) + ' \\bar "|."'


def lilypond_name(one: Note) -> str:
    """es and as, which LilyPond also takes as ees and aes."""
    name = one.name[0].lower() + LILYPOND_ENDINGS[one.accidental]
    return {"ees": "es", "aes": "as"}.get(name, name)


def _lilypond_note(sound: Sound) -> str:
    one, length = sound
    octave = one.step // 7
    pitch = f"{lilypond_name(one)}{chr(39) * (octave - 3)}{',' * (3 - octave)}"
    return pitch + LENGTHS[length].format(pitch)


def tiny(tune: Tune) -> str:
    """music21's tinyNotation: c is middle C, C the one below; a sharp is #, a flat -."""
    return f"{tune.metre} {' '.join(_tiny_note(*sound) for sound in tune.sounds)}"


def _tiny_note(one: Note, length: Fraction) -> str:
    octave = one.step // 7
    letter = one.name[0].lower() + "'" * (octave - 4) if octave >= 4 else one.name[0] * (4 - octave)
    return f"{letter}{one.name[1:].replace('b', '-')}{LENGTHS[length]}"


def symbols(notes: Sequence[Note]) -> str:
    """Sonic Pi's: :fs4, :bb3."""
    return ", ".join(f":{one.name[0].lower()}{one.name[1:].replace('#', 's')}{one.step // 7}" for one in notes)


def times(lengths: Sequence[Fraction]) -> str:
    """As decimals."""
    return ", ".join(str(one.numerator) if one.denominator == 1 else str(float(one)) for one in lengths)


def named(texts: Sequence[str]) -> list[Note]:
    return [note(text) for text in texts]
