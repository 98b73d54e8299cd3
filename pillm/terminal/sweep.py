"""A sweep: each job told as it starts, all of them side by side at the end."""
import csv
import os
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pillm import job
from pillm.engine.gates import lookup
from pillm.engine.journal import Record, read
from pillm.errors import PillmError
from pillm.terminal.screen import screen
from pillm.words import duration, size

Row = dict[str, Any]
judged: dict[tuple[str, ...], job.Job] = {}
"""Overrides → the job as it was judged before the sweep began; a launcher's own processes prepare theirs."""


def one(overrides: list[str], folder: Path, number: int) -> None:
    """Run a job; KeyboardInterrupt ends the sweep, anything else lets the others run."""
    console = Console(soft_wrap=True)
    total = os.environ.get("PILLM_JOBS", "?")
    console.print(f"\n[bold]job {number + 1} of {total}[/]  {escape('  '.join(swept(overrides)))}", highlight=False)
    try:
        ready = judged.pop(tuple(overrides)) if tuple(overrides) in judged else job.prepare(overrides)
        record = job.execute(ready, screen(console), folder)
    except PillmError as error:  # only what a sweeper drew after the grid was judged
        record = {"code": error.code, "error": str(error), "overrides": overrides, "steps": {}, "seconds": 0.0}
        job.Journal(folder).write(record)
    if record["error"]:
        console.print(f"[red]failed[/] {escape(record['error'])}", highlight=False)
    if record["code"] == job.INTERRUPTED:
        raise KeyboardInterrupt


def swept(overrides: list[str]) -> list[str]:
    return [word.lstrip("+") for word in overrides if not word.startswith(("+recipe=", "+caps="))]


def compare(console: Console, folders: list[Path]) -> int:
    """Table, CSV and plot; the gravest of the jobs' codes."""
    records = [read(folder / "run.json") for folder in folders]
    if not records:
        return job.FAILED
    keys = varied([swept(record["overrides"]) for record in records])
    rows = [row(record, keys) for record in records]
    console.print(_table(rows))
    where = folders[0].parent
    _write_csv(rows, where / "comparison.csv")
    console.print(f"{where}/comparison.csv", highlight=False)
    if _plot(rows, where / "comparison.svg"):
        console.print(f"{where}/comparison.svg", highlight=False)
    return job.gravest([record["code"] for record in records])


def varied(jobs: list[list[str]]) -> list[str]:
    """The keys in which the jobs differ, or all of a single job's."""
    differing = {word.split("=")[0] for words in jobs for word in words if not all(word in other for other in jobs)}
    keys = [word.split("=")[0] for word in jobs[0]]
    return [key for key in keys if key in differing] or keys


def row(record: Record, keys: list[str]) -> Row:
    """What a job was and what came of it; empty where it was not measured."""
    steps = record["steps"]
    metrics = {name: step["metrics"] for name, step in steps.items()}
    quant = _shipped(metrics)
    values = dict(word.split("=", 1) for word in swept(record["overrides"]))
    return {**{key: values.get(key, "") for key in keys},
            "parameters": lookup(metrics, "sft.trainable_parameters"), "eval loss": lookup(metrics, "sft.eval_loss"),
            "score": _value(lookup(metrics, f"evaluate.{quant}.score")),
            "bytes": lookup(metrics, f"quantize.types.{quant}.bytes"),
            "tokens/s": _value(lookup(metrics, f"bench.{quant}.decode_tokens_per_s")),
            "seconds": round(sum(s["made"]["seconds"] for s in steps.values() if not s["cached"]), 1),
            "result": record["error"] or {0: "done", 3: "gate not met"}.get(record["code"], str(record["code"]))}


def _shipped(metrics: dict[str, Any]) -> str:
    """The smallest type that was scored."""
    made = metrics.get("quantize", {}).get("types", {}).items()
    sizes = {name: figures["bytes"] for name, figures in made if isinstance(figures, dict) and "bytes" in figures}
    return min(sizes, key=lambda name: sizes[name], default="f16")


def _value(found: Any) -> Any:
    return found.get("value") if isinstance(found, dict) else found


def _table(rows: list[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="left" if name == "result" else "right", no_wrap=name != "result")
    for row_ in rows:
        table.add_row(*(_cell(name, value) for name, value in row_.items()))
    return table


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "bytes":
        return size(value)
    if name == "seconds":
        return duration(value)
    if isinstance(value, (int, float)):
        return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return escape(str(value))


def _write_csv(rows: list[Row], file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _plot(rows: list[Row], file: Path) -> bool:
    """Eval loss and score over the jobs; nothing where no job got that far."""
    from pillm.backends import plots
    labels = [" ".join(str(v) for v in list(row_.values())[:-7]) or str(n) for n, row_ in enumerate(rows)]
    series = {name: [row_[name] for row_ in rows] for name in ("eval loss", "score", "tokens/s")}
    drawn = {name: values for name, values in series.items() if any(v is not None for v in values)}
    if drawn:
        file.write_text(plots.comparison(labels, drawn), "utf-8")
    return bool(drawn)
