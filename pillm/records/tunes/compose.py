"""A tune by rule: a chord for each bar, rhythms that come back, chord notes on beats, steps between, and a close."""
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from pillm.records.theory import numerals, scales
from pillm.records.theory.notes import Note, note
from pillm.records.theory.rhythm import bar_length
from pillm.records.tunes.tune import Bar, Tune

Rhythm = tuple[Fraction, ...]
WIDE = 5
"""Semitones from which a step is a leap; it is followed by a step back."""
WIDEST = 9
FAR = 0.3
"""Of the range, from its middle, at which it turns back."""
REPEATED = 3.5
"""What a note said again costs; a step costs 1."""
LONG = 8
"""Bars of a tune that has two halves."""
REPEATS = 2
"""Bars of the first phrase that the second one repeats."""


@dataclass
class Hand:
    """Where the melody is."""

    rng: Random
    ladder: list[Note]
    """The notes of the scale that the instrument has, rising."""
    now: Note
    heading: int
    """1 up, -1 down."""
    must_step: bool = False
    again: bool = False
    """Whether the last note was said again."""


def composed(rng: Random, key: tuple[str, str], metre: str, plan: Sequence[str], cells: str,
             ends: tuple[str, str]) -> Tune:
    """`plan` has a numeral for each bar, `cells` bars of rhythm in quarters: `2 1 | 1 1 1`; `ends` are the range."""
    tonic, mode = key
    rhythms = _rhythms(rng, [_cell(text) for text in cells.split("|")], len(plan), bar_length(metre))
    ladder = _ladder(tonic, mode, *map(note, ends))
    home = [one for one in ladder if one.name == tonic]
    hand = Hand(rng, ladder, rng.choice(home[:-1] or home), rng.choice((1, 1, -1)))
    bars: list[Bar] = []
    half = len(plan) // 2
    for place, (numeral, rhythm) in enumerate(zip(plan, rhythms, strict=True)):
        if place == half - 1 and bars:
            hand.heading = 1 if bars[0][0][0].semitone > hand.now.semitone else -1
        if _returns(bars, plan, place, hand.now):
            bars.append(bars[place - half])
            hand.now = bars[-1][-1][0]
        elif place == len(plan) - 1:
            bars.append(_close(hand, rhythm, tonic))
        else:
            leads = _beside(ladder, tonic) if place == len(plan) - 2 else None
            raised = _sharpened(tonic, mode, numeral)
            bars.append(_bar(hand, rhythm, _chord(tonic, mode, numeral), raised, leads=leads))
    return Tune(tonic, mode, metre, tuple(bars))


def _returns(bars: list[Bar], plan: Sequence[str], place: int, now: Note) -> bool:
    """Whether the second half begins as the first did: on the same chord, and within reach."""
    before = place - len(plan) // 2
    if len(plan) < LONG or not 0 <= before < REPEATS or plan[before] != plan[place]:
        return False
    return abs(bars[before][0][0].semitone - now.semitone) <= WIDEST


def _beside(ladder: list[Note], tonic: str) -> set[int]:
    """What leads to the tonic by step: the second degree, and the seventh a semitone below."""
    home = next(one for one in ladder if one.name == tonic).semitone
    return {(home + 2) % 12, (home - 1) % 12}


def _cell(text: str) -> Rhythm:
    return tuple(map(Fraction, text.split()))


def _rhythms(rng: Random, cells: list[Rhythm], bars: int, whole: Fraction) -> list[Rhythm]:
    """Two cells that alternate, a calmer one where a phrase of four ends, and one note at the very end."""
    first, second = rng.sample(cells, 2) if len(cells) > 1 else (cells[0], cells[0])
    calm = min(cells, key=len)
    found = [calm if place % 4 == 3 else (first, second)[place % 2] for place in range(bars)]
    if bars > 2:
        found[-2] = rng.choice(cells)
    return [*found[:-1], (whole,)]


def _ladder(tonic: str, mode: str, low: Note, high: Note) -> list[Note]:
    octaves = [one.moved(7 * n, 12 * n) for n in range(-4, 4) for one in scales.notes(tonic, mode)]
    return [one for one in octaves if low.semitone <= one.semitone <= high.semitone]


def _chord(tonic: str, mode: str, numeral: str) -> set[int]:
    """Its notes, as letters with semitones of an octave."""
    return {one.semitone % 12 for one in numerals.read(tonic, mode, numeral).notes}


def _sharpened(tonic: str, mode: str, numeral: str) -> set[int]:
    """The seventh degree of minor where the chord raises it, as it stands in the key."""
    raised = mode == "minor" and numeral.upper().startswith(("V", "VII")) and numeral not in ("VI", "VII")
    return {scales.notes(tonic, "minor")[6].semitone % 12} if raised else set()


def _bar(hand: Hand, rhythm: Rhythm, chord: set[int], raised: set[int], *, leads: set[int] | None = None) -> Bar:
    """`leads` are the pitch classes that its last note must be of, where there are such."""
    sounds, at = [], Fraction(0)
    for number, length in enumerate(rhythm):
        if leads and number == len(rhythm) - 1:
            hand.now = _next(hand, leads, raised, strong=True)
        else:
            strong = at.denominator == 1 and (at == 0 or hand.rng.random() < 0.5)
            hand.now = _next(hand, chord, raised, strong=strong)
        sounds.append((hand.now, length))
        at += length
    return tuple(sounds)


def _next(hand: Hand, chord: set[int], raised: set[int], *, strong: bool) -> Note:
    """The best of the notes within reach: near, in the direction it goes, of the chord on strong beats."""
    top = hand.ladder[-1].semitone
    ladder = [one.moved(0, 1) if one.semitone % 12 in raised and one.semitone < top else one for one in hand.ladder]
    reach = [one for one in ladder if abs(one.semitone - hand.now.semitone) <= WIDEST and _sings(hand.now, one)]
    fitting = [one for one in reach if one.semitone % 12 in chord] if strong else reach
    near = [one for one in fitting or reach if abs(one.step - hand.now.step) == 1] if hand.must_step else []
    found = min(near or fitting or reach, key=lambda one: _cost(hand, one, chord))
    hand.must_step = abs(found.semitone - hand.now.semitone) >= WIDE
    if hand.must_step or hand.rng.random() < 0.25:
        hand.heading = -1 if found.semitone > hand.now.semitone else 1
    low, high = hand.ladder[0].semitone, hand.ladder[-1].semitone
    if abs(found.semitone - (low + high) / 2) > FAR * (high - low):
        hand.heading = -1 if found.semitone > (low + high) / 2 else 1
    hand.again = found.semitone == hand.now.semitone
    return found


def _sings(one: Note, other: Note) -> bool:
    """No augmented second, no tritone."""
    steps, size = abs(other.step - one.step), abs(other.semitone - one.semitone)
    return (steps, size) not in ((1, 3), (3, 6), (4, 6), (6, 11))


def _cost(hand: Hand, one: Note, chord: set[int]) -> float:
    """Steps are cheap, leaps dear; a note of the chord and one in the direction are cheaper."""
    away = abs(one.step - hand.now.step) or REPEATED * (1 + hand.again)
    against = (one.semitone - hand.now.semitone) * hand.heading < 0
    return away + 2.5 * against - 0.8 * (one.semitone % 12 in chord) + hand.rng.random() * 2.2


def _close(hand: Hand, rhythm: Rhythm, tonic: str) -> Bar:
    """The nearest tonic."""
    home = min((one for one in hand.ladder if one.name == tonic),
               key=lambda one: (abs(one.semitone - hand.now.semitone), one.semitone))
    return ((home, rhythm[0]),)
