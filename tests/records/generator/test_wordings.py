"""What is said is what is meant: everything is read back by another program."""
from random import Random

import pytest

from pillm.records.generator import clock, days, durations, numbers
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
    ("05h30", "evening", "05:30"), ("20h", "morning", "20:00"), ("9 heures PM", "day", "21:00"),
    ("6h et demie", "morning", "06:30"), ("sept moins quart", "morning", "06:45"), ("8h moins 10", "day", "07:50"),
    ("quatre heures du mat", "morning", "04:00"), ("trois heures de la nuit", "day", "03:00"),
    ("dix-sept heures zéro cinq", "day", "17:05"), ("0h30", "evening", "00:30"), ("7h15 am", "evening", "07:15")])
def test_the_reader_follows_the_contract(said: str, hours: str, time: str) -> None:
    assert reading.time(said, hours) == time


def test_durations_are_read_back() -> None:
    rng = Random(2)
    for _ in range(3000):
        said, value = durations.duration(rng)
        assert (said, reading.duration(said)) == (said, value["minutes"])


COMMON_TIMES = [
    "sept heures moins quart", "6h et demie", "six et demie", "midi", "quatre heures du mat", "17h", "17:30", "6H30",
    "dix-sept heures trente", "huit heures moins dix", "8h moins quart", "sept heures zéro cinq"]
COMMON_DURATIONS = [
    "trois quarts d'heure", "une heure et quart", "une p'tite demi-heure", "120 secondes", "1 h 15", "une heure vingt",
    "une heure et trois quarts", "quatre-vingt-dix minutes", "une dizaine de minutes", "2 heures et demie", "1h30",
    "une bonne heure", "un bon quart d'heure"]


def test_the_common_ways_of_saying_a_time_or_a_duration_are_said() -> None:
    rng = Random(7)
    times = {clock.clock(rng, hours=hours)[0] for _ in range(30_000) for hours in ("morning", "day")}
    lasting = {durations.duration(rng)[0] for _ in range(30_000)}
    assert ([*COMMON_TIMES], [*COMMON_DURATIONS]) == (
        [said for said in COMMON_TIMES if said in times], [said for said in COMMON_DURATIONS if said in lasting])


def test_numbers_are_read_back() -> None:
    assert [reading.number(numbers.in_words(n)) for n in range(200)] == list(range(200))
    assert [numbers.in_words(n, feminine=True) for n in (1, 21, 31, 61)] == [
        "une", "vingt et une", "trente et une", "soixante et une"]
    assert [numbers.in_words(n) for n in (71, 80, 81, 91, 100, 121)] == [
        "soixante et onze", "quatre-vingts", "quatre-vingt-un", "quatre-vingt-onze", "cent", "cent vingt et un"]


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
