"""SIGKILL at random moments, then finish: the store must hold what an uninterrupted run leaves."""
import json
import random
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tally:
    alive: int
    """Runs that were killed before they ended."""
    equal: bool
    """The store's artifacts have the bytes of the uninterrupted run."""
    left: int
    """Partial folders that remained."""


def held(store: Path) -> dict[str, dict[str, str]]:
    """Folder → port → digest; what is exempt from equality (bench, report) is left out."""
    manifests = {file.parent.name: json.loads(file.read_text()) for file in sorted(store.glob("*/manifest.json"))}
    return {name: {port: made["digest"] for port, made in m["outputs"].items()}
            for name, m in manifests.items() if m["stage"] not in ("bench", "report")}


def storm(command: Sequence[str], folder: Path, *, kills: int, span_s: tuple[float, float], per_store: int = 5,
          seed: int = 1) -> Tally:
    """Kill `command` (in `folder`, given store=…) `kills` times, each within `span_s` seconds of its start."""
    whole, torn = folder / "store-whole", folder / "store-torn"
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*command, f"store={whole}"], check=True, **quiet)
    draw, alive, equal, left = random.Random(seed), 0, True, 0
    for first in range(0, kills, per_store):
        shutil.rmtree(torn, ignore_errors=True)
        for _ in range(min(per_store, kills - first)):
            process = subprocess.Popen([*command, f"store={torn}"], **quiet)
            time.sleep(draw.uniform(*span_s))
            alive += process.poll() is None
            process.kill()
            process.wait()
        subprocess.run([*command, f"store={torn}"], check=True, **quiet)
        equal &= held(torn) == held(whole)
        left += len(list(torn.glob("*.partial")))
    return Tally(alive, equal, left)
