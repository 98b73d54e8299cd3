"""Trees of a dialect, drawn to a wanted height."""
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from random import Random

from pillm.records.languages.dialect import Dialect
from pillm.records.languages.fit import Unfit, fitted, matched
from pillm.records.languages.language import Node, Shape, Tree
from pillm.records.languages.seen import Seen

MAYBE = 0.6
"""Share of fields that may be missing and are there."""
TRIES = 40
"""Trees drawn, before a dialect is said to have none that goes together."""
ANEW = 6
"""Times that the second of two equal values in a node is drawn."""
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
                    (found.get(dialect.items(shape.of[field]), inf) for field in dialect.fields[shape.kind]
                     if (shape.kind, field) not in dialect.maybe), default=0)
            found[sort] = min(found[f"{sort}/{shape.kind}"] for shape in shapes)
        changed = found != before
    return found


def tall(dialect: Dialect) -> bool:
    """Whether it has trees of the least height of its language."""
    language = dialect.language
    return isfinite(heights(dialect)[language.start]) and (language.heights[0] == 1 or any(
        dialect.items(shape.of[field]) in dialect.kinds
        for shape in dialect.kinds[language.start] for field in dialect.fields[shape.kind]))


@dataclass(frozen=True)
class Drawer:
    """Draws trees of one dialect."""

    dialect: Dialect
    least: Heights
    seen: Seen
    rng: Random

    def tree(self, height: int) -> Tree | None:
        """Of the language's start; as high as wanted where the dialect has such trees, else as near as it has.

        None where nothing that was drawn goes together."""
        start = self.dialect.language.start
        for _ in range(TRIES):
            try:
                return fitted(self._tree(start, max(height, int(self.least[start]))), self.dialect, self.rng)
            except Unfit:
                continue
        return None

    def _tree(self, sort: str, height: int, above: str = "") -> Tree:
        if sort in self.dialect.cuts:
            return self.dialect.cuts[sort].draw(self.rng)
        return self._many(sort, height) if sort in self.dialect.language.lists else self._node(sort, height, above)

    def _node(self, sort: str, height: int, above: str) -> Node:
        shape = self._shape(sort, height, above)
        fields = [field for field in shape.of if self._there(shape, field, height)]
        growing = [field for field in fields if self.dialect.items(shape.of[field]) not in self.dialect.cuts]
        tallest = self.rng.choice(growing) if growing else ""
        values: dict[str, Tree] = {}
        for field in fields:
            alike = [values[other] for other in values if shape.of[other] == shape.of[field]]
            for _ in range(ANEW):
                values[field] = self._tree(shape.of[field], height - 1 if field == tallest else
                                           self._lower(shape.of[field], height - 1),
                                           shape.kind if len(growing) == 1 else "")
                if values[field] not in alike:
                    break
            else:
                raise Unfit
        return Node(shape.kind, tuple((values | matched(shape, values, self.dialect, self.rng)).items()))

    def _shape(self, sort: str, height: int, above: str) -> Shape:
        """One that may be as high, and where nodes can stand in if it must be higher; not not not is nothing."""
        options = [shape for shape in self.dialect.kinds[sort] if self.least[f"{sort}/{shape.kind}"] <= height
                   and shape.kind != above]
        if not options:
            raise Unfit
        higher = [shape for shape in options if height > 1 and self._grows(shape)]
        found = higher or options
        return self.seen.choose(found, [shape.kind for shape in found], self.rng)

    def _there(self, shape: Shape, field: str, height: int) -> bool:
        return field in self.dialect.fields[shape.kind] and ((shape.kind, field) not in self.dialect.maybe or (
            self.least.get(self.dialect.items(shape.of[field]), inf) < height and self.rng.random() < MAYBE))

    def _grows(self, shape: Shape) -> bool:
        """Whether nodes can stand in it."""
        return any(self.dialect.items(shape.of[field]) not in self.dialect.cuts
                   for field in self.dialect.fields[shape.kind])

    def _lower(self, sort: str, most: int) -> int:
        low = int(self.least.get(self.dialect.items(sort), 0))
        return self.rng.randint(low, max(low, most))

    def _many(self, sort: str, height: int) -> tuple[Tree, ...]:
        """No atom twice; one of the nodes is as high as wanted."""
        many = self.dialect.language.lists[sort]
        count = self.rng.randint(many.least, many.most)
        tallest = self.rng.randrange(count)
        found: list[Tree] = []
        for place in range(count):
            item = self._tree(many.of, height if place == tallest else self._lower(many.of, height))
            if item not in found:
                found.append(item)
        if len(found) < many.least:
            raise Unfit
        return tuple(found)
