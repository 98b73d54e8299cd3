"""Durations in words: «trois quarts d'heure», «une bonne heure», «une heure et quart», «1 h 15», «120 secondes».

Whole minutes, as the contract counts them: «une minute et demie» has no value there and is never said.
"""
from random import Random

from pillm.records.generator.numbers import Said, in_words

ROUND_MINUTES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 90)
SHORT_MINUTES = (" min", " min", " min", " mins", " mn", "min", "mn")
ABOUT = (*[""] * 14, "un p'tit ", "un petit ", "un gros ", "un bon ", "un ")
SIZES = ("p'tite", "petite", "bonne", "grosse", "longue")
PARTS_OF_AN_HOUR = (
    (30, ("une demi-heure", "une demie heure", "une demi heure", "une p'tite demi-heure", "une petite demi-heure",
          "une bonne demi-heure", "une grosse demi-heure", "trente minutes", "1/2 heure")),
    (15, ("un quart d'heure", "un quart d'heure", "1 quart d'heure", "un p'tit quart d'heure",
          "un petit quart d'heure", "un bon quart d'heure", "un gros quart d'heure", "1/4 d'heure")),
    (45, ("trois quarts d'heure", "trois quarts d'heure", "3 quarts d'heure", "trois quart d'heure",
          "un bon trois quarts d'heure", "un gros trois quarts d'heure", "3/4 d'heure")),
)
COLLECTIVES = ((10, "dizaine"), (12, "douzaine"), (15, "quinzaine"), (20, "vingtaine"), (30, "trentaine"),
               (40, "quarantaine"), (50, "cinquantaine"))
PAST_THE_HOUR = {15: ("et quart",), 30: ("et demie", "et demie", "et demie", "et demi"),
                 45: ("et trois quarts", "trois quarts", "et 3 quarts")}


def duration(rng: Random) -> Said:
    """Up to some hours."""
    make = rng.choices((_minutes, _hours, _hours_and_minutes, _part, _collective, _seconds), (48, 15, 18, 15, 2, 2))[0]
    said, minutes = make(rng)
    return said, {"minutes": minutes}


def _minutes(rng: Random) -> tuple[str, int]:
    value = rng.choice((*ROUND_MINUTES, rng.randint(1, 60), rng.randint(1, 120)))
    if value == 1:
        return f"{_count(rng, 1)} minute", 1
    if rng.random() < 0.08:
        return f"{_count(rng, value)} {rng.choice(SIZES)}s minutes", value
    if rng.random() < 0.25:
        return f"{rng.choice(ABOUT)}{value}{rng.choice(SHORT_MINUTES)}", value
    return f"{rng.choice(ABOUT)}{_count(rng, value)} minutes", value


def _seconds(rng: Random) -> tuple[str, int]:
    minutes = rng.choice((1, 1, 2, 2, 3, 4, 5, 10))
    return f"{_count(rng, 60 * minutes)} secondes", minutes


def _hours(rng: Random) -> tuple[str, int]:
    hours = rng.choice((1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12, 24))
    if rng.random() < 0.3:
        return f"{hours}{rng.choice((' h', 'h'))}", 60 * hours
    size = f"{rng.choice(SIZES)}{'s' if hours > 1 else ''} " if hours < 7 and rng.random() < 0.15 else ""
    after = rng.choice(("", "", "", "", "", "", " de temps"))
    return f"{_count(rng, hours)} {size}{_heures(hours)}{after}", 60 * hours


def _hours_and_minutes(rng: Random) -> tuple[str, int]:
    hours, minutes = rng.randint(1, 3), rng.choice((5, 10, 15, 15, 20, 30, 30, 30, 40, 45, 45, 50))
    if rng.random() < 0.35:
        short = rng.choice(("{}h{:02}", "{}h{:02}", "{} h {:02}", "{} h {:02}", "{} h {:02} min", "{}h{:02}min"))
        return short.format(hours, minutes), 60 * hours + minutes
    if minutes in PAST_THE_HOUR and rng.random() < 0.8:
        after = rng.choice(PAST_THE_HOUR[minutes])
    else:
        after = rng.choice(("", "", "et ")) + rng.choice((str(minutes), in_words(minutes))) + rng.choice(
            ("", "", " minutes"))
    named = rng.choice((_heures(hours), _heures(hours), _heures(hours), "h"))
    return f"{hours if named == 'h' else _count(rng, hours)} {named} {after}", 60 * hours + minutes


def _part(rng: Random) -> tuple[str, int]:
    minutes, ways = rng.choice(PARTS_OF_AN_HOUR)
    return rng.choice(ways), minutes


def _collective(rng: Random) -> tuple[str, int]:
    minutes, noun = rng.choice(COLLECTIVES)
    return f"une {rng.choice(('', '', 'bonne '))}{noun} de minutes", minutes


def _heures(hours: int) -> str:
    return "heures" if hours > 1 else "heure"


def _count(rng: Random, value: int) -> str:
    return str(value) if rng.random() < 0.55 else in_words(value, feminine=True)
