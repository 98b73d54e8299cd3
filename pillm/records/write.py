"""Accepted records, written to train, validation and test in the order they were read."""
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from pillm.records.read import Refuse, Row, Source, at
from pillm.records.rejects import CAP
from pillm.records.split import SPLITS, WHOLE, Bounds, Stratum, split
from pillm.records.spool import Spool


def write(
    spool: Spool, bounds: Mapping[Stratum, Bounds], out: Path, refuse: Refuse,
    *, sources: list[Source], limits: Mapping[str, int | None],
) -> dict[str, int]:
    """The three files, with how many records each has; what is over a split's limit is refused."""
    ends = _ends(spool, bounds, limits)
    counts: Counter[str] = Counter()
    with ExitStack() as files:
        handles = {name: files.enter_context((out / f"{name}.jsonl").open("wb")) for name in SPLITS}
        for entry, text in spool.lines():
            name = split(entry.place, bounds[entry.stratum])
            if entry.place < ends[name]:
                handles[name].write(text)
                counts[name] += 1
            else:
                refuse(Row(*at(entry.code, sources), json.loads(text)), CAP, f"{name} takes {limits[name]}")
    return {name: counts[name] for name in SPLITS}


def _ends(spool: Spool, bounds: Mapping[Stratum, Bounds], limits: Mapping[str, int | None]) -> dict[str, int]:
    """The place from which a split takes no more: what it takes is spread over the strata as if drawn."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for entry in spool.entries() if any(limits.values()) else ():
        found[split(entry.place, bounds[entry.stratum])].append(entry.place)
    return {name: _end(sorted(found[name]), limits[name]) for name in SPLITS}


def _end(places: list[int], limit: int | None) -> int:
    return WHOLE if limit is None or limit >= len(places) else places[limit]
