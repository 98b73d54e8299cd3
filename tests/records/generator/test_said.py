"""Whole requests that stand beside a tool's phrasings."""
from collections import Counter
from random import Random

from pillm.records.generator.fragment import beside, options


def test_the_second_is_said_in_its_share_and_weights_within_each_hold():
    both = beside(options({"a": 3, "b": 1}, "x"), options(["c", "d"], "x"), 0.5)
    drawn = Counter(Random(0).choices(both.phrases, cum_weights=both.heavy, k=80_000))
    shares = {phrase[0]: count / 80_000 for phrase, count in drawn.items()}
    assert {said: round(share, 2) for said, share in shares.items()} == {"a": 0.38, "b": 0.12, "c": 0.25, "d": 0.25}
