"""What a tune is judged on: read strictly."""
from fractions import Fraction

import pytest

from pillm.serve.music.argument import Argument, mistakes, semitone, suits

GOOD = {"key": "F# minor", "metre": "6/8", "bars": 8}


@pytest.mark.parametrize("more", [{}, {"range": ["C4", "A5"]}, {"ends": "F#"}, {"upbeat": True}, {"sounds": [66, 69]},
                                  {"key": "D dorian"}, {"key": "Bb mixolydian"}, {"metre": "12/8"}])
def test_what_suits(more: dict) -> None:
    assert suits(GOOD | more)


@pytest.mark.parametrize(("more", "told"), [
    ({"key": "F# moll"}, "key: Value error, a key is a tonic and a mode"), ({"key": "H minor"}, "key: Value error"),
    ({"metre": "three"}, "metre: Value error, a metre is written like 3/4"), ({"metre": "3/5"}, "metre"),
    ({"bars": 1}, "bars: "), ({"range": ["A5", "C4"]}, "answer: Value error, range is the lowest and the highest note"),
    ({"range": ["C", "A5"]}, "range.0: Value error, a pitch has its octave"), ({"ends": "F sharp"}, "ends: "),
    ({"tempo": 120}, "tempo: Extra inputs")])
def test_what_does_not_is_told_with_its_place(more: dict, told: str) -> None:
    assert not suits(GOOD | more)
    assert mistakes(GOOD | more)[0].startswith(told)


def test_its_notes() -> None:
    wanted = Argument.model_validate(GOOD)
    assert wanted.bar_length == Fraction(3)
    assert [semitone(pitch) for pitch in ("C4", "A4", "F#3", "Bb5", "B3")] == [60, 69, 54, 82, 59]
    # E# is its leading note
    assert [wanted.of_key(note) for note in (66, 69, 65, 60, 70)] == [True, True, True, False, False]
