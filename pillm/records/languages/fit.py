"""What must go together in a tree: words of one group, legs that lead on, children younger than their parents."""
from collections import defaultdict
from collections.abc import Iterator
from random import Random

from pillm.records.languages.dialect import Dialect
from pillm.records.languages.language import Many, Node, Route, Shape, Tree

ANEW = 12
"""Times that a value is drawn which may not be one of some."""


class Unfit(Exception):
    """What was drawn does not go together, and nothing else was found that does."""


def matched(shape: Shape, values: dict[str, Tree], dialect: Dialect, rng: Random) -> dict[str, Tree]:
    """Fields drawn anew where they must go together: of one group, or the lesser first."""
    found: dict[str, Tree] = {}
    if shape.match:
        found |= _of_one_group(shape, values, dialect, rng)
    if shape.rising:
        low, high = (values[field] for field in shape.rising)
        found |= dict(zip(shape.rising, sorted((low, high)), strict=True))  # type: ignore[type-var]
    return found


def fitted(tree: Tree, dialect: Dialect, rng: Random) -> Tree:
    """With paths that lead on, nothing twice that may be there once, and numbers that grow; raises Unfit."""
    fit = _Fit(dialect, rng)
    return fit.later(fit.once(fit.led(tree, dialect.language.start), dialect.language.start), {})


def _of_one_group(shape: Shape, values: dict[str, Tree], dialect: Dialect, rng: Random) -> dict[str, Tree]:
    first, second = shape.match or ("", "")
    firsts, seconds = (dialect.cuts[dialect.items(shape.of[field])].fillers for field in (first, second))
    groups = {one.group for one in firsts if one.said[0] == values[first]} & {one.group for one in seconds}
    if not groups:
        shared = {one.group for one in firsts} & {one.group for one in seconds}
        if not shared:
            raise Unfit
        chosen = rng.choice([one for one in firsts if one.group in shared])
        values, groups = values | {first: chosen.said[0]}, {chosen.group}
    texts = list(dict.fromkeys(one.said[0] for one in seconds if one.group in groups))
    old = values[second]
    if not isinstance(old, tuple):
        return {first: values[first], second: rng.choice(texts)}
    if len(texts) < len(old):
        raise Unfit
    return {first: values[first], second: tuple(rng.sample(texts, len(old)))}


class _Fit:
    """A tree of a dialect being made to fit, from the top down."""

    def __init__(self, dialect: Dialect, rng: Random) -> None:
        self._dialect = dialect
        self._rng = rng
        self._had: dict[str, set[Tree]] = defaultdict(set)

    def led(self, tree: Tree, sort: str) -> Tree:
        """Items of a path leave from where earlier ones arrived."""
        language = self._dialect.language
        if isinstance(tree, tuple) and not isinstance(tree, Node):
            many = language.lists[sort]
            return tuple(self.led(item, many.of) for item in tree)
        if not isinstance(tree, Node):
            return tree
        shape, values = language.shape(tree.kind), dict(tree.fields)
        for field, value in tree.fields:
            many_ = language.lists.get(shape.of[field])
            if many_ and many_.path:
                begin = values[shape.enter[0]] if shape.enter and shape.enter[1] == field else None
                values[field] = tuple(self._walk(value, many_, many_.path, begin))
            values[field] = self.led(values[field], shape.of[field])
        if shape.end and shape.end[0] in values:
            values |= self._ended(shape, values)
        return Node(tree.kind, tuple(values.items()))

    def _walk(self, items: tuple[Node, ...], many: Many, path: Route, here: Tree | None) -> Iterator[Node]:
        been = [here] if here is not None else []
        before: set[Tree] = set()
        for item in items:
            values = dict(item.fields)
            leave, arrive = (next(field for field in fields if field in values) for fields in (path.leave, path.arrive))
            if been:
                values[leave] = been[-1] if path.once else self._rng.choice(been)
            if leave != arrive:
                sort = self._dialect.language.shape(item.kind).of[arrive]
                but = [*been, values[leave]] if path.once else [values[leave]]
                values[arrive] = self._other(sort, values[arrive], but)
            same = (item.kind, *(value for field, value in values.items() if leave == arrive or field != arrive))
            if same[:2 if leave == arrive else None] in before:
                raise Unfit
            before.add(same[:2 if leave == arrive else None])
            been += [] if been else [values[leave]]
            been += [values[arrive]] if leave != arrive else []
            yield Node(item.kind, tuple(values.items()))

    def _ended(self, shape: Shape, values: dict[str, Tree]) -> dict[str, Tree]:
        """Some of where a path arrives, rather those that nothing leaves from."""
        field, listed = shape.end or ("", "")
        path = self._dialect.language.lists[shape.of[listed]].path
        assert path and isinstance(values[listed], tuple)
        ends = [dict(item.fields) for item in values[listed]]  # type: ignore[union-attr]
        left = [item[name] for item in ends for name in path.leave if name in item]
        reached = list(dict.fromkeys(item[name] for item in ends for name in path.arrive if name in item))
        free = [state for state in reached if state not in left] or reached
        return {field: tuple(self._rng.sample(free, min(len(free), len(values[field]))))}  # type: ignore[arg-type]

    def _other(self, sort: str, value: Tree, but: list[Tree]) -> Tree:
        for _ in range(ANEW):
            if value not in but:
                return value
            value = self._dialect.cuts[sort].draw(self._rng)
        raise Unfit

    def once(self, tree: Tree, sort: str, matched: bool = False) -> Tree:
        """No word twice of the sorts that are so; raises Unfit where another would not match its neighbour."""
        language = self._dialect.language
        if isinstance(tree, Node):
            shape = language.shape(tree.kind)
            return Node(tree.kind, tuple((field, self.once(value, shape.of[field], field in (shape.match or ())))
                                         for field, value in tree.fields))
        if isinstance(tree, tuple):
            return tuple(self.once(item, language.lists[sort].of, matched) for item in tree)
        if sort in language.once:
            if matched and tree in self._had[sort]:
                raise Unfit
            tree = self._other(sort, tree, list(self._had[sort]))
            self._had[sort].add(tree)
        return tree

    def later(self, tree: Tree, above: dict[str, int]) -> Tree:
        """Numbers that are greater in each generation; one that does not say its own counts as the least."""
        if not isinstance(tree, Node):
            return tuple(self.later(item, above) for item in tree) if isinstance(tree, tuple) else tree
        values, below = dict(tree.fields), dict(above)
        shape = self._dialect.language.shape(tree.kind)
        for field, (least, most) in self._dialect.language.later.items():
            if field in values and field in above:
                values[field] = above[field] + self._rng.randint(least, most)
                if values[field] > self._dialect.cuts[shape.of[field]].span[1]:
                    raise Unfit
            elif field in above:
                below[field] = above[field] + least
            if field in values:
                below[field] = values[field]
        return Node(tree.kind, tuple((field, self.later(value, below)) for field, value in values.items()))
