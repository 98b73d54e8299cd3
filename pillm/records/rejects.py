"""Records that are left out: each is written down with its place and reason, and counted."""
from collections import Counter, defaultdict
from pathlib import Path
from types import TracebackType
from typing import Self

from pillm.errors import DataError
from pillm.records.private import KINDS
from pillm.records.read import Row, line

DUPLICATE, NEAR_DUPLICATE, SAME_MEANING = "duplicate", "near duplicate", "same meaning"
CONTAMINATION, SKELETON = "near an eval question", "skeleton of an eval question"
CONTRADICTION, LENGTH, LANGUAGE = "contradiction", "unusual length", "unexpected language"
TOOL, UNLIKE_DOMAIN = "unknown tool", "not as the domain asks"
CAP, WEIGHT = "over the cap", "below its file's weight"
SOUND = frozenset({DUPLICATE, NEAR_DUPLICATE, SAME_MEANING, CONTAMINATION, SKELETON, CONTRADICTION, LENGTH, LANGUAGE,
                   CAP, WEIGHT, *KINDS})
"""Set aside by choice, though the record could be used: these do not count toward what stops a run."""
PLACES = 3
"""Told per reason where a run stops."""


class Rejects:
    """A file of rejected records."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.counts: Counter[str] = Counter()
        self._of_files: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._places: defaultdict[str, list[str]] = defaultdict(list)
        self._handle = file.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._handle.close()

    def __call__(self, row: Row, reason: str, told: str) -> None:
        self.counts[reason] += 1
        self._of_files[row.source.name][reason] += 1
        if len(self._places[reason]) < PLACES:
            self._places[reason].append(f"{row.place}: {told}")
        what = "text" if isinstance(row.record, str) else "record"
        self._handle.write(line({"file": row.source.name, "line": row.line, "reason": reason, "told": told,
                                 what: row.record}))

    @property
    def of_files(self) -> dict[str, dict[str, int]]:
        """Per file the reasons with their counts."""
        return {name: dict(counts.most_common()) for name, counts in self._of_files.items()}

    @property
    def unusable(self) -> int:
        """Records with something wrong with them."""
        return sum(count for reason, count in self.counts.items() if reason not in SOUND)

    def read(self, kept: int) -> int:
        """How many records were read, where so many were kept; what a cap or a weight leaves out was kept."""
        return kept + self.counts.total() - self.counts[CAP] - self.counts[WEIGHT]

    def account(self) -> str:
        """Reasons with their counts, the most frequent first, each with its first places."""
        told = []
        for reason, count in self.counts.most_common():
            told.append(f"  {reason}: {count}")
            told += [f"    {place}" for place in self._places[reason]]
        return "\n".join(told)

    def stop(self, told: str) -> DataError:
        """An error that says what was left out and where all of it can be read."""
        self._handle.flush()
        return DataError(f"{told}\n{self.account()}\n  All of them, with reasons: {self.file}")
