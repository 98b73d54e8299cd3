"""What the store holds, who refers to it, whether it is whole."""
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pillm.engine.journal import Record, read, readable
from pillm.engine.store import Store, damaged, remove


def references(runs: Path, account: Callable[[Path], Record | None] = readable) -> dict[str, list[str]]:
    """Store folder's name → the runs that used it."""
    found: dict[str, list[str]] = {}
    for file in sorted(runs.rglob("run.json")):
        for step in (account(file) or {"steps": {}})["steps"].values():
            name = f"{step['stage']}-{step['key'][:16]}"
            found.setdefault(name, []).append(str(file.parent.relative_to(runs)))
    return found


@dataclass(frozen=True)
class Loose:
    """Folders that no run refers to."""

    orphans: list[Path]
    """Artifacts of removed runs, and what a kill left of replaced ones."""
    interrupted: list[Path]
    """Unfinished work, which the same command takes up."""
    held: list[Path]
    """A run is at work on them."""


def loose(store: Store, runs: Path) -> Loose:
    """Looks into the store before it asks the runs: what is made meanwhile is not taken for loose.

    Raises CorruptError for an account that cannot be read: nobody knows what that run refers to.
    """
    there = [home for home, _ in store.entries()]
    used = references(runs, read)
    sorted_out = Loose([], [], [])
    for home in there:
        if home.name not in used:
            with store.idle(home) as idle:
                free = sorted_out.interrupted if home.suffix == ".partial" else sorted_out.orphans
                (free if idle else sorted_out.held).append(home)
    return sorted_out


def collect(store: Store, folders: list[Path]) -> None:
    """Removes what no run has begun to work on since."""
    for folder in folders:
        with store.idle(folder) as idle:
            if idle:
                remove(folder)


def octets(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def verify(store: Store) -> list[tuple[Path, str]]:
    """(artifact, what is wrong with it, or nothing), after reading every byte again."""
    found = []
    for home, manifest in store.entries():
        for made in (manifest or {"outputs": {}})["outputs"].values():
            path = home / made["name"]
            found.append((path, damaged(path, made["files"], store.hashes.artifact(path, anew=True))))
    return found
