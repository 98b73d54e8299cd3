"""The shape of a JSON Schema: what is left of it without names and values. Two of one shape differ in words only."""
import json
from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
BOUNDS = frozenset({"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format"})


def shape(schema: Json) -> str:
    """Properties, branches and items count, whether something must be there, and what is bounded; names, constants,
    what is listed, bounds themselves, order, and whether something is a definition do not. What a schema refers to on
    its way in is how far up it lies."""
    return json.dumps(_shape(schema, schema, ("#",)), separators=(",", ":"))


def features(schema: Json) -> list[str]:
    """Which of the keywords that make a schema hard it has."""
    keys = {key for inner in _schemas(schema) for key in inner}
    named = {"oneOf": "oneOf", "$ref": "$ref", "enum": "enum", "pattern": "pattern", "items": "array"}
    return [tag for key, tag in named.items() if key in keys] + (["bounds"] if keys & (BOUNDS - {"pattern"}) else [])


def depth(value: Json) -> int:
    """How many objects and arrays lie around the innermost value."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def _shape(node: Json, root: Json, above: tuple[str, ...]) -> Json:
    """`above` are the definitions that this one lies in, the outermost first."""
    if not isinstance(node, Mapping):
        return node
    if "$ref" in node:
        pointer = node["$ref"]
        if pointer in above:
            return ["up", len(above) - above.index(pointer)]
        below = (pointer,) if node is root else (*above, pointer)
        return _shape(_target(pointer, root), root, below)
    found: dict[str, Json] = {"bounds": sorted(BOUNDS & node.keys()), "type": _type(node)}
    for key in ("oneOf", "anyOf", "allOf"):
        if key in node:
            found[key] = _sorted(_shape(inner, root, above) for inner in node[key])
    if "properties" in node:
        required = set(node.get("required", ()))
        found["properties"] = _sorted([name in required, _shape(inner, root, above)]
                                      for name, inner in node["properties"].items())
    if "items" in node:
        found["items"] = _shape(node["items"], root, above)
    return {key: value for key, value in found.items() if value not in ([], "")}


def _type(node: Mapping[str, Json]) -> str:
    """What is listed is of the types of its values; a constant is one that is listed alone."""
    if "const" in node:
        return "const"
    if "enum" in node:
        return f"one of {' or '.join(sorted({type(value).__name__ for value in node['enum']}))}"
    kind = node.get("type", "")
    return kind if isinstance(kind, str) else " or ".join(sorted(kind))


def _sorted(shapes: Iterator[Json]) -> list[Json]:
    """Order says nothing."""
    return sorted(shapes, key=lambda one: json.dumps(one, sort_keys=True))


def _target(pointer: str, root: Json) -> Json:
    found = root
    for key in pointer.removeprefix("#").strip("/").split("/"):
        found = found[key.replace("~1", "/").replace("~0", "~")] if key else found
    return {key: value for key, value in found.items() if key != "$defs"}


def _schemas(node: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(node, Mapping):
        yield node
        for key, inner in node.items():
            if key in ("properties", "$defs"):
                for one in inner.values():
                    yield from _schemas(one)
            elif key not in ("enum", "const", "required"):
                yield from _schemas(inner)
    elif isinstance(node, list):
        for one in node:
            yield from _schemas(one)
