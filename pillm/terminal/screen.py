"""What a run shows: a live bar on a terminal, plain lines elsewhere."""
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pillm.engine.done import Done
from pillm.engine.journal import Journal
from pillm.engine.plan import Planned
from pillm.terminal.taken import taken
from pillm.words import duration, figures, listed

QUIET_S = 20.0
"""Seconds between two plain lines of one step."""


class Screen:
    """An Observer for people; every line also goes to the run's log."""

    def __init__(self, book: Journal, console: Console) -> None:
        self.book, self.console = book, console
        self.bar: Progress | None = None
        self.task: TaskID | None = None
        self.spoken = 0.0

    def started(self, planned: Planned) -> None:
        self._say(f"[bold]{planned.name:<16}[/] {escape(listed(planned.reasons) or 'forced')}")
        self.spoken = time.monotonic()

    def waiting(self, planned: Planned) -> None:
        self._say(f"[bold]{planned.name:<16}[/] another run is making it; waiting for that to finish")

    def progress(self, label: str, done: float, total: float | None = None, **shown: float) -> None:
        if self.console.is_terminal:
            self._draw(label, done, total, figures(shown))
        elif time.monotonic() - self.spoken > QUIET_S:
            self.spoken = time.monotonic()
            of = f"{done:,.0f} of {total:,.0f}" if total else f"{done:,.0f}"
            self._say(f"{'':16} {label} {of}  {figures(shown)}".rstrip())

    def finished(self, done: Done) -> None:
        self._stop()
        if done.cached:
            self._say(f"[bold]{done.name:<16}[/] [dim]cached[/]")
        else:
            note = f"  {done.note}" if done.note else ""
            self._say(f"[bold]{done.name:<16}[/] [green]done[/] in {duration(done.manifest['made']['seconds'])}{note}")
            if told := taken(done):
                self._say(f"{'':16} {escape(told)}")
        for gate in done.manifest["metrics"].get("gates", []):
            if not gate["met"]:
                self._say(f"{'':16} [red]not met[/]: {escape(gate['name'])}: {escape(gate['told'])}")

    def skipped(self, planned: Planned, why: str) -> None:
        self._say(f"[bold]{planned.name:<16}[/] [yellow]skipped[/]: {why}")

    def _draw(self, label: str, done: float, total: float | None, shown: str) -> None:
        if self.bar is None:
            self.bar = Progress(
                TextColumn(f"{'':16} {{task.description}}"), BarColumn(24), TextColumn("{task.percentage:>3.0f} %"),
                TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.fields[shown]}"),
                console=self.console, transient=True)
            self.bar.start()
        if self.task is None:
            self.task = self.bar.add_task(label, total=total, shown=shown)
        self.bar.update(self.task, description=label, completed=done, total=total, shown=shown)

    def _stop(self) -> None:
        if self.bar:
            self.bar.stop()
        self.bar = self.task = None

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, soft_wrap=True)
        from rich.text import Text
        self.book.log(Text.from_markup(line).plain)


def screen(console: Console) -> Callable[[Journal], Any]:
    return lambda book: Screen(book, console)


class Silent:
    """An Observer that says nothing."""

    def started(self, planned: Planned) -> None: ...
    def waiting(self, planned: Planned) -> None: ...
    def progress(self, label: str, done: float, total: float | None = None, **figures: float) -> None: ...
    def finished(self, done: Done) -> None: ...
    def skipped(self, planned: Planned, why: str) -> None: ...
