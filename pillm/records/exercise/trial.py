"""Whether a task's answer is right for some fillers: run, parsed, or timed; and whether the wrong one fails."""
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pillm.backends import calendars, manuals, ssh_client
from pillm.records.exercise import expectation, moments, music_trial, options
from pillm.records.exercise.planting import planted
from pillm.records.exercise.tasks import Slots, Task
from pillm.records.exercise.text import filled
from pillm.records.exercise.tried import Tried
from pillm.serve.execution.argument import mistakes

if TYPE_CHECKING:
    from pillm.serve.execution.judge import Run

TREES = 2
SHOWN = 20
"""Firings of an OnCalendar= that are compared."""
TIMEOUT_S, PROGRAM_TIMEOUT_S = 8, 25
"""Of a command, and of a program that first loads music21."""


def tried(task: Task, slots: Slots, rng: Random) -> Tried:
    """Of the answer with these fillers."""
    return CHECKS[task.check](task, slots, rng)


def argument(task: Task, slots: Slots, rng: Random) -> dict[str, Any]:
    """Two planted trees, or one where nothing is planted, and what Python says must come of them."""
    trees = [planted(task, slots, rng) for _ in range(TREES if task.plant or task.check == "execution" else 1)]
    asked: dict[str, Any] = {"trees": [{"files": tree} for tree in trees], "order": task.order,
                             "timeout_s": PROGRAM_TIMEOUT_S if task.check == "python" else TIMEOUT_S}
    if task.stdout:
        asked["stdout"] = [expectation.stdout(task, slots, tree) for tree in trees]
    if task.after:
        asked["state"] = [expectation.state(task, slots, tree) for tree in trees]
    return asked


def _executed(task: Task, slots: Slots, rng: Random) -> Tried:
    from pillm.backends import sandbox

    return _run(task, slots, rng, sandbox.run)


def _program(task: Task, slots: Slots, rng: Random) -> Tried:
    from pillm.backends import contained_python

    return _run(task, slots, rng, contained_python.run)


def _run(task: Task, slots: Slots, rng: Random, run: "Run") -> Tried:
    from pillm.serve.execution.judge import judge

    asked = argument(task, slots, rng)
    if told := mistakes(asked):
        return Tried("the trees show nothing", told=told[0])
    verdict = judge(_probed(task.run, task, slots), asked, run)
    if not verdict.right:
        return Tried("the answer is wrong", told=verdict.why)
    if judge(_probed(task.wrong, task, slots), asked, run).right:
        return Tried("the wrong command passes")
    return Tried(argument=asked)


def _probed(command: str, task: Task, slots: Slots) -> str:
    """Between what prepares the tree and what shows the end state, where the task has them."""
    return filled("\n".join(line for line in (task.setup, command, task.probe) if line), slots)


def _documented(task: Task, slots: Slots, rng: Random) -> Tried:
    try:
        unknown = options.undocumented(filled(task.run, slots), manuals.page, task.page)
    except ValueError as error:
        return Tried("it cannot be parsed", told=str(error))
    return Tried("an option is not documented", told="; ".join(unknown)) if unknown else Tried()


def _cron(task: Task, slots: Slots, rng: Random) -> Tried:
    """The first five fields of the answer."""
    expression = " ".join(filled(task.run, slots).split()[:5])
    found = calendars.cron(expression, moments.START, moments.DAYS)
    return Tried() if found == moments.meant(_fires(task, slots)) else Tried("it fires at other times", told=expression)


def _calendar(task: Task, slots: Slots, rng: Random) -> Tried:
    """What stands after OnCalendar=."""
    expression = filled(task.run, slots).partition("OnCalendar=")[2].split("\n")[0]
    wanted = moments.meant(_fires(task, slots))[:SHOWN]
    found = calendars.calendar(expression, moments.START, len(wanted))
    return Tried() if found == wanted else Tried("it fires at other times", told=expression)


def _fires(task: Task, slots: Slots) -> dict[str, str]:
    return {field: filled(values, slots) for field, values in task.fires.items()}


def _ssh(task: Task, slots: Slots, rng: Random) -> Tried:
    """`stdout` is the host and what `ssh -G HOST` must show: `nas | port 2222`."""
    host, *wanted = filled(task.stdout, slots).split(" | ")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "config"
        file.write_text(filled(task.run, slots) + "\n", "utf-8")
        found = ssh_client.resolved(file, host)
    missing = [one for one in wanted if found.get(one.split()[0]) != one.partition(" ")[2]]
    return Tried("ssh reads it otherwise", told="; ".join(missing)) if missing else Tried()


def _unverified(task: Task, slots: Slots, rng: Random) -> Tried:
    return Tried()


CHECKS = music_trial.CHECKS | {
    "execution": _executed, "options": _documented, "cron": _cron, "calendar": _calendar, "ssh": _ssh,
    "python": _program, "none": _unverified}
