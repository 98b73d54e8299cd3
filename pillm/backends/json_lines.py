"""JSON Lines that we or a suite's author wrote."""
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """(number from 1, text) of each line that is not blank.

    Not by str.splitlines, which also cuts at U+2028, U+2029 and U+0085: JSON may hold those as they are (RFC 8259 §7).
    """
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line


def values(file: Path) -> Iterator[Any]:
    """What stands in the lines."""
    return (json.loads(text) for _, text in texts(file))


class Appended:
    """Values that are added one by one; what a kill leaves are whole lines."""

    def __init__(self, file: Path, *, sync: bool = True) -> None:
        """`sync`: each is on the disk itself before it counts, whatever happens to the machine."""
        self.there: list[Any] = []
        """Those of before."""
        self._sync, self._handle = sync, file.open("a+b")
        self._handle.truncate(self._load())

    def add(self, value: Any) -> None:
        self._handle.write(json.dumps(value).encode() + b"\n")
        self._handle.flush()
        if self._sync:
            os.fsync(self._handle.fileno())

    def close(self) -> None:
        self._handle.close()

    def _load(self) -> int:
        """How many bytes are whole lines; a kill may have left half a one."""
        whole = 0
        self._handle.seek(0)
        for line in self._handle:
            if line.endswith(b"\n"):
                self.there.append(json.loads(line))
                whole += len(line)
        return whole
