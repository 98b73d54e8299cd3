"""How values follow from numbers."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.rivals.hows import hows, solved, value

NUMBERS = st.lists(st.integers(0, 99), max_size=2).map(tuple)


@given(st.integers(0, 600) | st.sampled_from(["07:15", "23:00", "on", "3 of 10"]), NUMBERS)
def test_every_how_gives_the_value_it_was_made_from(wanted, numbers):
    assert all(value(how, numbers) == wanted for how in hows(wanted, numbers))


@pytest.mark.parametrize(("wanted", "numbers", "other", "then"), [
    ("06:15", (6, 15), (9, 40), "09:40"), ("18:30", (6,), (7,), "19:30"), (120, (2,), (3,), 180),
    (150, (2, 30), (1, 15), 75), (150, (2,), (3,), 210)])
def test_one_of_them_holds_for_other_numbers(wanted, numbers, other, then):
    assert then in {value(how, other) for how in hows(wanted, numbers)}


def test_numbers_that_must_have_been_said_are_found():
    hour_and_minute = next(how for how in hows("06:15", (6, 15)) if value(how, (9, 40)) == "09:40")
    assert solved(hour_and_minute, "11:05", 2) == (11, 5)
    hours = next(how for how in hows(120, (2,)) if value(how, (3,)) == 180)
    assert (solved(hours, 300, 1), solved(hours, 301, 1)) == ((5,), None)
    assert solved(("is", "on"), "on", 1) is None


def test_below_zero_there_is_nothing():
    earlier = next(how for how in hows(5, (8,)) if value(how, (9,)) == 6)
    assert value(earlier, (2,)) is None
