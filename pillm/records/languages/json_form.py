"""A dialect as a JSON Schema, and trees as JSON that satisfies it."""
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pillm.records.languages.dialect import Dialect
from pillm.records.languages.language import Node, Shape, Tree

Schema = dict[str, Any]
PREFIX = "#/$defs/"


def schema(dialect: Dialect) -> Schema:
    """Sorts that are used again, or refer to themselves, are definitions."""
    start = dialect.language.start
    uses = Counter(_uses(dialect))
    recursive = {sort for sort in dialect.kinds if sort in _below(dialect, sort)}
    named = {sort for sort in dialect.kinds if sort != start and (
        sort in recursive or uses[sort] > 1 or (uses[sort] and sort in dialect.apart))}
    at_root = start in recursive and dialect.at_root
    if start in recursive and not at_root:
        named.add(start)
    refer = {sort: {"$ref": PREFIX + dialect.definitions[sort]} for sort in named}
    refer |= {start: {"$ref": "#"}} if at_root else {}
    definitions = {dialect.definitions[sort]: _nodes(sort, dialect, refer) for sort in sorted(named)}
    root = refer[start] if start in named else _nodes(start, dialect, refer)
    return root | ({"$defs": definitions} if definitions else {})


def written(tree: Tree, sort: str, dialect: Dialect) -> Any:
    """JSON of a tree; its keys come in the schema's order."""
    language = dialect.language
    if sort in language.lists:
        assert isinstance(tree, tuple)
        return [written(item, language.lists[sort].of, dialect) for item in tree]
    if sort in language.atoms:
        assert not isinstance(tree, tuple)
        return dialect.cuts[sort].written(tree)
    assert isinstance(tree, Node)
    return _node(tree, sort, dialect)


def _node(tree: Node, sort: str, dialect: Dialect) -> Any:
    shape, found = dialect.shape(tree.kind), dict(tree.fields)
    values = {field: written(found[field], shape.of[field], dialect) for field in dialect.fields[tree.kind]
              if field in found}
    if tree.kind in dialect.bare:
        return next(iter(values.values()))
    if len(dialect.kinds[sort]) == 1:
        return {dialect.keys[field]: value for field, value in values.items()}
    name = dialect.names[tree.kind]
    if dialect.tag:
        return {dialect.tag: name} | {dialect.keys[field]: value for field, value in values.items()}
    return {name: list(values.values()) if tree.kind in dialect.listed else
            {dialect.keys[field]: value for field, value in values.items()}}


def _uses(dialect: Dialect) -> Iterator[str]:
    """The sort behind each field and each list, as often as it is named."""
    for shapes in dialect.kinds.values():
        for shape in shapes:
            sorts = [dialect.items(shape.of[field]) for field in dialect.fields[shape.kind]]
            yield from sorts[:1] if shape.kind in dialect.listed else sorts


def _below(dialect: Dialect, sort: str) -> set[str]:
    """All sorts of nodes that can stand under this one."""
    found: set[str] = set()
    wanted = [sort]
    while wanted:
        below = {dialect.items(shape.of[field]) for shape in dialect.kinds.get(wanted.pop(), ())
                 for field in dialect.fields[shape.kind]}
        wanted += sorted(below - found)
        found |= below
    return found


def _nodes(sort: str, dialect: Dialect, refer: dict[str, Schema]) -> Schema:
    shapes = dialect.kinds[sort]
    if len(shapes) == 1:
        return _object(dialect, _properties(shapes[0], dialect, refer), _required(shapes[0], dialect))
    branches = []
    for alike in _merged(shapes, dialect):
        branches.append(_branch(alike, dialect, refer))
    return branches[0] if len(branches) == 1 else {"oneOf": branches}


def _merged(shapes: tuple[Shape, ...], dialect: Dialect) -> list[list[Shape]]:
    """Constructors that are one object: those of equal fields, where the dialect has it so."""
    groups: dict[Any, list[Shape]] = {}
    for shape in shapes:
        fields = tuple((field, shape.of[field], (shape.kind, field) in dialect.maybe)
                       for field in dialect.fields[shape.kind])
        groups.setdefault(fields if dialect.merged and shape.kind not in dialect.bare else shape.kind, []).append(shape)
    return list(groups.values())


def _branch(alike: list[Shape], dialect: Dialect, refer: dict[str, Schema]) -> Schema:
    """One of several alternatives."""
    shape, names = alike[0], [dialect.names[shape.kind] for shape in alike]
    properties = _properties(shape, dialect, refer)
    if shape.kind in dialect.bare:
        return next(iter(properties.values()))
    if dialect.tag:
        tag = {"const": names[0]} if len(names) == 1 else {"enum": names}
        return _object(dialect, {dialect.tag: tag} | properties, [dialect.tag, *_required(shape, dialect)])
    if shape.kind in dialect.listed:
        count = len(properties)
        inside: Schema = {"type": "array", "items": next(iter(properties.values())), "minItems": count,
                          "maxItems": count}
    else:
        inside = _object(dialect, properties, _required(shape, dialect))
    return _object(dialect, {names[0]: inside}, names)


def _properties(shape: Shape, dialect: Dialect, refer: dict[str, Schema]) -> Schema:
    return {dialect.keys[field]: _of(shape.of[field], dialect, refer) for field in dialect.fields[shape.kind]}


def _required(shape: Shape, dialect: Dialect) -> list[str]:
    return [dialect.keys[field] for field in dialect.fields[shape.kind] if (shape.kind, field) not in dialect.maybe]


def _object(dialect: Dialect, properties: Schema, required: list[str]) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return found | ({"required": required} if required else {}) | (
        {"additionalProperties": False} if dialect.closed else {})


def _of(sort: str, dialect: Dialect, refer: dict[str, Schema]) -> Schema:
    if sort in dialect.language.lists:
        many = dialect.language.lists[sort]
        bounds = {"minItems": many.least, "maxItems": many.most} if sort in dialect.bounded else {}
        return {"type": "array", "items": _of(many.of, dialect, refer)} | bounds
    if sort in dialect.cuts:
        return dialect.cuts[sort].schema
    return refer[sort] if sort in refer else _nodes(sort, dialect, refer)
