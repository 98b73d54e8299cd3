"""What is left of a request without its literals: two requests of one skeleton are one phrasing, said of other things.

«Note que la bouilloire coule.» and «note que le chat dort» are both «note que». Literals are what the answer took from
the request, values of the schema's enumerations, and numbers with the little words that go with them.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pillm.records.text import words
from pillm.serve.json_answers import NotJson, parsed
from pillm.serve.questions import Question, messages

Alike = Callable[[Sequence[str], str, Any], str]
"""From a request's words, the text of its answer and a schema of its own, if it has one: the id of a question of the
same skeleton, or nothing."""

MASK = "#"
FEW = 3
"""So many words are a phrasing wherever literals stand between them; «mets # #» and «# mets #» are not one yet."""
NUMBERS = frozenset(words("""
zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts trente
quarante cinquante soixante septante octante huitante nonante cent cents mille premier première
one two three four five seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety hundred thousand
midi minuit noon midnight heure heures hour hours h minute minutes min mins am pm oclock
quart quarts demi demie demies mie half quarter moins et and à at vers pour for past to"""))
"""Of French and English, as words of a text are compared; with units of time, and what joins or leads in a time."""


@dataclass(frozen=True)
class Masks:
    """Literals of any answer to a schema."""

    alone: frozenset[str]
    phrases: tuple[str, ...]
    """Of several words, framed, the longest first."""
    names: frozenset[tuple[str, str]]
    """Keys with their constant value, such as a tool's name: no literals."""


def masks(schema: Any) -> Masks:
    """Of the values that the schema lists; null has none."""
    listed = [words(value) for value in _listed(schema)] + [["d", "mie"]]
    phrases = sorted({_framed(said) for said in listed if len(said) > 1}, key=lambda text: (-len(text), text))
    return Masks(NUMBERS | {said[0] for said in listed if len(said) == 1}, tuple(phrases), frozenset(_names(schema)))


def skeleton(said: Sequence[str], answer: Any, masks: Masks) -> str:
    """The words of a request that are no literals; of fewer than three, with the places of those that are."""
    text = _framed(said)
    for value in sorted((_framed(words(value)) for value in _taken(answer, masks)), key=len, reverse=True):
        text = text.replace(value, f" {MASK} ")
    for phrase in masks.phrases:
        text = text.replace(phrase, f" {MASK} ")
    left = [MASK if word in masks.alone or word[0].isdigit() else word for word in text.split()]
    kept = [word for word in left if word != MASK]
    return " ".join(kept if len(kept) >= FEW else _joined(left))


def alike(questions: Iterable[Question], schema: Any) -> Alike:
    """Looks for questions whose answer is JSON among requests whose answer is; `schema` is that of all answers but
    those that bring their own."""
    known = masks(schema)
    wanted: dict[str, str] = {}

    def form(said: Sequence[str], answer: Any, own: Any) -> str:
        return skeleton(said, answer, masks(own) if isinstance(own, dict) else known)

    for question in questions:
        asked = words(next(turn["content"] for turn in reversed(messages(question)) if turn["role"] == "user"))
        for answer in _answers(question):
            wanted.setdefault(form(asked, answer, question.schema), question.id)

    def find(said: Sequence[str], answer: str, own: Any) -> str:
        calls = _calls(answer)
        return "" if calls is None else wanted.get(form(said, calls, own), "")

    return find


def _answers(question: Question) -> Iterator[Any]:
    """Those of a question that are JSON."""
    if question.check in ("slots", "ast"):
        yield question.answer
    elif question.check in ("exact", "one_of"):
        texts = [question.answer] if isinstance(question.answer, str) else question.answer
        yield from (calls for text in texts if (calls := _calls(text)) is not None)


def _calls(text: str) -> Any:
    """The object or list that a text is, or None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found = parsed(text)
    except NotJson:
        return None
    return found if isinstance(found, dict | list) else None


def _framed(said: Sequence[str]) -> str:
    """Each word between spaces of its own, so that whole words are replaced."""
    return f" {'  '.join(said)} " if said else "\n"


def _joined(left: Sequence[str]) -> list[str]:
    """Masks that follow each other are one."""
    return [word for n, word in enumerate(left) if word != MASK or n == 0 or left[n - 1] != MASK]


def _taken(answer: Any, masks: Masks) -> Iterator[str]:
    """The text values of an answer."""
    for key, value in _pairs(answer):
        if isinstance(value, str) and (key, value) not in masks.names:
            yield value


def _pairs(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that holds no others, under the nearest key."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _pairs(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _pairs(inner, key)
    else:
        yield key, value


def _listed(schema: Any) -> Iterator[str]:
    """The texts of every enumeration."""
    if isinstance(schema, Mapping):
        yield from (value for value in schema.get("enum", ()) if isinstance(value, str))
    for inner in schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ():
        yield from _listed(inner)


def _names(schema: Any) -> Iterator[tuple[str, str]]:
    """Every property with its constant text."""
    for inner in schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ():
        yield from _names(inner)
    if isinstance(schema, Mapping):
        for name, slot in schema.get("properties", {}).items():
            if isinstance(slot, Mapping) and isinstance(slot.get("const"), str):
                yield name, slot["const"]
