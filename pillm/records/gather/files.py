"""A folder's files, as they are found in the world: which are read, and the text of each."""
import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

UNREADABLE, LINK, NOWHERE, LARGE = "cannot be read", "link to a folder", "link that leads nowhere", "too large"
SPECIAL = "no regular file"
BINARY, NOT_TEXT, EMPTY, DAMAGED = "binary", "not text in its encoding", "empty", "damaged"
GZIP = b"\x1f\x8b"
BOM = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
LOOKED_AT = 8192
"""Bytes in which a zero byte tells that a file is no text (as git does)."""
MIB = 2**20


class Unread(NamedTuple):
    """Why a file is not used, and what exactly is wrong."""

    reason: str
    told: str


def listed(root: Path, names: Sequence[str], without: Sequence[str], largest_mib: float) -> dict[str, Path | str]:
    """Name → file, or the reason why it is not read; names begin with the root's own, those that
    are read first, in the order of the alphabet.

    Links to folders are not followed, so that no loop is walked; hidden files and folders are passed over.
    """
    called = root.resolve().name or "root"
    if not root.is_dir():
        return {called: _entry(root, largest_mib)}
    found: dict[str, Path | str] = {}
    for folder, folders, files in os.walk(root, onerror=lambda error: found.update(_closed(root, called, error))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inner = Path(folder)
        for name in [*files, *(name for name in folders if (inner / name).is_symlink())]:
            path = (inner / name).relative_to(root).as_posix()
            if name.startswith(".") or _matches(path, without):
                continue
            if (inner / name).is_dir():
                found[f"{called}/{path}"] = LINK
            elif _matches(name, names):
                found[f"{called}/{path}"] = _entry(inner / name, largest_mib)
    return dict(sorted(found.items(), key=lambda pair: (isinstance(pair[1], str), pair[0])))


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def _closed(root: Path, called: str, error: OSError) -> Iterator[tuple[str, str]]:
    yield f"{called}/{Path(error.filename).relative_to(root).as_posix()}/", UNREADABLE


def _entry(file: Path, largest_mib: float) -> Path | str:
    try:
        size = file.stat().st_size
    except OSError:  # a loop of links, or one to nothing
        return NOWHERE
    if not file.is_file():
        return SPECIAL
    if size > largest_mib * MIB:
        return LARGE
    try:
        file.open("rb").close()
    except OSError:
        return UNREADABLE
    return file


TOLD = {UNREADABLE: "it may not be read by you. Change its mode, or leave it out with `without`",
        LINK: "links to folders are not followed. Name the folder as a source of its own",
        NOWHERE: "what it points to is not there, or it points to itself. Remove it, or leave it out with `without`",
        SPECIAL: "it is a pipe, a socket or a device. Leave it out with `without`",
        LARGE: "it is larger than largest_mib. Raise that, or split the file"}
"""Of the reasons that a name alone has."""


def octets(file: Path, largest_mib: float) -> bytes | Unread:
    """Its bytes, unpacked where it is gzip; what cannot be text is told."""
    limit = int(largest_mib * MIB)
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == GZIP
        with gzip.open(file) if packed else file.open("rb") as content:
            read = content.read(limit + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return Unread(DAMAGED, f"the gzip file is damaged ({error}). Fetch or make it again")
    except OSError as error:
        return Unread(UNREADABLE, f"{error.strerror}. Change its mode, or leave it out with `without`")
    return Unread(LARGE, TOLD[LARGE]) if len(read) > limit else _no_text(read) or read


def text(file: Path, encoding: str, largest_mib: float) -> str | Unread:
    """With \\n at the ends of lines."""
    read = octets(file, largest_mib)
    if isinstance(read, Unread):
        return read
    encoding = next((name for mark, name in BOM.items() if read.startswith(mark)), encoding)
    try:
        found = read.decode(encoding)
    except UnicodeDecodeError as error:
        line = read[:error.start].count(b"\n") + 1
        return Unread(NOT_TEXT, f"line {line}: byte {error.start + 1} is no {encoding}. Set `encoding`, or convert it: "
                                "iconv -f latin1 -t utf-8")
    return found.replace("\r\n", "\n").replace("\r", "\n")


def _no_text(read: bytes) -> Unread | None:
    """Why bytes are no text in any encoding, if they are none."""
    if not read.strip():
        return Unread(EMPTY, "there is nothing in it")
    if b"\0" in read[:LOOKED_AT] and not read.startswith(tuple(BOM)):
        return Unread(BINARY, "it has zero bytes, which no text has. Leave it out with `without`")
    return None
