"""JSON Schemas: found by name, judged themselves, and held against values."""
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import ValidationError
from jsonschema.exceptions import SchemaError
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry

from pillm.backends import schema_files
from pillm.backends.json_verdict import compiled
from pillm.errors import ConfigError, MissingInput, suggest

Schema = dict[str, Any]

NO_REMOTES: Registry = Registry()
"""jsonschema would fetch a reference to elsewhere from the network."""


def schema(given: str | Schema) -> Schema:
    """A schema itself, its JSON, or its name in schemas/ (the user's folder, then ours); raises ConfigError."""
    if isinstance(given, dict):
        _sound(json.dumps(given))
        return given
    if given.lstrip().startswith("{"):
        return _judged(_parsed(given, "the schema"), "the schema")
    return _named(given)


@lru_cache(maxsize=8192)
def _sound(text: str) -> None:
    """Judging a schema takes longer than holding a value against it, and questions and records bring theirs often."""
    _judged(json.loads(text), "the schema")


def problems(value: Any, schema: Schema) -> list[str]:
    """What is wrong with a value, each `place: what`; nothing if the schema accepts it."""
    errors = _validator(schema).iter_errors(value)
    return [_told(error) for error in sorted(map(_closest, errors), key=lambda error: error.json_path)]


def refused_by(value: Any, schema: Schema) -> str:
    """The keyword that refuses a value (`required`, `enum`, …), the first by place; nothing if it is accepted."""
    errors = sorted(map(_closest, _validator(schema).iter_errors(value)), key=lambda error: error.json_path)
    return errors[0].validator if errors else ""


def accepting(schema: Schema) -> Callable[[Any], bool]:
    """The verdict alone, quick where many values are held against one schema."""
    return compiled(schema) or _validator(schema).is_valid


def _named(name: str) -> Schema:
    found = schema_files.named(name)
    if not found:
        raise MissingInput(f"schemas/{name}{schema_files.SUFFIX}: there is no such schema. Name one of schemas/, "
                           f"or write the schema itself.{suggest(name, schema_files.names())}")
    return _read(found, found.stat().st_mtime_ns)


@cache
def _read(file: Path, mtime_ns: int) -> Schema:
    return _judged(_parsed(file.read_text("utf-8-sig"), str(file)), str(file))


def _parsed(text: str, where: str) -> Schema:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: it is not JSON ({error}). Repair it.") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: a JSON Schema is an object. Write {{\"type\": …}}.")
    return found


def _judged(schema: Schema, where: str) -> Schema:
    """The schema if it is one that can be held against values."""
    kind = validator_for(schema, Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise ConfigError(f"{where}: {_told(error)}. Repair the schema.") from error
    if told := next(_unusable(schema, schema), None):
        raise ConfigError(f"{where}: {told}. Repair the schema.")
    return schema


def _unusable(node: Any, root: Schema) -> Iterator[str]:
    """References that lead nowhere, elsewhere or in a circle: jsonschema sees them only when they are used."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and not isinstance(_target(reference, root), (dict, bool)):
            yield f"$ref {reference!r} does not lead to a place in this schema"
        elif _endless(node, root, ()):
            yield "it refers to itself without end"
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _unusable(inner, root)


def _target(reference: str, root: Schema) -> Any:
    """What a JSON pointer leads to, or None."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    node: Any = root
    for part in reference.split("/")[1:]:
        node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node


def _endless(node: Any, root: Schema, above: tuple[int, ...]) -> bool:
    """Whether what is said of one and the same value comes back to where it began."""
    if not isinstance(node, dict):
        return False
    if id(node) in above:
        return True
    reference = node.get("$ref")
    inner = [_target(reference, root)] if isinstance(reference, str) else []
    inner += [node[key] for key in ("not", "if", "then", "else") if key in node]
    inner += [branch for key in ("allOf", "anyOf", "oneOf") for branch in node.get(key, ())]
    return any(_endless(each, root, (*above, id(node))) for each in inner)


def _validator(schema: Schema) -> Any:
    return validator_for(schema, Draft202012Validator)(schema, registry=NO_REMOTES)


def _closest(error: ValidationError) -> ValidationError:
    """Of oneOf and anyOf, what is wrong in the branch that was most likely meant."""
    branches = defaultdict(list)
    for inner in error.context or ():
        branches[inner.relative_schema_path[0]].append(inner)
    meant = min(branches.values(), key=_distance, default=[])
    told_by_constant = len(branches) > 1 and any(inner.validator == "const" for inner in meant)
    return _closest(meant[0]) if meant and not told_by_constant else error


def _distance(errors: list[ValidationError]) -> tuple[bool, bool, int]:
    """How far a branch is from what was meant: another constant, another type, more errors."""
    return (any(error.validator == "const" for error in errors),
            any(error.validator == "type" and not error.relative_path for error in errors), len(errors))


def _told(error: Any) -> str:
    where = error.json_path.removeprefix("$").removeprefix(".")
    told = _none_of(error) or error.message
    told = told if len(told) <= 300 else f"{told[:200]} … {told[-90:]}"
    return f"{where}: {told}" if where else told


def _none_of(error: Any) -> str:
    """For alternatives told apart by a constant, the constants."""
    wanted = [inner for inner in error.context or () if inner.validator == "const"]
    if not wanted or len({inner.json_path for inner in wanted}) != 1:
        return ""
    known = ", ".join(dict.fromkeys(json.dumps(inner.validator_value, ensure_ascii=False) for inner in wanted))
    return f"{json.dumps(wanted[0].instance, ensure_ascii=False)} is none of {known}"
