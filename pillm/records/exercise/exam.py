"""An examination from tasks: each is posed once, with what its answer is judged on."""
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from pillm.errors import DataError
from pillm.records.exercise import music_trial
from pillm.records.exercise.draw import drawn
from pillm.records.exercise.facts import known
from pillm.records.exercise.tasks import Exercises, Slots, Task
from pillm.records.exercise.text import filled
from pillm.records.exercise.trial import argument

TIMEOUT_S, PROGRAM_TIMEOUT_S = 4.0, 30.0
DRAWS = 50
NUMBER = re.compile(r"-?\d+(\.\d+)?")
TOLERANCE = 0.01


def questions(exercises: Exercises, seed: int | str) -> Iterator[dict[str, Any]]:
    """As in eval.jsonl; how lines are spaced and paths begin does not matter to the checker."""
    for tasks in exercises.tasks.values():
        for task in tasks:
            yield _question(task, exercises, Random(f"{seed}/{task.task}"))


def _question(task: Task, exercises: Exercises, rng: Random) -> dict[str, Any]:
    if task.setup or task.probe:
        raise DataError(f"{task.task}: an exam has neither setup nor probe: the answer alone is run. Leave them out.")
    found = known(task, drawn(task, exercises.words, rng), rng)
    if found.reason:
        raise DataError(f"{task.task}: {found.reason}: {found.told}. Ask for something else.")
    return {"id": f"do-{task.task}", "user": filled(task.ask[0], found.slots), **_judged(task, found.slots, rng),
            "tags": [*KINDS.get(task.check, ("execution",)), *task.tags]}


KINDS = {"theory": ("theory",), "music": ("composition",), "python": ("code",)}


def _judged(task: Task, slots: Slots, rng: Random) -> dict[str, Any]:
    """The checker, what it compares with, and a right answer."""
    answer = filled(task.run, slots)
    if task.check == "theory":
        return _known(answer)
    if task.check == "music":
        return {"check": "music", "answer": music_trial.wanted(task, slots), "gold": f"```abc\n{answer}\n```"}
    check, timeout_s = ("python", PROGRAM_TIMEOUT_S) if task.check == "python" else ("execution", TIMEOUT_S)
    asked = _differing(task, slots, rng) | {"paths": True, "blanks": True, "timeout_s": timeout_s}
    return {"check": check, "answer": asked, "gold": f"```{task.lang}\n{answer}\n```"}


def _known(answer: str) -> dict[str, Any]:
    """A number, or a text in any of the ways that people write a list."""
    if NUMBER.fullmatch(answer):
        return {"check": "number", "answer": {"value": float(answer), "tolerance": TOLERANCE}, "gold": answer}
    ways = [answer, *(answer.replace(" ", between) for between in (", ", "-", " - ")), answer[:1].upper() + answer[1:]]
    return {"check": "one_of", "answer": list(dict.fromkeys(way + end for way in ways for end in ("", ".")))}


def _differing(task: Task, slots: Slots, rng: Random) -> dict[str, Any]:
    """Trees that want different output, where one is wanted: a lucky constant is not right."""
    for _ in range(DRAWS):
        asked = argument(task, slots, rng)
        wanted = asked.get("stdout", [])
        if not wanted or (all(wanted) and wanted[0] != wanted[1]):
            return asked
    raise DataError(f"{task.task}: its trees always want the same. Plant something that differs.")
