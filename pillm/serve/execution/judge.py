"""A command, run in every tree of a question and judged on what it printed and left."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillm.backends import sandbox
from pillm.backends.sandbox.view import HOME
from pillm.serve.execution.answer import command as command_of
from pillm.serve.execution.argument import Argument
from pillm.serve.execution.left import wrong
from pillm.serve.execution.trees import plant

if TYPE_CHECKING:
    from pillm.serve.checker import Measures

Run = Callable[..., sandbox.Ran]
"""Runs a program in a folder, contained: `sandbox.run` for bash."""
TOLD = 200
"""Characters of what was printed that a verdict repeats."""


@dataclass(frozen=True)
class Verdict:
    """Whether a command is right, and if not, why."""

    right: bool
    why: str = ""
    """Of the first tree on which it is wrong: `tree 2: …`."""
    ran: tuple[sandbox.Ran, ...] = ()
    """What came of it on each tree that it was run in."""


def execution(answer: str, wanted: Mapping[str, Any], run: Run = sandbox.run) -> "Measures":
    """The answer's command does what is wanted in every tree: it is run, contained, and its effects are compared."""
    found = command_of(answer)
    return {"score": float(found is not None and judge(found, wanted, run).right)}


def judge(command: str, argument: Argument | Mapping[str, Any], run: Run = sandbox.run) -> Verdict:
    """Run a command in each tree until it is wrong in one; raises SandboxError where it can't be contained."""
    wanted = Argument.model_validate(argument)
    ran: list[sandbox.Ran] = []
    for number in range(len(wanted.trees)):
        with sandbox.folder() as folder:
            plant(wanted.trees[number], folder)
            ran.append(run(command, folder, timeout_s=wanted.timeout_s))
            if why := _why_wrong(ran[-1], folder, wanted, number):
                return Verdict(False, f"tree {number + 1}: {why}", tuple(ran))
    return Verdict(True, ran=tuple(ran))


def _why_wrong(ran: sandbox.Ran, folder: Path, wanted: Argument, number: int) -> str | None:
    if ran.beyond:
        return f"it went beyond its bound of {ran.beyond}"
    printed, told = (text.decode(errors="replace") for text in (ran.stdout, ran.stderr))
    if wanted.stdout is not None and _lines(printed, wanted) != _lines(wanted.stdout[number], wanted):
        return f"it printed {printed[:TOLD]!r}, with errors {told[:TOLD]!r}"
    return next(wrong(folder, wanted.trees[number], wanted.state[number] if wanted.state else {}), None)


def _lines(text: str, wanted: Argument) -> list[str]:
    """What is compared of a text that is printed."""
    lines = text.rstrip("\n").split("\n")
    if wanted.blanks:
        lines = [" ".join(line.split()) for line in lines]
    if wanted.paths:
        lines = [line.removeprefix("./").removeprefix(f"{HOME}/").rstrip("/") or line for line in lines]
    return sorted(lines) if wanted.order == "any" else lines
