"""Judgements that need not be made twice on this machine: what was found to be good is remembered."""
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

Judge = Callable[[], list[str]]
"""Says what is wrong; nothing where all is well."""
SOURCES = {".yaml", ".json", ".jsonl", ".py"}


def mistakes(name: str, facts: object, judge: Judge) -> list[str]:
    """What the judge says, who is not asked again once there were no mistakes.

    `facts` are all that the judgement depends on; their `repr` is what is remembered, in a file called `name`.
    """
    known, key = _file(name), hashlib.sha256(repr(facts).encode()).hexdigest()
    if known.exists() and key in known.read_text("utf-8").split():
        return []
    found = judge()
    if not found:
        _remember(known, key)
    return found


def as_they_are(*places: Path) -> list[tuple[str, int, int]]:
    """Path, time of change in ns and bytes of these sources and all below, which change with what is in them."""
    found = (file for place in places for file in ([place] if place.is_file() else place.rglob("*")))
    files = sorted(file for file in found if file.suffix in SOURCES)
    return [(str(file), (facts := file.stat()).st_mtime_ns, facts.st_size) for file in files]


def _file(name: str) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "pillm" / f"{name}.txt"


def _remember(known: Path, key: str) -> None:
    """A cache that cannot be written costs only the judgement's time."""
    try:
        known.parent.mkdir(parents=True, exist_ok=True)
        with known.open("a", encoding="utf-8") as file:
            file.write(f"{key}\n")
    except OSError:
        return
