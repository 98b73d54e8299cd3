"""Which records train, and which are kept for validation and test: by stratum, and stable as records come and go."""
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pillm.records.formats import Record

Stratum = tuple[str, ...]
Bounds = tuple[int, int]
"""Places below the first are test's, below the second validation's."""

SPLITS = ("train", "validation", "test")
WHOLE = 1 << 64


@dataclass(frozen=True)
class Shares:
    """Of the records; the rest trains."""

    validation: float
    test: float


def stratum(record: Record, counting: Collection[str] | None = None) -> Stratum:
    """Tags that count (all where none are named), in any order, and whether the answer is JSON."""
    tags = sorted(tag for tag in record.get("tags", ()) if counting is None or tag in counting)
    return (*tags, "json" if record.get("requires_json") else "text")


def place(digest: bytes) -> int:
    """A place in [0, 2⁶⁴), as good as drawn at random, that a prompt keeps whatever stands beside it."""
    return int.from_bytes(digest[:8])


def split(place: int, bounds: Bounds) -> str:
    return "test" if place < bounds[0] else "validation" if place < bounds[1] else "train"


def bounds(places: Mapping[Stratum, Sequence[int]], shares: Shares, seed: int) -> dict[Stratum, Bounds]:
    """Per stratum, whose places are distinct and in order, so that each split gets its share of it, within one record.

    Systematic sampling: of n distinct places in order, test takes ⌊test·n + u⌋ and test and validation together
    ⌊(test + validation)·n + u⌋, where u ∈ [0, 1) is drawn once per stratum: small strata give their share on average.
    One record more or less in a stratum moves at most one other across each bound.
    """
    counts = {name: _counts(len(found), shares, _start(name, seed)) for name, found in places.items()}
    largest = max(places, key=lambda name: (len(places[name]), name))
    if len(places[largest]) >= len(SPLITS):
        counts[largest] = _at_least_one(counts, largest, shares)
    return {name: _bounds(found, counts[name]) for name, found in places.items()}


def _start(name: Stratum, seed: int) -> float:
    return place(hashlib.sha256("\0".join((str(seed), *name)).encode()).digest()) / WHOLE


def _counts(last: int, shares: Shares, start: float) -> tuple[int, int]:
    """Of test, and of test and validation."""
    test = int(shares.test * last + start) if shares.test else 0
    return test, int((shares.test + shares.validation) * last + start) if shares.validation else test


def _at_least_one(counts: dict[Stratum, tuple[int, int]], largest: Stratum, shares: Shares) -> tuple[int, int]:
    """A split that was asked for is not empty, however few the records: the largest stratum gives it one."""
    test, both = counts[largest]
    no_test = shares.test > 0 and not any(of_test for of_test, _ in counts.values())
    no_validation = shares.validation > 0 and not any(together - of_test for of_test, together in counts.values())
    return test + no_test, both + no_test + no_validation


def _bounds(places: Sequence[int], counts: tuple[int, int]) -> Bounds:
    test, both = (places[count] if count < len(places) else WHOLE for count in counts)
    return test, both
