"""A teacher's replies on disk as they come, so that a kill loses none that was paid for."""
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pillm.backends.json_lines import Appended


class Reply(NamedTuple):
    text: str
    cut: bool
    """It is as long as an answer may be."""


class Replies:
    """Replies by key; each is on disk before it counts."""

    def __init__(self, file: Path) -> None:
        self._lines = Appended(file)
        self._known = {line["key"]: Reply(line["text"], line["cut"]) for line in self._lines.there}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lines.close()

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Reply:
        return self._known[key]

    def __len__(self) -> int:
        return len(self._known)

    def keep(self, key: str, text: str, cut: bool) -> None:
        """Written and synced, then known."""
        self._lines.add({"key": key, "text": text, "cut": cut})
        self._known[key] = Reply(text, cut)
