"""`runs/<recipe>/<time>/`: what a run was, did and made."""
import json
import logging
import os
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from pillm.engine.done import Done
from pillm.engine.identity import Identity
from pillm.errors import CorruptError

Record = dict[str, Any]
LOOK_BACK = 10
"""Runs that are read to say why a step runs."""


@dataclass(frozen=True)
class Journal:
    """One run's folder."""

    folder: Path

    def write(self, record: Record) -> None:
        """Replaced whole and synced, so that a kill or a power cut leaves the former account."""
        fresh = self.folder / "run.json.new"
        with fresh.open("w", encoding="utf-8") as handle:
            handle.write(json.dumps(record, indent=1, ensure_ascii=False, default=str) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        fresh.rename(self.folder / "run.json")

    def link(self, done: dict[str, Done]) -> None:
        """`<step>.<port>` links to each artifact; a report also under its own name."""
        for step in done.values():
            for port, artifact in step.outputs.items():
                _link(self.folder / f"{step.name}.{port}", artifact.path)
                if artifact.kind == "report":
                    _link(self.folder / "report.html", artifact.path)

    def log(self, line: str) -> None:
        with (self.folder / "log.txt").open("a", encoding="utf-8") as handle:
            handle.write(f"{datetime.now().isoformat(timespec='seconds')} {line}\n")


def opened(folder: Path) -> Journal:
    """A new folder, named by the second; a second run within the second gets a suffix."""
    base = folder / datetime.now().strftime("%Y%m%d-%H%M%S")
    for n in range(1000):
        attempt = base if n == 0 else base.with_name(f"{base.name}-{n}")
        try:
            attempt.mkdir(parents=True)
            return Journal(attempt)
        except FileExistsError:
            continue
    raise FileExistsError(base)


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(target.resolve(), link.parent.resolve()))


def accounts(runs: Path, recipe: str) -> Iterator[Record]:
    """The runs of a recipe that left an account, newest first."""
    yield from filter(None, map(readable, sorted((runs / recipe).glob("*/run.json"), reverse=True)))


def read(file: Path) -> Record:
    """Raises CorruptError where it is not JSON, as a power cut may leave it."""
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise CorruptError(f"{file}: it is not JSON. Remove the run's folder, or restore the file.") from error


def readable(file: Path) -> Record | None:
    """The account, or nothing where it is not JSON; that is told once."""
    try:
        return read(file)
    except CorruptError as error:
        _tell(str(error))
        return None


@cache
def _tell(line: str) -> None:
    logging.getLogger(__name__).warning(line)


def identities(runs: Path, recipe: str) -> dict[str, Identity]:
    """Each step's identity in the newest run that got as far as it."""
    found: dict[str, Identity] = {}
    for record in islice(accounts(runs, recipe), LOOK_BACK):
        found = {name: step["identity"] for name, step in record["steps"].items()} | found
    return found


def step_record(done: Done) -> Record:
    outputs = {port: {"kind": a.kind, "digest": a.digest, "path": str(a.path)} for port, a in done.outputs.items()}
    kept = {key: done.manifest[key] for key in ("stage", "version", "key", "identity", "metrics", "predicted", "made")}
    return kept | {"cached": done.cached, "reasons": done.reasons, "note": done.note, "outputs": outputs}


def circumstances() -> Record:
    """Where and with what: hardware, Python, git commit."""
    return {"python": platform.python_version(), "machine": platform.machine(), "system": platform.platform(),
            "cores": os.cpu_count(), "git": git_commit(Path.cwd())}


def git_commit(folder: Path) -> str | None:
    """The commit checked out around a folder, with `+` if files differ from it."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty=+", "--abbrev=40", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
