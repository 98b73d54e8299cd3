"""What a key is: its value here, where that comes from, and what it means."""
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from pillm.config.defaults import group, source_of
from pillm.config.origin import nearest
from pillm.config.parts import PARTS
from pillm.config.recipe import Engine
from pillm.config.steps import uses
from pillm.config.told import described
from pillm.engine import registry
from pillm.errors import ConfigError, suggest

if TYPE_CHECKING:
    from pillm.config.compose import Composed


@dataclass(frozen=True)
class Meaning:
    key: str
    value: Any
    origin: str
    """file:line, `command line`, or `default`."""
    told: str
    """The field's docstring."""
    kind: str
    """Its type as written in Python."""


def meaning(composed: "Composed", key: str) -> Meaning:
    """Raises ConfigError for a key the recipe does not have."""
    path = tuple(key.split("."))
    field = _field(composed, path)
    value: Any = composed.values
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    origin = nearest(composed.origins, path) if path in composed.origins else _default(field, composed, path)
    return Meaning(key, value, origin, field.description or "", _type(field.annotation))


def _default(field: Any, composed: "Composed", path: tuple[str, ...]) -> str:
    source = source_of(field)
    inherited = nearest(composed.origins, path)
    return f"{source}, set by {inherited}" if source else f"default of {_owner(composed, path)}"


def _owner(composed: "Composed", path: tuple[str, ...]) -> str:
    stage = uses(composed.values["steps"]).get(path[0])
    return f"stage {stage}" if stage else path[0]


def _field(composed: "Composed", path: tuple[str, ...]) -> Any:
    owners = {**PARTS, **{step: registry.load(stage).config for step, stage in uses(composed.values["steps"]).items()}}
    owner: type[BaseModel] | None = owners.get(path[0], Engine if len(path) == 1 else None)
    if (path[0] not in owners and path[0] not in Engine.model_fields) or owner is None:
        raise ConfigError(f"command line: explain={'.'.join(path)}: no such key."
                          f"{suggest(path[0], [*owners, *Engine.model_fields])}")
    rest = path[1:] if path[0] in owners else path
    field: Any = None
    for part in rest:
        fields = {info.alias or name: info for name, info in (described(owner).model_fields if owner else {}).items()}
        if part not in fields:
            raise ConfigError(f"command line: explain={'.'.join(path)}: {part}: no such key.{suggest(part, fields)}")
        field = fields[part]
        owner = group(field.annotation)
    if field is None and owner:
        raise ConfigError(f"command line: explain={path[0]}: name one value. It has {', '.join(owner.model_fields)}.")
    return field


def _type(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")
