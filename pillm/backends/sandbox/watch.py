"""What no limit of the kernel's bounds without a control group: memory of all processes, growth of a folder."""
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from pillm.backends.memory import resident_bytes
from pillm.backends.sandbox.limits import FOLDER_BYTES, FOLDER_DEPTH, FOLDER_ENTRIES, MEMORY_BYTES
from pillm.backends.sandbox.ran import Bound

OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
BLOCK = 512
"""Bytes, of st_blocks."""


@dataclass(frozen=True)
class Size:
    """Of what lies below a folder."""

    bytes: int = 0
    entries: int = 0
    uncounted: int = 0
    """Folders that are too deep, closed to us, or more than enough."""

    def __add__(self, other: "Size") -> "Size":
        return Size(self.bytes + other.bytes, self.entries + other.entries, self.uncounted + other.uncounted)

    def grown(self, before: "Size") -> bool:
        """Whether it went beyond what a command may add; what cannot be counted does."""
        return (self.bytes - before.bytes > FOLDER_BYTES or self.entries - before.entries > FOLDER_ENTRIES
                or self.uncounted > before.uncounted)


UNCOUNTED = Size(uncounted=1)


def gone_beyond(pid: int, folder: Path, before: Size) -> Bound | None:
    """The bound that the processes below `pid`, or what they wrote, have gone beyond."""
    if resident_bytes(pid) > MEMORY_BYTES:
        return "memory"
    return "folder" if size(folder).grown(before) else None


def size(folder: Path) -> Size:
    """Of all in it, no link followed."""
    try:
        return _size(os.open(folder, OPEN), FOLDER_DEPTH)
    except PermissionError:
        return UNCOUNTED


def _size(at: int, deeper: int) -> Size:
    """Closes `at`."""
    try:
        total = Size()
        for name in os.listdir(at):
            total += _size_of(name, at, deeper)
            if total.entries > 2 * FOLDER_ENTRIES:
                return total + UNCOUNTED
        return total
    finally:
        os.close(at)


def _size_of(name: str, within: int, deeper: int) -> Size:
    """A file that is gone by now counts nothing."""
    try:
        found = os.stat(name, dir_fd=within, follow_symlinks=False)
        own = Size(found.st_blocks * BLOCK, 1)
        if not stat.S_ISDIR(found.st_mode):
            return own
        return own + _size(os.open(name, OPEN, dir_fd=within), deeper - 1) if deeper else UNCOUNTED
    except FileNotFoundError:
        return Size()
    except OSError:
        return UNCOUNTED
