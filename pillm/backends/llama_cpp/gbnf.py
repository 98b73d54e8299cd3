"""GBNF, the grammar llama.cpp samples under, from a JSON Schema.

llama.cpp has two converters of its own: the one inside the wheel goes through llguidance, which takes `▁word` of a
SentencePiece vocabulary for `word` and then lets go of the grammar; the other is not in the wheel's Python side.
"""
import json
from collections.abc import Callable, Iterable
from typing import Any

from pillm.backends.json_verdict import TYPES
from pillm.errors import ConfigError

Schema = dict[str, Any]

SPACE = r'space ::= | " " | "\n"{1,2} [ \t]{0,20}'
"""Where JSON may have white space; bounded, or a model could write it for ever (common/json-schema-to-grammar.cpp)."""
PRIMITIVES = {
    "value": "object | array | string | number | boolean | null",
    "object": '"{" space (string ":" space value ("," space string ":" space value)*)? space "}"',
    "array": '"[" space (value ("," space value)*)? space "]"',
    "string": r'"\"" char* "\""',
    "char": r'[^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})',
    "number": '"-"? int ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
    "integer": '"-"? int',
    "int": '"0" | [1-9] [0-9]{0,15}',
    "boolean": '"true" | "false"',
    "null": '"null"',
}
NO_SHAPE = {"allOf", "not", "if", "patternProperties", "dependentSchemas", "prefixItems"}
"""Keywords that change what a value may look like in ways a grammar here cannot follow. Those that only narrow numbers
and strings (minimum, pattern, format …) are left to the validator."""
SHAPE = {"$ref", "const", "enum", "anyOf", "oneOf", "type", "properties", "required", "additionalProperties", "items",
         "minItems", "maxItems", "minLength", "maxLength"}
"""Keywords that rules are made of: none may be dropped."""
TOLD_BY = {"properties": "object", "required": "object", "items": "array"}
"""Keyword → the type of a schema that names none."""


def grammar(schema: Schema) -> str:
    """Rules under which only JSON of this shape can be written; properties come in the schema's order.

    Raises ConfigError with the place of a keyword that cannot be held to.
    """
    rules: dict[str, str] = {}
    root = _rule(schema, schema, "root", rules)
    lines = {"root": root, **rules, **PRIMITIVES}
    return "\n".join([*(f"{name} ::= {text}" for name, text in lines.items()), SPACE])


def _rule(schema: Any, root: Schema, place: str, rules: dict[str, str]) -> str:
    """What stands for one schema in a rule; deeper ones get rules of their own, named after their place."""
    if schema is True or schema == {}:
        return "value"
    if schema is False:
        raise ConfigError(f"schema {place}: false allows no value. Leave it out.")
    if unknown := sorted(NO_SHAPE & schema.keys()):
        raise ConfigError(f"schema {place}: {unknown[0]} cannot be held to. Say it with properties, anyOf or enum.")
    if "$ref" in schema:
        return _reference(_alone(schema, "$ref", place), root, rules)
    if "const" in schema:
        return _literal(*_of_type([_alone(schema, "const", place, "type")], schema, place))
    if "enum" in schema:
        return _either(map(_literal, _of_type(_alone(schema, "enum", place, "type"), schema, place)))
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _either(_named(one, root, f"{place}-{i}", rules)
                           for i, one in enumerate(_choices(schema, key, place)))
    return _typed(schema, root, place, rules)


def _alone(schema: Schema, key: str, place: str, *but: str) -> Any:
    """What a keyword says that is all of a rule; raises ConfigError where another one would be dropped."""
    if beside := sorted(SHAPE & schema.keys() - {key, *but}):
        raise ConfigError(f"schema {place}: {beside[0]} beside {key} cannot be held to. "
                          f"Write it into what {key} names, or leave one of them out.")
    return schema[key]


def _of_type(values: list[Any], schema: Schema, place: str) -> list[Any]:
    """Those of the type that may stand beside them."""
    kinds = schema.get("type", list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    kept = [value for value in values if any(TYPES[kind](value) for kind in kinds)]
    if not kept:
        raise ConfigError(f"schema {place}: no value that it names is of type {' or '.join(kinds)}. Correct the type.")
    return kept


def _choices(schema: Schema, key: str, place: str) -> list[Any]:
    """Of anyOf or oneOf. Choices of anyOf that only say what is required each go with all the rest of the schema."""
    if key == "oneOf" or not all(isinstance(one, dict) and one.keys() == {"required"} for one in schema[key]):
        return _alone(schema, key, place)
    rest = {name: value for name, value in schema.items() if name != key}
    return [{**rest, "required": [*rest.get("required", ()), *one["required"]]} for one in schema[key]]


def _typed(schema: Schema, root: Schema, place: str, rules: dict[str, str]) -> str:
    kind = schema.get("type") or next((kind for key, kind in TOLD_BY.items() if key in schema), "value")
    if isinstance(kind, list):
        return _either(_named({**schema, "type": one}, root, f"{place}-{one}", rules) for one in kind)
    make: dict[str, Callable[..., str]] = {"object": _object, "array": _array, "string": _string}
    return make[kind](schema, root, place, rules) if kind in make else kind


def _named(schema: Any, root: Schema, name: str, rules: dict[str, str]) -> str:
    """The name of a rule for a schema."""
    rules[name] = ""  # keeps the place in the order of reading, before the rules that it needs
    rules[name] = _rule(schema, root, name, rules)
    return name


def _reference(pointer: str, root: Schema, rules: dict[str, str]) -> str:
    name = "ref" + "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in pointer.removeprefix("#"))
    if name not in rules:
        target: Any = root
        for key in pointer.removeprefix("#").strip("/").split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")] if key else target
        _named(target, root, name, rules)
    return name


def _object(schema: Schema, root: Schema, place: str, rules: dict[str, str]) -> str:
    required, others = schema.get("required", []), schema.get("additionalProperties", True)
    properties = schema.get("properties", {})
    if (lacking := [key for key in required if key not in properties]) and others is False:
        raise ConfigError(f"schema {place}: {lacking[0]!r} is required, and is not among properties. Add it there.")
    properties = properties | dict.fromkeys(lacking, others)
    if not properties:
        return '"{" space "}"' if others is False else "object"
    values = [_named(value, root, f"{place}-{i}", rules) for i, value in enumerate(properties.values())]
    pairs = [(f'{_literal(key)} space ":" space {value}', key in required)
             for key, value in zip(properties, values, strict=True)]
    return f'"{{" space {_sequence(pairs)} space "}}"'


def _sequence(pairs: list[tuple[str, bool]]) -> str:
    """Pairs in order with commas between those that are there; each comes with whether it must be."""
    first_required = next((i for i, (_, must) in enumerate(pairs) if must), len(pairs))
    starts = [_from(pairs, i) for i in range(min(first_required + 1, len(pairs)))]
    return f"({' | '.join(starts)}){'?' if first_required == len(pairs) else ''}"


def _from(pairs: list[tuple[str, bool]], start: int) -> str:
    """The pairs from one that is there on."""
    later = [f'"," space {pair}' if must else f'("," space {pair})?' for pair, must in pairs[start + 1:]]
    return " ".join([pairs[start][0], *later])


def _array(schema: Schema, root: Schema, place: str, rules: dict[str, str]) -> str:
    item = _named(schema.get("items", {}), root, f"{place}-item", rules)
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if most == 0:
        return '"[" space "]"'
    more = f'("," space {item}){{{max(0, least - 1)},{"" if most is None else most - 1}}}'
    return f'"[" space ({item} {more}){"" if least else "?"} space "]"'


def _string(schema: Schema, root: Schema, place: str, rules: dict[str, str]) -> str:
    if not {"minLength", "maxLength"} & schema.keys():
        return "string"
    return rf'"\"" char{{{schema.get("minLength", 0)},{schema.get("maxLength", "")}}} "\""'


def _literal(value: Any) -> str:
    """A JSON value as a GBNF string."""
    return json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False)


def _either(choices: Iterable[str]) -> str:
    return f"({' | '.join(choices)})"
