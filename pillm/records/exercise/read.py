"""A folder of exercises:

    tasks/SUBJECT.yaml   a list of tasks
    words.yaml           fillers that all tasks may use
    asking.yaml          how explanations and repairs are asked for
"""
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pillm.errors import DataError, suggest
from pillm.records.exercise.draw import faces
from pillm.records.exercise.tasks import Exercises, Task
from pillm.records.exercise.text import SLOT

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read(folder: Path, subjects: Sequence[str] = ()) -> Exercises:
    """All of them, or those subjects; raises DataError with every mistake as `file: task: what. what to do.`"""
    shared = {name: tuple(map(faces, values)) for name, values in _yaml(folder / "words.yaml").items()}
    asking = _yaml(folder / "asking.yaml")
    files = [file for file in sorted((folder / "tasks").glob("*.yaml")) if not subjects or file.stem in subjects]
    there = {file.stem for file in files}
    mistakes = [f"{folder}: there is no tasks/{name}.yaml. Write it." for name in subjects if name not in there]
    mistakes += [] if files or subjects else [f"{folder}: there is no tasks/*.yaml. Write one."]
    tasks = {file.stem: tuple(_tasks(file, mistakes)) for file in files}
    named = [(file.name, task) for file in files for task in tasks[file.stem]]
    mistakes += [f"{name}: {task.task}: {told}" for name, task in named for told in _unknown(task, shared)]
    mistakes += _doubled(named)
    if mistakes:
        raise DataError("\n".join(mistakes))
    return Exercises(tasks, shared, *(tuple(asking[key]) for key in ("explain", "repair")))


def _tasks(file: Path, mistakes: list[str]) -> Iterator[Task]:
    for number, data in enumerate(_yaml(file), 1):
        try:
            yield Task.model_validate({key: None if value == "null" else value for key, value in data.items()}
                                      | ({"after": _after(data["after"])} if "after" in data else {}))
        except ValidationError as error:
            for each in error.errors():
                where = ".".join(map(str, each["loc"])) or data.get("task", "")
                mistakes.append(f"{file.name}: task {number}: {where}: {each['msg']}. See tasks.py for the fields.")


def _after(data: dict[str, str]) -> dict[str, str | None]:
    """`null` is no text."""
    return {path: None if verbs == "null" else verbs for path, verbs in data.items()}


def _unknown(task: Task, shared: dict[str, Any]) -> Iterator[str]:
    for slot, given in task.slots.items():
        if isinstance(given, str) and given not in shared:
            yield f"slots.{slot}: words.yaml has no {given!r}.{suggest(given, shared)} Add it, or list fillers."
    texts = [*task.ask, task.run, task.stdout, task.wrong, task.symptom, task.because, task.explain, *task.note,
             *task.facts.values(), *task.piece.values(), task.same, *task.plant, *task.plant.values(), task.setup,
             *task.after, *filter(None, task.after.values()), task.probe, *task.fires.values()]
    known = task.slots.keys() | task.facts.keys()
    for name in {found[1] for text in texts for found in SLOT.finditer(text)} - known:
        yield f"there is no slot {name!r}.{suggest(name, known)} Add it under slots."


def _doubled(named: list[tuple[str, Task]]) -> Iterator[str]:
    first: dict[str, str] = {}
    for file, task in named:
        if task.task in first:
            yield f"{file}: {task.task}: {first[task.task]} has a task of this name. Give it one of its own."
        first.setdefault(task.task, file)


def _yaml(path: Path) -> Any:
    """Every scalar a string."""
    if not path.is_file():
        raise DataError(f"{path}: it is missing. Write it.")
    try:
        return yaml.load(path.read_text("utf-8"), Loader=LOADER)
    except yaml.YAMLError as error:
        raise DataError(f"{path.name}: {error}. Quote texts that hold a colon or begin with a bracket.") from None
