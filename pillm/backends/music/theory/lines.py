"""Melodies, rows, two voices, and instruments."""
from itertools import pairwise
from typing import Any

from music21 import chord, instrument, interval, scale, serial, voiceLeading

from pillm.backends.music.theory import keys, words

INSTRUMENTS = {
    "violin": instrument.Violin, "viola": instrument.Viola, "cello": instrument.Violoncello,
    "double bass": instrument.Contrabass, "guitar": instrument.AcousticGuitar, "bass guitar": instrument.ElectricBass,
    "mandolin": instrument.Mandolin, "ukulele": instrument.Ukulele, "flute": instrument.Flute, "oboe": instrument.Oboe,
    "bassoon": instrument.Bassoon, "trombone": instrument.Trombone, "piano": instrument.Piano,
    "accordion": instrument.Accordion, "clarinet in Bb": instrument.Clarinet, "bass clarinet": instrument.BassClarinet,
    "soprano saxophone": instrument.SopranoSaxophone, "alto saxophone": instrument.AltoSaxophone,
    "tenor saxophone": instrument.TenorSaxophone, "baritone saxophone": instrument.BaritoneSaxophone,
    "trumpet in Bb": instrument.Trumpet, "horn in F": instrument.Horn, "English horn": instrument.EnglishHorn}


def up(short: str, *texts: str) -> str:
    return " ".join(words.moved(text, short) for text in texts)


def down(short: str, *texts: str) -> str:
    return " ".join(words.moved(text, short, down=True) for text in texts)


def rekeyed(tonic: str, mode: str, tonic2: str, mode2: str, *texts: str) -> str:
    old, new = (keys.SCALES[kind](words.pitched(one)) for one, kind in ((tonic, mode), (tonic2, mode2)))
    places = [old.getScaleDegreeFromPitch(words.pitched(text)) for text in texts]
    return words.names([new.pitchFromDegree(place) for place in places])


def degrees(tonic: str, mode: str, *texts: str) -> str:
    home = keys.SCALES[mode](words.pitched(tonic))
    return " ".join(str(home.getScaleDegreeFromPitch(words.pitched(text))) for text in texts)


def sung(tonic: str, mode: str, *numbers: str) -> str:
    home: scale.ConcreteScale = keys.SCALES[mode](words.pitched(tonic))
    return words.names([home.pitchFromDegree(int(number)) for number in numbers])


def mirrored(*texts: str) -> str:
    """Interval by interval, each the other way."""
    found = [words.pitched(texts[0])]
    for one, other in pairwise(texts):
        step = interval.Interval(words.pitched(one), words.pitched(other))
        found.append(step.reverse().transposePitch(found[-1]))
    return " ".join(words.named(one, texts[0]) for one in found)


def span(*texts: str) -> str:
    found = chord.Chord([words.pitched(text) for text in texts]).sortAscending()
    return f"{words.named(found.pitches[0], '4')} to {words.named(found.pitches[-1], '4')}"


def _row(numbers: tuple[str, ...]) -> Any:
    return serial.TwelveToneRow([int(number) for number in numbers])


def row_inverted(*numbers: str) -> str:
    return _numbers(_row(numbers).originalCenteredTransformation("I", 0))


def row_transposed(by: str, *numbers: str) -> str:
    return _numbers(_row(numbers).originalCenteredTransformation("P", int(by)))


def _numbers(row: Any) -> str:
    return " ".join(str(one) for one in row.pitchClasses())


def prime_form(*numbers: str) -> str:
    return " ".join(map(str, chord.Chord([int(number) for number in numbers]).primeForm))


def vector(*numbers: str) -> str:
    return " ".join(map(str, chord.Chord([int(number) for number in numbers]).intervalVector))


def _quartet(low1: str, low2: str, high1: str, high2: str) -> voiceLeading.VoiceLeadingQuartet:
    first, second, third, fourth = (words.pitched(text) for text in (high1, high2, low1, low2))
    return voiceLeading.VoiceLeadingQuartet(v1n1=first, v1n2=second, v2n1=third, v2n2=fourth)


def parallels(low1: str, low2: str, high1: str, high2: str) -> str:
    found = _quartet(low1, low2, high1, high2)
    if found.parallelFifth():
        return "parallel fifths"
    octaves = found.parallelUnisonOrOctave() and found.parallelMotion()
    return "parallel octaves" if octaves else "no parallel fifths or octaves"


def motion(low1: str, low2: str, high1: str, high2: str) -> str:
    kind = _quartet(low1, low2, high1, high2).motionType().value.lower()
    return "no motion" if kind == "no motion" else f"{kind.replace('anti', '')} motion"


def crossing(low1: str, low2: str, high1: str, high2: str) -> str:
    return "yes" if _quartet(low1, low2, high1, high2).voiceCrossing() else "no"


def strings(name: str) -> str:
    made: Any = INSTRUMENTS[name]()
    return " ".join(words.named(one, "4") for one in made.stringPitches)


def lowest(name: str) -> str:
    """That of its strings, where it has some: music21's `lowestNote` of the double bass is the written one."""
    made: Any = INSTRUMENTS[name]()
    if isinstance(made, instrument.StringInstrument) and made.stringPitches:
        return words.named(min(made.stringPitches, key=lambda one: one.ps), "4")
    return words.named(made.lowestNote, "4")


def reaches(name: str, text: str) -> str:
    return "yes" if words.pitched(text).ps >= words.pitched(lowest(name)).ps else "no"


def sounding(name: str, *texts: str) -> str:
    by = _by(name)
    return " ".join(words.named(by.transposePitch(words.pitched(text)), text) for text in texts)


def written(name: str, *texts: str) -> str:
    by = _by(name).reverse()
    return " ".join(words.named(by.transposePitch(words.pitched(text)), text) for text in texts)


def _by(name: str) -> interval.Interval:
    """From what is written to what sounds."""
    found = INSTRUMENTS[name]().transposition
    assert found is not None
    return found
