"""Constraints across parts and steps: each a function with its reason and its remedy."""
from collections.abc import Callable, Iterator
from typing import Any

from pillm.engine.graph import Step

Broken = Iterator[tuple[str, str]]
"""(key, what is wrong. what to do.)"""
Parts = dict[str, Any]


def broken(parts: Parts, steps: list[Step]) -> Broken:
    """Every rule that this recipe breaks."""
    for rule in RULES:
        yield from rule(parts, steps)


RULES: tuple[Callable[[Parts, list[Step]], Broken], ...] = ()
