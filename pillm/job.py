"""One recipe, run: what the command line, a sweep's job and a test all call."""
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pillm.config.compose import Composed, Overrides, compose
from pillm.config.recipe import ABOUT_THE_RUN, Recipe, typed
from pillm.engine import journal
from pillm.engine.done import Done
from pillm.engine.journal import Journal, Record
from pillm.engine.runner import Observer, Task, plan, run
from pillm.engine.store import Store
from pillm.errors import PillmError
from pillm.shape import Shape

DONE, FAILED, REFUSED, GATE, INTERRUPTED = 0, 1, 2, 3, 130
GRAVITY = (DONE, GATE, FAILED, REFUSED, INTERRUPTED)
"""From the least to the gravest."""


@dataclass(frozen=True)
class Job:
    """A judged recipe, ready to plan or run."""

    recipe: Recipe
    task: Task

    @property
    def runs(self) -> Path:
        return Path(self.recipe.engine.runs)


def prepare(overrides: Overrides) -> Job:
    """Compose, judge, bind; raises ConfigError with every mistake."""
    recipe = typed(compose(overrides))
    engine = recipe.engine
    before = journal.identities(Path(engine.runs), engine.name)
    return Job(recipe, Task(recipe.bound, Store(Path(engine.store)), engine.gates, engine.enforce,
                            recipe.selection, before, run_values(recipe)))


def run_values(recipe: Recipe) -> dict[str, Any]:
    """What a report and an estimate may know of the recipe; a model from scratch has the weights of its shape."""
    model = recipe.values["model"]
    if model["source"] == "scratch":
        model = model | {"parameters": Shape(**model["shape"]).matrix_values}
    caps = next(word.partition("=")[2] for word in recipe.composed.overrides if word.startswith("+caps="))
    return recipe.values | {"model": model, "caps": caps, "overrides": typed_words(recipe.composed.overrides)}


def typed_words(overrides: Overrides) -> list[str]:
    """What makes the same again, recipe first: not where and which part of it runs."""
    kept = [word.removeprefix("++") for word in overrides
            if word != "+caps=none" and word.lstrip("+~").partition("=")[0] not in ABOUT_THE_RUN]
    return sorted(kept, key=lambda word: not word.startswith("+recipe="))


def execute(job: Job, observer: Callable[[Journal], Observer], folder: Path | None = None) -> Record:
    """What goes wrong once it has begun is in the record, with its exit code; what the plan sees is raised before."""
    plan(job.task)
    started = time.time()
    book = Journal(folder) if folder else journal.opened(job.runs / job.recipe.engine.name)
    book.folder.mkdir(parents=True, exist_ok=True)
    write_recipe(job.recipe.composed, book.folder / "recipe.yaml")
    record: Record = _beginning(job, started)

    def account(done: dict[str, Done]) -> None:
        record["steps"] = {name: journal.step_record(d) for name, d in done.items()}
        record["gates"] = job.task.verdicts(done)
        record["seconds"] = round(time.time() - started, 3)
        book.write(record)
        book.link(done)

    account({})
    try:
        account(run(job.task, observer(book), account))
        record["code"] = GATE if any(v["met"] is False for v in record["gates"]) else DONE
    except KeyboardInterrupt:
        record |= {"code": INTERRUPTED, "error": "interrupted"}
    except PillmError as error:
        record |= {"code": error.code, "error": "\n".join([str(error), *getattr(error, "__notes__", [])])}
    except Exception as error:  # a defect of a stage: told in one line, the traceback goes to the log
        record |= {"code": FAILED, "error": f"{type(error).__name__}: {error}"}
        book.log(_traceback(error))
    record["seconds"] = round(time.time() - started, 3)
    book.write(record)
    return record | {"folder": str(book.folder)}


def _beginning(job: Job, started: float) -> Record:
    return {"recipe": job.recipe.engine.name, "caps": job.task.values["caps"],
            "overrides": job.recipe.composed.overrides, "command": command(sys.argv),
            "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(started)),
            "code": FAILED, "error": "", **journal.circumstances(), "steps": {}, "gates": []}


def command(argv: list[str]) -> str:
    """The line that runs it again."""
    return f"python -m pillm {shlex.join(argv[1:])}".rstrip()


def write_recipe(composed: Composed, file: Path) -> None:
    import yaml
    file.write_text(yaml.safe_dump(composed.values, allow_unicode=True, sort_keys=False), "utf-8")


def _traceback(error: Exception) -> str:
    import traceback
    return "".join(traceback.format_exception(error))


def gravest(codes: list[int]) -> int:
    return max(codes, key=GRAVITY.index, default=DONE)


