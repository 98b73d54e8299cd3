"""Go's own text/template, through a small program that is compiled when it is first needed."""
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pillm.errors import StageError

BUILD_S, RENDER_S = 300, 60


@dataclass(frozen=True)
class Rendered:
    """What the template printed; `error` is Go's message where it stopped."""

    text: str
    error: str = ""


def is_installed() -> bool:
    return shutil.which("go") is not None


def identity() -> dict[str, str]:
    """Who renders templates here; all versions of Go render alike (https://go.dev/doc/go1compat)."""
    return {"templates_by": "Go" if is_installed() else "pillm"}


def render(template: str, data: Iterable[Mapping[str, Any]]) -> list[Rendered]:
    """One text for each of the data; raises StageError where Go cannot be run."""
    given = json.dumps({"template": template, "data": list(data)}, ensure_ascii=False)
    answer = json.loads(_run([_program()], given, RENDER_S))
    return [Rendered(**one) for one in answer]


@lru_cache(maxsize=1)
def _program() -> str:
    """The compiled program; its folder is removed when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="pillm-go-")
    _folders.append(folder)
    program = f"{folder.name}/render"
    _run([shutil.which("go") or "go", "build", "-o", program, str(Path(__file__).with_name("render.go"))], "", BUILD_S)
    return program


_folders: list[tempfile.TemporaryDirectory[str]] = []


def _run(command: list[str], given: str, limit_s: int) -> str:
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=limit_s)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StageError(f"go: {error}. Install Go 1.19 or newer, or take it off the PATH.") from error
    if done.returncode:
        raise StageError(f"go: {done.stderr.strip()}. Install Go 1.19 or newer, or take it off the PATH.")
    return done.stdout
