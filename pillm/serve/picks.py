"""Some of many: by rank, or taken evenly."""
from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed (nearest rank)."""
    return sorted(values)[max(0, -int(-len(values) * percent // 100) - 1)]


def spread(whole: Sequence[One], most: int | None) -> list[One]:
    """At most so many, taken evenly from the whole, so that all its parts are there."""
    count = min(most or len(whole), len(whole))
    return [whole[i * len(whole) // count] for i in range(count)]
