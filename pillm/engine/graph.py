"""Steps in order → which artifact each input is; every gap or doubt is reported before anything runs."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pillm.engine.stage import Stage, StageConfig, holds
from pillm.errors import ConfigError, suggest

Source = tuple[str, str]
"""(step, its output port)."""


@dataclass(frozen=True)
class Step:
    """A stage at work in a recipe."""

    name: str
    stage: Stage
    config: StageConfig
    inputs: dict[str, str] = field(default_factory=dict)
    """Port → step it is taken from, where the recipe says so."""


@dataclass(frozen=True)
class Bound:
    """A step whose inputs are known."""

    step: Step
    one: dict[str, Source]
    many: dict[str, list[Source]]

    @property
    def sources(self) -> list[Source]:
        return [*self.one.values(), *(source for sources in self.many.values() for source in sources)]


def bind(steps: list[Step], where: Callable[[str], str] = lambda _: "steps") -> dict[str, Bound]:
    """Raises ConfigError with every missing, ambiguous or unknown input, each at its step's place."""
    bound: dict[str, Bound] = {}
    errors: list[str] = []
    for step in steps:
        wrong = _unknown_inputs(step, [s.name for s in steps])
        one: dict[str, Source] = {}
        many: dict[str, list[Source]] = {}
        for port, need in step.stage.needs.items():
            if not holds(step.config, need):
                continue
            offers = [(b.step.name, p) for b in bound.values() for p, make in b.step.stage.makes.items()
                      if make.kind == need.kind and holds(b.step.config, make)]
            if port in step.stage.many:
                many[port] = offers
                continue
            source, error = _choose(step, port, offers, bound)
            wrong += [error] if error else []
            one |= {port: source} if source else {}
        errors += [f"{where(step.name)}: {told}" for told in wrong]
        bound[step.name] = Bound(step, one, many)
    if errors:
        raise ConfigError("\n".join(errors))
    return bound


def _unknown_inputs(step: Step, names: list[str]) -> list[str]:
    ports = [f"{step.name}: inputs: {port}: no such input.{suggest(port, step.stage.needs)}"
             for port in step.inputs if port not in step.stage.needs]
    return ports + [f"{step.name}: inputs: {port}: no step is called {source}.{suggest(source, names)}"
                    for port, source in step.inputs.items() if source not in names]


def _choose(step: Step, port: str, offers: list[Source], bound: dict[str, Bound]) -> tuple[Source | None, str]:
    """The named one, or the latest if every earlier one of its kind is among its ancestors."""
    kind = step.stage.needs[port].kind
    if port in step.inputs:
        offers = [(name, p) for name, p in offers if name == step.inputs[port]]
        if not offers:
            return None, f"{step.name}: {step.inputs[port]} makes no {kind} before it. Name another step."
    if not offers:
        required = port not in step.stage.optional or step.stage.needs[port].when is not None
        gap = f"{step.name}: no earlier step makes its {port} ({kind}). Add one, or move it up."
        return None, gap if required else ""
    latest = offers[-1]
    above = ancestors([latest[0]], bound)
    if rivals := [name for name, _ in offers[:-1] if name not in above]:
        names = " or ".join(dict.fromkeys([*rivals, latest[0]]))
        return None, f"{step.name}: its {port} ({kind}) could be {names}. Say which under inputs."
    return latest, ""


def ancestors(names: Iterable[str], bound: dict[str, Bound]) -> set[str]:
    """The steps themselves and everything they stand on."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += [source for source, _ in bound[name].sources]
    return found


def descendants(name: str, bound: dict[str, Bound]) -> set[str]:
    """The step itself and everything that stands on it."""
    return {other for other in bound if name in ancestors([other], bound)}
