"""Which moments a timer is meant to fire at: by the calendar, apart from any reader of expressions."""
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

START = datetime(2026, 1, 1)
DAYS = 400


def meant(fires: Mapping[str, str]) -> list[datetime]:
    """Every moment after START within DAYS whose fields are among those given."""
    wanted = {field: {int(value) for value in values.split(",")} for field, values in fires.items()}
    return [moment for moment in _minutes(wanted) if moment > START]


def _minutes(wanted: Mapping[str, set[int]]) -> Iterator[datetime]:
    """weekday counts from Monday as 1 to Sunday as 7."""
    for day in (START + timedelta(days=n) for n in range(DAYS)):
        held = {"day": day.day, "month": day.month, "weekday": day.isoweekday()}
        if all(held[field] in values for field, values in wanted.items() if field in held):
            for hour in sorted(wanted.get("hour", range(24))):
                for minute in sorted(wanted.get("minute", range(60))):
                    yield day + timedelta(hours=hour, minutes=minute)
