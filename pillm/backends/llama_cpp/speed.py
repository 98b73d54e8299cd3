"""How fast a GGUF runs on this machine and how much memory that takes, measured in a process of its own.

`python -m pillm.backends.llama_cpp.speed GGUF TRIAL` prints one JSON line per repetition and one for the whole.
"""
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pillm.backends.llama_cpp import lib, where
from pillm.errors import PillmError, StageError

CONFIDENCE = 0.95
STATUS = Path("/proc/self/status")

Interval = dict[str, float]
"""{value, low, high, n}: mean, 95 % interval, number of repetitions."""
Told = Callable[[int, float], None]
"""(repetitions done, tokens per second of the last one's decoding)."""


@dataclass(frozen=True)
class Trial:
    """What is measured."""

    prompt_tokens: int
    decode_tokens: int
    repetitions: int
    """At least two: an interval needs a spread."""
    threads: int
    context: int
    """Tokens that memory is set aside for."""


@dataclass(frozen=True)
class Speed:
    """Of one file."""

    prompt_tokens_per_s: Interval
    decode_tokens_per_s: Interval
    time_to_first_token_s: Interval
    """From the prompt's tokens to the first token of the answer, the model being loaded."""
    load_s: float
    """Opening the file until it can compute; the file may be in the system's cache."""
    peak_rss_mib: float
    """What the process held at most beyond what it held before it opened the file."""


def measure(gguf: Path, trial: Trial, *, told: Told = lambda done, rate: None) -> Speed:
    """Speed of a file in a fresh process; raises StageError where that process fails."""
    command = [sys.executable, "-m", __name__, str(gguf), json.dumps(asdict(trial))]
    runs, whole, pipe = [], {}, subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=where.child_environment()) as child:
        assert child.stdout and child.stderr
        for line in map(json.loads, child.stdout):
            if "load_s" in line:
                whole = line
            else:
                runs.append(line)
                told(len(runs), trial.decode_tokens / line["decode_s"])
        failure = child.stderr.read().strip()
    if child.returncode != 0:
        why = failure.splitlines()[-1] if failure else f"it ended with signal {-child.returncode}"
        raise StageError(f"{gguf}: its speed could not be measured: {why}. Free memory, or shorten the context.")
    return _speed(trial, runs, whole)


def _speed(trial: Trial, runs: list[dict[str, float]], whole: dict[str, float]) -> Speed:
    return Speed(
        prompt_tokens_per_s=interval([trial.prompt_tokens / run["prompt_s"] for run in runs]),
        decode_tokens_per_s=interval([trial.decode_tokens / run["decode_s"] for run in runs]),
        time_to_first_token_s=interval([run["prompt_s"] for run in runs]),
        load_s=round(whole["load_s"], 4), peak_rss_mib=round(whole["peak_rss_mib"], 1),
    )


def interval(values: Sequence[float]) -> Interval:
    """Mean m with m ± t·s/√n, t the 97.5 % point of Student's distribution with n−1 degrees (Student 1908)."""
    from scipy import stats

    n, mean = len(values), sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / (n - 1)) ** 0.5
    margin = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * deviation / n**0.5
    return {"value": round(mean, 4), "low": round(max(0.0, mean - margin), 4), "high": round(mean + margin, 4), "n": n}


def _run(gguf: Path, trial: Trial) -> Iterator[dict[str, float]]:
    """What the child does: load, one repetition to warm up, then those that count."""
    from pillm.backends.llama_cpp.context import Context
    from pillm.backends.llama_cpp.model import Model

    lib.load()
    resting_mib, started = _peak_mib(), time.perf_counter()
    with Model(gguf, threads=trial.threads) as model:
        context = Context(model, max(trial.context, trial.prompt_tokens + trial.decode_tokens))
        load_s = time.perf_counter() - started
        prompt = [(17 * i + 1) % model.n_vocab for i in range(trial.prompt_tokens)]
        for repetition in range(trial.repetitions + 1):
            run = _once(context, prompt, trial.decode_tokens)
            if repetition:
                yield run
        context.close()
    yield {"load_s": load_s, "peak_rss_mib": _peak_mib() - resting_mib}


def _once(context: Any, prompt: list[int], decode_tokens: int) -> dict[str, float]:
    context.clear()
    started = time.perf_counter()
    token = int(context.feed(prompt).argmax())
    first = time.perf_counter()
    for i in range(decode_tokens):
        token = int(context.feed([token], len(prompt) + i).argmax())
    return {"prompt_s": first - started, "decode_s": time.perf_counter() - first}


def _peak_mib() -> float:
    """High-water mark of this process; getrusage would count what the parent held before it (man 2 getrusage)."""
    if STATUS.exists():
        return next(int(line.split()[1]) / 1024 for line in STATUS.open() if line.startswith("VmHWM:"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    try:
        for line in _run(Path(sys.argv[1]), Trial(**json.loads(sys.argv[2]))):
            print(json.dumps(line), flush=True)
    except PillmError as error:
        sys.exit(str(error))
