"""Recipes under caps=smoke, run for real and without a network."""
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pillm.engine.digest import files, of_files, sha256
from tests.conftest import ROOT

GUARD = str(ROOT / "tests" / "offline")
NO_NETWORK = {"PYTHONPATH": os.pathsep.join(filter(None, [GUARD, os.environ.get("PYTHONPATH")]))}


@cache
def isolated() -> list[str]:
    """What takes the network away, where the kernel allows it; the sockets are guarded in any case."""
    found = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False) if os.geteuid() == 0 else None
    return ["unshare", "-n"] if found and found.returncode == 0 else []


def command(*words: str) -> list[str]:
    return [*isolated(), sys.executable, "-m", "pillm", *words, "+caps=smoke"]


@dataclass(frozen=True)
class Ran:
    """A run, as its user sees it."""

    code: int
    out: str
    err: str
    folder: Path
    """Of the newest run: run.json, report.html, a link to each artifact."""

    @property
    def record(self) -> dict[str, Any]:
        return json.loads((self.folder / "run.json").read_text("utf-8"))

    def metrics(self, step: str) -> dict[str, Any]:
        return self.record["steps"][step]["metrics"]

    @property
    def unmet(self) -> dict[str, str]:
        """What is told at the gates that are not met."""
        return {gate["name"]: gate["told"] for gate in self.record["gates"] if gate["met"] is False}


def run(folder: Path, *words: str) -> Ran:
    """`python -m pillm … +caps=smoke` in a folder; the store and the runs are made there."""
    done = subprocess.run(command(*words), cwd=folder, env=os.environ | NO_NETWORK | {"COLUMNS": "200"},
                          capture_output=True, text=True, timeout=900, check=False)
    runs = sorted(folder.glob("runs/*/*"), key=lambda found: found.stat().st_mtime_ns)
    return Ran(done.returncode, done.stdout, done.stderr, runs[-1] if runs else folder)


@cache
def once(session: Path, recipe: str) -> Ran:
    """A recipe's run: each is run once a session, all in one folder of it with one store."""
    folder = session / "smoke"
    folder.mkdir(exist_ok=True)
    return run(folder, f"+recipe={recipe}")


def refresh(artifact: Path) -> None:
    """Write an artifact's digests into its manifest anew: the store then takes its bytes for those that were made."""
    file = artifact.parent / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    made = next(made for made in manifest["outputs"].values() if made["name"] == artifact.name)
    made["files"] = {name: sha256(path) for name, path in files(artifact)}
    made["digest"] = of_files(made["files"])
    file.write_text(json.dumps(manifest), "utf-8")
