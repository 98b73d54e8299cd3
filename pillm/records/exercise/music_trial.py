"""Whether answers about music are right: tunes are read by other programs, programs are run or parsed."""
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from pillm.errors import DataError
from pillm.records.exercise import sonic_pi
from pillm.records.exercise.tasks import Slots, Task
from pillm.records.exercise.text import filled
from pillm.records.exercise.tried import Tried
from pillm.serve.music.answer import tune as tune_of
from pillm.serve.music.argument import mistakes

if TYPE_CHECKING:
    from pillm.backends.music.sounds import Sounding


def wanted(task: Task, slots: Slots) -> dict[str, Any]:
    """The music checker's argument."""
    said = {name: filled(text, slots) for name, text in task.piece.items()}
    read: dict[str, Callable[[str], Any]] = {
        "bars": int, "range": str.split, "sounds": lambda text: [int(number) for number in text.split()]}
    return {name: read[name](text) if name in read else text for name, text in said.items()}


def theory(task: Task, slots: Slots, rng: Random) -> Tried:
    """Its facts were found twice; a wrong answer must be another one."""
    same = task.wrong and filled(task.wrong, slots) == filled(task.run, slots)
    return Tried("the wrong answer is right") if same else Tried()


def tune(task: Task, slots: Slots, rng: Random) -> Tried:
    return _tune(filled(task.run, slots), task, slots)


def _tune(text: str, task: Task, slots: Slots) -> Tried:
    from pillm.serve.music.judge import judge

    asked = wanted(task, slots)
    if told := mistakes(asked):
        raise DataError(f"{task.task}: piece: {told[0]}")
    verdict = judge(tune_of(text) or text, asked)
    if not verdict.right:
        return Tried("the answer is wrong", told=verdict.why)
    if task.wrong and judge(filled(task.wrong, slots), asked).right:
        return Tried("the wrong tune passes")
    return Tried(argument=asked)


def engraved(task: Task, slots: Slots, rng: Random) -> Tried:
    """`same` is the piece in ABC, which is judged; LilyPond must hear the same in the answer as abc2midi in that."""
    from pillm.backends.music import abc2midi, sounds

    abc = filled(task.same, slots)
    if (of_abc := _tune(abc, task.model_copy(update={"wrong": ""}), slots)).reason:
        return of_abc
    heard = sounds.heard(abc2midi.read(abc).midi)
    if told := _other(filled(task.run, slots), heard):
        return Tried("LilyPond hears another piece", told=told)
    if task.wrong and not _other(filled(task.wrong, slots), heard):
        return Tried("the wrong piece passes")
    return Tried()


def _other(text: str, heard: "list[Sounding]") -> str:
    """In what it differs."""
    from pillm.backends.music import lilypond, sounds

    try:
        found = sounds.heard(lilypond.midi(text))
    except DataError as error:
        return str(error)
    return next((f"{one} and {other}" for one, other in zip(found, heard, strict=False) if one != other),
                "" if len(found) == len(heard) else f"{len(found)} and {len(heard)} notes")


def parsed(task: Task, slots: Slots, rng: Random) -> Tried:
    """As Sonic Pi; a wrong program must have a fault."""
    if told := next(sonic_pi.faults(filled(task.run, slots)), ""):
        return Tried("it would not run", told=told)
    if task.wrong and not next(sonic_pi.faults(filled(task.wrong, slots)), ""):
        return Tried("the wrong program passes")
    return Tried()


CHECKS: dict[str, Callable[[Task, Slots, Random], Tried]] = {
    "theory": theory, "music": tune, "lilypond": engraved, "ruby": parsed}
