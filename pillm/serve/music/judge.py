"""A tune, read by music21 and by abc2midi, and held to what was wanted; one fault makes it wrong."""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pillm.backends.music import abc, abc2midi
from pillm.errors import DataError
from pillm.serve.music.answer import tune as tune_of
from pillm.serve.music.argument import Argument, semitone

if TYPE_CHECKING:
    from pillm.serve.checker import Measures

AT_HOME = 0.75
"""The share of notes that must belong to the key: one in four may be chromatic."""
LEAST_PITCHES = 3
"""Fewer different notes are no tune."""
LOWEST_AND_HIGHEST = ("C-1", "G9")
"""What MIDI numbers reach, where a question names no range."""
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Verdict:
    """Whether a tune is right, and if not, why."""

    right: bool
    why: str = ""


def music(answer: str, wanted: Mapping[str, Any]) -> "Measures":
    """The answer's tune is in the key and metre that are wanted, has as many bars, all full, and stays in range."""
    found = tune_of(answer)
    return {"score": float(found is not None and judge(found, wanted).right)}


def missing() -> str | None:
    """Why no tune can be judged on this machine, with the remedy."""
    return abc.missing() or abc2midi.missing()


def judge(text: str, argument: Argument | Mapping[str, Any]) -> Verdict:
    """The first fault that is found; raises SandboxError where abc2midi cannot be contained."""
    wanted = Argument.model_validate(argument)
    try:
        tune = abc.tune(text)
    except DataError as error:
        return Verdict(False, f"music21 finds {error}")
    why = next(_faults(tune, wanted), "") or next(_complaints(text), "")
    return Verdict(not why, why)


def _complaints(text: str) -> Iterator[str]:
    read = abc2midi.read(text)
    yield from (f"abc2midi says {one!r}" for one in read.complaints)
    if not read.midi:
        yield "abc2midi makes nothing of it"


def _faults(tune: abc.Tune, wanted: Argument) -> Iterator[str]:
    if tune.key != wanted.key:
        yield f"its key is {tune.key}, not {wanted.key}"
    if tune.metre != wanted.metre:
        yield f"its metre is {tune.metre}, not {wanted.metre}"
    yield from _of_bars(tune.bars, wanted)
    notes = [note for bar in tune.bars for sound in bar.sounds for note in sound]
    yield from _of_notes(notes, wanted)
    yield from _of_sounds(notes, wanted.sounds or notes)
    if wanted.ends and (last := tune.bars[-1].sounds[-1:]) and (
            not last[0] or any((note - semitone(wanted.ends)) % 12 for note in last[0])):
        yield f"it does not end on {wanted.ends}"


def _of_bars(bars: tuple[abc.Bar, ...], wanted: Argument) -> Iterator[str]:
    whole = wanted.bar_length
    upbeat = bars[0].length if wanted.upbeat else 0
    if wanted.upbeat and not 0 < upbeat < whole:
        yield "it has no upbeat"
    counted = bars[1:] if wanted.upbeat else bars
    if len(counted) != wanted.bars:
        yield f"it has {len(counted)} bars, not {wanted.bars}"
    for number, bar in enumerate(counted, 1):
        shortened = wanted.upbeat and number == len(counted) and bar.length == whole - upbeat
        if bar.length != whole and not shortened:
            yield f"bar {number} has {bar.length} quarters, not {whole}"


def _of_notes(notes: list[int], wanted: Argument) -> Iterator[str]:
    if len(set(notes)) < LEAST_PITCHES or len(notes) < wanted.bars:
        yield f"{len(notes)} notes, {len(set(notes))} different ones, are no tune of {wanted.bars} bars"
    if sum(map(wanted.of_key, notes)) < AT_HOME * len(notes):
        yield f"{sum(map(wanted.of_key, notes))} of its {len(notes)} notes belong to {wanted.key}"
    low, high = wanted.range or LOWEST_AND_HIGHEST
    for note in notes:
        if not semitone(low) <= note <= semitone(high):
            yield f"{NAMES[note % 12]}{note // 12 - 1} is outside {low} to {high}"


def _of_sounds(notes: Sequence[int], wanted: Sequence[int]) -> Iterator[str]:
    for place, (note, other) in enumerate(zip(notes, wanted, strict=False), 1):
        if note != other:
            yield f"its note {place} is {NAMES[note % 12]}, not {NAMES[other % 12]}"
    if len(notes) != len(wanted):
        yield f"it has {len(notes)} notes, not {len(wanted)}"
