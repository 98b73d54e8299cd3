"""The manual pages of this machine: which there are, and what they say.

`man` renders them: only groff follows all of its macros, tables and conditions, and only man-db knows the pages'
encodings, compressions and references to each other. On lines wide enough that nothing is filled or hyphenated, a
paragraph is one line, and its indentation says what it is.
"""
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

COLUMNS = 6000
"""More than the longest paragraph of 22,000 pages but a few."""
TIMEOUT_S = 60
PAGE = re.compile(r"(?P<name>.+)\.(?P<section>[1-9n]\w*)(?:\.(?:gz|xz|bz2|zst))?")
PLAIN = str.maketrans({"‐": "-", "−": "-", "\u00a0": " ", "\u00ad": ""})
"""Hyphens and minus signs that a device for Unicode writes; what is typed is a hyphen."""


class Page(NamedTuple):
    """`ls(1)` and its file."""

    name: str
    section: str
    file: Path

    def __str__(self) -> str:
        return f"{self.name}({self.section})"


def pages(folder: Path, sections: Sequence[str], names: Sequence[str], without: Sequence[str]) -> list[Page]:
    """Those of the sections (`1` has `1ssl` too) whose name matches, in order. Of a file that has several names, the
    one that is no link.
    """
    found: dict[Path, Page] = {}
    for page in sorted(_all(folder, sections), key=lambda page: (page.file.is_symlink(), page.section, page.name)):
        if _matches(page.name, names) and not _matches(page.name, without):
            file = page.file.resolve() if page.file.is_symlink() else page.file
            found.setdefault(file, page)
    return sorted(found.values(), key=lambda page: (page.section, page.name))


def _all(folder: Path, sections: Sequence[str]) -> Iterator[Page]:
    for section in dict.fromkeys(section[0] for section in sections):
        room = folder / f"man{section}"
        for entry in os.scandir(room) if room.is_dir() else ():
            found = PAGE.fullmatch(entry.name)
            wanted = found and any(found["section"].startswith(section) for section in sections)
            if found and wanted and (not entry.is_symlink() or (room / entry.name).is_file()):  # not a loop of links
                yield Page(found["name"], found["section"], room / entry.name)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def rendered(file: Path) -> tuple[str, str]:
    """(the page's text, what `man` complains of where there is none)."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAN", "GROFF", "LC_"))}
    command = ["man", "--nh", "--nj", "-E", "UTF-8", "-P", "cat", "-l", str(file.resolve())]
    try:
        done = subprocess.run(command, env=environment | {"MANWIDTH": str(COLUMNS), "LC_ALL": "C.UTF-8"},
                              capture_output=True, check=False, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "", f"man had not rendered it after {TIMEOUT_S} s"
    text = done.stdout.decode(errors="replace").translate(PLAIN)
    told = done.stderr.decode(errors="replace").strip().split("\n")[-1]
    return (text, "") if done.returncode == 0 and text.strip() else ("", told or f"man ended with {done.returncode}")


@cache
def version() -> str | None:
    """Of man and groff, which decide about the text; None where they are missing."""
    try:
        told = [subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
                for program in ("man", "groff")]
    except FileNotFoundError:
        return None
    return "; ".join(found.split("\n")[0] for found in told)
