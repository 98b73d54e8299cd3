"""What was gathered so far, unit by unit, so that a kill loses none but the one that was being read."""
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from pillm.records.gather.passage import Aside, Found, Passage, Ready

KINDS: dict[str, type] = {"passage": Passage, "ready": Ready, "aside": Aside}


class Entry(NamedTuple):
    """A unit that was read to its end."""

    source: int
    """Its number in the recipe."""
    name: str
    found: list[Found]
    masked: dict[str, int]
    """What was replaced in it, by kind."""


class Journal:
    """Units in the order in which they are read; each is whole in the file or not there."""

    def __init__(self, file: Path) -> None:
        self._handle = file.open("a+b")
        self._done: Counter[int] = Counter()
        self._handle.truncate(self._load())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._handle.close()

    def done(self, source: int) -> int:
        """How many units of a source are here."""
        return self._done[source]

    def add(self, entry: Entry) -> None:
        """A line is handed to the system before its unit counts: SIGKILL cannot take it back."""
        found = [[_name(each), _fields(each)] for each in entry.found]
        line = json.dumps([entry.source, entry.name, found, entry.masked], ensure_ascii=False)
        self._handle.write(line.encode() + b"\n")
        self._handle.flush()
        self._done[entry.source] += 1

    def entries(self) -> Iterator[Entry]:
        self._handle.seek(0)
        for line in self._handle:
            source, name, found, masked = json.loads(line)
            yield Entry(source, name, [KINDS[kind](**fields) for kind, fields in found], masked)

    def _load(self) -> int:
        """How many bytes are whole lines; a kill may have left half a one."""
        whole = 0
        self._handle.seek(0)
        for line in self._handle:
            if not line.endswith(b"\n"):
                break
            self._done[json.loads(line)[0]] += 1
            whole += len(line)
        return whole


def _name(found: Found) -> str:
    return next(name for name, kind in KINDS.items() if isinstance(found, kind))


def _fields(found: Found) -> dict[str, Any]:
    return vars(found) | {"slots": dict(found.slots)} if isinstance(found, Passage) else found._asdict()
