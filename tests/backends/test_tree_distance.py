"""Tree edit distance against its definition, and what it says of JSON."""
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillm.backends.tree_distance import Tree, distance, similarity, tree

TREES = st.recursive(st.sampled_from("abc").map(Tree), lambda inner: st.builds(
    Tree, st.sampled_from("abc"), st.lists(inner, max_size=3).map(tuple)), max_leaves=5)


@cache
def of_forests(one: tuple[Tree, ...], other: tuple[Tree, ...]) -> int:
    """By the recurrence that defines it: the last roots are deleted, inserted, or mapped to each other."""
    if not one or not other:
        return sum(1 + of_forests(node.children, ()) for node in (*one, *other))
    (*before, last), (*earlier, final) = one, other
    return min(1 + of_forests((*before, *last.children), other), 1 + of_forests(one, (*earlier, *final.children)),
               of_forests(tuple(before), tuple(earlier)) + of_forests(last.children, final.children)
               + (last.name != final.name))


@given(TREES, TREES)
@settings(max_examples=60, deadline=None)
def test_it_is_the_least_number_of_edits(one: Tree, other: Tree) -> None:
    assert distance(one, other) == of_forests((one,), (other,)) == distance(other, one)
    assert (distance(one, other) == 0) is (one == other)


@pytest.mark.parametrize(("one", "other", "wanted"), [
    ({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1.0}, 1),
    ([1, 2, 3], [1, 3], 3 / 4),
    ({"a": 1}, {"b": 1}, 2 / 3),
    ({"a": True}, {"a": 1}, 2 / 3),
    (5, {"a": {"b": {"c": 1}}}, 0),
    ([], {}, 0),
])
def test_similarity_of_json(one: object, other: object, wanted: float) -> None:
    assert similarity(one, other) == pytest.approx(wanted)


def test_a_large_tree_takes_its_time_but_not_more() -> None:
    chain = tree([[[[[1]]]]])
    assert distance(chain, Tree("[]", (chain,))) == 1
    wide = tree({str(n): [n, n + 1] for n in range(60)})
    assert distance(wide, wide) == 0
