"""A tree, said in one of the ways of its language."""
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from pillm.records.languages import atoms
from pillm.records.languages.language import Count, Language, Node, Place, Rest, Template, Tree, Way

HELD = 0.6
"""Share of held ways that are taken where they may be."""
OWN = "\0"
"""Stands before what is said of an atom: a name keeps its small letter at the beginning of a request."""
BEFORE_MARK = re.compile(r"\s+([,.;:!?)])")


@dataclass
class Speaker:
    """Says trees; `held` ways are said where there are some and they may be, and counted."""

    language: Language
    rng: Random
    may_hold: bool = False
    held: int = 0

    def request(self, tree: Tree) -> str:
        """What is asked for, and how; half of them begin with a capital, unless that were one of a name."""
        way = self._way(self.language.asks)
        text = _neat("".join(piece if isinstance(piece, str) else self._said(tree, self.language.start)
                             for piece in way.template))
        text = text[:1].upper() + text[1:] if self.rng.random() < 0.5 else text
        return text.replace(OWN, "")

    def _way(self, ways: tuple[Way, ...]) -> Way:
        held = [way for way in ways if way.held] if self.may_hold else []
        if held and self.rng.random() < HELD:
            self.held += 1
            return self.rng.choice(held)
        return self.rng.choice([way for way in ways if not way.held])

    def _said(self, tree: Tree, sort: str) -> str:
        if sort in self.language.lists:
            assert isinstance(tree, tuple)
            return self._many(tree, sort)
        if not isinstance(tree, Node):
            assert not isinstance(tree, tuple)
            return OWN + atoms.said(tree, sort, self.language, self.rng)
        return self._node(tree)

    def _node(self, tree: Node) -> str:
        shape, found = self.language.shape(tree.kind), dict(tree.fields)
        template = self._way(shape.ways).template
        parts = [self._filled(self.rng.choice(shape.parts[field]), found, shape.of) for field in found
                 if field in shape.parts]
        self.rng.shuffle(parts)
        return self._filled(template, found, shape.of, parts)

    def _filled(self, template: Template, found: dict[str, Tree], sorts: Mapping[str, str],
                parts: Sequence[str] = ()) -> str:
        return "".join(
            piece if isinstance(piece, str) else _joined(parts, piece.apart) if isinstance(piece, Rest) else
            _number(piece, found[piece.field]) if isinstance(piece, Count) else
            self._placed(piece, found[piece.field], sorts[piece.field]) for piece in template)

    def _placed(self, place: Place, tree: Tree, sort: str) -> str:
        """In brackets where it is not of the place's group."""
        said = self._said(tree, sort)
        return said if in_group(tree, place.group, self.language) else f"({said})"

    def _many(self, trees: tuple[Tree, ...], sort: str) -> str:
        many = self.language.lists[sort]
        items = [self._said(tree, many.of) for tree in trees]
        join = self.rng.choice(many.join)
        return join.join(items) if len(items) < 2 else (
            f"{join.join(items[:-1])}{self.rng.choice(many.last)}{items[-1]}")


def _number(piece: Count, tree: Tree) -> str:
    return piece.one if isinstance(tree, tuple) and len(tree) == 1 else piece.several


def _joined(parts: Sequence[str], apart: bool) -> str:
    """In brackets bare, the others bare or each behind a comma."""
    bracketed = [f" {part}" for part in parts if part.startswith("(")]
    others = [f", {part}" if apart else f" {part}" for part in parts if not part.startswith("(")]
    return "".join([*bracketed, *others] if apart else [*others, *bracketed])


def in_group(tree: Tree, group: str, language: Language) -> bool:
    """Whether it needs no brackets: of no group asked, an atom, or a constructor of it; of a list each item."""
    if not group:
        return True
    if isinstance(tree, Node):
        return tree.kind in language.groups.get(group, ())
    return all(in_group(item, group, language) for item in tree) if isinstance(tree, tuple) and group in \
        language.groups else not isinstance(tree, tuple)


def _neat(text: str) -> str:
    """Single spaces, none before a mark."""
    return BEFORE_MARK.sub(r"\1", " ".join(text.split()))
