"""Fillers of a task's slots."""
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from pillm.records.exercise.tasks import Faces, Slots, Task


def faces(value: Any) -> Faces:
    """A text is said and written alike; a mapping says how under `said`."""
    if isinstance(value, str):
        return {"": value}
    return {"" if name == "said" else name: text for name, text in value.items()}


def drawn(task: Task, words: Mapping[str, Sequence[Faces]], rng: Random) -> Slots:
    """A filler for each slot; slots that draw from one list draw different ones."""
    taken: dict[str, list[Faces]] = {}
    chosen = {}
    for slot, given in task.slots.items():
        options = words[given] if isinstance(given, str) else [faces(value) for value in given]
        name = given if isinstance(given, str) else slot
        free = [one for one in options if one not in taken.get(name, [])]
        chosen[slot] = rng.choice(free)
        taken.setdefault(name, []).append(chosen[slot])
    return chosen
