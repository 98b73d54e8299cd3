"""Timers fire when they are meant to."""
from datetime import datetime

from pillm.backends import calendars
from pillm.records.exercise import moments

MONDAYS = {"minute": "30", "hour": "2", "weekday": "1"}


def test_moments_follow_the_calendar() -> None:
    found = moments.meant(MONDAYS)
    assert found[:2] == [datetime(2026, 1, 5, 2, 30), datetime(2026, 1, 12, 2, 30)]
    assert len(moments.meant({"minute": "0", "hour": "6,18"})) == 2 * moments.DAYS


def test_expressions_are_read_by_those_who_run_them() -> None:
    assert calendars.cron("30 2 * * 1", moments.START, moments.DAYS) == moments.meant(MONDAYS)
    assert calendars.cron("2 30 * * 1", moments.START, moments.DAYS) == []
    assert calendars.cron("30 2 1 * *", moments.START, moments.DAYS) != moments.meant(MONDAYS)


def test_timers_are_read_by_systemd_where_it_is() -> None:
    if calendars.calendar_missing():
        assert "Install systemd" in str(calendars.calendar_missing())
        return
    assert calendars.calendar("Mon *-*-* 02:30", moments.START, 5) == moments.meant(MONDAYS)[:5]
    assert calendars.calendar("Someday", moments.START, 5) == []
