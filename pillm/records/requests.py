"""Requests with the tool calls that answer them, from a file of records."""
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pillm.backends import json_lines
from pillm.errors import DataError
from pillm.records.chat import turns
from pillm.serve.json_answers import NotJson, parsed
from pillm.serve.picks import spread

Pair = tuple[str, list[dict[str, Any]]]
"""A request and its calls."""


def pairs_of(file: Path, knows: Callable[[Any], bool], most: int) -> tuple[list[Pair], int]:
    """At most so many, taken evenly from all, and how many records are no request with calls that are known."""
    found = [_pair(record, knows) for record in json_lines.values(file)]
    pairs = [pair for pair in found if pair]
    if not pairs:
        raise DataError(f"{file}: no record answers a request with calls of the schema's tools. "
                        "Name records that do, or leave this step out.")
    return spread(pairs, most), len(found) - len(pairs)


def _pair(record: dict[str, Any], knows: Callable[[Any], bool]) -> Pair | None:
    """None for a record that is not one request and its calls."""
    said = [turn for turn in turns(record) if turn[0] != "system"]
    if [role for role, _ in said] != ["user", "assistant"]:
        return None
    try:
        calls = parsed(said[1][1])
    except NotJson:
        return None
    return (said[0][1], calls) if knows(calls) else None
