"""A sweep: each job told as it starts, all of them side by side at the end."""
import csv
import os
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pillm import job
from pillm.engine.journal import read
from pillm.errors import PillmError
from pillm.terminal.row import Row, row, swept, varied
from pillm.terminal.screen import screen
from pillm.words import duration, size

FORMATS = {"bytes": size, "seconds": duration, "memory": lambda mib: size(mib * 2**20),
           "tokens/s": "{:,.0f}".format, "read/s": "{:,.0f}".format}
DRAWN = {"eval loss": "eval loss", "score": "score", "tokens/s": "tokens/s", "memory": "memory, MiB"}
"""Columns, and what their axis says."""
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
    if _plot(rows, keys, where / "comparison.svg"):
        console.print(f"{where}/comparison.svg", highlight=False)
    return job.gravest([record["code"] for record in records])


def _table(rows: list[Row]) -> Table:
    """Without the columns that no job has anything for."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown = {name: [_cell(name, row_) for row_ in rows] for name in rows[0] if name not in ("low", "high")}
    columns = {name: cells for name, cells in shown.items() if any(cells)}
    for name in columns:
        table.add_column(name, justify="left" if name in ("file", "result") else "right", overflow="fold")
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*cells)
    return table


def _cell(name: str, row_: Row) -> str:
    value = row_[name]
    if value is None:
        return ""
    if name == "score":
        return f"{value:.1%} ({row_['low']:.0%} to {row_['high']:.0%})"
    if name in FORMATS:
        return FORMATS[name](value)
    if isinstance(value, (int, float)):
        return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return escape(str(value).partition("\n")[0])  # of an error; all of it was told when the job ended


def _write_csv(rows: list[Row], file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _plot(rows: list[Row], keys: list[str], file: Path) -> bool:
    """What is known of loss, score, speed and memory, over the jobs; nothing where no job got that far."""
    from pillm.backends import plots

    labels = [" ".join(str(row_[key]) for key in keys) or str(number) for number, row_ in enumerate(rows)]
    series = {name: [row_[name] for row_ in rows] for name in DRAWN}
    known = {DRAWN[name]: values for name, values in series.items() if any(value is not None for value in values)}
    if known:
        file.write_text(plots.comparison(labels, known), "utf-8")
    return bool(known)
