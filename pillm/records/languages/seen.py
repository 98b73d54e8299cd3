"""How often each constructor and each optional field of a language was in a record: the seldom are drawn more often."""
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from pillm.records.languages.language import Node, Tree

T = TypeVar("T")


@dataclass
class Seen:
    """Of one language."""

    times: Counter[str] = field(default_factory=Counter)
    """`constructor` and `constructor.field` → records with it."""

    def take(self, tree: Tree) -> None:
        self.times.update(set(said(tree)))

    def choose(self, options: Sequence[T], keys: Sequence[str], rng: Random) -> T:
        """One of them, as the inverse square of the times that its key was seen."""
        return rng.choices(options, [(1 + self.times[key]) ** -2 for key in keys])[0]

    def sample(self, options: Sequence[T], count: int, keys: Sequence[str], rng: Random) -> list[T]:
        """So many different ones, or all."""
        left, found = list(zip(options, keys, strict=True)), list[T]()
        while left and len(found) < count:
            chosen = self.choose(left, [key for _, key in left], rng)
            left.remove(chosen)
            found.append(chosen[0])
        return found


def said(tree: Tree) -> Iterator[str]:
    """The constructors in it and their fields, as `constructor` and `constructor.field`."""
    if isinstance(tree, Node):
        yield tree.kind
        yield from (f"{tree.kind}.{name}" for name, _ in tree.fields)
        for _, value in tree.fields:
            yield from said(value)
    elif isinstance(tree, tuple):
        for item in tree:
            yield from said(item)

