"""A stage: a function whose annotations are its config and its ports."""
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

NO_SUCH_FILE = "no_such_file"
"""Pydantic's type of that mistake."""

Metrics = dict[str, Any]
"""What a stage reports beside its artifacts: numbers, strings, `{value, low, high}` intervals, nested dicts of these.
The key `gates` holds conditions the stage judged itself: `[{"name": …, "met": bool, "told": one sentence}]`."""


class StageConfig(BaseModel):
    """Frozen, and strict about its keys; a docstring under a field is its help."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def also_reads(self) -> Iterable[Path]:
        """Files that no field names and the results depend on: what they hold enters the identity."""
        return ()


class Progress(Protocol):
    """Told again and again while a stage works; `figures` are shown beside the bar (loss, rate)."""

    def __call__(self, label: str, done: float, total: float | None = None, **figures: float) -> None: ...


Condition = tuple[str, object]
"""(dotted field of the config, value it equals)."""


@dataclass(frozen=True)
class Needs:
    """An input: `Path` is required, `Path | None` may be absent, `dict[str, Path]` takes all of its kind by step."""

    kind: str
    when: Condition | None = None
    unless: Condition | None = None


@dataclass(frozen=True)
class Makes:
    """An output: a path under which the stage makes a file or a folder called `name` (default: the port's name)."""

    kind: str
    name: str = ""
    when: Condition | None = None
    unless: Condition | None = None


@dataclass(frozen=True)
class Work:
    """A folder that outlives a kill: checkpoints, labelled records. Removed when the step is done."""


@dataclass(frozen=True)
class Run:
    """A JSON file of the run so far: recipe, steps with their metrics, gates."""


@dataclass(frozen=True)
class From:
    """The default is this key of the whole recipe: `Annotated[int, From("model.context")]`."""

    key: str


@dataclass(frozen=True)
class Free:
    """The value does not change results: it stays out of the identity."""


@dataclass(frozen=True)
class Content:
    """A path whose bytes, not its name, enter the identity."""


@dataclass(frozen=True)
class Resolve:
    """Null is replaced by what this finds on the machine, before the identity is taken (threads, dtype)."""

    find: Callable[[], Any]


def _found(path: Path, info: ValidationInfo) -> Path:
    """The first of the places to look that has it."""
    for folder in (info.context or {}).get("look_in", [Path()]):
        if (folder / path).exists():
            return folder / path
    raise no_such_file(path)


def no_such_file(path: Path | str) -> PydanticCustomError:
    """It names the path and the way out: nothing is added where it is told."""
    way_out = "Correct it" if Path(path).is_absolute() else "Correct it, or stand in the folder that it begins in"
    return PydanticCustomError(NO_SUCH_FILE, "there is no such file or folder: {path}. {way_out}",
                               {"path": str(path), "way_out": way_out})


InputPath = Annotated[Path, Content(), AfterValidator(_found)]
"""A file or folder of the user's (or one shipped with a package) that a stage reads."""


class ByPath(StageConfig):
    """An object whose path alone may stand for it: `a.jsonl` is `{path: a.jsonl}`."""

    @model_validator(mode="before")
    @classmethod
    def _of_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, (str, Path)) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


@dataclass(frozen=True)
class Estimate:
    """What a step is expected to cost."""

    seconds: float = 0
    ram_gib: float = 0
    vram_gib: float = 0
    disk_gib: float = 0


Mistake = tuple[str, str]
"""(dotted field of the config, what is wrong. what to do.)"""


@dataclass(frozen=True)
class Stage:
    """A verb of a recipe; made by `@stage`."""

    name: str
    version: str
    config: type[StageConfig]
    needs: dict[str, Needs]
    makes: dict[str, Makes]
    optional: frozenset[str]
    """Inputs that may be absent."""
    many: frozenset[str]
    """Inputs that take all artifacts of their kind."""
    extras: dict[str, type]
    """Parameters the engine fills: Work, Run, Progress."""
    action: Callable[..., Metrics]
    libraries: tuple[str, ...]
    """Distributions whose versions change results."""
    check: Callable[[Any], Iterable[Mistake]]
    """Looks at files, extras and credentials before anything starts."""
    estimate: Callable[[Any, dict], Estimate]
    """From the config and the recipe's values."""
    fingerprint: Callable[[], dict] | None
    """Facts of this machine that belong to the identity (bench)."""
    cached: bool
    guarded: bool
    """Does not run once a gate has failed (deploy, publish)."""

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return inspect.cleandoc(self.action.__doc__ or "").split("\n")[0]


def stage(
    version: str,
    *,
    libraries: tuple[str, ...] = (),
    check: Callable[[Any], Iterable[Mistake]] = lambda config: (),
    estimate: Callable[[Any, dict], Estimate] = lambda config, recipe: Estimate(),
    fingerprint: Callable[[], dict] | None = None,
    cached: bool = True,
    guarded: bool = False,
) -> Callable[[Callable[..., Metrics]], Stage]:
    """Declare a function a stage; its signature is read once, here."""

    def declare(action: Callable[..., Metrics]) -> Stage:
        hints = get_type_hints(action, include_extras=True)
        needs = _marked(hints, Needs)
        return Stage(
            name=action.__name__, version=version, config=hints["config"], needs=needs, makes=_marked(hints, Makes),
            optional=frozenset(port for port in needs if type(None) in _alternatives(hints[port])),
            many=frozenset(port for port in needs if get_origin(get_args(hints[port])[0]) is dict),
            extras=_extras(hints), action=action, libraries=libraries, check=check, estimate=estimate,
            fingerprint=fingerprint, cached=cached, guarded=guarded,
        )

    return declare


def _marked(hints: dict[str, Any], mark: type) -> dict[str, Any]:
    marks = {name: get_args(hint)[1:] for name, hint in hints.items() if get_origin(hint) is Annotated}
    return {name: m for name, found in marks.items() for m in found if isinstance(m, mark)}


def _extras(hints: dict[str, Any]) -> dict[str, type]:
    progress: dict[str, type] = {name: Progress for name, hint in hints.items() if hint is Progress}
    return progress | {name: type(m) for mark in (Work, Run) for name, m in _marked(hints, mark).items()}


def _alternatives(hint: Any) -> tuple[Any, ...]:
    inner = get_args(hint)[0]
    return get_args(inner) if get_origin(inner) in (Union, UnionType) else (inner,)


def holds(config: BaseModel, port: Needs | Makes) -> bool:
    """Whether a port exists under this config."""
    return (port.when is None or _field(config, port.when[0]) == port.when[1]) and (
        port.unless is None or _field(config, port.unless[0]) != port.unless[1])


def _field(config: Any, key: str) -> Any:
    for part in key.split("."):
        config = getattr(config, part, None)
    return config
