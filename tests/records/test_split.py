from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillm.records.split import WHOLE, Shares, bounds, split, stratum

PLACES = st.sets(st.integers(0, WHOLE - 1), min_size=1, max_size=200)
SHARES = st.tuples(st.sampled_from([0, 0.05, 0.1, 0.3]), st.sampled_from([0, 0.05, 0.1, 0.3])).map(lambda s: Shares(*s))


def sorted_out(places: dict, shares: Shares, seed: int = 0) -> dict:
    found = bounds({name: sorted(some) for name, some in places.items()}, shares, seed)
    return {(name, place): split(place, found[name]) for name, some in places.items() for place in some}


@given(st.dictionaries(st.tuples(st.sampled_from("abc")), PLACES, min_size=1), SHARES, st.integers(0, 3))
def test_each_stratum_gives_each_split_its_share_within_one_record(places, shares, seed):
    for name, some in places.items():
        counts = Counter(where for (stratum, _), where in sorted_out(places, shares, seed).items() if stratum == name)
        spare = 1 + (len(some) == max(map(len, places.values())))  # the largest may also fill an empty split
        assert abs(counts["test"] - shares.test * len(some)) <= spare
        assert abs(counts["validation"] - shares.validation * len(some)) <= spare


@settings(max_examples=200)
@given(st.sets(st.integers(0, WHOLE - 1), min_size=30, max_size=200), st.integers(0, WHOLE - 1), st.integers(0, 9))
def test_one_record_more_moves_at_most_one_other_across_each_border(places, new, seed):
    shares = Shares(0.1, 0.1)
    other = {("other",): {n << 50 for n in range(100)}}
    before = sorted_out({("a",): places} | other, shares, seed)
    after = sorted_out({("a",): places | {new}} | other, shares, seed)
    moved = [name for name, where in before.items() if after[name] != where]
    assert all(name[0] == ("a",) for name in moved)
    assert len(moved) <= 2


@pytest.mark.parametrize("count", [3, 4, 10, 19])
def test_a_split_that_was_asked_for_is_not_empty(count):
    for seed in range(20):
        where = sorted_out({("a",): {n << 32 for n in range(count)}, ("b",): {5}}, Shares(0.05, 0.05), seed)
        assert {"train", "validation", "test"} == set(where.values())


def test_without_shares_all_trains():
    assert set(sorted_out({("a",): set(range(50))}, Shares(0, 0)).values()) == {"train"}


def test_small_strata_give_their_share_together():
    places = {(str(n),): {n << 40} for n in range(2000)}
    counts = Counter(sorted_out(places, Shares(0.1, 0.1)).values())
    assert 150 < counts["test"] < 250
    assert 150 < counts["validation"] < 250


def test_a_stratum_is_tags_in_any_order_and_the_kind_of_answer():
    assert stratum({"tags": ["b", "a"]}) == stratum({"tags": ["a", "b"], "requires_json": False}) == ("a", "b", "text")
    assert stratum({"requires_json": True}) == ("json",)
