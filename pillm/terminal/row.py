"""A job of a sweep as a row: what it was, and what came of it."""
from typing import TYPE_CHECKING, Any

from pillm.engine.gates import lookup
from pillm.terminal.result import examined

if TYPE_CHECKING:
    from pillm.engine.journal import Record

Row = dict[str, Any]
Metrics = dict[str, Any]
OUTCOMES = {0: "done", 3: "gate not met"}


def swept(overrides: list[str]) -> list[str]:
    """The words of a job, without what all its jobs have."""
    return [word.lstrip("+") for word in overrides if not word.startswith(("+recipe=", "+caps="))]


def varied(jobs: list[list[str]]) -> list[str]:
    """The keys in which the jobs differ, or all of a single job's."""
    differing = {word.split("=")[0] for words in jobs for word in words if not all(word in other for other in jobs)}
    keys = [word.split("=")[0] for word in jobs[0]]
    return [key for key in keys if key in differing] or keys


def differing(jobs: list[list[str]]) -> list[list[str]]:
    """The words of each job in which the jobs differ."""
    words = [swept(job) for job in jobs]
    keys = varied(words)
    return [[word for word in job if word.split("=")[0] in keys] for job in words]


def row(record: "Record", keys: list[str]) -> Row:
    """Values of the keys, then figures; None where a thing was not measured."""
    steps = record["steps"]
    metrics = {name: step["metrics"] for name, step in steps.items()}
    values = dict(word.split("=", 1) for word in swept(record["overrides"]))
    return {**{key: values.get(key, "") for key in keys},
            "parameters": _parameters(metrics), "eval loss": lookup(metrics, "sft.eval_loss"),
            **_file(record, metrics),
            "seconds": round(sum(step["made"]["seconds"] for step in steps.values() if not step["cached"]), 1),
            "result": record["error"] or OUTCOMES.get(record["code"], str(record["code"]))}


def _parameters(metrics: Metrics) -> int | None:
    """Those that were trained; of a model that was not, all."""
    trained = lookup(metrics, "sft.trainable_parameters")
    return lookup(metrics, "fetch.parameters") if trained is None else trained


def _file(record: "Record", metrics: Metrics) -> Row:
    """The smallest file that was examined: quality, size, speed and memory, those of bench if it ran."""
    type_, marks = _smallest(record, metrics)
    marks = marks | (lookup(metrics, f"bench.{type_}") or {})
    score = marks.get("score", {})
    speed = marks.get("decode_tokens_per_s", marks.get("tokens_per_s"))
    return {"file": type_, "score": score.get("value"), "low": score.get("low"), "high": score.get("high"),
            "bytes": marks.get("bytes"), "tokens/s": _value(speed), "read/s": _value(marks.get("prompt_tokens_per_s")),
            "memory": marks.get("peak_rss_mib")}


def _smallest(record: "Record", metrics: Metrics) -> tuple[str | None, Metrics]:
    """Of the trained model's last evaluation, else of the base's, else of what was made."""
    evaluations = [(step, types) for step, types in examined(record).items() if types]
    ours = [types for step, types in evaluations if "base" not in step] or [types for _, types in evaluations]
    types = ours[-1] if ours else lookup(metrics, "quantize.types") or {}
    return min(types.items(), key=lambda pair: pair[1]["bytes"], default=(None, {}))


def _value(found: Any) -> Any:
    return found.get("value") if isinstance(found, dict) else found
