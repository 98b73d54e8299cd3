"""Each rival learns a small made-up language."""
import pickle

import pytest

pytest.importorskip("sklearn")

from pillm.backends.rivals import linear, neighbour, patterns, tagger  # where scikit-learn is there
from pillm.backends.rivals.contract import contract
from pillm.backends.rivals.learn import learn
from pillm.backends.rivals.words import words
from tests.reference import house

CONTRACT = contract(house.SCHEMA)
MODULES = {"neighbour": neighbour, "patterns": patterns, "linear": linear}


@pytest.fixture(scope="module")
def rivals() -> dict:
    pairs = house.pairs(600)
    expressions = learn(pairs, CONTRACT)
    return {name: module.fit(pairs, CONTRACT, expressions, 0) for name, module in MODULES.items()}


@pytest.mark.parametrize("name", MODULES)
def test_most_of_new_requests_are_answered_rightly(rivals, name):
    asked = house.pairs(150, seed=1)
    right = [rivals[name].answer(request) == calls for request, calls in asked]
    assert sum(right) > 0.9 * len(asked)


@pytest.mark.parametrize("name", MODULES)
def test_the_same_records_make_the_same_rival(rivals, name):
    pairs = house.pairs(600)
    again = MODULES[name].fit(pairs, CONTRACT, learn(pairs, CONTRACT), 0)
    asked = [request for request, _ in house.pairs(50, seed=2)]
    assert [again.answer(request) for request in asked] == [rivals[name].answer(request) for request in asked]
    assert len(pickle.dumps(again)) == len(pickle.dumps(rivals[name]))


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("request_", ["", "?!", "zzz", "wake me " * 60])
def test_anything_is_answered_with_calls(rivals, name, request_):
    assert CONTRACT.knows(rivals[name].answer(request_))


@pytest.mark.parametrize("name", MODULES)
def test_words_that_were_never_seen_are_copied(rivals, name):
    assert rivals[name].answer("write down Zorglub flute") == [{"tool": "memo", "text": "Zorglub flute"}]


def test_a_neighbour_of_two_calls_is_filled_in_order(rivals):
    request = "switch off the galley and then wake me at 9 o'clock"
    assert rivals["neighbour"].answer(request) == [
        {"tool": "lamp", "room": "kitchen", "state": "off"}, {"tool": "alarm", "time": "09:00"}]


def test_a_pattern_masks_what_is_copied_and_what_is_said(rivals):
    pair = ("Count 5 minutes for Tom's bicycle!", [{"tool": "timer", "minutes": 5, "label": "Tom's bicycle"}])
    made = patterns.masked(pair, CONTRACT, rivals["patterns"].expressions)
    assert made.words == ("count", "\x01said", "for", "\x01copied")
    assert (made.places, made.tools, made.values) == (((0, "minutes"), (0, "label")), ("timer",), ())


def test_where_no_pattern_fits_the_most_frequent_answer_is_given(rivals):
    assert rivals["patterns"].answer("something else entirely") == [{"tool": "none"}]


def test_tags_begin_and_go_on(rivals):
    calls = [{"tool": "memo", "text": "the red keys"}]
    found = words("the red keys, put that on my list")
    assert tagger.tagged(found, calls, CONTRACT) == ["B-text", "I-text", "I-text", *"OOOOO"]
    assert rivals["linear"].tagger.spans(found, ("memo",), {"text": (1, 1)}) == [("text", (0, 3))]
    assert rivals["linear"].tagger.spans(found, ("none",), {}) == []


def test_without_copied_slots_there_is_no_tagger():
    pairs = [pair for pair in house.pairs(300) if all(call["tool"] in ("lamp", "none") for call in pair[1])]
    rival = linear.fit(pairs, CONTRACT, learn(pairs, CONTRACT), 0)
    assert rival.tagger is None
    assert rival.answer("darken the corridor") == [{"tool": "lamp", "room": "hall", "state": "off"}]
