"""An examination from tasks: each is posed once, with the trees that its answer is judged on."""
from collections.abc import Iterator
from random import Random
from typing import Any

from pillm.errors import DataError
from pillm.records.exercise.draw import drawn
from pillm.records.exercise.tasks import Exercises, Slots, Task
from pillm.records.exercise.text import filled
from pillm.records.exercise.trial import argument

TIMEOUT_S = 4.0
DRAWS = 50


def questions(exercises: Exercises, seed: int | str) -> Iterator[dict[str, Any]]:
    """As in eval.jsonl; how lines are spaced and paths begin does not matter to the checker."""
    for tasks in exercises.tasks.values():
        for task in tasks:
            yield _question(task, exercises, Random(f"{seed}/{task.task}"))


def _question(task: Task, exercises: Exercises, rng: Random) -> dict[str, Any]:
    if task.setup or task.probe:
        raise DataError(f"{task.task}: an exam has neither setup nor probe: the answer alone is run. Leave them out.")
    slots = drawn(task, exercises.words, rng)
    asked = _differing(task, slots, rng) | {"paths": True, "blanks": True, "timeout_s": TIMEOUT_S}
    return {"id": f"do-{task.task}", "user": filled(task.ask[0], slots), "check": "execution", "answer": asked,
            "gold": f"```bash\n{filled(task.run, slots)}\n```", "tags": ["execution", *task.tags]}


def _differing(task: Task, slots: Slots, rng: Random) -> dict[str, Any]:
    """Trees that want different output, where one is wanted: a lucky constant is not right."""
    for _ in range(DRAWS):
        asked = argument(task, slots, rng)
        wanted = asked.get("stdout", [])
        if not wanted or (all(wanted) and wanted[0] != wanted[1]):
            return asked
    raise DataError(f"{task.task}: its trees always want the same. Plant something that differs.")
