"""Requests about music without what they are said of."""
import pytest

from pillm.records.exercise.skeletons import skeleton

FILLERS = ("perfect fifth", "waltz", "flute", "dorian")


@pytest.mark.parametrize(("request_", "left"), [
    ("spell the E flat major scale", "spell the # scale"), ("which note is a perfect fifth above F#?",
    "which note is a # above #"),
    ("what are the chords of I V6/4 vi IV in Bb?", "what are the chords of # in #"), ("I wrote C#m7/G# and Dm",
    "i wrote # and #"),
    ("a waltz for flute, 8 bars, 3/4", "a # for # bars #"), ("convert this:\nX:1\nM:3/4\nK:D\nD2 F2 | d6 |]",
    "convert this #"),
    ("this doesn't work:\n```\nplay 60\n```\nwhy?", "this doesn t work # why"), ("a 4-bar Dorian phrase",
    "a # # phrase")])
def test_literals_are_masked(request_: str, left: str) -> None:
    assert skeleton(request_, FILLERS) == left.replace("# #", "#")
