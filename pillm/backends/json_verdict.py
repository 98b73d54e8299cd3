"""Whether a value satisfies a JSON Schema, for schemas that many values are held against: compiled to closures.

The verdict is that of jsonschema's Draft202012Validator; a schema with a keyword not known here is not compiled.
"""
import re
from collections.abc import Callable, Iterator
from typing import Any

Check = Callable[[Any], bool]
Compile = Callable[[Any], Check]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANNOTATIONS = {"$schema", "$comment", "$defs", "title", "description", "default", "examples", "format",
               "deprecated", "readOnly", "writeOnly"}


def compiled(schema: dict[str, Any]) -> Check | None:
    """The check, or None where the schema says more than this module knows."""
    if schema.get("$schema", DIALECT) != DIALECT or not all(_known(inner, schema) for inner in _schemas(schema)):
        return None
    references: dict[str, Check] = {}

    def compile(inner: Any) -> Check:
        if isinstance(inner, bool):
            return lambda value: inner
        checks = [KEYWORDS[key](wanted, inner, compile) for key, wanted in inner.items() if key in KEYWORDS]
        return _all([follow(inner["$ref"]), *checks] if "$ref" in inner else checks)

    def follow(pointer: str) -> Check:
        """Compiled when first used: a schema may refer to itself."""
        def check(value: Any) -> bool:
            if pointer not in references:
                references[pointer] = compile(_definition(schema, pointer))
            return references[pointer](value)
        return check

    return compile(schema)


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and all within it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("items", "additionalProperties", "not"):
        yield from _schemas(schema.get(key))
    for key in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(key, ()):
            yield from _schemas(inner)
    for key in ("properties", "$defs"):
        for inner in schema.get(key, {}).values():
            yield from _schemas(inner)


def _known(inner: dict[str, Any], root: dict[str, Any]) -> bool:
    scalars = [*inner.get("enum", ()), inner.get("const")]
    return (all(key in KEYWORDS or key in ANNOTATIONS or key == "$ref" or key.startswith("x-") for key in inner)
            and all(isinstance(value, (str, int, float, type(None))) for value in scalars)
            and ("$ref" not in inner or _definition(root, inner["$ref"]) is not None))


def _definition(root: dict[str, Any], pointer: str) -> Any:
    return root if pointer == "#" else root.get("$defs", {}).get(pointer.removeprefix("#/$defs/"))


def _all(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: Any) -> bool:
        for holds in checks:  # noqa: SIM110 (all() over a generator costs twice as much)
            if not holds(value):
                return False
        return True

    return check


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


TYPES: dict[str, Check] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _number(value) and (isinstance(value, int) or value.is_integer()),
    "null": lambda value: value is None,
    "number": _number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def _type(names: str | list[str], schema: dict, compile: Compile) -> Check:
    return _any([TYPES[name] for name in ([names] if isinstance(names, str) else names)])


def _any(checks: list[Check]) -> Check:
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)


def _const(wanted: Any, schema: dict, compile: Compile) -> Check:
    """1 and 1.0 are one value, 1 and true are two."""
    if isinstance(wanted, (bool, type(None))):
        return lambda value: value is wanted
    return (lambda value: value == wanted) if isinstance(wanted, str) else lambda v: _number(v) and v == wanted


def _enum(members: list, schema: dict, compile: Compile) -> Check:
    strings = frozenset(member for member in members if isinstance(member, str))
    others = [_const(member, schema, compile) for member in members if not isinstance(member, str)]
    return lambda value: value in strings if isinstance(value, str) else any(same(value) for same in others)


def _properties(wanted: dict[str, Any], schema: dict, compile: Compile) -> Check:
    checks = {name: compile(inner) for name, inner in wanted.items()}

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in checks and not checks[name](inner):
                    return False
        return True

    return check


def _additional(wanted: Any, schema: dict, compile: Compile) -> Check:
    named = schema.get("properties", {}).keys()
    if wanted is False:
        return lambda value: not isinstance(value, dict) or value.keys() <= named
    check = compile(wanted)
    return lambda value: not isinstance(value, dict) or all(check(value[name]) for name in value.keys() - named)


def _required(names: list[str], schema: dict, compile: Compile) -> Check:
    wanted = frozenset(names)
    return lambda value: not isinstance(value, dict) or value.keys() >= wanted


def _items(wanted: Any, schema: dict, compile: Compile) -> Check:
    check = compile(wanted)
    return lambda value: not isinstance(value, list) or all(check(item) for item in value)


def _pattern(wanted: str, schema: dict, compile: Compile) -> Check:
    search = re.compile(wanted).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _one_of(wanted: list, schema: dict, compile: Compile) -> Check:
    checks = [compile(inner) for inner in wanted]
    return lambda value: sum(check(value) for check in checks) == 1


def _not(wanted: Any, schema: dict, compile: Compile) -> Check:
    check = compile(wanted)
    return lambda value: not check(value)


def _bound(kind: Check, holds: Callable[[Any, Any], bool]) -> Callable[[Any, dict, Compile], Check]:
    """A keyword that compares; it says nothing of values of another type."""
    return lambda bound, schema, compile: lambda value: not kind(value) or holds(value, bound)


KEYWORDS: dict[str, Callable[[Any, dict, Compile], Check]] = {
    "type": _type, "const": _const, "enum": _enum,
    "required": _required, "additionalProperties": _additional, "properties": _properties, "items": _items,
    "allOf": lambda wanted, schema, compile: _all([compile(inner) for inner in wanted]),
    "anyOf": lambda wanted, schema, compile: _any([compile(inner) for inner in wanted]),
    "oneOf": _one_of, "not": _not, "pattern": _pattern,
    "minLength": _bound(TYPES["string"], lambda value, bound: len(value) >= bound),
    "maxLength": _bound(TYPES["string"], lambda value, bound: len(value) <= bound),
    "minItems": _bound(TYPES["array"], lambda value, bound: len(value) >= bound),
    "maxItems": _bound(TYPES["array"], lambda value, bound: len(value) <= bound),
    "minimum": _bound(_number, lambda value, bound: value >= bound),
    "maximum": _bound(_number, lambda value, bound: value <= bound),
    "exclusiveMinimum": _bound(_number, lambda value, bound: value > bound),
    "exclusiveMaximum": _bound(_number, lambda value, bound: value < bound),
}
