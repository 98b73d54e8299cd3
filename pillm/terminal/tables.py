"""Lists and tables: what there is, what a run would do, what it did."""
from collections.abc import Iterable
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pillm.config import places
from pillm.engine import registry
from pillm.engine.plan import Planned
from pillm.engine.stage import Estimate
from pillm.words import counted, duration, gib, listed, size


def overview(console: Console) -> None:
    """Recipes, parts and stages, one line each, and how to start."""
    console.print("[bold]pillm[/]: from one recipe to a small language model, proven to run on a small machine\n")
    listed_as(console, "recipe", {name: first_comment(file) for name, file in places.names("recipes").items()})
    parts = {name: file for name, file in places.names("conf").items() if "/" in name and name.count("/") == 1}
    for part in dict.fromkeys(name.split("/")[0] for name in parts):
        listed_as(console, part, {name.split("/")[1]: first_comment(file) for name, file in parts.items()
                                if name.startswith(f"{part}/")})
    listed_as(console, "stage", {name: registry.load(name).summary for name in registry.offers()})
    console.print("Start with\n  python -m pillm +recipe=quebecois_nano plan=true     what it would do\n"
                  "  python -m pillm +recipe=quebecois_tinyllama +caps=smoke   any recipe, tiny, offline\n"
                  "  python -m pillm +recipe=quebecois_nano                    the whole of it\n"
                  "  python -m pillm ask=quebecois_nano                        talk to what was made\n"
                  "  python -m pillm new=NAME                                  a domain of your own")


def listed_as(console: Console, title: str, lines: dict[str, str]) -> None:
    """A title, and a line for each name."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(no_wrap=True, min_width=22)
    for name, told in lines.items():
        table.add_row(name, told)
    console.print(f"[bold]{title}[/]")
    console.print(table)


def first_comment(file: Path) -> str:
    """The first comment of a YAML file that says something to people."""
    lines = file.read_text("utf-8").splitlines()
    said = (line.lstrip("# ").strip() for line in lines if line.startswith("#"))
    return next((line for line in said if not line.startswith(("yaml-language-server", "@package"))), "")


def plan(console: Console, head: str, planned: list[Planned], estimates: dict[str, Estimate]) -> None:
    """Per step: key, cached or why not, and what it is expected to cost; the head is the recipe, or a sweep's job."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in (("step", "left"), ("key", "left"), ("state", "left"), ("time", "right"),
                          ("RAM", "right"), ("VRAM", "right"), ("disk", "right")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for p in planned:
        e = estimates[p.name]
        costs = ("", "", "", "") if p.manifest else (
            duration(e.seconds) if e.seconds else "", gib(e.ram_gib), gib(e.vram_gib), gib(e.disk_gib))
        table.add_row(p.name, p.key[:8] or f"after {p.waits_for}", escape(_state(p)), *costs)
    console.print(f"[bold]{escape(head)}[/]: nothing was run", highlight=False)
    console.print(table)
    console.print(_total([estimates[p.name] for p in planned if not p.manifest]))


def _state(planned: Planned) -> str:
    if planned.manifest:
        return "cached"
    return listed(planned.reasons) or "runs"


def _total(left: Iterable[Estimate]) -> str:
    todo = list(left)
    if not todo:
        return "everything is cached"
    ram, vram = max(e.ram_gib for e in todo), max(e.vram_gib for e in todo)
    disk = sum(e.disk_gib for e in todo)
    return (f"{counted(len(todo), 'step')} to run: about {duration(sum(e.seconds for e in todo))}, "
            f"{gib(ram) or '0 GiB'} RAM, {gib(vram) or 'no'} VRAM, {gib(disk) or '0 GiB'} on disk")


def stored(console: Console, rows: list[tuple[str, str, int, str]]) -> None:
    """(folder, stage, bytes, what refers to it)."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("artifact", "size", "used by"):
        table.add_column(name, justify="right" if name == "size" else "left")
    for folder, _, octets, user in rows:
        table.add_row(folder, size(octets), user)
    per_stage: dict[str, int] = {}
    for _, stage, octets, _ in rows:
        per_stage[stage] = per_stage.get(stage, 0) + octets
    console.print(table)
    for stage, octets in sorted(per_stage.items(), key=lambda item: -item[1]):
        console.print(f"{stage:<16} {size(octets):>10}", highlight=False)
