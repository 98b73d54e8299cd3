"""A teacher's replies on disk as they come, so that a kill loses none that was paid for."""
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self


class Reply(NamedTuple):
    text: str
    cut: bool
    """It is as long as an answer may be."""


class Replies:
    """Replies by key; each is on disk before it counts."""

    def __init__(self, file: Path) -> None:
        self._known: dict[str, Reply] = {}
        self._handle = file.open("a+b")
        self._handle.truncate(self._load())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._handle.close()

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Reply:
        return self._known[key]

    def __len__(self) -> int:
        return len(self._known)

    def keep(self, key: str, text: str, cut: bool) -> None:
        """Written and synced, then known."""
        self._handle.write(json.dumps({"key": key, "text": text, "cut": cut}).encode() + b"\n")
        self._handle.flush()
        os.fsync(self._handle.fileno())
        self._known[key] = Reply(text, cut)

    def _load(self) -> int:
        """How many bytes are whole lines; a kill may have left half a one."""
        whole = 0
        for line in self._lines():
            found = json.loads(line)
            self._known[found["key"]] = Reply(found["text"], found["cut"])
            whole += len(line)
        return whole

    def _lines(self) -> Iterator[bytes]:
        self._handle.seek(0)
        for line in self._handle:
            if not line.endswith(b"\n"):
                return
            yield line
