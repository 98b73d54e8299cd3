"""What a task's verbs come to on a planted tree."""
import shlex
from collections.abc import Callable
from typing import Any

from pillm.errors import DataError, suggest
from pillm.records.exercise import music_verbs
from pillm.records.exercise.file_verbs import FILE_VERBS, lines_of
from pillm.records.exercise.tasks import Files, Slots, Spec, Task
from pillm.records.exercise.text import filled
from pillm.records.exercise.verbs import VERBS, Lines

State = dict[str, Any]
"""By path: null is gone, else what is known of the file."""


def stdout(task: Task, slots: Slots, tree: Files) -> str:
    """What the command must print."""
    return _text(_computed(task.stdout, slots, tree, task))


def state(task: Task, slots: Slots, tree: Files) -> State:
    """What the task changes; the checker holds everything else to what was planted."""
    changed: State = {}
    for key, verbs in task.after.items():
        if key == "*gone":
            changed |= dict.fromkeys(_computed(str(verbs), slots, tree, task))
        elif key == "*made":
            changed |= {path: _content(spec) for path, spec in _computed(str(verbs), slots, tree, task).items()}
        elif key.startswith("@"):
            changed[filled(key[1:], slots)] = {"link": filled(str(verbs), slots)}
        else:
            changed[filled(key, slots)] = None if verbs is None else _text(_computed(verbs, slots, tree, task))
    return changed


def _content(spec: Spec) -> Spec:
    """All but the time."""
    return {name: value for name, value in spec.items() if name != "mtime"}


def _computed(verbs: str, slots: Slots, tree: Files, task: Task) -> Any:
    found: Any = None
    for part in verbs.split(" | "):
        name, *arguments = (filled(word, slots) for word in shlex.split(part))
        found = _source(name, arguments, tree) if found is None else _verb(name, found, task)(found, *arguments)
    return found


def _source(name: str, arguments: list[str], tree: Files) -> Files | Lines:
    if name == "lines":
        return [line for path in arguments for line in lines_of(tree[path])]
    if name == "files":
        return {path: spec for path, spec in tree.items() if path.startswith(f"{arguments[0]}/") or arguments[0] == "."}
    if name == "heard":
        return music_verbs.heard(tree[arguments[0]])
    if name == "says":
        return [" ".join(arguments)]
    if name == "shared":
        return sorted(set(lines_of(tree[arguments[0]])) & set(lines_of(tree[arguments[1]])))
    if name == "missing":
        return sorted(set(lines_of(tree[arguments[0]])) - set(lines_of(tree[arguments[1]])))
    if name == "beside":
        return [arguments[2].join(pair) for pair in zip(*(lines_of(tree[path]) for path in arguments[:2]), strict=True)]
    raise DataError(f"{name!r} begins no expectation. Begin with lines, files, heard, says, shared, missing or beside.")


def _verb(name: str, found: Files | Lines, task: Task) -> Callable[..., Any]:
    known: dict[str, Any] = FILE_VERBS if isinstance(found, dict) else VERBS | music_verbs.VERBS
    if name not in known:
        raise DataError(f"{task.task}: there is no verb {name!r}.{suggest(name, known)} Add it to verbs.py.")
    return known[name]


def _text(lines: Lines) -> str:
    return "".join(f"{line}\n" for line in lines)
