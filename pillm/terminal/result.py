"""What a run made, in the few lines that matter."""
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pillm.engine.gates import lookup
from pillm.words import counted, duration, size

if TYPE_CHECKING:
    from pillm.engine.journal import Record

VERDICTS = {False: "[red]not met[/]", None: "[yellow]not judged[/]"}


def outcome(console: Console, record: "Record") -> None:
    """Files with their figures, gates, then where things are."""
    for rows in (files(record), suites(record), tried(record)):
        if rows:
            console.print(_table(rows))
    _gates(console, record)
    cached = sum(step["cached"] for step in record["steps"].values())
    console.print(f"{counted(len(record['steps']), 'step')} ({cached} cached) in {duration(record['seconds'])}; "
                  f"{record['folder']}", highlight=False, soft_wrap=True)
    if any(output["kind"] == "report" for step in record["steps"].values() for output in step["outputs"].values()):
        console.print(f"report  {record['folder']}/report.html", highlight=False, soft_wrap=True)


def files(record: "Record") -> list[dict[str, str]]:
    """A row per file that was scored or measured, and per way of asking it the questions that count."""
    metrics = {name: step["metrics"] for name, step in record["steps"].items()}
    return [_row(metrics, step, type_, marks) for step, found in examined(record).items() if not _further(record, step)
            for type_, marks in found.items()]


def suites(record: "Record") -> list[dict[str, str]]:
    """A row per further suite: the smallest file's score."""
    smallest = {step: min(found.values(), key=lambda marks: marks["bytes"])
                for step, found in examined(record).items() if _further(record, step)}
    return [{"suite": step.removeprefix("evaluate_"), "questions": str(marks["score"]["n"]), **_scored(marks["score"])}
            for step, marks in smallest.items()]


def tried(record: "Record") -> list[dict[str, str]]:
    """A row per suite that was examined itself: what each kind of answer scores on it."""
    found = [(name, marks) for step in record["steps"].values() if step["stage"] == "examine"
             for name, marks in step["metrics"]["suites"].items()]
    who = dict.fromkeys(answerer for _, marks in found for answerer in marks)
    return [{"suite": name, **{each: f"{marks[each]:.1%}" if each in marks else "" for each in who}}
            for name, marks in found]


def examined(record: "Record") -> dict[str, dict[str, Any]]:
    """Step → type → marks, of every evaluation."""
    return {name: {type_: marks for type_, marks in step["metrics"].items()
                   if isinstance(marks, dict) and "score" in marks}
            for name, step in record["steps"].items() if step["stage"] == "evaluate"}


def _further(record: "Record", step: str) -> bool:
    """Whether other questions were put than in the last evaluation, which counts."""
    last = [name for name, other in record["steps"].items() if other["stage"] == "evaluate"][-1]
    return _questions(record, step) != _questions(record, last)


def _questions(record: "Record", step: str) -> Any:
    identity = record["steps"][step]["identity"]
    return identity["config"].get("eval"), identity["inputs"].get("suite")


def _row(metrics: dict[str, Any], step: str, kind: str, figures: dict[str, Any]) -> dict[str, str]:
    base = "base" in step
    kl = lookup(metrics, f"divergence.{kind}.kl_mean")
    speed = lookup(metrics, f"bench.{kind}.decode_tokens_per_s.value")
    return {"step": step, "file": kind, "size": size(figures["bytes"]), **_scored(figures["score"]),
            "KL from f16": "" if base or kl is None else f"{kl:.2g}",
            "tokens/s": "" if base or speed is None else f"{speed:,.0f}"}


def _scored(score: dict[str, float]) -> dict[str, str]:
    return {"score": f"{score['value']:.1%}", "95 %": f"{score['low']:.0%} to {score['high']:.0%}"}


def _table(rows: list[dict[str, str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="left" if name in ("step", "file", "suite") else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row.values())
    return table


def _gates(console: Console, record: "Record") -> None:
    met = [gate["name"].split(": ")[-1] for gate in record["gates"] if gate["met"]]
    if met:
        console.print(f"gates met  {escape(', '.join(met))}", highlight=False, soft_wrap=True)
    for gate in record["gates"]:
        if not gate["met"]:
            console.print(f"gate {VERDICTS[gate['met']]}  {escape(gate['name'])}: {escape(gate['told'])}",
                          highlight=False, soft_wrap=True)
