"""What the store holds, who refers to it, whether it is whole."""
from pathlib import Path

from pillm.engine.journal import read
from pillm.engine.store import Store, damaged, remove


def references(runs: Path) -> dict[str, list[str]]:
    """Store folder's name → the runs that used it."""
    found: dict[str, list[str]] = {}
    for file in sorted(runs.rglob("run.json")):
        for step in read(file)["steps"].values():
            name = f"{step['stage']}-{step['key'][:16]}"
            found.setdefault(name, []).append(str(file.parent.relative_to(runs)))
    return found


def orphans(store: Store, runs: Path) -> list[Path]:
    """Folders that no run refers to: artifacts of removed runs, and what killed runs left."""
    used = references(runs)
    return [home for home, _ in store.entries() if home.name not in used]


def collect(folders: list[Path]) -> None:
    for folder in folders:
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
