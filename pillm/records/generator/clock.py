"""Times of day in words: «sept heures moins quart», «14h30», «6h et quart», «dix-sept heures trente», «midi et demi».

An hour said without «du matin» or «du soir» is read by what it is for: `morning` (an alarm: as said), `day` (an
appointment: 1 to 6 are afternoon), `evening` (a supper: afternoon).
"""
from random import Random

from pillm.records.generator.numbers import Said, in_words

DRAWN_HOURS = {
    "morning": (4, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 9, 10, 11),
    "day": (7, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 18, 19, 20),
    "evening": (16, 17, 17, 18, 18, 18, 19, 19, 19, 20, 20, 21, 22),
}
FIRST_READ_AS_MORNING = {"morning": 1, "day": 7, "evening": 12}
PERIOD_HOURS = {"matin": (5, 11), "après-midi": (13, 17), "soir": (17, 23)}
PERIOD_WORDS = {
    "nuit": (" du matin", " du mat", " de la nuit", " dans la nuit", " AM", " am"),
    "matin": (" du matin", " le matin", " du mat", " AM", " am", " au matin"),
    "après-midi": (" de l'après-midi", " PM", " pm", " de l'aprem", " en après-midi"),
    "soir": (" du soir", " le soir", " PM", " du soir", " pm"),
}
PAST = {
    15: (" et quart", " et quart", " quinze"),
    30: (" et demie", " et demie", " et demi", " et d'mie", " trente"),
}
ON_THE_HOUR = (*[""] * 12, " pile", " pile", " tapant", " sharp")


def clock(rng: Random, *, hours: str = "day", period: str = "") -> Said:
    """`period`: matin, après-midi or soir, where the day already said it."""
    hour, minute = _draw(rng, hours, period)
    return _said(rng, hour, minute, hours, period), {"time": f"{hour:02}:{minute:02}"}


def _draw(rng: Random, hours: str, period: str) -> tuple[int, int]:
    minute = rng.choice((0, 0, 0, 0, 15, 30, 30, 45, rng.randrange(5, 60, 5), rng.randint(1, 59)))
    if period:
        return rng.randint(*PERIOD_HOURS[period]), minute
    return (rng.randrange(24) if rng.random() < 0.12 else rng.choice(DRAWN_HOURS[hours])), minute


def _said(rng: Random, hour: int, minute: int, hours: str, period: str) -> str:
    if rng.random() < 0.4 and (hour > 12 or 0 < hour == _read(hour, hours)):
        return _of_24_in_words(rng, hour, minute) if hour > 12 and rng.random() < 0.25 else _digits(rng, hour, minute)
    if rng.random() < 0.08 and 0 < hour < 10:
        return f"0{hour}{rng.choice(('h', ':'))}{minute:02}"
    if hour == 0 and rng.random() < 0.25:
        return f"{rng.choice(('0h', '00h', '00:', '0 h '))}{minute:02}"
    worded = hour == 0 or rng.random() < 0.6
    named, text = _in_words(rng, hour, minute) if worded else (hour, _digits(rng, _twelve(hour), minute))
    if worded and named % 12 == 0:
        return text
    clear = period or _read(_twelve(named), hours) == named
    return text if clear and (period or rng.random() < 0.85) else text + rng.choice(PERIOD_WORDS[_period(hour)])


def _read(said_hour: int, hours: str) -> int:
    """The hour of the day that a said hour of 1 to 12 stands for."""
    return said_hour if said_hour >= FIRST_READ_AS_MORNING[hours] else said_hour + 12


def _twelve(hour: int) -> int:
    return (hour - 1) % 12 + 1


def _period(hour: int) -> str:
    return "nuit" if 0 < hour < 4 else "matin" if hour < 12 else "après-midi" if hour < 18 else "soir"


def _digits(rng: Random, hour: int, minute: int) -> str:
    if minute:
        ways = [f"{hour} h {minute:02}", f"{hour}h{minute:02}", f"{hour}h{minute:02}", f"{hour}:{minute:02}"] * 2
        ways += [f"{hour} heures {minute}", f"{hour}H{minute:02}"] if minute > 9 and hour > 1 else []
    else:
        ways = [f"{hour} h", f"{hour}h", f"{hour}h", f"{hour} {_heures(hour)}", f"{hour}h00"]
    return rng.choice(ways)


def _of_24_in_words(rng: Random, hour: int, minute: int) -> str:
    """«dix-sept heures trente»: by 24 hours nobody says «et demie»."""
    return f"{in_words(hour, feminine=True)} heures{_and_minutes(rng, minute) if minute else ''}"


def _in_words(rng: Random, hour: int, minute: int) -> tuple[int, str]:
    """(the hour that is named, the words): 6:45 may name 7."""
    if (minute == 45 and rng.random() < 0.7) or (minute > 34 and minute % 5 == 0 and rng.random() < 0.5):
        less = rng.choice(("quart", "quart", "le quart")) if minute == 45 else in_words(60 - minute)
        return hour + 1, f"{_hour(rng, hour + 1, short=True)} moins {less}"
    if minute in PAST:
        after = rng.choice(PAST[minute])
        return hour, _hour(rng, hour, short=after.startswith(" et ")) + after
    if minute == 0:
        return hour, _hour(rng, hour) + rng.choice(ON_THE_HOUR)
    return hour, _hour(rng, hour) + _and_minutes(rng, minute)


def _and_minutes(rng: Random, minute: int) -> str:
    zero = " zéro " if minute < 10 and rng.random() < 0.4 else ""
    return (zero or rng.choice((" ", " ", " ", " ", " et "))) + in_words(minute)


def _hour(rng: Random, hour: int, *, short: bool = False) -> str:
    """In words mostly: «six heures», «6h», and where `short`, before «et quart» or «moins dix», «six»."""
    if hour % 12 == 0:
        return "midi" if hour == 12 else "minuit"
    hour = _twelve(hour)
    words = in_words(hour, feminine=True)
    ways = [f"{words} {_heures(hour)}"] * 12
    ways += [f"{hour}h", f"{hour}h", f"{hour} h", f"{hour} {_heures(hour)}"] if short else []
    return rng.choice([*ways, words] if short and hour > 1 else ways)


def _heures(hour: int) -> str:
    return "heures" if hour > 1 else "heure"
