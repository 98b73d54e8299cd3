"""Whether a language holds together: what it names exists, and whatever is in a node is said."""
from collections.abc import Iterator, Sequence

from pillm.errors import suggest
from pillm.records.languages.language import BOXED, Count, Filler, Language, Place, Rest, Shape, Template
from pillm.records.languages.tokens import tokens


def mistakes(language: Language) -> Iterator[str]:
    """Each `where: what. what to do.`"""
    all_sorts = [*language.atoms, *language.nodes, *language.lists]
    sorts = set(all_sorts)
    for sort in sorted({sort for sort in all_sorts if all_sorts.count(sort) > 1}):
        yield f"{sort}: two sorts are called that. Give each its own name."
    if language.start not in language.nodes:
        yield f"start: there are no nodes {language.start!r}.{suggest(language.start, language.nodes)} Name some."
    for sort, many in language.lists.items():
        if many.of not in sorts:
            yield f"lists.{sort}.of: there is no sort {many.of!r}.{suggest(many.of, sorts)} Add it."
    kinds = [shape.kind for shapes in language.nodes.values() for shape in shapes]
    for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        yield f"nodes: {kind} stands there twice. A constructor is of one sort: give each its own name."
    for group, members in language.groups.items():
        yield from (f"groups.{group}: there is no constructor {kind!r}.{suggest(kind, kinds)} Take it out."
                    for kind in sorted(members - set(kinds)))
    for sort, shapes in language.nodes.items():
        for shape in shapes:
            yield from (f"nodes.{sort}.{shape.kind}: {told}" for told in _of_shape(shape, language, sorts))
    for sort, fillers in language.fillers.items():
        yield from (f"atoms.{sort}: {told}" for told in _of_fillers(fillers))
    for sort in sorted({*language.once} - {*language.fillers}):
        yield f"once: {sort} are no words.{suggest(sort, language.fillers)} Name a sort of words."
    if not all(_places(way.template) == ["it"] for way in language.asks):
        yield "asks: each says {it} once. Add it."


def _of_fillers(fillers: Sequence[Filler]) -> Iterator[str]:
    """Whoever hears a text must know which one is meant."""
    found: dict[tuple[str, ...], str] = {}
    for filler in fillers:
        for text in filler.said:
            if found.setdefault(tuple(tokens(text)), filler.said[0]) != filler.said[0]:
                yield f"{text!r} says two things. Give it to one of them."


def _of_shape(shape: Shape, language: Language, sorts: set[str]) -> Iterator[str]:
    for field, of in shape.of.items():
        if of not in sorts:
            yield f"of.{field}: there is no sort {of!r}.{suggest(of, sorts)} Add it."
    for field, ways in shape.parts.items():
        if field not in shape.of:
            yield f"parts.{field}: there is no such field.{suggest(field, shape.of)} Add it under of."
        if any(_places(way) != [field] for way in ways):
            yield f"parts.{field}: a part says {{{field}}} and no other field. Correct it."
    for field in (*(shape.match or ()), *(shape.rising or ())):
        if field not in shape.of or field in shape.optional:
            yield f"match, rising: {field} is no field that is always there.{suggest(field, shape.of)} Correct it."
    for _, many in filter(None, (shape.enter, shape.end)):
        if many not in shape.of or (named_list := language.lists.get(shape.of[many])) is None or not named_list.path:
            yield f"enter, end: {many} is no list with a path.{suggest(many, shape.of)} Correct it."
    if shape.bare and [of in language.atoms for of in shape.of.values()] != [True]:
        yield "bare: only what has one field, an atom, can be bare. Take it out."
    named = {field for field in shape.of if field not in shape.parts}
    if left := sorted(named & shape.optional):
        yield f"of.{left[0]}: what may be missing is said in a part of its own. Add it under parts."
    said = [way.template for way in shape.ways]
    for template in (*said, *shape.heard):
        yield from _of_way(template, shape, named)
    parts = [way for ways in shape.parts.values() for way in ways]
    for template in (*said, *shape.heard, *parts):
        yield from _of_places(template, shape, language)
    for template in (*said, *parts):
        if any(":" in piece for piece in template if isinstance(piece, str)):
            yield f"say: {_text(template)!r} has a colon, as ways of asking have. Write it without."


def _of_way(template: Template, shape: Shape, named: set[str]) -> Iterator[str]:
    places = _places(template)
    if sorted(places) != sorted(named):
        wanted = sorted(named) or "nothing"
        yield f"say: {_text(template)!r} says {places or 'nothing'}, not each of {wanted} once. Correct it."
    if any(isinstance(piece, Rest) for piece in template) != bool(shape.parts):
        yield f"say: {_text(template)!r}: `...` stands where there are parts, and nowhere else. Correct it."


def _of_places(template: Template, shape: Shape, language: Language) -> Iterator[str]:
    for piece in template:
        if isinstance(piece, Count) and shape.of.get(piece.field) not in language.lists:
            yield f"say: {piece.field} is no list. Only of a list there are several."
        if isinstance(piece, Place) and piece.group and piece.group not in {BOXED, *language.groups}:
            yield f"say: there is no group {piece.group!r}.{suggest(piece.group, language.groups)} Add it."


def _places(template: Template) -> list[str]:
    return [piece.field for piece in template if isinstance(piece, Place)]


def _text(template: Template) -> str:
    return "".join(piece if isinstance(piece, str) else "..." if isinstance(piece, Rest) else f"{{{piece.field}}}"
                   for piece in template)
