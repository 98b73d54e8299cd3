import random
from array import array
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.dedup import Sketches, distinct, first_equal, jaccard, median, torn

WORDS = [f"mot{n}" for n in range(500)]
NUMBERS = st.lists(st.integers(0, 5), max_size=30)


def sets(count: int, seed: int = 1) -> list[set[str]]:
    draw = random.Random(seed)
    return [set(draw.sample(WORDS, 20)) for _ in range(count)]


def pairs(folder, texts: list[set[str]]) -> list[tuple[int, int]]:
    with Sketches(folder) as sketches:
        for text in texts:
            sketches.add(text)
        return list(sketches.pairs())


def test_sets_that_are_alike_are_named_and_others_hardly(tmp_path):
    some = sets(3000)
    near = [{"autre", *sorted(words)[1:]} for words in some]
    found = pairs(tmp_path, [*some, *near])
    assert {(n + 3000, n) for n in range(3000)} <= set(found)
    assert len(found) < 3050


def test_pairs_come_in_the_order_of_the_later_with_its_latest_neighbour_first(tmp_path):
    found = pairs(tmp_path, [text for text in sets(10) for _ in range(4)])
    assert found == sorted(found, key=lambda pair: (pair[0], -pair[1]))
    assert found[:6] == [(1, 0), (2, 1), (2, 0), (3, 2), (3, 1), (3, 0)]


def test_in_a_crowd_of_equal_sets_time_stays_linear(tmp_path):
    found = pairs(tmp_path, sets(1) * 5000)
    assert len(found) < 5 * 5000
    assert Counter(earlier for _, earlier in found)[0] == 4999


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_sets(tmp_path, count):
    assert pairs(tmp_path, [{"a"}] * count) == [(1, 0)] * (count == 2)


@given(NUMBERS)
def test_the_first_of_equal_numbers(numbers):
    assert list(first_equal(array("Q", numbers))) == [numbers.index(number) for number in numbers]
    assert list(distinct(array("Q", numbers))) == sorted(set(numbers))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=30))
def test_keys_with_more_than_one_value(pairs):
    wanted = [n for n, (key, _) in enumerate(pairs) if key and len({v for k, v in pairs if k == key}) > 1]
    assert list(torn(array("Q", [key for key, _ in pairs]), array("Q", [value for _, value in pairs]))) == wanted


def test_the_median():
    assert median(array("I", [9, 1, 5])) == 5


def test_jaccard():
    assert jaccard({"a", "b"}, {"b", "c"}) == pytest.approx(1 / 3)
    assert jaccard(set(), set()) == 1
