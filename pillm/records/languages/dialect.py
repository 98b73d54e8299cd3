"""A dialect: how one JSON Schema would have the trees of a language written."""
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from pillm.records.languages.atoms import Cut, cut
from pillm.records.languages.language import Language, Shape
from pillm.records.languages.seen import Seen

TAGS = ("type", "kind", "node", "op", "is")
MERGED_TAGS = ("op", "operator", "type", "fn")
CASES = ("snake", "camel", "kebab")
COLUMNS = 12
"""Names of fields and constructors go together: the first of each, the second, and so on around."""
DEFINITIONS: tuple[Callable[[str, int], str], ...] = (
    lambda sort, place: sort, lambda sort, place: sort[0] + str(place or ""), lambda sort, place: f"t{place}",
    lambda sort, place: sort.capitalize())
"""How definitions are called."""
OPTIONAL, OF_MANY = 2, 6
"""Fields of a constructor that may be missing, most in one dialect; one more where there are so many."""
SHARES = {"required": 0.65, "keyed": 0.25, "listed": 0.7, "merged": 0.75, "bare": 0.85, "closed": 0.07,
          "bounded": 0.3, "at_root": 0.5, "apart": 0.1}
"""Of dialects, or of their fields, that are so."""


@dataclass(frozen=True)
class Dialect:
    """What of a language it has, and how that is written."""

    language: Language
    kinds: Mapping[str, tuple[Shape, ...]]
    """Sort → the constructors that it has, of every sort that can be reached."""
    fields: Mapping[str, tuple[str, ...]]
    """Constructor → the fields that it has."""
    maybe: frozenset[tuple[str, str]]
    """(constructor, field) that need not be there."""
    keys: Mapping[str, str]
    """Field → key."""
    names: Mapping[str, str]
    """Constructor → its name."""
    tag: str
    """Key that holds the name; empty where the name is a key itself."""
    merged: bool
    """Constructors with the same fields are one object, whose tag is one of their names."""
    bare: frozenset[str]
    """Constructors that are written as their only value."""
    listed: frozenset[str]
    """Constructors whose fields stand in an array, in order."""
    closed: bool
    """Other properties are forbidden."""
    at_root: bool
    """A start that refers to itself is `#`, not a definition."""
    bounded: frozenset[str]
    """List sorts whose lengths the schema bounds."""
    definitions: Mapping[str, str]
    """Sort of nodes → what it is called where it is a definition."""
    apart: frozenset[str]
    """Sorts that are definitions though they are used once."""
    cuts: Mapping[str, Cut]

    def items(self, sort: str) -> str:
        """What stands in a list, and in a list of lists; else the sort itself."""
        return self.items(self.language.lists[sort].of) if sort in self.language.lists else sort

    def shape(self, kind: str) -> Shape:
        return next(shape for shapes in self.kinds.values() for shape in shapes if shape.kind == kind)


def drawn(language: Language, rng: Random, seen: Seen) -> Dialect:
    """One at random; of what may be missing, rather what was seldom seen."""
    kinds, fields, maybe, reached = _reachable(language, rng, seen)
    shapes = [shape for shapes in kinds.values() for shape in shapes]
    keyed = rng.random() < SHARES["keyed"]
    merged = not keyed and rng.random() < SHARES["merged"]
    cuts = {sort: cut(sort, language, rng) for sort in reached if sort in language.atoms}
    column, case, definition = rng.randrange(COLUMNS), rng.choice(CASES), rng.choice(DEFINITIONS)
    return Dialect(
        language, kinds, fields, frozenset(maybe),
        {field: _cased(_nth(language.fields.get(field, (field,)), column), case)
         for shape in shapes for field in fields[shape.kind]},
        {shape.kind: _cased(_nth(shape.names, column), case) for shape in shapes},
        "" if keyed else _tag(rng, merged, language, fields, case), merged,
        _bare(kinds, fields, cuts, rng),
        frozenset(shape.kind for shape in shapes if keyed and _alike(shape, fields, maybe)
                  and rng.random() < SHARES["listed"]),
        rng.random() < SHARES["closed"], rng.random() < SHARES["at_root"],
        frozenset(sort for sort in reached if sort in language.lists and rng.random() < SHARES["bounded"]),
        {sort: definition(sort, place) for place, sort in enumerate(kinds)},
        frozenset(sort for sort in kinds if rng.random() < SHARES["apart"]), cuts)


def _reachable(language: Language, rng: Random, seen: Seen) -> tuple[dict, dict, set, list[str]]:
    """From the start: constructors by sort, fields by constructor, which of them may be missing, and all sorts."""
    kinds: dict[str, tuple[Shape, ...]] = {}
    fields: dict[str, tuple[str, ...]] = {}
    maybe: set[tuple[str, str]] = set()
    reached: list[str] = []
    wanted = deque([language.start])
    while wanted:
        sort = wanted.popleft()
        if sort in reached:
            continue
        reached.append(sort)
        if sort in language.lists:
            wanted.append(language.lists[sort].of)
        for shape in _chosen(language.nodes.get(sort, ()), language.further, rng, seen):
            kinds[sort] = (*kinds.get(sort, ()), shape)
            fields[shape.kind] = _fields(shape, maybe, rng, seen)
            wanted.extend(shape.of[field] for field in fields[shape.kind])
    return kinds, fields, maybe, reached


def _chosen(shapes: tuple[Shape, ...], further: tuple[int, int], rng: Random, seen: Seen) -> list[Shape]:
    """The core, and some of the others, in the language's order."""
    others = [shape for shape in shapes if not shape.core]
    wanted = max(rng.randint(*further), len(others) == len(shapes))
    some = seen.sample(others, wanted, [shape.kind for shape in others], rng)
    return [shape for shape in shapes if shape.core or shape in some]


def _fields(shape: Shape, maybe: set[tuple[str, str]], rng: Random, seen: Seen) -> tuple[str, ...]:
    """Those that must be there, some of those that may, in an order of its own."""
    free = sorted(shape.optional)
    many = len(free) >= OF_MANY
    wanted = rng.randint((len(free) > OPTIONAL) + many, min(OPTIONAL + many, len(free)))
    some = seen.sample(free, wanted, [f"{shape.kind}.{field}" for field in free], rng)
    kept = [field for field in shape.of if field not in shape.optional or field in some]
    maybe.update((shape.kind, field) for field in kept if field in shape.optional
                 and rng.random() >= SHARES["required"])
    return tuple(rng.sample(kept, len(kept)) if shape.parts else kept)


def _tag(rng: Random, merged: bool, language: Language, fields: Mapping[str, tuple[str, ...]], case: str) -> str:
    """A key that no field has."""
    taken = {name for kept in fields.values() for field in kept for name in language.fields.get(field, (field,))}
    free = [tag for tag in (MERGED_TAGS if merged else TAGS) if tag not in taken]
    return _cased(rng.choice(free or ["$type"]), case)


def _bare(kinds: Mapping[str, tuple[Shape, ...]], fields: Mapping[str, tuple[str, ...]], cuts: Mapping[str, Cut],
          rng: Random) -> frozenset[str]:
    """Constructors of one atom, where no other bare one of their sort has its type."""
    found = set()
    for shapes in kinds.values():
        types: set[str] = set()
        for shape in shapes if len(shapes) > 1 and rng.random() < SHARES["bare"] else ():
            if shape.bare:
                type_ = cuts[shape.of[fields[shape.kind][0]]].schema.get("type", "string")
                if type_ not in types:
                    found.add(shape.kind)
                    types.add(type_)
    return frozenset(found)


def _alike(shape: Shape, fields: Mapping[str, tuple[str, ...]], maybe: set[tuple[str, str]]) -> bool:
    """Two or more fields of one sort, all of them there, in the language's order."""
    kept = fields[shape.kind]
    return (len(kept) > 1 and len({shape.of[field] for field in kept}) == 1 and not shape.parts
            and not any((shape.kind, field) in maybe for field in kept))


def _cased(text: str, case: str) -> str:
    """Of several words, as one key."""
    first, *others = text.split()
    return {"snake": "_".join([first, *others]), "kebab": "-".join([first, *others]),
            "camel": first + "".join(map(str.capitalize, others))}[case]


def _nth(names: Sequence[str], column: int) -> str:
    return names[column % len(names)]
