"""Numbers in words: «vingt et une», «quatre-vingt-dix», «cent vingt»."""
from random import Random
from typing import Any

Said = tuple[str, dict[str, Any]]
"""(what is said, the values it stands for)."""

SMALL = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf")
TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}


def in_words(number: int, *, feminine: bool = False) -> str:
    """Up to 199; digits beyond."""
    said = _up_to_99(number) if number < 100 else str(number) if number > 199 else _over_100(number)
    return said + "e" if feminine and said.endswith("un") else said


def _over_100(number: int) -> str:
    return "cent" if number == 100 else f"cent {_up_to_99(number - 100)}"


def _up_to_99(number: int) -> str:
    tens, unit = divmod(number, 10)
    if number < 20:
        return SMALL[number]
    if tens > 7:
        return "quatre-vingts" if number == 80 else f"quatre-vingt-{SMALL[number - 80]}"
    if tens == 7:
        return "soixante et onze" if unit == 1 else f"soixante-{SMALL[10 + unit]}"
    return TENS[tens] + ("" if unit == 0 else " et un" if unit == 1 else f"-{SMALL[unit]}")


def number(rng: Random, *, least: int, most: int, usual: int = 0) -> Said:
    """In digits or words; where `usual` is given, three times in four within 5 of it."""
    near = usual and rng.random() < 0.75
    value = rng.randint(max(least, usual - 5), min(most, usual + 5)) if near else rng.randint(least, most)
    return (str(value) if rng.random() < 0.6 else in_words(value)), {"number": value}
