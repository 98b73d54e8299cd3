"""What a command left, held against what it had to leave."""
import stat
from collections.abc import Iterator
from pathlib import Path

from pillm.backends.sandbox import beneath
from pillm.serve.execution.argument import File, State, Tree, above
from pillm.serve.execution.trees import FOLDER_MODE, mode, written

LATE_S = 60.0
"""How far a time may be off that is said by age: a command takes its time."""


def wrong(folder: Path, tree: Tree, state: State) -> Iterator[str]:
    """Each difference as `path: what`."""
    named = {path.rstrip("/"): wanted for path, wanted in state.items()}
    for path, wanted in state.items():
        yield from _told(path, _differs(folder, path, wanted))
    gone = {path for path, wanted in named.items() if wanted is None}
    for path, planted in tree.files.items():
        if path.rstrip("/") not in named and not gone & set(above(path)):
            yield from _told(path, _differs(folder, path, _as_planted(path, planted)))


def _told(path: str, what: str | None) -> Iterator[str]:
    if what:
        yield f"{path}: {what}"


def _as_planted(path: str, planted: File) -> File:
    """What must still hold of a file that the state doesn't name: all but its time."""
    if planted.link is not None:
        return File(link=planted.link)
    if path.endswith("/"):
        return File(mode=f"{mode(planted, FOLDER_MODE):04o}")
    if planted.size is not None:
        return File(mode=f"{mode(planted):04o}", size=planted.size)
    text = planted.text or "" if mode(planted) & stat.S_IRUSR else None  # only root could read it to compare
    return File(mode=f"{mode(planted):04o}", text=text)


def _differs(folder: Path, path: str, wanted: File | None) -> str | None:
    """What is wrong at a path."""
    found = beneath.look(folder, path)
    if wanted is None or found is None:
        return None if wanted is found else "it is still there" if found else "it is not there"
    if path.endswith("/") and not stat.S_ISDIR(found.st_mode):
        return "it is no folder"
    if wanted.link is not None and beneath.target(folder, path) != wanted.link:
        return f"it is no link to {wanted.link}"
    if wanted.mode and stat.S_IMODE(found.st_mode) != mode(wanted):
        return f"its mode is {stat.S_IMODE(found.st_mode):04o}, not {mode(wanted):04o}"
    return _other_content(folder, path, wanted) or _other_time(found.st_mtime, wanted)


def _other_content(folder: Path, path: str, wanted: File) -> str | None:
    if wanted.size is not None:
        found = beneath.look(folder, path)
        return None if found and stat.S_ISREG(found.st_mode) and found.st_size == wanted.size else "its size differs"
    if wanted.text is None:
        return None
    text = wanted.text.encode("utf-8", "surrogatepass")
    return None if beneath.read(folder, path, len(text) + 1) == text else "its text differs"


def _other_time(found: float, wanted: File) -> str | None:
    if wanted.mtime is None and wanted.age_s is None:
        return None
    apart = abs(found - written(wanted))
    return None if apart < (1.0 if wanted.age_s is None else LATE_S) else "it was written at another time"
