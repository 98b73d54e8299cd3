"""Numbers and durations in words: «vingt et une», «trois quarts d'heure»."""
from random import Random
from typing import Any

Said = tuple[str, dict[str, Any]]
"""(what is said, the values it stands for)."""

SMALL = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf")
TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}
ROUND_MINUTES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 90)
FIXED_DURATIONS = (
    (30, ("une demi-heure", "une demie heure", "une demi heure", "une p'tite demi-heure", "trente minutes")),
    (15, ("un quart d'heure", "1 quart d'heure", "un p'tit quart d'heure")),
    (45, ("trois quarts d'heure", "3 quarts d'heure", "trois quart d'heure")),
)


def in_words(number: int, *, feminine: bool = False) -> str:
    """Up to 79; digits beyond."""
    tens, unit = divmod(number, 10)
    if number < 20:
        said = SMALL[number]
    elif tens == 7:
        said = "soixante et onze" if unit == 1 else f"soixante-{SMALL[10 + unit]}"
    elif tens in TENS:
        said = TENS[tens] + ("" if unit == 0 else " et un" if unit == 1 else f"-{SMALL[unit]}")
    else:
        said = str(number)
    return said + "e" if feminine and said.endswith("un") else said


def number(rng: Random, *, least: int, most: int, usual: int = 0) -> Said:
    """In digits or words; where `usual` is given, three times in four within 5 of it."""
    near = usual and rng.random() < 0.75
    value = rng.randint(max(least, usual - 5), min(most, usual + 5)) if near else rng.randint(least, most)
    return (str(value) if rng.random() < 0.6 else in_words(value)), {"number": value}


def duration(rng: Random) -> Said:
    """Whole minutes, up to some hours."""
    make = rng.choices((_minutes, _hours, _hours_and_minutes, _fixed), (50, 14, 18, 18))[0]
    said, minutes = make(rng)
    return said, {"minutes": minutes}


def _minutes(rng: Random) -> tuple[str, int]:
    value = rng.choice((*ROUND_MINUTES, rng.randint(1, 60), rng.randint(1, 120)))
    unit = rng.choice(("minutes", "minutes", "min") if value > 1 else ("minute",))
    before = rng.choice(("", "", "", "", "", "un p'tit ", "un gros ")) if value > 1 else ""
    return before + f"{_count(rng, value)} {unit}", value


def _hours(rng: Random) -> tuple[str, int]:
    hours = rng.randint(1, 6)
    if rng.random() < 0.35:
        return f"{hours}{rng.choice((' h', 'h'))}", 60 * hours
    return f"{_count(rng, hours)} heure{'s' if hours > 1 else ''}", 60 * hours


def _hours_and_minutes(rng: Random) -> tuple[str, int]:
    hours, minutes = rng.randint(1, 3), rng.choice((5, 10, 15, 15, 20, 30, 30, 30, 40, 45, 50))
    if rng.random() < 0.3:
        return rng.choice((f"{hours}h{minutes:02}", f"{hours} h {minutes:02}")), 60 * hours + minutes
    past = {15: "et quart", 30: "et demie"}.get(minutes)
    after = past if past and rng.random() < 0.8 else rng.choice((str(minutes), in_words(minutes)))
    return f"{_count(rng, hours)} heure{'s' if hours > 1 else ''} {after}", 60 * hours + minutes


def _fixed(rng: Random) -> tuple[str, int]:
    minutes, ways = rng.choice(FIXED_DURATIONS)
    return rng.choice(ways), minutes


def _count(rng: Random, value: int) -> str:
    return str(value) if rng.random() < 0.55 else in_words(value, feminine=True)
