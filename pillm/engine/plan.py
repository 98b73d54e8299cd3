"""What a run would do: per step its key, whether it is cached, and why not."""
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pillm.engine import explain
from pillm.engine.artifact import Artifact
from pillm.engine.digest import key_of
from pillm.engine.graph import Bound, ancestors, descendants
from pillm.engine.identity import Identity, identity, named_config
from pillm.engine.store import Manifest, Store
from pillm.errors import ConfigError, suggest


@dataclass(frozen=True)
class Selection:
    """Which steps run; `force` are made again even if cached."""

    only: tuple[str, ...] = ()
    until: str = ""
    start: str = ""
    force: tuple[str, ...] = ()

    def wanted(self, bound: dict[str, Bound]) -> set[str]:
        """Raises ConfigError for names that are no steps, and where nothing would run."""
        named = [*self.only, *([self.until] if self.until else []), *([self.start] if self.start else []), *self.force]
        if unknown := [name for name in named if name not in bound]:
            raise ConfigError("\n".join(
                f"command line: {name}: the recipe has no such step.{suggest(name, bound)} It has {', '.join(bound)}."
                for name in unknown))
        if self.only:
            return set(self.only)
        found = ancestors([self.until], bound) if self.until else set(bound)
        found &= descendants(self.start, bound) if self.start else found
        if self.start and not found:
            raise ConfigError(f"command line: nothing lies between {self.start} and {self.until}, which does not stand "
                              "on it. Name an earlier step in from=, or a later one in until=.")
        return found


@dataclass(frozen=True)
class Planned:
    """A step before it runs."""

    bound: Bound
    identity: Identity | None
    """None while an input is not yet made."""
    waits_for: str = ""
    """The step whose output is not yet known."""
    manifest: Manifest | None = None
    """There if the step is cached."""
    reasons: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.bound.step.name

    @property
    def key(self) -> str:
        return key_of(self.identity) if self.identity else ""


Outputs = dict[str, dict[str, Artifact]]
"""step → port → artifact."""
Before = dict[str, Identity]
"""step → its identity in the recipe's last run."""


def prospect(bound: Bound, store: Store, outputs: Outputs, before: Before, extra: dict[str, Any]) -> Planned:
    """One step, given what the earlier ones made; `extra` is the digest of the run so far, for stages that read it."""
    missing = next((step for step, port in bound.sources if port not in outputs.get(step, {})), "")
    if missing:
        return Planned(bound, None, waits_for=missing)
    found = identity(bound.step.stage, bound.step.config, input_digests(bound, outputs) | extra, store.hashes.digest)
    manifest = store.manifest(bound.step.stage.name, key_of(found)) if bound.step.stage.cached else None
    why = [] if manifest else explain.reasons(found, before.get(bound.step.name), named_config(bound.step.config))
    return Planned(bound, found, manifest=manifest, reasons=why)


def input_digests(bound: Bound, outputs: Outputs) -> dict[str, Any]:
    one = {port: outputs[step][p].digest for port, (step, p) in bound.one.items()}
    many = {port: {step: outputs[step][p].digest for step, p in sources} for port, sources in bound.many.items()}
    return {**one, **many}


def input_paths(bound: Bound, outputs: Outputs) -> dict[str, Any]:
    """The arguments for a stage's input ports; an absent one is None."""
    one: dict[str, Path | None] = {port: None for port in bound.step.stage.needs if port not in bound.many}
    one |= {port: outputs[step][p].path for port, (step, p) in bound.one.items()}
    many = {port: {step: outputs[step][p].path for step, p in sources} for port, sources in bound.many.items()}
    return {**one, **many}


def require_cached(planned: list[Planned], selection: Selection, wanted: set[str], bound: dict[str, Bound]) -> None:
    """`only` and `from` stand on what is there: raises ConfigError if an earlier step is not cached."""
    needed = ancestors(wanted, bound) - wanted
    gone = [p.name for p in planned if p.name in needed and not p.manifest]
    if gone and (selection.only or selection.start):
        raise ConfigError(f"command line: {', '.join(gone)}: not made yet, and {', '.join(sorted(wanted))} "
                          f"stand{'s' if len(wanted) == 1 else ''} on it. Run with until={gone[-1]} first.")
