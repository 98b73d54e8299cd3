"""Accepted records, written to train, validation and test in the order they were read."""
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from pillm.records.read import Refuse, Row, at
from pillm.records.rejects import CAP, WEIGHT
from pillm.records.split import SPLITS, WHOLE, Bounds, Stratum, split
from pillm.records.spool import Entry, Spool

GOLDEN = 0x9E3779B97F4A7C15
"""2⁶⁴ / φ: its multiples modulo 2⁶⁴ lie evenly, and in another order than the places themselves."""


def write(
    spool: Spool, bounds: Mapping[Stratum, Bounds], out: Path, refuse: Refuse,
    *, weights: Sequence[float], limits: Mapping[str, int | None],
) -> dict[str, int]:
    """The three files, with how many lines each has; what is over a split's limit is refused, or below a file's weight.

    `weights` are those of the spool's sources. Copies stand one after the other: training shuffles.
    """
    ends = _ends(spool, bounds, weights, limits)
    counts: Counter[str] = Counter()
    with ExitStack() as files:
        handles = {name: files.enter_context((out / f"{name}.jsonl").open("wb")) for name in SPLITS}
        for entry, text in spool.lines():
            name = split(entry.place, bounds[entry.stratum])
            times = _times(name, entry, weights)
            if entry.place < ends[name] and times:
                handles[name].write(text * times)
                counts[name] += times
            else:
                why = (CAP, f"{name} takes {limits[name]}") if times else (WEIGHT, "its file has a weight below 1")
                refuse(Row(*at(entry.code, spool.sources), json.loads(text)), *why)
    return {name: counts[name] for name in SPLITS}


def copies(place: int, weight: float) -> int:
    """How often a record trains: its weight on average, by a draw that it keeps whatever stands beside it."""
    whole = int(weight)
    return whole + (place * GOLDEN % WHOLE < (weight - whole) * WHOLE)


def _times(name: str, entry: Entry, weights: Sequence[float]) -> int:
    """Only training is weighted."""
    weight = weights[entry.source]
    return copies(entry.place, weight) if name == "train" and weight != 1 else 1


def _ends(
    spool: Spool, bounds: Mapping[Stratum, Bounds], weights: Sequence[float], limits: Mapping[str, int | None],
) -> dict[str, int]:
    """The place from which a split takes no more: what it takes is spread over the strata as if drawn."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for entry in spool.entries() if any(limits.values()) else ():
        name = split(entry.place, bounds[entry.stratum])
        found[name] += [entry.place] * _times(name, entry, weights)
    return {name: _end(sorted(found[name]), limits[name]) for name in SPLITS}


def _end(places: list[int], limit: int | None) -> int:
    return WHOLE if limit is None or limit >= len(places) else places[limit]
