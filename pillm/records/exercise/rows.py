"""Records from tasks: per case of a task some requests for the command, and a repair or an explanation."""
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pillm.records.exercise.draw import drawn
from pillm.records.exercise.facts import known
from pillm.records.exercise.tasks import Exercises, Slots, Task
from pillm.records.exercise.text import filled, said
from pillm.records.exercise.trial import tried
from pillm.records.exercise.tried import Tried

TAGS = {"execution": "verified:execution", "options": "verified:options", "cron": "verified:times",
        "calendar": "verified:times", "ssh": "verified:ssh", "theory": "verified:theory", "music": "verified:music",
        "lilypond": "verified:music", "python": "verified:execution", "ruby": "verified:parsed",
        "none": "verified:false"}
KINDS = {"theory": "theory", "music": "compose", "lilypond": "compose"}
"""What the answer does, where it is not to write a command."""
ATTEMPTS = 6
"""Draws of fillers and trees of a task beyond those that are wanted, for such as come again or fail."""
FIRST_WORD = re.compile(r"[a-z']+[ ,?]")
NOTED = 0.75
"""Share of commands that come with a note."""


@dataclass(frozen=True)
class Case:
    """A task with fillers that its check was tried on."""

    subject: str
    task: Task
    number: int
    """Among the cases of its task."""
    slots: Slots
    tried: Tried


@dataclass(frozen=True)
class Row:
    user: str
    assistant: str
    tags: tuple[str, ...]


def cases(exercises: Exercises, wanted: int, seed: int | str) -> Iterator[Case]:
    """So many of each task, or what ATTEMPTS more draws than that give, where fillers come again; those that failed
    too, with their reason.
    """
    for subject, tasks in exercises.tasks.items():
        for task in tasks:
            share = max(1, round(wanted * task.share))
            yield from _cases(subject, task, exercises, share, Random(f"{seed}/{task.task}"))


def _cases(subject: str, task: Task, exercises: Exercises, wanted: int, rng: Random) -> Iterator[Case]:
    seen: list[Slots] = []
    attempts = 0
    while len(seen) < wanted and attempts < wanted + ATTEMPTS:
        attempts += 1
        found = known(task, drawn(task, exercises.words, rng), rng)
        if found.slots in seen:
            continue
        unknown = Tried(found.reason, told=found.told) if found.reason else None
        case = Case(subject, task, len(seen), found.slots, unknown or tried(task, found.slots, rng))
        if not case.tried.reason:
            seen.append(case.slots)
        yield case


def rows(case: Case, asks: int, exercises: Exercises, seed: int | str) -> Iterator[Row]:
    """Requests for the command; then a repair in even cases, an explanation in odd ones, where the task has them."""
    task, slots = case.task, case.slots
    rng = Random(f"{seed}/{task.task}/{case.number}")
    for phrasing in rng.sample(task.ask, min(asks, len(task.ask))):
        yield Row(filled(_typed(said(phrasing, rng), rng), slots), _answer(case, rng),
                  (case.subject, KINDS.get(task.check, "write"), TAGS[task.check]))
    if task.symptom and (case.number % 2 == 0 or not task.explain):
        yield _repair(case, rng.choice(exercises.repair), rng)
    elif task.explain:
        frame = _typed(said(rng.choice(exercises.explain), rng), rng)
        yield Row(_placed(frame, filled(task.run, slots)), filled(task.explain, slots),
                  (case.subject, "explain", "verified:false"))


def _repair(case: Case, frame: str, rng: Random) -> Row:
    task, slots = case.task, case.slots
    asked = _placed(_typed(said(frame, rng), rng), filled(task.wrong, slots))
    return Row(asked.replace("SYMPTOM", filled(task.symptom, slots)),
               f"{filled(task.because, slots)}\n{_fenced(task, slots)}", (case.subject, "repair", TAGS[task.check]))


def _answer(case: Case, rng: Random) -> str:
    fenced = _fenced(case.task, case.slots) if case.task.lang else filled(said(case.task.run, rng), case.slots)
    if case.task.note and rng.random() < NOTED:
        noted = filled(said(rng.choice(case.task.note), rng) if not case.task.lang else rng.choice(case.task.note),
                       case.slots)
        return f"{fenced}{chr(10) if case.task.lang else ' '}{noted}"
    return fenced


def _fenced(task: Task, slots: Slots) -> str:
    return f"```{task.lang}\n{filled(task.run, slots)}\n```"


def _placed(frame: str, command: str) -> str:
    """COMMAND is said within the line, BLOCK stands on lines of its own."""
    return frame.replace("COMMAND", _quoted(command)).replace("BLOCK", f"```\n{command}\n```")


def _quoted(command: str) -> str:
    """In backticks; of several lines, as a block."""
    return f"\n```\n{command}\n```\n" if "\n" in command or "`" in command else f"`{command}`"


def _typed(text: str, rng: Random) -> str:
    """As people type: half of them begin with a capital, unless that is a name's."""
    return text[:1].upper() + text[1:] if rng.random() < 0.5 and FIRST_WORD.match(text) else text
