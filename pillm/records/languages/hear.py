"""What a request may mean: every tree whose saying it could be. One that can be heard in two ways is no record."""
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, product
from typing import Any, NamedTuple

from pillm.records.languages import atoms
from pillm.records.languages.language import Count, Language, Node, Piece, Place, Rest, Shape, Template, Tree
from pillm.records.languages.say import in_group
from pillm.records.languages.tokens import tokens

MOST = 12
"""Readings of a stretch that are followed: of more than one, the whole is ambiguous anyway."""
BEFORE_PARTS = ((), (",",), ("and",), (",", "and"))
"""What may stand before each: more than is ever said, as people hear more."""
Pairs = tuple[tuple[str, Tree], ...]


class Slot(NamedTuple):
    field: str
    symbol: "Symbol"


class Symbol(NamedTuple):
    """What a stretch of tokens is heard as: a sort, perhaps in brackets unless of a group; or parts of a node."""

    sort: str
    group: str = ""
    parts_of: str = ""


Item = tuple[str, ...] | Slot
"""Tokens that stand there, or a place."""
Rule = tuple[Item, ...]
Spoken = str | Place | Rest


class Listener:
    """Hears requests of one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._asks = [_rule(way.template, {"it": language.start}, "") for way in language.asks]
        self._rules = {sort: [(shape, _rule(template, shape.of, shape.kind)) for shape in shapes
                              for way in (*(way.template for way in shape.ways), *shape.heard)
                              for template in _numbers(way)] for sort, shapes in language.nodes.items()}
        self._parts = {
            shape.kind: [_rule(template, shape.of, "") for ways in shape.parts.values() for way in ways
                         for template in _numbers(way)] for shapes in language.nodes.values() for shape in shapes}
        self._known = {sort: atoms.known(fillers) for sort, fillers in language.fillers.items()}
        self._joins = {sort: dict.fromkeys(tuple(tokens(text)) for text in (*many.join, *many.last))
                       for sort, many in language.lists.items()}

    def trees(self, request: str) -> set[Tree]:
        """Of the language's start."""
        return _Hearing(self, tokens(request)).whole()


class _Hearing:
    """One request being heard: a chart of what each stretch may mean."""

    def __init__(self, listener: Listener, said: list[str]) -> None:
        self._of = listener
        self._said = said
        self._chart: dict[tuple[Symbol, int, int], tuple[Any, ...]] = {}
        self._deep = [0, *accumulate((token == "(") - (token == ")") for token in said)]

    def whole(self) -> set[Tree]:
        end = len(self._said)
        return {pairs[0][1] for rule in self._of._asks for pairs in self._match(rule, 0, 0, end)}

    def _readings(self, symbol: Symbol, start: int, end: int) -> tuple[Any, ...]:
        if start >= end or not self._closed(start, end):
            return ()
        key = (symbol, start, end)
        if key not in self._chart:
            self._chart[key] = ()  # a sort that is nothing but itself is not heard in a circle
            self._chart[key] = tuple(dict.fromkeys(_some(self._fresh(symbol, start, end))))
        return self._chart[key]

    def _closed(self, start: int, end: int) -> bool:
        """Whether all brackets in a stretch are closed in it: no other means anything."""
        return self._deep[start] == self._deep[end] == min(self._deep[start:end + 1])

    def _fresh(self, symbol: Symbol, start: int, end: int) -> Iterator[Any]:
        language = self._of._language
        sort = symbol.sort
        if symbol.parts_of:
            yield from self._parts(symbol, start, end)
        elif symbol.group:
            yield from (tree for tree in self._readings(Symbol(sort), start, end)
                        if in_group(tree, symbol.group, language))
            if self._said[start] == "(" and self._said[end - 1] == ")":
                yield from self._readings(Symbol(sort), start + 1, end - 1)
        elif sort in language.atoms:
            yield from atoms.heard(self._said[start:end], sort, language, self._of._known.get(sort, {}))
        elif sort in language.lists:
            yield from self._many(sort, start, end)
        else:
            for shape, rule in self._of._rules[sort]:
                yield from (_node(shape, pairs) for pairs in self._match(rule, 0, start, end) if _whole(shape, pairs))

    def _many(self, sort: str, start: int, end: int) -> Iterator[tuple[Tree, ...]]:
        item = Symbol(self._of._language.lists[sort].of)
        yield from ((tree,) for tree in self._readings(item, start, end))
        for place in range(start + 1, end):
            for join in self._of._joins[sort]:
                if tuple(self._said[place:place + len(join)]) == join:
                    firsts = self._readings(item, start, place)
                    others = self._readings(Symbol(sort), place + len(join), end) if firsts else ()
                    yield from ((first, *more) for first in firsts for more in others)

    def _parts(self, symbol: Symbol, start: int, end: int) -> Iterator[Pairs]:
        """Parts of a node in any order, each once."""
        begins = [start + len(join) for join in BEFORE_PARTS if tuple(self._said[start:start + len(join)]) == join]
        for begin, rule in product(begins, self._of._parts[symbol.parts_of]):
            yield from self._match(rule, 0, begin, end)
            for place in range(begin + 1, end):
                yield from (first + more for first in self._match(rule, 0, begin, place)
                            for more in self._readings(symbol, place, end)
                            if not {field for field, _ in first} & {field for field, _ in more})

    def _match(self, rule: Rule, at: int, start: int, end: int) -> Iterator[Pairs]:
        """What the places from `at` on hold, where the rule's rest is this stretch."""
        if at == len(rule):
            if start == end:
                yield ()
            return
        item = rule[at]
        if not isinstance(item, Slot):
            if tuple(self._said[start:start + len(item)]) == item and start + len(item) <= end:
                yield from self._match(rule, at + 1, start + len(item), end)
            return
        for place in self._ends(rule, at, start, end):
            later = list(self._match(rule, at + 1, place, end))
            if later and item.symbol.parts_of:
                here = [*self._readings(item.symbol, start, place), *([()] if start == place else [])]
                yield from (pairs + more for pairs in here for more in later)
            elif later:
                yield from (((item.field, tree), *more) for tree in self._readings(item.symbol, start, place)
                            for more in later)

    def _ends(self, rule: Rule, at: int, start: int, end: int) -> Sequence[int]:
        """Where a place may end: at the end, or where the tokens after it stand."""
        if at + 1 == len(rule):
            return [end]
        after = rule[at + 1]
        if isinstance(after, Slot):
            return range(start, end + 1)
        return [place for place in range(start, end) if self._said[place] == after[0]]


def _numbers(template: Template) -> Iterator[tuple[Spoken, ...]]:
    """With the words for one, and with those for several."""
    def either(piece: Piece) -> tuple[Spoken, ...]:
        return (piece.one, piece.several) if isinstance(piece, Count) else (piece,)

    yield from dict.fromkeys(product(*map(either, template)))


def _rule(template: Iterable[Piece], sorts: Any, kind: str) -> Rule:
    items: list[Item] = []
    for piece in template:
        if isinstance(piece, Place):
            items.append(Slot(piece.field, Symbol(sorts[piece.field], piece.group)))
        elif isinstance(piece, Rest):
            items.append(Slot("", Symbol("", parts_of=kind)))
        elif isinstance(piece, str) and (words := tuple(tokens(piece))):
            items.append(words)
    return tuple(items)


def _whole(shape: Shape, pairs: Pairs) -> bool:
    """Whether all is there that must be."""
    return shape.of.keys() - shape.optional <= {field for field, _ in pairs}


def _node(shape: Shape, pairs: Pairs) -> Node:
    found = dict(pairs)
    return Node(shape.kind, tuple((field, found[field]) for field in shape.of if field in found))


def _some(readings: Iterator[Any]) -> Iterator[Any]:
    yield from (reading for reading, _ in zip(readings, range(MOST), strict=False))
