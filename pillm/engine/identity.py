"""What makes a step's result what it is, as data; the sha256 of that is its key."""
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pillm import installed
from pillm.engine.stage import Content, Free, Stage, StageConfig

Digest = Callable[[Path], str]
Identity = dict[str, Any]


def identity(stage: Stage, config: BaseModel, inputs: dict[str, Any], digest: Digest) -> Identity:
    """Stage, version, config, inputs' digests, libraries' versions and, where there are such, files that no field names
    and the machine."""
    found = {"stage": stage.name, "version": stage.version,
             "config": identity_config(config, digest), "inputs": inputs,
             "libraries": {name: installed.version(name) or "not installed" for name in stage.libraries}}
    read = _read(config.also_reads(), digest) if isinstance(config, StageConfig) else {}
    machine = stage.fingerprint() if stage.fingerprint else {}
    return found | ({"files": read} if read else {}) | ({"machine": machine} if machine else {})


def _read(files: Iterable[Path], digest: Digest) -> dict[str, str]:
    """Digests by as many last parts of the paths as tell all apart: what is before these differs with the machine."""
    found = set(files)
    parts = next(n for n in count(1) if len({file.parts[-n:] for file in found}) == len(found))
    return {"/".join(file.parts[-parts:]): digest(file) for file in found}


def identity_config(config: BaseModel, digest: Digest) -> dict[str, Any]:
    """The config without its `Free` fields, its `Content` paths as digests."""
    return {name: _value(getattr(config, name), field, digest)
            for name, field in type(config).model_fields.items() if not _has(field, Free)}


def named_config(config: BaseModel) -> dict[str, Any]:
    """The same shape, with the files' names where that has their digests: what people call them."""
    return identity_config(config, lambda file: file.name)


def _has(field: FieldInfo, mark: type) -> bool:
    """Whether a field is marked, at the top or inside `list[Annotated[…]]` and `Annotated[…] | None`."""
    return any(m is mark or isinstance(m, mark) for m in field.metadata) or _inside(field.annotation, mark)


def _inside(annotation: Any, mark: type) -> bool:
    metadata = getattr(annotation, "__metadata__", ())
    return any(isinstance(m, mark) for m in metadata) or any(
        _inside(inner, mark) for inner in getattr(annotation, "__args__", ()))


def _value(value: Any, field: FieldInfo, digest: Digest) -> Any:
    if isinstance(value, BaseModel):
        return identity_config(value, digest)
    if isinstance(value, (list, tuple)):
        return [_value(item, field, digest) for item in value]
    if _has(field, Content):
        return _digests(value, digest)
    return _plain(value)


def _digests(value: Any, digest: Digest) -> Any:
    if isinstance(value, (list, tuple)):
        return [_digests(item, digest) for item in value]
    if isinstance(value, dict):
        return {key: _digests(item, digest) for key, item in value.items()}
    return digest(value) if isinstance(value, Path) else value


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return str(value) if isinstance(value, Path) else value
