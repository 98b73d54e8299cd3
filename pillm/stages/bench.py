import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PositiveInt

from pillm.backends.llama_cpp import where
from pillm.backends.machine import fingerprint, machine
from pillm.engine.digest import sha256
from pillm.engine.stage import Estimate, Free, From, Makes, Metrics, Needs, Progress, Resolve, StageConfig, stage

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.speed import Trial

OPERATIONS_PER_S = 2e10
"""Multiplications and additions of one core in a batch of 512 tokens; measured with AVX2."""
BYTES_PER_S = 1e10
"""Memory bandwidth that decoding gets on an ordinary desktop: each token reads all weights once."""


class BenchConfig(StageConfig):
    types: list[str] | None = None
    """Which files of the ladder; null is all."""
    prompt_tokens: PositiveInt = 128
    """Length of the prompt that is read."""
    decode_tokens: PositiveInt = 32
    """Tokens written one by one after it."""
    repetitions: Annotated[int, Field(ge=2)] = 5
    """Times each is measured, after one to warm up; more make the intervals narrower."""
    context: Annotated[PositiveInt, From("model.context")]
    """Tokens that memory is set aside for, as when the model is served."""
    threads: Annotated[PositiveInt | None, From("threads"), Resolve(where.default_threads)] = None
    """Threads that llama.cpp computes with; null is one per core."""
    history: Annotated[Path, Free()] = Path("runs/bench_history.jsonl")
    """Every measurement is added to this file, with date, machine and the file's digest."""


def here() -> dict[str, Any]:
    """This machine and its llama.cpp: other figures come from others."""
    return fingerprint() | where.identity()


def estimate(config: BenchConfig, recipe: dict) -> Estimate:
    """seconds = types × (repetitions + 1) × (2 × parameters × prompt_tokens / (OPERATIONS_PER_S × cores)
    + parameters × decode_tokens / BYTES_PER_S), a weight being about a byte; memory = 2 × parameters + 0.3 GiB.
    """
    parameters = recipe["model"]["parameters"]
    types = config.types or ["f16", *(recipe.get("quantize") or {}).get("types", ())]
    prompt_s = 2 * parameters * config.prompt_tokens / (OPERATIONS_PER_S * machine().cores)
    decode_s = parameters * config.decode_tokens / BYTES_PER_S
    return Estimate(seconds=len(types) * (1 + (config.repetitions + 1) * (prompt_s + decode_s)),
                    ram_gib=2 * parameters / 2**30 + 0.3)


@stage(version="1", libraries=("xllamacpp",), estimate=estimate, fingerprint=here)
def bench(config: BenchConfig, ladder: Annotated[Path, Needs("ladder")],
          bench: Annotated[Path, Makes("bench", "bench.json")], progress: Progress) -> Metrics:
    """Measure tokens per second, time to first token, load time and memory of each type of the ladder, here."""
    from pillm.backends.llama_cpp import ladder as rungs

    trial, files = _trial(config), rungs.files(ladder, config.types)
    found = {name: _measured(file, trial, progress) for name, file in files.items()}
    about = {"machine": here(), "trial": asdict(trial)}
    bench.write_text(json.dumps(about | {"types": found}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    _remember(config.history, about, found)
    return found


def _trial(config: BenchConfig) -> "Trial":
    from pillm.backends.llama_cpp.speed import Trial

    return Trial(config.prompt_tokens, config.decode_tokens, config.repetitions,
                 threads=config.threads or where.default_threads(), context=config.context)


def _measured(file: Path, trial: "Trial", progress: Progress) -> dict[str, Any]:
    """Which file it was, and its figures."""
    from pillm.backends.llama_cpp.speed import measure

    def told(done: int, rate: float) -> None:
        progress(f"{file.stem}: repetitions", done, trial.repetitions, tokens_per_s=rate)

    return {"sha256": sha256(file), "bytes": file.stat().st_size} | asdict(measure(file, trial, told=told))


def _remember(history: Path, about: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    """One line per file, added at the end."""
    history.parent.mkdir(parents=True, exist_ok=True)
    date = datetime.now(UTC).isoformat(timespec="seconds")
    with history.open("a", encoding="utf-8") as lines:
        for name, figures in found.items():
            lines.write(json.dumps({"date": date, "type": name, **figures, **about}, ensure_ascii=False) + "\n")
