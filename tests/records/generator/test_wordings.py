"""What is said is what is meant: everything is read back by another program."""
from random import Random

import pytest

from pillm.records.generator import clock, days, numbers
from tests.records.generator import reading


@pytest.mark.parametrize("hours", ["morning", "day", "evening"])
@pytest.mark.parametrize("period", ["", "matin", "après-midi", "soir"])
def test_times_are_read_back(hours: str, period: str) -> None:
    rng = Random(1)
    for _ in range(2000):
        said, value = clock.clock(rng, hours=hours, period=period)
        assert (said, reading.time(said, hours, period)) == (said, value["time"])


@pytest.mark.parametrize(("said", "hours", "time"), [
    ("6 heures", "morning", "06:00"), ("2 h", "day", "14:00"), ("sept heures moins quart", "evening", "18:45"),
    ("une heure moins le quart", "day", "12:45"), ("midi et demi", "day", "12:30"),
    ("minuit moins dix", "evening", "23:50"),
    ("05h30", "evening", "05:30"), ("20h", "morning", "20:00"), ("9 heures PM", "day", "21:00")])
def test_the_reader_follows_the_contract(said: str, hours: str, time: str) -> None:
    assert reading.time(said, hours) == time


def test_durations_are_read_back() -> None:
    rng = Random(2)
    for _ in range(3000):
        said, value = numbers.duration(rng)
        assert (said, reading.duration(said)) == (said, value["minutes"])


def test_numbers_are_read_back() -> None:
    assert [reading.number(numbers.in_words(n)) for n in range(80)] == list(range(80))
    assert [numbers.in_words(n, feminine=True) for n in (1, 21, 31, 61)] == [
        "une", "vingt et une", "trente et une", "soixante et une"]
    assert numbers.in_words(71) == "soixante et onze"


def test_numbers_stay_in_range_and_mostly_near_the_usual() -> None:
    rng = Random(3)
    values = [numbers.number(rng, least=5, most=35, usual=20)[1]["number"] for _ in range(2000)]
    assert set(range(5, 36)) == set(values)
    assert sum(15 <= value <= 25 for value in values) > 1400


def test_a_day_is_said_by_its_name() -> None:
    rng = Random(4)
    for _ in range(1000):
        said, value = days.day(rng)
        assert value["day"] in said or said in (*days.WEEKEND, "apres-demain")


def test_parts_of_today_name_no_day() -> None:
    rng = Random(5)
    for _ in range(3000):
        said, value = days.when(rng)
        named = [day for day in (*days.WEEKDAYS, "demain", "aujourd'hui") if day in said]
        assert bool(named) == (value.get("day", "fin de semaine") != "fin de semaine"), said


def test_a_time_can_be_asked_for_always() -> None:
    rng = Random(6)
    assert all("time" in days.when(rng, hours="morning", time="always")[1] for _ in range(1000))
