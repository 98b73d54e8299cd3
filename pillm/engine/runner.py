"""Steps in order: known, or done now."""
import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pillm.engine.digest import key_of
from pillm.engine.done import Done
from pillm.engine.gates import Gate, Verdict, judge
from pillm.engine.graph import Bound, ancestors
from pillm.engine.measure import measured
from pillm.engine.plan import Before, Outputs, Planned, Selection, input_paths, prospect, require_cached
from pillm.engine.stage import Makes, Progress, Run, Work, holds
from pillm.engine.store import Manifest, Store
from pillm.errors import PillmError, StageError


class Observer(Protocol):
    """Is told what happens."""

    def started(self, planned: Planned) -> None: ...
    def waiting(self, planned: Planned) -> None: ...
    def progress(self, label: str, done: float, total: float | None = None, **figures: float) -> None: ...
    def finished(self, done: Done) -> None: ...
    def skipped(self, planned: Planned, why: str) -> None: ...


@dataclass(frozen=True)
class Task:
    """A recipe, bound and ready."""

    bound: dict[str, Bound]
    store: Store
    gates: dict[str, Gate] = field(default_factory=dict)
    enforced: bool = True
    selection: Selection = field(default_factory=Selection)
    before: Before = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    """The resolved recipe, for estimates and for stages that read the run."""

    def verdicts(self, done: dict[str, Done]) -> list[Verdict]:
        """The stages' own gates, then the recipe's."""
        metrics = {name: d.manifest["metrics"] for name, d in done.items()}
        own = [{**gate, "name": f"{step}: {gate['name']}"}
               for step, measured in metrics.items() for gate in measured.get("gates", [])]
        asked = ancestors(self.selection.wanted(self.bound), self.bound)
        return own + [judge(name, gate, metrics, enforced=self.enforced) for name, gate in self.gates.items()
                      if gate.step in asked or gate.step not in self.bound]

    def summary(self, done: dict[str, Done]) -> dict[str, Any]:
        """The run so far, without what differs between two runs of one recipe."""
        return {"recipe": self.values, "enforced": self.enforced, "gates": self.verdicts(done),
                "steps": {name: _step_summary(d.manifest) for name, d in done.items()}}


def _step_summary(manifest: Manifest) -> dict[str, Any]:
    outputs = {port: {k: made[k] for k in ("kind", "digest", "bytes")} for port, made in manifest["outputs"].items()}
    return {k: manifest[k] for k in ("stage", "key", "metrics", "predicted", "made")} | {"outputs": outputs}


def plan(task: Task) -> list[Planned]:
    """Every step that the selection needs, without running any; raises ConfigError where cached steps are missing."""
    wanted = task.selection.wanted(task.bound)
    needed = ancestors(wanted, task.bound)
    outputs: Outputs = {}
    done: dict[str, Done] = {}
    found: list[Planned] = []
    for name, bound in task.bound.items():
        if name not in needed:
            continue
        unknown = _reads_run(bound) and len(done) < len(found)
        planned = (Planned(bound, None, waits_for=found[-1].name) if unknown
                   else prospect(bound, task.store, outputs, task.before, _run_digest(bound, task, done)))
        if planned.manifest and not _forced(planned, task):
            outputs[name] = task.store.outputs(planned.manifest, name)
            done[name] = Done(name, planned.manifest, True, [], outputs[name])
        found.append(planned)
    require_cached(found, task.selection, wanted, task.bound)
    return found


def run(task: Task, observer: Observer, record: Callable[[dict[str, Done]], None]) -> dict[str, Done]:
    """Do what is not known; `record` is called after every step, so that a crash leaves an account."""
    task.store.root.mkdir(parents=True, exist_ok=True)
    needed = ancestors(task.selection.wanted(task.bound), task.bound)
    outputs: Outputs = {}
    done: dict[str, Done] = {}
    for name, bound in task.bound.items():
        if name not in needed:
            continue
        planned = prospect(bound, task.store, outputs, task.before, _run_digest(bound, task, done))
        if bound.step.stage.guarded and any(verdict["met"] is False for verdict in task.verdicts(done)):
            observer.skipped(planned, "a gate was not met")
            continue
        done[name] = _one(planned, task, observer, done, outputs)
        outputs[name] = done[name].outputs
        observer.finished(done[name])
        record(done)
    return done


def _forced(planned: Planned, task: Task) -> bool:
    return planned.name in task.selection.force or not planned.bound.step.stage.cached


def _reads_run(bound: Bound) -> bool:
    return Run in bound.step.stage.extras.values()


def _run_digest(bound: Bound, task: Task, done: dict[str, Done]) -> dict[str, str]:
    return {"run": key_of(task.summary(done))} if _reads_run(bound) else {}


def _one(planned: Planned, task: Task, observer: Observer, done: dict[str, Done], outputs: Outputs) -> Done:
    if planned.manifest and not _forced(planned, task):
        return _known(planned, planned.manifest, task.store)
    stage = planned.bound.step.stage.name
    with task.store.lock(stage, planned.key, lambda: observer.waiting(planned)):
        task.store.finish(stage, planned.key)
        made_meanwhile = task.store.manifest(stage, planned.key)
        if made_meanwhile and not _forced(planned, task):
            return _known(planned, made_meanwhile, task.store)
        observer.started(planned)
        manifest = _work(planned, task, observer.progress, done, outputs)
        note = _compared(made_meanwhile, manifest) if _forced(planned, task) else ""
        made = task.store.outputs(manifest, planned.name)
        return Done(planned.name, manifest, False, planned.reasons or ["forced"], made, note)


def _known(planned: Planned, manifest: Manifest, store: Store) -> Done:
    return Done(planned.name, manifest, True, [], store.outputs(manifest, planned.name))


def _compared(old: Manifest | None, new: Manifest) -> str:
    if old is None:
        return ""
    differ = [port for port, made in new["outputs"].items() if made["digest"] != old["outputs"][port]["digest"]]
    return f"made again: {', '.join(differ)} differ from before" if differ else "made again: the same bytes"


def _work(planned: Planned, task: Task, progress: Progress, done: dict[str, Done], outputs: Outputs) -> Manifest:
    step = planned.bound.step
    partial = task.store.partial(step.stage.name, planned.key)
    makes = {port: make for port, make in step.stage.makes.items() if holds(step.config, make)}
    arguments = {**input_paths(planned.bound, outputs), **_output_paths(step.stage.makes, makes, partial),
                 **_extras(planned.bound, task, partial, progress, done)}
    estimate = step.stage.estimate(step.config, task.values)  # reads inputs that may be gone once the work is done
    with measured() as made:
        metrics = _act(planned, arguments)
    absent = [port for port in makes if not arguments[port].exists()]
    if absent:
        raise StageError(f"{planned.name}: it ended without making its {', '.join(absent)}. This is a defect of "
                         f"stage {step.stage.name}; its work is in {partial}.")
    manifest = {"stage": step.stage.name, "version": step.stage.version, "key": planned.key,
                "identity": planned.identity, "metrics": metrics, "predicted": vars(estimate), "made": made}
    return task.store.commit(manifest, {port: (make.kind, make.name or port) for port, make in makes.items()})


def _output_paths(declared: dict[str, Makes], makes: dict[str, Makes], partial: Path) -> dict[str, Path | None]:
    return {port: partial / (make.name or port) if port in makes else None for port, make in declared.items()}


def _extras(bound: Bound, task: Task, partial: Path, progress: Progress, done: dict[str, Done]) -> dict[str, Any]:
    import json
    found: dict[str, Any] = {}
    for parameter, mark in bound.step.stage.extras.items():
        if mark is Work:
            found[parameter] = partial / "work"
        elif mark is Run:
            found[parameter] = partial / "work" / "run.json"
            found[parameter].write_text(json.dumps(task.summary(done), ensure_ascii=False, default=str), "utf-8")
        else:
            found[parameter] = progress
    return found


def _act(planned: Planned, arguments: dict[str, Any]) -> dict[str, Any]:
    """The action; a full disk is told as such, and a told error names its step."""
    step = planned.bound.step
    try:
        return step.stage.action(step.config, **arguments) or {}
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StageError(f"{planned.name}: the disk is full ({error.filename or 'store'}). Free some space and run "
                             "the same command again; what was saved is taken up.") from error
        raise
    except PillmError as error:
        error.add_note(f"in step {planned.name}")
        raise
