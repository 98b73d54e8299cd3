"""Note values, bars and time."""
from fractions import Fraction

from music21 import duration, meter, tempo

KINDS = {"thirty-second": "32nd", "sixteenth": "16th"}
MILLISECONDS = 1000


def _duration(value: str) -> duration.Duration:
    *dots, plain = value.split()
    found = duration.Duration(KINDS.get(plain, plain))
    if dots == ["triplet"]:
        found.appendTuplet(duration.Tuplet(3, 2, KINDS.get(plain, plain)))
    elif dots:
        found.dots = {"dotted": 1, "double-dotted": 2}[dots[0]]
    return found


def _quarters(value: str) -> Fraction:
    return Fraction(_duration(value).quarterLength)


def _bar(metre: str) -> Fraction:
    return Fraction(meter.TimeSignature(metre).barDuration.quarterLength)


def quarters(value: str) -> str:
    return _number(_quarters(value))


def fits(small: str, large: str) -> str:
    return _number(_quarters(large) / _quarters(small))


def bar_of(value: str, metre: str) -> str:
    return _number(_bar(metre) / _quarters(value))


def kind(metre: str) -> str:
    return meter.TimeSignature(metre).classification.lower()


def left(metre: str, *values: str) -> str:
    rest = duration.Duration(_bar(metre) - sum((_quarters(value) for value in values), Fraction(0)))
    names = {short: name for name, short in KINDS.items()}
    plain = names.get(rest.type, rest.type)
    return {0: plain, 1: f"dotted {plain}"}[rest.dots] if len(rest.components) == 1 else "none"


def total(*values: str) -> str:
    return _number(sum((_quarters(value) for value in values), Fraction(0)))


def _seconds(quarter_lengths: Fraction, bpm: str) -> float:
    return tempo.MetronomeMark(number=int(bpm)).durationToSeconds(duration.Duration(quarter_lengths))


def delay(value: str, bpm: str) -> str:
    return _number(MILLISECONDS * _seconds(_quarters(value), bpm))


def seconds(bars: str, metre: str, bpm: str) -> str:
    return _number(_seconds(int(bars) * _bar(metre), bpm))


def ticks(value: str, resolution: str) -> str:
    return _number(_quarters(value) * int(resolution))


def samples(value: str, bpm: str, rate: str) -> str:
    return _number(int(rate) * _seconds(_quarters(value), bpm))


def per_minute(value: str, beat: str, bpm: str) -> str:
    mark = tempo.MetronomeMark(number=int(bpm), referent=_duration(beat))
    return _number(mark.getEquivalentByReferent(_duration(value)).number)


def _number(value: float | Fraction) -> str:
    """With two decimals where it has any."""
    rounded = round(float(value), 6)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.2f}".rstrip("0")
