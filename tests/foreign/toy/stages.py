"""Words are drawn, shouted, counted."""
import random
import time
from pathlib import Path
from typing import Annotated

from pydantic import NonNegativeFloat, PositiveInt

from pillm.engine.stage import Free, From, InputPath, Makes, Metrics, Needs, Progress, StageConfig, Work, stage
from pillm.errors import StageError


class WordsConfig(StageConfig):
    rows: PositiveInt = 20
    """How many lines."""
    alphabet: InputPath | None = None
    """A file whose letters are drawn from."""
    seed: Annotated[int, From("seed")]
    """Of the draw."""
    nap_s: Annotated[NonNegativeFloat, Free()] = 0.0
    """Rest after each line."""


@stage("1")
def words(config: WordsConfig, lines: Annotated[Path, Makes("lines", "lines.txt")], work: Annotated[Path, Work()],
          progress: Progress) -> Metrics:
    """Draw words, a line at a time, and take up where a kill left off."""
    saved = work / "lines.txt"
    done = saved.read_text().split("\n")[:-1] if saved.exists() else []
    letters = config.alphabet.read_text().strip() if config.alphabet else "abcdef"
    with saved.open("w") as handle:
        handle.writelines(f"{line}\n" for line in done)
        for n in range(len(done), config.rows):
            draw = random.Random(f"{config.seed} {n}")
            handle.write("".join(draw.choices(letters, k=5)) + "\n")
            handle.flush()
            time.sleep(config.nap_s)
            progress("words", n + 1, config.rows)
    lines.write_text(saved.read_text())
    return {"rows": config.rows}


class Style(StageConfig):
    marks: PositiveInt = 1
    """Exclamation marks a line."""


class ShoutConfig(StageConfig):
    style: Style | None = Style()
    """How loud; null leaves the lines as they are."""
    nap_s: Annotated[NonNegativeFloat, Free()] = 0.0
    """Rest before the work."""
    fail: bool = False
    """Break on purpose."""


@stage("1")
def shout(config: ShoutConfig, lines: Annotated[Path, Needs("lines")],
          shouted: Annotated[Path, Makes("lines", "lines.txt")]) -> Metrics:
    """Upper case and exclamation marks."""
    time.sleep(config.nap_s)
    if config.fail:
        raise StageError("shout: it was told to fail. Set fail=false.")
    marks = "!" * config.style.marks if config.style else ""
    shouted.write_text("".join(f"{line.upper()}{marks}\n" for line in lines.read_text().splitlines()))
    return {"octets": shouted.stat().st_size}


class CountConfig(StageConfig):
    ram_gib: Annotated[float, From("device.ram_gib")]
    """Taken from the part of this package."""


@stage("1")
def count(config: CountConfig, lines: Annotated[Path, Needs("lines")],
          every: Annotated[dict[str, Path], Needs("lines")],
          counts: Annotated[Path, Makes("counts", "counts.txt")]) -> Metrics:
    """Letters in the lines."""
    letters = sum(len(path.read_text()) for path in every.values())
    counts.write_text(f"{letters}\n")
    return {"letters": letters, "share": {"value": 0.5, "low": 0.4, "high": 0.6},
            "gates": [{"name": "not empty", "met": letters > 0, "told": f"{letters} letters"}]}
