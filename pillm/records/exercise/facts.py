"""What a task says that is computed: each question of theory is answered twice, and both answers must be the same."""
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from pillm.errors import DataError, suggest
from pillm.records.exercise.tasks import Slots, Task
from pillm.records.exercise.text import filled


@dataclass(frozen=True)
class Known:
    """The fillers with what is computed of them, or why a fact cannot be had."""

    slots: Slots
    reason: str = ""
    told: str = ""


def known(task: Task, slots: Slots, rng: Random) -> Known:
    """In their order: a later fact may use an earlier one."""
    if not task.facts:
        return Known(slots)
    from pillm.records.tunes.makers import MAKERS

    for name, asked in task.facts.items():
        verb, *words = shlex.split(filled(asked, slots))
        if verb in MAKERS:
            slots = {**slots, name: MAKERS[verb](rng, *words)}
            continue
        ours = _ours(verb, words, task)
        if ours is None:
            return Known(slots, "it has no plain answer", f"{verb} {' '.join(words)}")
        if ours != (theirs := _music21(verb, words)):
            return Known(slots, "two answers differ", f"{verb} {' '.join(words)}: {ours!r} and {theirs!r}")
        slots = {**slots, name: _faces(ours)}
    return Known(slots)


def _ours(verb: str, words: list[str], task: Task) -> str | None:
    """None where there is no plain one: a doubly diminished interval, a chord outside the key."""
    from pillm.records.theory.answers import ANSWERS
    from pillm.records.tunes.makers import MAKERS

    if verb not in ANSWERS:
        told = suggest(verb, [*ANSWERS, *MAKERS])
        raise DataError(f"{task.task}: facts: nothing answers {verb!r}.{told} See records/theory/answers.py.")
    try:
        return ANSWERS[verb](*words)
    except ValueError:
        return None


def _music21(verb: str, words: list[str]) -> str:
    """Its errors are of many kinds, and each is an answer that differs."""
    from pillm.backends.music.theory import answers

    try:
        return answers.ANSWERS[verb](*words)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _faces(answer: str) -> Mapping[str, str]:
    """Of several words also with commas or dashes, one by one, and counted; of one also with its article."""
    from pillm.records.theory.notes import dashed

    words = answer.split() or [""]
    article = "an" if answer[:1] in "aeiou" else "a"
    return {"": answer, "list": ", ".join(words), "dash": " - ".join(words), "count": str(len(words)),
            "first": words[0], "second": words[min(1, len(words) - 1)], "last": words[-1],
            "cap": answer[:1].upper() + answer[1:], "a": f"{article} {answer}", "A": f"{article.title()} {answer}",
            "m21": dashed(answer)}
