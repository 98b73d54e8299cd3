"""What programs about music should print: each line put to theory, or a tune as abc2midi hears it."""
from fractions import Fraction
from itertools import pairwise

from pillm.records.exercise.tasks import Spec

Lines = list[str]


def each(lines: Lines, question: str, *arguments: str) -> Lines:
    """The answer for each line's words; music21's flats are read and written."""
    from pillm.records.theory.answers import ANSWERS
    from pillm.records.theory.notes import dashed

    return [dashed(ANSWERS[question](*arguments, *line.replace("-", "b").split())) for line in lines]


def heard(spec: Spec) -> Lines:
    """A tune's notes: MIDI number, beginning and length in quarters."""
    from pillm.backends.music import abc2midi, sounds

    return [f"{pitch} {_number(begin)} {_number(length)}"
            for begin, length, pitch in sounds.heard(abc2midi.read(str(spec["text"])).midi)]


def higher(lines: Lines, than: str) -> Lines:
    """Notes above a MIDI number."""
    return [line for line in lines if int(line.split()[0]) > int(than)]


def shorter(lines: Lines, than: str) -> Lines:
    """Notes of less than so many quarters."""
    return [line for line in lines if float(line.split()[2]) < float(than)]


def among(lines: Lines, *wanted: str) -> Lines:
    return [line for line in lines if line in wanted]


def width(lines: Lines) -> Lines:
    """From the least to the largest number."""
    found = [int(line.split()[0]) for line in lines]
    return [str(max(found) - min(found))]


def lasting(lines: Lines) -> Lines:
    """Quarters until the last note ends."""
    begin, length = map(Fraction, lines[-1].split()[1:])
    return [_number(begin + length)]


def steps(lines: Lines) -> Lines:
    """From each number to the next."""
    found = [int(line.split()[0]) for line in lines]
    return [str(b - a) for a, b in pairwise(found)]


def widest(lines: Lines) -> Lines:
    return [str(max(abs(int(line)) for line in lines))]


def raised(lines: Lines, by: str) -> Lines:
    return [str(int(line.split()[0]) + int(by)) for line in lines]


def modulo(lines: Lines, by: str) -> Lines:
    return [str(int(line) % int(by)) for line in lines]


def _number(value: Fraction) -> str:
    return f"{float(value):g}"


VERBS = {verb.__name__: verb for verb in (each, higher, shorter, among, width, lasting, steps, widest, raised, modulo)}
