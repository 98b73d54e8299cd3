"""Records that can be used, on disk, and in memory only what they are compared and placed by: 52 bytes each."""
import json
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pillm.backends.dedup import distinct
from pillm.backends.schema_files import is_name
from pillm.records.formats import Record
from pillm.records.read import LINE_BITS, Row, Source, at, line
from pillm.records.split import Stratum, stratum


class Entry(NamedTuple):
    code: int
    """Source and line."""
    place: int
    """Of the prompt, in [0, 2⁶⁴)."""
    stratum: Stratum

    @property
    def source(self) -> int:
        """The number of its source."""
        return self.code >> LINE_BITS


class Marks(NamedTuple):
    """What a record is compared by."""

    whole: int
    """Equal for records that say the same."""
    asked: int = 0
    """Equal for those that ask the same; 0 where answers may differ."""
    answered: int = 0
    """Equal for those that answer the same."""
    letters: int = 0
    """Length of the conversation."""


class Spool:
    """Written once, then read; what is left out afterwards is passed over."""

    def __init__(self, file: Path, sources: Sequence[Source], strata: Collection[str] | None = None) -> None:
        self.sources, self._counting = sources, strata
        self.marks = {name: array("I" if name == "letters" else "Q") for name in Marks._fields}
        self._codes, self._places, self._strata = array("Q"), array("Q"), array("I")
        self._offsets, self._end = array("Q"), 0
        self._out: set[int] = set()
        self._numbers: dict[Stratum, int] = {}
        self.schemas: set[str] = set()
        """Those that records name."""
        self._handle = file.open("w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._handle.close()

    def __len__(self) -> int:
        return len(self._codes) - len(self._out)

    def add(self, record: Record, code: int, place: int, marks: Marks) -> None:
        if is_name(named := record.get("tool_schema")):
            self.schemas.add(str(named))
        self._offsets.append(self._end)
        self._end += self._handle.write(line(record))
        self._codes.append(code)
        self._places.append(place)
        self._strata.append(self._numbers.setdefault(self._stratum(record, code), len(self._numbers)))
        for name, mark in zip(self.marks, marks, strict=True):
            self.marks[name].append(mark)

    def _stratum(self, record: Record, code: int) -> Stratum:
        """Of several files, each is split for itself."""
        several = (at(code, self.sources)[0].name,) if len(self.sources) > 1 else ()
        return (*several, *stratum(record, self._counting))

    def numbers(self) -> Iterator[int]:
        """Of the records that are not left out."""
        return (n for n in range(len(self._codes)) if n not in self._out)

    def __contains__(self, number: int) -> bool:
        return number not in self._out

    def leave_out(self, numbers: Iterable[int]) -> None:
        self._out.update(numbers)

    def row(self, number: int) -> Row:
        self._handle.seek(self._offsets[number])
        return Row(*at(self._codes[number], self.sources), json.loads(self._handle.readline()))

    def name(self, number: int) -> str:
        """Where a record comes from."""
        source, where = at(self._codes[number], self.sources)
        return f"{source.name}:{where}"

    def places(self) -> dict[Stratum, array]:
        """Of each stratum's prompts, each once, in order."""
        found: defaultdict[int, array] = defaultdict(lambda: array("Q"))
        for n in self.numbers():
            found[self._strata[n]].append(self._places[n])
        return {name: distinct(found[number]) for name, number in self._numbers.items() if number in found}

    def entries(self) -> Iterator[Entry]:
        strata = list(self._numbers)
        for n in self.numbers():
            yield Entry(self._codes[n], self._places[n], strata[self._strata[n]])

    def lines(self) -> Iterator[tuple[Entry, bytes]]:
        """Each record's line, as it was written."""
        self._handle.seek(0)
        lines = (text for n, text in enumerate(self._handle) if n not in self._out)
        yield from zip(self.entries(), lines, strict=True)
