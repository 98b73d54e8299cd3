"""Note values, bars and time."""
from fractions import Fraction

PLAIN = {name: Fraction(4, 2 ** n) for n, name in enumerate(
    ("whole", "half", "quarter", "eighth", "sixteenth", "thirty-second"))}
"""In quarter notes."""
DOTS = {"dotted": Fraction(3, 2), "double-dotted": Fraction(7, 4), "triplet": Fraction(2, 3)}
COUNTED = ("", "single", "duple", "triple", "quadruple", "quintuple", "sextuple", "septuple")
MILLISECONDS = 60_000


def length(value: str) -> Fraction:
    """Of «dotted quarter», «triplet eighth», in quarters."""
    *dots, plain = value.split()
    return PLAIN[plain] * DOTS[dots[0]] if dots else PLAIN[plain]


def bar_length(metre: str) -> Fraction:
    beats, unit = map(int, metre.split("/"))
    return Fraction(4 * beats, unit)


def quarters(value: str) -> str:
    return _number(length(value))


def fits(small: str, large: str) -> str:
    """How many of one are as long as the other."""
    return _number(length(large) / length(small))


def bar_of(value: str, metre: str) -> str:
    """How many fill a bar."""
    return _number(bar_length(metre) / length(value))


def kind(metre: str) -> str:
    """Compound where the beats are of three, else simple; and how many beats."""
    beats = int(metre.split("/")[0])
    compound = beats > 3 and beats % 3 == 0
    return f"{'compound' if compound else 'simple'} {COUNTED[beats // 3 if compound else beats]}"


def left(metre: str, *values: str) -> str:
    """The one value, plain or dotted, that completes a bar."""
    rest = bar_length(metre) - sum(length(value) for value in values)
    names = [*PLAIN, *(f"dotted {plain}" for plain in PLAIN)]
    return next(name for name in names if length(name) == rest)


def total(*values: str) -> str:
    return _number(sum((length(value) for value in values), Fraction(0)))


def delay(value: str, bpm: str) -> str:
    """Milliseconds at so many quarters a minute."""
    return _number(length(value) * MILLISECONDS / int(bpm))


def seconds(bars: str, metre: str, bpm: str) -> str:
    """How long bars last at so many quarters a minute."""
    return _number(int(bars) * bar_length(metre) * 60 / int(bpm))


def ticks(value: str, resolution: str) -> str:
    """Of a sequencer with so many to the quarter."""
    return _number(length(value) * int(resolution))


def samples(value: str, bpm: str, rate: str) -> str:
    return _number(length(value) * 60 * int(rate) / int(bpm))


def per_minute(value: str, beat: str, bpm: str) -> str:
    """How many of a value a minute has at so many beats."""
    return _number(int(bpm) * length(beat) / length(value))


def _number(value: Fraction | int) -> str:
    """With two decimals where it has any."""
    value = Fraction(value)
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.2f}".rstrip("0")
