"""Records that are known to be right: answers that are run, timed, looked up or found twice before they are written."""
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PositiveInt

from pillm.engine.stage import Estimate, From, InputPath, Makes, Metrics, Mistake, Progress, StageConfig, stage
from pillm.errors import DataError, StageError

if TYPE_CHECKING:
    from pillm.records.exercise.tasks import Exercises

TASKS = 300
SECONDS_PER_CASE = 0.2
"""Three runs in the sandbox; dataset/sysadmin's tasks, measured."""


class ExerciseConfig(StageConfig):
    exercises: Annotated[InputPath | None, From("domain.exercises")]
    """Folder of tasks: how something is asked for, the answer, what must come of it, and an answer that must fail."""
    subjects: tuple[str, ...] = ()
    """Only these of its files, by name; none given: all."""
    tasks: PositiveInt | None = None
    """At most so many tasks of each file, taken evenly; null is all."""
    cases: PositiveInt = 5
    """Different fillers for each task; each is tried on trees of its own."""
    asks: PositiveInt = 2
    """Requests for each case; a repair or an explanation comes on top."""
    language: Annotated[str, From("domain.language")]
    """Written into each record."""
    licence: Annotated[str, From("domain.licence")]
    """Written into each record."""
    seed: Annotated[int, From("seed")]
    """Draws everything."""


def check(config: ExerciseConfig) -> Iterator[Mistake]:
    """The tasks can be followed, and what tries them is on this machine."""
    if config.exercises is None:
        yield "exercises", "this domain has no tasks. Set domain.exercises, or leave this step out."
        return
    try:
        exercises = _read(config)
    except DataError as error:
        yield from (("exercises", told) for told in str(error).splitlines())
        return
    yield from (("exercises", told) for told in _missing(exercises))


def _read(config: ExerciseConfig) -> "Exercises":
    from pillm.records.exercise import read
    from pillm.serve.picks import spread

    if config.exercises is None:
        raise StageError("exercise: this domain has no tasks. Set domain.exercises.")
    whole = read.read(config.exercises, config.subjects)
    return replace(whole, tasks={subject: tuple(spread(tasks, config.tasks)) for subject, tasks in whole.tasks.items()})


def _missing(exercises: "Exercises") -> Iterator[str]:
    from pillm.backends import calendars, contained_python, manuals, ruby, sandbox, ssh_client
    from pillm.backends.music import abc, lilypond
    from pillm.serve.music import judge

    tells: dict[str, Callable[[], str | None]] = {
        "execution": sandbox.missing, "options": manuals.missing, "cron": calendars.cron_missing,
        "calendar": calendars.calendar_missing, "ssh": ssh_client.missing, "theory": abc.missing,
        "music": judge.missing, "python": contained_python.missing, "ruby": ruby.missing,
        "lilypond": lambda: judge.missing() or lilypond.missing()}
    tasks = [task for tasks in exercises.tasks.values() for task in tasks]
    for check in sorted({task.check for task in tasks} & tells.keys()):
        if told := tells[check]():
            yield f"{told[:1].upper()}{told[1:]}"
    for program in sorted({program for task in tasks for program in task.needs}):
        if not shutil.which(program):
            yield f"{program} is not installed, and tasks run it. Install it, or name other subjects."


def estimate(config: ExerciseConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 300 tasks × cases × 0.2 s."""
    return Estimate(seconds=TASKS * config.cases * SECONDS_PER_CASE, ram_gib=0.3)


@stage(version="3", check=check, estimate=estimate)
def exercise(
    config: ExerciseConfig, records: Annotated[Path, Makes("records")], progress: Progress,
) -> Metrics:
    """Make records from tasks whose answers are tried first: run on planted trees, timed, looked up, or found twice."""
    from pillm.records.exercise.rows import cases, rows

    exercises = _read(config)
    kept: Counter[str] = Counter()
    left_out: dict[str, Counter[str]] = defaultdict(Counter)
    asked: set[str] = set()
    total = sum(map(len, exercises.tasks.values())) * config.cases
    records.mkdir()
    with (records / "train.jsonl").open("w", encoding="utf-8") as out:
        for done, case in enumerate(cases(exercises, config.cases, config.seed), 1):
            progress("cases", min(done, total), total)
            if case.tried.reason:
                left_out[case.tried.reason][case.task.task] += 1
                continue
            for row in rows(case, config.asks, exercises, config.seed):
                if row.user in asked:
                    left_out["asked before"][case.task.task] += 1
                    continue
                asked.add(row.user)
                kept.update(row.tags)
                out.write(_line(row.user, row.assistant, row.tags, config))
    return {"rows": len(asked), "tags": dict(sorted(kept.items())),
            "left_out": {reason: dict(sorted(tasks.items())) for reason, tasks in sorted(left_out.items())}}


def _line(user: str, assistant: str, tags: tuple[str, ...], config: ExerciseConfig) -> str:
    return json.dumps({"user": user, "assistant": assistant, "tags": list(tags), "lang": config.language,
                       "source": "generated", "licence": config.licence}, ensure_ascii=False) + "\n"
