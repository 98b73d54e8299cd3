"""A stage's defaults as data, from its config class: their one home."""
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pillm.engine.stage import From


def defaults(config: type[BaseModel]) -> dict[str, Any]:
    """A `From` becomes an interpolation; a required field is left out."""
    found = {field.alias or name: _default(field) for name, field in config.model_fields.items()}
    return {name: value for name, value in found.items() if value is not ...}


def _default(field: FieldInfo) -> Any:
    if source := source_of(field):
        return f"${{{source}}}"
    if field.is_required():
        return ...
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        return defaults(type(value)) | value.model_dump(mode="json", exclude_unset=True)
    return _plain(value)


def source_of(field: FieldInfo) -> str | None:
    """The recipe's key that a field's default is taken from."""
    return next((mark.key for mark in field.metadata if isinstance(mark, From)), None)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def group(annotation: Any) -> type[BaseModel] | None:
    """The option group in `Lora`, `Lora | None` or `list[Lora]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := group(inner))), None)
