"""What a small language is: sorts of atoms, nodes and lists, how each is said, and by what names JSON may have them."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

Value = str | int | float
"""An atom: a text as it is first said, or a number."""


class Place(NamedTuple):
    """Where a field is said; in brackets unless it is of the group."""

    field: str
    group: str = ""


class Rest(NamedTuple):
    """Where parts are said, in any order; those in brackets come first, or last where none stands apart."""

    apart: bool = False
    """A comma stands before each that is not in brackets."""


class Count(NamedTuple):
    """Words for one item of a list, or for several."""

    field: str
    one: str
    several: str


Piece = str | Place | Rest | Count
Template = tuple[Piece, ...]
"""Texts as they are written, spaces included, and places."""


class Node(NamedTuple):
    """A constructor with what is in it; an optional field that is not said is not there."""

    kind: str
    fields: tuple[tuple[str, Any], ...]
    """(name, tree) in the order of the language."""


Tree = Value | Node | tuple
"""An atom, a node, or a tuple of trees."""
BOXED = "boxed"
"""The group of nothing: what is of it always stands in brackets."""


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Atom(Strict):
    """A sort of values; exactly one of words, numbers, quoted, coded and dates."""

    words: Any = None
    """A list of fillers, or the name of one in words.yaml: texts, or {said: text or texts, as: what JSON may have}; or
    such lists by group."""
    open: bool = False
    """Of words: any text would do, so that a schema lists none of them."""
    numbers: tuple[float, float] | None = None
    """Least and greatest."""
    step: float = 1
    """Between numbers; of 1 they are whole."""
    quoted: Any = None
    """Texts that are said in quotes: a list, the name of one, or lists by group; any other would do."""
    coded: tuple[str, ...] = ()
    """Forms of codes: A is a capital letter, a a small one, 9 a digit, all else itself."""
    dates: tuple[int, int] | None = None
    """First and last year."""

    @model_validator(mode="after")
    def _one(self) -> "Atom":
        if sum(map(bool, (self.words, self.numbers, self.quoted, self.coded, self.dates))) != 1:
            raise ValueError("it is one of words, numbers, quoted, coded and dates: give exactly one")
        return self


class Many(Strict):
    """A sort of lists."""

    of: str
    """The sort of its items."""
    least: int = 1
    most: int = 4
    join: tuple[str, ...] = (", ",)
    """What stands between items when they are said; one is chosen."""
    last: tuple[str, ...] = (" and ",)
    """What stands before the last one."""
    path: "Route | None" = None
    """Its items lead on from each other."""


class Route(Strict):
    """How the items of a list lead on from each other: each leaves from where an earlier one arrived."""

    leave: tuple[str, ...]
    """Fields that say where an item leaves from; of each item the first that it has."""
    arrive: tuple[str, ...]
    """Likewise where it leads."""
    once: bool = False
    """From where the one before arrived, and never to where it has been; else from anywhere that was reached."""


class Constructor(Strict):
    """One shape of node."""

    of: dict[str, str] = {}
    """Field → sort; `nights?: nights` may be missing."""
    say: tuple[str, ...] = Field(min_length=1)
    """How it is said: `(the sum of|) {left} and {right:leaf}`; `...` is where parts go."""
    held: tuple[str, ...] = ()
    """Further ways, which training records never have."""
    heard: tuple[str, ...] = ()
    """Ways that are never said, but that people may hear: what can be heard so as well is left out."""
    parts: dict[str, tuple[str, ...]] = {}
    """Of fields that no way of saying names: how each is said by itself, with its own name in braces."""
    match: tuple[str, str] | None = None
    """Two fields whose fillers are of one group: a city that is "Oslo"."""
    rising: tuple[str, str] | None = None
    """Two numbers, the lesser first."""
    enter: tuple[str, str] | None = None
    """A field, and a list with a path: where the first item leaves from."""
    end: tuple[str, str] | None = None
    """A field of values, and a list with a path: some of where its items arrive."""
    names: tuple[str, ...] = ()
    """What JSON may call it; its own name if none is given."""
    core: bool = False
    """Every dialect has it."""
    bare: bool = False
    """JSON may have its only value in its place: 3 for a number, "x" for a variable."""


class Source(Strict):
    """A file of languages/."""

    start: str
    """The sort of what is asked for."""
    atoms: dict[str, Atom] = {}
    nodes: dict[str, dict[str, Constructor]] = {}
    """Sort → constructor → what it is."""
    lists: dict[str, Many] = {}
    groups: dict[str, tuple[str, ...]] = {}
    """Group → its constructors. `{left:tight}` says `left` in brackets unless it is of the group; of `boxed` always."""
    fields: dict[str, tuple[str, ...]] = {}
    """Field → what JSON may call it; its own name if it is not here."""
    asks: tuple[str, ...] = ()
    """How it is asked for, beside what asks.yaml has: `Parse {it}.`"""
    held_asks: tuple[str, ...] = ()
    """Further ways, which training records never have."""
    share: float = 1
    """How often it is drawn, beside the other languages."""
    heights: tuple[int, int] = (1, 4)
    """Nodes above each other in its trees, least and most."""
    further: tuple[int, int] = (0, 2)
    """Constructors of a sort that a dialect has beside the core, least and most."""
    once: tuple[str, ...] = ()
    """Sorts of words of which no tree has one twice."""
    later: dict[str, tuple[int, int]] = {}
    """Field of numbers → by how much it is greater than in the nodes above, least and most."""


class Way(NamedTuple):
    """One way to say something."""

    template: Template
    held: bool
    """Training records never have it."""


@dataclass(frozen=True)
class Shape:
    """A constructor with its ways of saying parsed."""

    kind: str
    sort: str
    of: Mapping[str, str]
    """Field → sort, without marks."""
    optional: frozenset[str]
    ways: tuple[Way, ...]
    heard: tuple[Template, ...]
    parts: Mapping[str, tuple[Template, ...]]
    match: tuple[str, str] | None
    rising: tuple[str, str] | None
    enter: tuple[str, str] | None
    end: tuple[str, str] | None
    names: tuple[str, ...]
    core: bool
    bare: bool


@dataclass(frozen=True)
class Filler:
    """A word of an atom sort."""

    said: tuple[str, ...]
    written: tuple[Any, ...]
    """What JSON may have for it."""
    group: str = ""


@dataclass(frozen=True)
class Language:
    """One language, ready to be drawn from."""

    name: str
    start: str
    atoms: Mapping[str, Atom]
    fillers: Mapping[str, tuple[Filler, ...]]
    """Of atom sorts with words, and of quoted ones."""
    nodes: Mapping[str, tuple[Shape, ...]]
    lists: Mapping[str, Many]
    groups: Mapping[str, frozenset[str]]
    fields: Mapping[str, tuple[str, ...]]
    asks: tuple[Way, ...]
    share: float
    heights: tuple[int, int]
    further: tuple[int, int]
    once: tuple[str, ...]
    later: Mapping[str, tuple[int, int]]

    def shape(self, kind: str) -> Shape:
        """The constructor of that name: it is of one sort only."""
        return next(shape for shapes in self.nodes.values() for shape in shapes if shape.kind == kind)
