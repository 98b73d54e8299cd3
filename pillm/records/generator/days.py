"""Days, and days with times: «jeudi qui vient à 14h», «demain matin vers huit heures», «à soir»."""
from random import Random

from pillm.records.generator.clock import clock
from pillm.records.generator.numbers import Said

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
WEEKEND = ("en fin de semaine", "la fin de semaine prochaine", "cette fin de semaine", "en fin de semaine qui vient")
PERIODS = ("matin", "après-midi", "soir")
TODAY_PERIODS = {
    "matin": ("ce matin", "à matin"),
    "après-midi": ("cet après-midi", "c't'après-midi", "cet aprem"),
    "soir": ("ce soir", "à soir", "tantôt"),
}
"""A part of the day that names no day: the slot stays empty."""


def day(rng: Random, *, weekend: float = 0.1) -> Said:
    """`weekend` is its share."""
    if rng.random() < weekend:
        return rng.choice(WEEKEND), {"day": "fin de semaine"}
    kind = rng.choices(("weekday", "demain", "après-demain", "aujourd'hui"), (52, 22, 10, 16))[0]
    if kind == "weekday":
        name = rng.choice(WEEKDAYS)
        return _weekday(rng, name), {"day": name}
    return ("apres-demain" if kind == "après-demain" and rng.random() < 0.1 else kind), {"day": kind}


def when(rng: Random, *, hours: str = "day", time: str = "") -> Said:
    """A day, a time, or both; with `time="always"` never a day alone."""
    ways = (_day_and_time, _period_and_time, _time_alone, _tonight_at, _day_alone, _period_alone)
    shares = (34, 18, 16, 8, 0, 0) if time == "always" else (34, 18, 12, 6, 18, 12)
    return rng.choices(ways, shares)[0](rng, hours)


def _weekday(rng: Random, name: str) -> str:
    return rng.choice((
        name, name, name, name, f"{name} prochain", f"{name} qui vient", f"{name} qui s'en vient", f"ce {name}",
        f"{name} {rng.randint(1, 31)}", f"{name} le {rng.randint(1, 31)}",
    ))


def _at(rng: Random, said: str) -> str:
    return rng.choice(("à ", "à ", "à ", "à ", "vers ", "pour ", "")) + said


def _day_and_time(rng: Random, hours: str) -> Said:
    (said_day, values), (said_time, time) = day(rng), clock(rng, hours=hours)
    order = rng.choice(("{day} {at}", "{day} {at}", "{day} {at}", "{day}, {at}", "{at} {day}"))
    return order.format(day=said_day, at=_at(rng, said_time)), values | time


def _period_of(rng: Random, hours: str) -> str:
    return {"morning": "matin", "evening": "soir"}.get(hours) or rng.choice(PERIODS)


def _period_and_time(rng: Random, hours: str) -> Said:
    period = _period_of(rng, hours)
    name = rng.choice((*WEEKDAYS, "demain", "demain", "après-demain"))
    said, time = clock(rng, hours=hours, period=period)
    linked = f"{name} en {period}" if period != "matin" and rng.random() < 0.2 else f"{name} {period}"
    order = rng.choice(("{day} {at}", "{day} {at}", "{at} {day}"))
    return order.format(day=linked, at=_at(rng, said)), {"day": name} | time


def _tonight_at(rng: Random, hours: str) -> Said:
    period = "soir" if hours == "morning" else _period_of(rng, hours)
    said, time = clock(rng, hours=hours, period=period)
    order = rng.choice(("{today} {at}", "{at} {today}"))
    return order.format(today=rng.choice(TODAY_PERIODS[period][:2]), at=_at(rng, said)), time


def _time_alone(rng: Random, hours: str) -> Said:
    said, time = clock(rng, hours=hours)
    return rng.choice(("à ", "à ", "à ", "pour ", "vers ")) + said, time


def _day_alone(rng: Random, hours: str) -> Said:
    return day(rng)


def _period_alone(rng: Random, hours: str) -> Said:
    period = _period_of(rng, hours)
    if rng.random() < 0.3:
        return rng.choice(TODAY_PERIODS[period]), {}
    name = rng.choice((*WEEKDAYS, "demain", "demain"))
    return f"{name} {period}", {"day": name}
