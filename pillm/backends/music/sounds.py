"""The notes of a MIDI file."""
import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

Sounding = tuple[Fraction, Fraction, int]
"""When it begins and how long it lasts, in quarter notes, and its MIDI number."""


def heard(midi: bytes) -> list[Sounding]:
    """All notes, in order of their beginning; whole sixteenth triplets, since files cut a tick off a note's end."""
    from music21 import midi as reader

    file = reader.MidiFile()
    file.openFileLike(io.BytesIO(midi))
    file.read()
    return sorted(note for track in file.tracks for note in _notes(track, file.ticksPerQuarterNote))


def _notes(track: Any, ticks: int) -> Iterator[Sounding]:
    """Ends that touch the next beginning are that beginning."""
    now, started = 0, {}
    for event in track.events:
        now += event.time if event.isDeltaTime() else 0
        if event.isNoteOn():
            started[event.pitch] = now
        elif event.isNoteOff() and event.pitch in started:
            begun = started.pop(event.pitch)
            yield _quarters(begun, ticks), _quarters(now - begun, ticks), event.pitch


def _quarters(time: int, ticks: int) -> Fraction:
    return Fraction(round(24 * time / ticks), 24)
