"""What words mean, learned from requests and calls."""
import pytest

from pillm.backends.rivals.contract import Slot, contract
from pillm.backends.rivals.expressions import Expressions, uncopied
from pillm.backends.rivals.learn import learn
from pillm.backends.rivals.words import words
from tests.reference import house

CONTRACT = contract(house.SCHEMA)


@pytest.fixture(scope="module")
def expressions() -> Expressions:
    return learn(house.pairs(600), CONTRACT)


def slot(tool: str, name: str) -> Slot:
    return next(slot for slot in CONTRACT.tools[tool] if slot.name == name)


def read(expressions: Expressions, tool: str, name: str, request: str) -> list:
    found = words(request)
    return [(one.value, found.said(one.span)) for one in expressions.read(slot(tool, name), tool, found.forms)]


def test_number_words_are_learned_from_figures(expressions):
    known = {word: number for number, word in house.NUMBERS.items()}
    assert known.items() <= expressions.numbers.items()


@pytest.mark.parametrize(("tool", "name", "request_", "value"), [
    ("lamp", "room", "it is dark in the galley", "kitchen"), ("lamp", "room", "down below, please", "cellar"),
    ("lamp", "state", "darken it", "off"), ("timer", "minutes", "count 33 minutes", 33),
    ("timer", "minutes", "count four times, no: seven hours", 420), ("alarm", "time", "at 9 o'clock", "09:00"),
    ("alarm", "time", "at eight o'clock and forty", "08:40"), ("alarm", "time", "at 11 o'clock and 12", "11:12")])
def test_expressions_hold_for_values_that_were_never_seen(expressions, tool, name, request_, value):
    assert [found for found, _ in read(expressions, tool, name, request_)][-1] == value


def test_what_the_slot_does_not_take_is_not_read(expressions):
    assert read(expressions, "alarm", "time", "at 77 o'clock") == []
    assert read(expressions, "timer", "minutes", "count 0 minutes") == []


def test_words_are_read_once_and_in_order(expressions):
    found = read(expressions, "lamp", "room", "the hall, then the galley")
    assert [value for value, _ in found] == ["hall", "kitchen"]


def test_copied_words_say_nothing(expressions):
    request, calls = "count 5 minutes for ten hours", [{"tool": "timer", "minutes": 5, "label": "ten hours"}]
    forms = uncopied(words(request), calls, CONTRACT)
    assert forms == ("count", "5", "minutes", "for", None, None)
    assert [one.value for one in expressions.read(slot("timer", "minutes"), "timer", forms)] == [5]
    assert expressions.locate(slot("timer", "minutes"), "timer", 5, forms) == (1, 3)
    assert expressions.locate(slot("timer", "minutes"), "timer", 6, forms) is None


def test_a_span_is_whole_words():
    found = words("L'été, ça va-tu chez Zoé?")
    assert found.forms == ("l", "ete", "ca", "va-tu", "chez", "zoe")
    assert (found.find("Zoé"), found.find("été, ça"), found.find("té"), found.find("")) == ((5, 6), (1, 3), None, None)
    assert (found.said((1, 3)), found.before(2), found.before(6)) == ("été, ça", ",", "?")


def test_calls_of_other_tools_or_shapes_are_not_known():
    assert CONTRACT.knows([{"tool": "memo", "text": "milk"}])
    odd = [{"tool": "moon"}, {"tool": "memo", "text": 5}, {"tool": "timer", "minutes": [5]}, "memo"]
    assert not any(CONTRACT.knows(calls) for calls in ([], {}, *([call] for call in odd)))
