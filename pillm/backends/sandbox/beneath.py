"""Reading what a command left in its folder, without being led out of it: the files are a stranger's."""
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""NONBLOCK: a named pipe would be waited for."""


def look(folder: Path, path: str) -> os.stat_result | None:
    """What is at a path below the folder; None where nothing is, or a link is on the way."""
    return _within(folder, path, lambda name, at: os.stat(name, dir_fd=at, follow_symlinks=False))


def target(folder: Path, path: str) -> str | None:
    """Where a link leads, unfollowed; None for anything else."""
    return _within(folder, path, lambda name, at: os.readlink(name, dir_fd=at))


def read(folder: Path, path: str, most: int) -> bytes | None:
    """The first `most` bytes of an ordinary file below the folder; None for anything else."""
    return _within(folder, path, lambda name, at: _read(os.open(name, FILE, dir_fd=at), most))


def _within(folder: Path, path: str, ask: Callable[[str, int], Found]) -> Found | None:
    """Ask in the folder that a path lies in, which is reached step by step; None where that can't be."""
    *above, name = path.rstrip("/").split("/")
    if {"", ".", ".."} & {*above, name}:
        return None
    with ExitStack() as steps, suppress(OSError):
        at = _entered(str(folder), None, steps)
        for step in above:
            at = _entered(step, at, steps)
        return ask(name, at)
    return None


def _entered(name: str, within: int | None, steps: ExitStack) -> int:
    at = os.open(name, FOLDER, dir_fd=within)
    steps.callback(os.close, at)
    return at


def _read(file: int, most: int) -> bytes | None:
    """Closes `file`."""
    with os.fdopen(file, "rb") as opened:
        return opened.read(most) if stat.S_ISREG(os.fstat(file).st_mode) else None
