"""Trees of a dialect, drawn to a wanted height."""
from collections.abc import Mapping
from math import inf
from random import Random

from pillm.records.languages.dialect import Dialect
from pillm.records.languages.language import Node, Shape, Tree

MAYBE = 0.6
"""Share of fields that may be missing and are there."""
Heights = Mapping[str, float]
"""Sort, list or constructor → the least height of a tree of it; of atoms 0."""


def heights(dialect: Dialect) -> Heights:
    """Infinite where a dialect has no tree of a sort."""
    found: dict[str, float] = dict.fromkeys(dialect.cuts, 0.0)
    changed = True
    while changed:
        before = dict(found)
        for sort, shapes in dialect.kinds.items():
            for shape in shapes:
                found[f"{sort}/{shape.kind}"] = 1 + max(
                    (found.get(_items(shape.of[field], dialect), inf) for field in dialect.fields[shape.kind]
                     if (shape.kind, field) not in dialect.maybe), default=0)
            found[sort] = min(found[f"{sort}/{shape.kind}"] for shape in shapes)
        changed = found != before
    return found


def tree(dialect: Dialect, least: Heights, height: int, rng: Random) -> Tree:
    """Of the language's start; as high as wanted where the dialect has such trees, else as near as it has."""
    return _tree(dialect.language.start, dialect, least, max(height, int(least[dialect.language.start])), rng)


def _items(sort: str, dialect: Dialect) -> str:
    return dialect.language.lists[sort].of if sort in dialect.language.lists else sort


def _tree(sort: str, dialect: Dialect, least: Heights, height: int, rng: Random) -> Tree:
    if sort in dialect.cuts:
        return dialect.cuts[sort].draw(rng)
    if sort in dialect.language.lists:
        return _many(sort, dialect, least, height, rng)
    options = [shape for shape in dialect.kinds[sort] if least[f"{sort}/{shape.kind}"] <= height]
    higher = [shape for shape in options if height > 1 and _grows(shape, dialect)]
    shape = rng.choice(higher or options)
    fields = [field for field in shape.of if field in dialect.fields[shape.kind] and (
        (shape.kind, field) not in dialect.maybe or (
            least.get(_items(shape.of[field], dialect), inf) < height and rng.random() < MAYBE))]
    growing = [field for field in fields if _items(shape.of[field], dialect) not in dialect.cuts]
    tallest = rng.choice(growing) if growing else ""
    values = {field: _tree(shape.of[field], dialect, least, height - 1 if field == tallest else
                           _lower(shape.of[field], dialect, least, height - 1, rng), rng) for field in fields}
    return Node(shape.kind, tuple((values | _fitting(shape, values, dialect, rng)).items()))


def _fitting(shape: Shape, values: dict[str, Tree], dialect: Dialect, rng: Random) -> dict[str, Tree]:
    """Fields drawn anew where they must go together: of one group, or the lesser first."""
    found: dict[str, Tree] = {}
    if shape.match:
        first, second = shape.match
        group = next(one.group for one in dialect.cuts[shape.of[first]].fillers if one.said[0] == values[first])
        fillers = dialect.cuts[_items(shape.of[second], dialect)].fillers
        texts = [one.said[0] for one in fillers if one.group == group] or [one.said[0] for one in fillers]
        old = values[second]
        found[second] = tuple(rng.sample(texts, min(len(old), len(texts)))) if isinstance(old, tuple) else \
            rng.choice(texts)
    if shape.rising:
        low, high = (values[field] for field in shape.rising)
        found |= dict(zip(shape.rising, sorted((low, high)), strict=True))  # type: ignore[type-var]
    return found


def _grows(shape: Shape, dialect: Dialect) -> bool:
    """Whether nodes can stand in it."""
    return any(_items(shape.of[field], dialect) not in dialect.cuts for field in dialect.fields[shape.kind])


def _lower(sort: str, dialect: Dialect, least: Heights, most: int, rng: Random) -> int:
    low = int(least.get(_items(sort, dialect), 0))
    return rng.randint(low, max(low, most))


def _many(sort: str, dialect: Dialect, least: Heights, height: int, rng: Random) -> tuple[Tree, ...]:
    """No atom twice; one of the nodes is as high as wanted."""
    many = dialect.language.lists[sort]
    count = rng.randint(many.least, many.most)
    tallest = rng.randrange(count)
    found: list[Tree] = []
    for place in range(count):
        item = _tree(many.of, dialect, least, height if place == tallest else
                     _lower(many.of, dialect, least, height, rng), rng)
        if item not in found:
            found.append(item)
    return tuple(found)
