"""Artifacts under `<stage>-<key>/`: whole when the manifest is there."""
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from pillm.engine.artifact import Artifact
from pillm.engine.digest import Hashes, Unremembered, files, of_files
from pillm.errors import CorruptError

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Store:
    root: Path

    @cached_property
    def hashes(self) -> Hashes:
        """Kept beside the artifacts; looking into a store that is not there makes none."""
        return (Hashes if self.root.exists() else Unremembered)(self.root / "hashes.sqlite")

    def home(self, stage: str, key: str) -> Path:
        return self.root / f"{stage}-{key[:16]}"

    def manifest(self, stage: str, key: str) -> Manifest | None:
        file = self.home(stage, key) / "manifest.json"
        return read_manifest(file) if file.exists() else None

    def outputs(self, manifest: Manifest, step: str) -> dict[str, Artifact]:
        """The step's artifacts by port; raises CorruptError where bytes are not what they were."""
        home = self.home(manifest["stage"], manifest["key"])
        return {port: self._artifact(home, made, step) for port, made in manifest["outputs"].items()}

    def _artifact(self, home: Path, made: dict, step: str) -> Artifact:
        path = home / made["name"]
        if damage := damaged(path, made["files"], self.hashes.artifact(path)):
            raise CorruptError(f"{path}: {damage}. Make it again with force=[{step}], or restore the file.")
        return Artifact(made["kind"], path, made["digest"])

    @contextmanager
    def lock(self, stage: str, key: str, waiting: Callable[[], None]) -> Iterator[None]:
        """One worker per key; the kernel frees it on a kill. The file stays: removing it would race."""
        with self._lock_file(self.home(stage, key)) as handle:
            if not _taken(handle):
                waiting()
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @contextmanager
    def idle(self, folder: Path) -> Iterator[bool]:
        """Whether no run is at work on a folder of the store; none begins to be for as long as this lasts."""
        with self._lock_file(folder) as handle:
            yield _taken(handle)

    def _lock_file(self, folder: Path) -> TextIO:
        lock = self.root / "locks" / folder.stem
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("w")

    def partial(self, stage: str, key: str) -> Path:
        """A place to make outputs. Of an earlier, killed attempt only `work/` is kept: half outputs never are."""
        partial = self.home(stage, key).with_suffix(".partial")
        (partial / "work").mkdir(parents=True, exist_ok=True)
        for stale in partial.iterdir():
            if stale.name != "work":
                remove(stale)
        return partial

    def commit(self, manifest: Manifest, makes: dict[str, tuple[str, str]]) -> Manifest:
        """The partial folder becomes the artifact: synced, manifest last, renamed. `makes`: port → (kind, name).

        `work/` goes once the manifest stands: a kill before that leaves it, a kill after it leaves what was made.
        """
        home = self.home(manifest["stage"], manifest["key"])
        partial = home.with_suffix(".partial")
        outputs = {port: _described(partial / name, kind, name) for port, (kind, name) in makes.items()}
        whole = manifest | {"outputs": outputs}
        for made in partial.iterdir():
            for _, file in files(made) if made.name != "work" else ():
                _sync(file)
        fresh = partial / "manifest.json.new"
        fresh.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
        _sync(fresh)
        fresh.rename(partial / "manifest.json")
        _sync(partial)
        self._move_in(home)
        return whole

    def finish(self, stage: str, key: str) -> None:
        """What a kill left between the manifest and the last rename is read again and, if whole, moved in."""
        home = self.home(stage, key)
        partial = home.with_suffix(".partial")
        if (partial / "manifest.json").exists() and _is_whole(partial):
            self._move_in(home)

    def _move_in(self, home: Path) -> None:
        """A former artifact steps aside before it is replaced, and goes when the new one is in its place."""
        partial, former = home.with_suffix(".partial"), home.with_suffix(".former")
        remove(partial / "work")
        if home.exists():
            remove(former)
            home.rename(former)
        partial.rename(home)
        _sync(self.root)
        remove(former)

    def entries(self) -> Iterator[tuple[Path, Manifest | None]]:
        """Every folder of the store with its manifest, or None where it is not whole."""
        for home in sorted(self.root.glob("*-*")):
            if home.is_dir():
                file = home / "manifest.json"
                yield home, read_manifest(file) if file.exists() and not home.suffix else None


def read_manifest(file: Path) -> Manifest:
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise CorruptError(f"{file}: it is not JSON. Remove its folder and run again.") from error


def damaged(path: Path, expected: dict[str, str], found: dict[str, str]) -> str:
    """How an artifact's files differ from its manifest, or nothing."""
    if missing := sorted(expected.keys() - found.keys()):
        return f"{missing[0] or 'the file'} is missing"
    if added := sorted(found.keys() - expected.keys()):
        return f"{added[0]} was added"
    changed = sorted(name for name in expected if expected[name] != found[name])
    return f"the bytes of {changed[0] or 'the file'} are not those that were made" if changed else ""


def _described(path: Path, kind: str, name: str) -> dict[str, Any]:
    from pillm.engine.digest import sha256
    digests = {relative: sha256(file) for relative, file in files(path)}
    return {"kind": kind, "name": name, "digest": of_files(digests), "files": digests,
            "bytes": sum(file.stat().st_size for _, file in files(path))}


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_whole(partial: Path) -> bool:
    try:
        made = read_manifest(partial / "manifest.json")["outputs"].values()
    except CorruptError:
        return False
    return all(_described(partial / one["name"], one["kind"], one["name"]) == one for one in made)


def remove(path: Path) -> None:
    """A file, a folder, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
