"""Atoms: which of them a dialect has, how a JSON Schema says so, and how each is drawn, said, heard and written."""
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from pillm.records.languages.language import Atom, Filler, Language, Value
from pillm.records.languages.tokens import tokens

SPELLED = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SPELLED_SHARE = 0.25
"""Of small whole numbers that are said in words."""
BOUNDED, PATTERNED, TYPED = 0.3, 0.6, 0.3
"""Shares of dialects that bound numbers and lengths, give codes a pattern, and say the type of what they list."""
LISTED = (2, 4)
"""Words that a dialect lists, least and most."""
DATE = r"^\d{4}-\d{2}-\d{2}$"
CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
LETTERS = {"A": "ABCDEFGHJKLMNPQRSTUVWXYZ", "a": "abcdefghjkmnpqrstuvwxyz", "9": "0123456789"}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Cut:
    """What a dialect has of an atom sort."""

    schema: dict[str, Any]
    fillers: tuple[Filler, ...] = ()
    face: int = 0
    """Which of the ways to write a filler."""
    span: tuple[float, float, float] = (0, 0, 1)
    """Of numbers: least, greatest, step."""
    form: str = ""
    """Of codes."""
    years: tuple[int, int] = (0, 0)
    _written: dict[str, Any] = field(default_factory=dict)

    def draw(self, rng: Random) -> Value:
        if self.fillers:
            return rng.choice(self.fillers).said[0]
        if self.form:
            return "".join(rng.choice(LETTERS[sign]) if sign in LETTERS else sign for sign in self.form)
        if self.years[0]:
            first = date(self.years[0], 1, 1)
            return str(first + timedelta(rng.randrange((date(self.years[1] + 1, 1, 1) - first).days)))
        low, high, step = self.span
        return _plain(low + step * rng.randrange(round((high - low) / step) + 1))

    def written(self, value: Value) -> Any:
        """As JSON has it."""
        if not self._written:
            self._written.update((filler.said[0], filler.written[self.face % len(filler.written)])
                                 for filler in self.fillers)
        return self._written.get(value, value) if isinstance(value, str) else value


def cut(sort: str, language: Language, rng: Random) -> Cut:
    """What one dialect has of a sort."""
    atom = language.atoms[sort]
    if atom.numbers:
        return _numbers(atom, rng)
    if atom.coded:
        form = rng.choice(atom.coded)
        pattern = {"pattern": _expression(form)} if rng.random() < PATTERNED else {}
        return Cut({"type": "string"} | pattern, form=form)
    if atom.dates:
        kept = {"pattern": DATE} if rng.random() < BOUNDED else {"format": "date"}
        return Cut({"type": "string"} | kept, years=atom.dates)
    fillers = language.fillers[sort]
    return _texts(fillers, rng) if atom.open or atom.quoted else _listed(fillers, rng)


def _numbers(atom: Atom, rng: Random) -> Cut:
    """The whole range, or a part of it that the schema bounds."""
    assert atom.numbers
    kind = "integer" if atom.step == 1 and all(bound == int(bound) for bound in atom.numbers) else "number"
    low, high = atom.numbers
    if rng.random() >= BOUNDED:
        return Cut({"type": kind}, span=(low, high, atom.step))
    steps = round((high - low) / atom.step)
    most = rng.randint(max(1, steps // 2), steps)
    bounds = {"minimum": _plain(low), "maximum": _plain(low + most * atom.step)}
    return Cut({"type": kind} | bounds, span=(low, low + most * atom.step, atom.step))


def _texts(fillers: Sequence[Filler], rng: Random) -> Cut:
    if rng.random() >= BOUNDED / 2:
        return Cut({"type": "string"}, tuple(fillers))
    lengths = sorted(len(filler.said[0]) for filler in fillers)
    most = rng.choice(lengths[len(lengths) // 2:])
    bound = {"minLength": 1} if rng.random() < BOUNDED else {"maxLength": most}
    return Cut({"type": "string"} | bound, tuple(one for one in fillers if len(one.said[0]) <= most))


def _listed(fillers: Sequence[Filler], rng: Random) -> Cut:
    face = rng.randrange(max(len(filler.written) for filler in fillers))
    if all(isinstance(filler.written[face % len(filler.written)], bool) for filler in fillers):
        return Cut({"type": "boolean"}, tuple(fillers), face)
    chosen = rng.sample(list(fillers), min(len(fillers), rng.randint(*LISTED)))
    listed = [filler.written[face % len(filler.written)] for filler in chosen]
    typed = {"type": "string"} if rng.random() < TYPED and all(isinstance(one, str) for one in listed) else {}
    return Cut(typed | {"enum": listed}, tuple(chosen), face)


def said(value: Value, sort: str, language: Language, rng: Random) -> str:
    """As people say it; quoted texts stand in quotes."""
    atom = language.atoms[sort]
    if atom.quoted:
        return f'"{value}"'
    if sort in language.fillers:
        return rng.choice(next(filler.said for filler in language.fillers[sort] if filler.said[0] == value))
    if isinstance(value, int) and 2 <= value < 2 + len(SPELLED) and rng.random() < SPELLED_SHARE:
        return SPELLED[value - 2]
    return str(value)


def heard(words: Sequence[str], sort: str, language: Language, known: Mapping[tuple[str, ...], str]) -> list[Value]:
    """What the tokens may mean; `known` are those of the sort's fillers."""
    atom = language.atoms[sort]
    if atom.quoted:
        return [words[0][1:-1]] if len(words) == 1 and words[0].startswith('"') else []
    if atom.words:
        return [known[tuple(words)]] if tuple(words) in known else []
    if len(words) != 1:
        return []
    if atom.numbers:
        return [2 + SPELLED.index(words[0])] if words[0] in SPELLED else [
            _plain(float(words[0]))] if NUMBER.fullmatch(words[0]) else []
    code = words[0].upper() if any("A" in form for form in atom.coded) else words[0]
    forms = [_expression(form) for form in atom.coded] or [DATE]
    return [code] if any(re.search(form, code) for form in forms) else []


def known(fillers: Sequence[Filler]) -> dict[tuple[str, ...], str]:
    """By the tokens of each way to say it, what a filler is."""
    return {tuple(tokens(text)): filler.said[0] for filler in fillers for text in filler.said}


def _expression(form: str) -> str:
    """`^[A-Z]{2}-[0-9]{3}$` of `AA-999`."""
    runs = re.findall(r"(.)(\1*)", form)
    return "^" + "".join(
        (CLASSES.get(sign) or re.escape(sign)) + (f"{{{1 + len(more)}}}" if more and sign in CLASSES else
                                                  re.escape(more)) for sign, more in runs) + "$"


def _plain(number: float) -> int | float:
    return int(number) if float(number).is_integer() else round(number, 2)
