"""Composed values → a typed recipe; every mistake at once, each with its place."""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, PositiveInt, ValidationError

from pillm.config import places, rules, steps
from pillm.config.defaults import group
from pillm.config.foreign import hint
from pillm.config.origin import as_written, nearest
from pillm.config.parts import PARTS, Part
from pillm.engine import registry
from pillm.engine.gates import Gate
from pillm.engine.graph import Bound, Step, bind
from pillm.engine.plan import Selection
from pillm.engine.stage import NO_SUCH_FILE, Resolve, StageConfig
from pillm.errors import ConfigError, suggest

if TYPE_CHECKING:
    from pillm.config.compose import Composed

ENGINE_KEYS = {"name", "steps", "seed", "threads", "store", "runs", "gates", "enforce", "only", "until", "from",
               "force"}
ABOUT_THE_RUN = {"store", "runs", "only", "until", "from", "force"}
"""Where and which part of a recipe runs, which is not part of it."""
KEYS = ENGINE_KEYS | PARTS.keys() | {"caps", "recipe", "plan", "explain", "show", "ask", "card", "new", "stored", "yes",
                                      "hydra"}


Names = Annotated[list[str], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)]
"""One name is a list of one."""


class Engine(StageConfig):
    """The keys that are neither parts nor steps."""

    name: str
    """Of the product; a recipe's is its file's."""
    seed: int
    """Of everything that is drawn."""
    threads: PositiveInt | None
    """Of training and inference; null is one for each core. A model of a few megabytes answers fastest with 1."""
    store: str
    """Folder of artifacts."""
    runs: str
    """Folder of accounts of runs."""
    enforce: bool
    """Whether quality and speed gates are judged; caps turn it off."""
    gates: dict[str, Gate]
    """Numbers that a run must reach, by a name of your choice."""
    only: Names
    """Exactly these steps run, one or a list; what they stand on must be cached."""
    until: str | None
    """This step and what it stands on."""
    force: Names
    """Steps, one or a list, that are made again though they are cached."""


@dataclass(frozen=True)
class Recipe:
    """What a run needs to know."""

    composed: "Composed"
    engine: Engine
    parts: dict[str, Part]
    steps: list[Step]
    bound: dict[str, Bound]

    @property
    def selection(self) -> Selection:
        e = self.engine
        return Selection(tuple(e.only), e.until or "", self.composed.values["from"] or "", tuple(e.force))

    @property
    def values(self) -> dict[str, Any]:
        """The resolved recipe."""
        return {key: value for key, value in self.composed.values.items() if key not in ABOUT_THE_RUN}


def typed(composed: "Composed") -> Recipe:
    """Raises ConfigError with all mistakes, a line each."""
    values = composed.values
    errors = [f"{_where(composed, ('steps', str(n)))}: {told}" for n, told in steps.mistakes(values.get("steps"))]
    uses = steps.uses(values.get("steps"))
    errors += _unknown_keys(composed, uses) if uses else ()  # without steps every step's key would seem unknown
    engine = _validated(Engine, {k: values.get(k) for k in Engine.model_fields}, (), composed, errors)
    parts = {name: _validated(part, values.get(name), (name,), composed, errors) for name, part in PARTS.items()}
    made = [step for name, stage in uses.items() if (step := _step(name, stage, composed, errors))]
    if not errors:
        errors += [f"{_placed(composed, tuple(key.split('.')))}: {told}"
                   for key, told in _checked(made, parts, engine.gates)]
    if errors:
        raise ConfigError("\n".join(dict.fromkeys(errors)))
    bound = bind(made, lambda name: f"{_where(composed, ('steps', str(list(uses).index(name))))}: steps")
    return Recipe(composed, engine, parts, made, bound)  # type: ignore[arg-type]


def _unknown_keys(composed: "Composed", uses: dict[str, str]) -> Iterator[str]:
    for key in sorted(composed.values.keys() - uses.keys() - KEYS):
        where = _where(composed, (key,))
        if where == "default":  # those of a step that the command line's steps= leaves out: nobody wrote them
            continue
        if key in registry.offers():
            yield f"{where}: {key}: it is not among the steps. Add it to them, or leave it out here."
        else:
            yield f"{where}: {key}: no such option.{hint(key) or suggest(key, [*uses, *KEYS])}"
    for key in uses.keys() & KEYS:
        yield f"{_where(composed, ('steps',))}: {key}: a step cannot be called that. Rename it: {key}_1: {{uses: …}}."


def _step(name: str, stage: str, composed: "Composed", errors: list[str]) -> Step | None:
    if stage not in registry.offers():
        place = list(steps.uses(composed.values["steps"])).index(name)
        where = _where(composed, ("steps", str(place)))
        errors.append(f"{where}: {stage}: no such stage.{suggest(stage, registry.offers())}")
        return None
    loaded = registry.load(stage)
    config = _validated(loaded.config, composed.values.get(name) or {}, (name,), composed, errors)
    return Step(name, loaded, resolved(config), steps.inputs(composed.values["steps"], name)) if config else None


def resolved(config: Any) -> Any:
    """Nulls that the machine answers (threads, dtype) are answered here, so that they enter the identity."""
    found: dict[str, Any] = {}
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        mark = next((m for m in field.metadata if isinstance(m, Resolve)), None)
        if mark and value is None:
            found[name] = mark.find()
        elif isinstance(value, BaseModel):
            found[name] = resolved(value)
    return config.model_copy(update=found) if found else config


def _validated(model: type, values: Any, key: tuple[str, ...], composed: "Composed", errors: list[str]) -> Any:
    try:
        return model.model_validate(values, context={"look_in": places.data_folders()})  # type: ignore[attr-defined]
    except ValidationError as error:
        errors += [_told(composed, key, model, e) for e in error.errors(include_url=False)]
        return None


def _checked(made: list[Step], parts: dict[str, Part], gates: dict[str, Gate]) -> Iterator[tuple[str, str]]:
    for step in made:
        for field, told in step.stage.check(step.config):
            yield f"{step.name}.{field}" if field else step.name, told
    yield from rules.broken(parts, made)
    yield from rules.gates_of_no_step(gates, made)


def _where(composed: "Composed", key: tuple[str, ...]) -> str:
    return nearest(composed.origins, key)


def _placed(composed: "Composed", key: tuple[str, ...]) -> str:
    """Place and key, as a person wrote it."""
    asked = as_written(composed.written, key)
    return f"{_where(composed, asked)}: {'.'.join(asked)}"


def _told(composed: "Composed", prefix: tuple[str, ...], owner: type, error: Any) -> str:
    """`recipes/x.yaml:9: sft.lora.rnak: no such option. Did you mean 'rank'?`"""
    path = _path(owner, error["loc"])
    key = ".".join((*prefix, *path))
    where = _placed(composed, (*prefix, *path))
    if error["type"] == "extra_forbidden":
        known = _fields(owner, path[:-1])
        return f"{where}: no such option.{suggest(path[-1], known) or hint(key) or _offer(known)}"
    if error["type"] == "missing":
        return f"{where}: it is needed and not set. Give it a value."
    if error["type"] == NO_SUCH_FILE:
        return f"{where}: {error['msg']}."
    return f"{where}: {_plain(error['msg'])}, not {error['input']!r}."


def _path(owner: type, loc: tuple) -> list[str]:
    """Pydantic names the branch of a union too (`lora.Lora.rank`): left out."""
    return [str(part) for part in loc if not (isinstance(part, str) and (part[:1].isupper() or "[" in part))]


def _fields(owner: type, path: list[str]) -> list[str]:
    for part in path:
        field = getattr(owner, "model_fields", {}).get(part)
        owner = (group(field.annotation) if field else None) or owner
    return [field.alias or name for name, field in getattr(owner, "model_fields", {}).items()]


def _offer(known: list[str]) -> str:
    return f" There are {', '.join(known)}." if known else ""


def _plain(message: str) -> str:
    told = message.removeprefix("Value error, ").removeprefix("Input ")
    return told.replace("should be", "must be").rstrip(".")
