"""Sha256 of data, files and folders; an unchanged file is not read twice."""
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def canonical(data: Any) -> str:
    """One text for equal data: sorted keys, no spaces (in the manner of RFC 8785)."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def key_of(data: Any) -> str:
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def files(path: Path) -> Iterator[tuple[str, Path]]:
    """(relative name, file) of everything in an artifact, sorted; of a single file its own name is empty."""
    if path.is_file():
        yield "", path
    else:
        yield from sorted((f.relative_to(path).as_posix(), f) for f in path.rglob("*") if f.is_file())


def of_files(digests: dict[str, str]) -> str:
    """An artifact's digest from its files' digests."""
    return digests[""] if list(digests) == [""] else key_of(digests)


@dataclass(frozen=True)
class Hashes:
    """Digests remembered under (path, size, mtime, inode) in a small SQLite file; a missing one is just slower."""

    file: Path

    def sha256(self, file: Path, *, anew: bool = False) -> str:
        stat = file.stat()
        facts = (str(file.resolve()), stat.st_size, stat.st_mtime_ns, stat.st_ino)
        with closing(sqlite3.connect(self.file, timeout=60)) as database, database:
            database.execute("create table if not exists seen (path primary key, size, mtime, inode, sha256)")
            row = database.execute(
                "select sha256 from seen where path=? and size=? and mtime=? and inode=?", facts).fetchone()
            if row and not anew:
                return row[0]
            found = sha256(file)
            database.execute("insert or replace into seen values (?, ?, ?, ?, ?)", (*facts, found))
        return found

    def artifact(self, path: Path, *, anew: bool = False) -> dict[str, str]:
        return {name: self.sha256(file, anew=anew) for name, file in files(path)}

    def digest(self, path: Path) -> str:
        return of_files(self.artifact(path))


@dataclass(frozen=True)
class Unremembered(Hashes):
    """For a plan, which leaves no file: every digest is computed, or read where a memory is already there."""

    def sha256(self, file: Path, *, anew: bool = False) -> str:
        return super().sha256(file, anew=anew) if self.file.exists() else sha256(file)
