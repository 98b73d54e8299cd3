"""How a value follows from the numbers that are said: «6 h 15» is 06:15, «2 heures» are 120 minutes.

A how is ("is", value), or ("made", pieces, parts): the value's digits are computed part by part and set between its
other characters. The parts, over the numbers n that are said: ("is", text); ("plus", i, d), nᵢ + d;
("times", i, k, r), k·nᵢ + r; ("with", i, j, k), k·nᵢ + nⱼ. Hows are enumerated from examples, then counted.
"""
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

How = tuple[Any, ...]
Part = tuple[Any, ...]
Numbers = tuple[int, ...]

DIGITS = re.compile(r"(\d+)")
MOST_NUMBERS = 2


def hows(value: Any, numbers: Numbers) -> Iterator[How]:
    """All that give this value; a value that is a number may be a sum or a multiple of what is said."""
    yield "is", value
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not 0 < len(numbers) <= MOST_NUMBERS or not (isinstance(value, str) or (whole and value >= 0)):
        return
    pieces = DIGITS.split(str(value))
    if len(pieces) == 1:
        return
    ways = [[*_shifted(text, numbers), *(_scaled(text, numbers) if whole else ())] for text in pieces[1::2]]
    frame = (True,) if whole else (False, *pieces[::2], *map(len, pieces[1::2]))
    for parts in product(*ways):
        if any(part[0] != "is" for part in parts):
            yield "made", frame, parts


def _shifted(text: str, numbers: Numbers) -> Iterator[Part]:
    yield "is", text
    yield from (("plus", i, int(text) - n) for i, n in enumerate(numbers))


def _scaled(text: str, numbers: Numbers) -> Iterator[Part]:
    """Multiples with a remainder below the factor."""
    value = int(text)
    for i, n in enumerate(numbers):
        if n:
            yield from (("times", i, k, value - k * n) for k in range(value // (n + 1) + 1, value // n + 1) if k > 1)
    if len(numbers) == 2 and numbers[0] and numbers[1] < value and (value - numbers[1]) % numbers[0] == 0:
        yield "with", 0, 1, (value - numbers[1]) // numbers[0]


def value(how: How, numbers: Numbers) -> Any:
    """What is meant; None where that is below zero."""
    if how[0] == "is":
        return how[1]
    _, (whole, *frame), parts = how
    made = [_number(part, numbers) for part in parts]
    if any(number < 0 for number in made):
        return None
    if whole:
        return made[0]
    between, widths = frame[:len(parts) + 1], frame[len(parts) + 1:]
    digits = [str(number).zfill(width) for number, width in zip(made, widths, strict=True)]
    return between[0] + "".join(text + after for text, after in zip(digits, between[1:], strict=True))


def _number(part: Part, numbers: Numbers) -> int:
    name, *rest = part
    if name == "is":
        return int(rest[0])
    if name == "plus":
        return numbers[rest[0]] + rest[1]
    if name == "times":
        return rest[1] * numbers[rest[0]] + rest[2]
    return rest[2] * numbers[rest[0]] + numbers[rest[1]]


def solved(how: How, wanted: Any, count: int) -> Numbers | None:
    """The numbers that must have been said for this value; None where there are none."""
    if how[0] == "is":
        return None
    said: dict[int, int] = {}
    for part, text in zip(how[2], DIGITS.findall(str(wanted)), strict=False):
        said |= _said(part, int(text))
    numbers = tuple(said.get(i, -1) for i in range(count))
    return numbers if min(numbers) >= 0 and value(how, numbers) == wanted else None


def _said(part: Part, wanted: int) -> dict[int, int]:
    name, *rest = part
    if name == "plus":
        return {rest[0]: wanted - rest[1]}
    if name == "times":
        return {rest[0]: (wanted - rest[2]) // rest[1]}
    return {rest[0]: wanted // rest[2], rest[1]: wanted % rest[2]} if name == "with" else {}
