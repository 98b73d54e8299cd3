"""Accepted records on disk, and in memory only what places them: a million take some 25 MB."""
from array import array
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pillm.records.read import line
from pillm.records.split import Stratum, stratum


class Entry(NamedTuple):
    code: int
    """Source and line."""
    place: int
    """Of the prompt, in [0, 2⁶⁴)."""
    stratum: Stratum


class Spool:
    """Written once, then read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._codes, self._places, self._strata = array("Q"), array("Q"), array("L")
        self._numbers: dict[Stratum, int] = {}
        self._handle = file.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._handle.close()

    def __len__(self) -> int:
        return len(self._codes)

    def add(self, record: dict, code: int, place: int) -> None:
        self._handle.write(line(record))
        self._codes.append(code)
        self._places.append(place)
        self._strata.append(self._numbers.setdefault(stratum(record), len(self._numbers)))

    def places(self) -> dict[Stratum, set[int]]:
        found: defaultdict[int, set[int]] = defaultdict(set)
        for place, number in zip(self._places, self._strata, strict=True):
            found[number].add(place)
        return {name: found[number] for name, number in self._numbers.items()}

    def entries(self) -> Iterator[Entry]:
        strata = list(self._numbers)
        for code, place, number in zip(self._codes, self._places, self._strata, strict=True):
            yield Entry(code, place, strata[number])

    def lines(self) -> Iterator[tuple[Entry, bytes]]:
        """Each record's line, as it was written."""
        self._handle.flush()
        with self._file.open("rb") as handle:
            yield from zip(self.entries(), handle, strict=True)
