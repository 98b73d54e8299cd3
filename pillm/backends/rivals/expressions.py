"""Expression → value: which words say a day, a room, an hour or a number, as they are found in a request."""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pillm.backends.rivals.contract import Call, Contract, Slot
from pillm.backends.rivals.hows import How, Numbers, value
from pillm.backends.rivals.words import Span, Words

LONGEST = 5
"""Words of an expression."""

Forms = tuple[str | None, ...]
"""Words as they compare; None where they are not looked at."""


class Meaning(NamedTuple):
    """What an expression says: the likeliest way to its value first, and in what share of requests that is so."""

    hows: tuple[How, ...]
    share: float
    turn: int = 0
    """0 goes before 1: shares of later turns are of requests that no earlier one explains."""

    def value(self, slot: Slot, numbers: Numbers) -> Any:
        """The first that the slot takes; None for none."""
        found = (value(how, numbers) for how in self.hows)
        return next((one for one in found if one is not None and slot.takes(one)), None)


class Said(NamedTuple):
    """An expression at its place."""

    span: Span
    value: Any
    share: float
    turn: int

    @property
    def surest(self) -> tuple[int, float, int]:
        """Less for a surer one; of equals, for the longer."""
        return self.turn, -self.share, self.span[0] - self.span[1]


@dataclass
class Expressions:
    """`meanings[slot][expression][tool]`; the tool "" stands for all others. Numbers in an expression are `#`."""

    numbers: dict[str, int] = field(default_factory=dict)
    """Words that are numbers."""
    meanings: dict[str, dict[str, dict[str, Meaning]]] = field(default_factory=dict)

    def read(self, slot: Slot, tool: str, forms: Forms) -> list[Said]:
        """What is said of a slot, in order; of expressions that overlap, the surest, then the longer."""
        said = sorted(self._said(slot, tool, forms), key=lambda one: (one.surest, one.span))
        taken: set[int] = set()
        kept = []
        for one in said:
            if taken.isdisjoint(range(*one.span)):
                taken.update(range(*one.span))
                kept.append(one)
        return sorted(kept, key=lambda one: one.span)

    def locate(self, slot: Slot, tool: str, wanted: Any, forms: Forms) -> Span | None:
        """The surest expression of a known value."""
        said = [one for one in self._said(slot, tool, forms) if same(one.value, wanted)]
        return min(said, key=lambda one: one.surest).span if said else None

    def _said(self, slot: Slot, tool: str, forms: Forms) -> Iterator[Said]:
        known = self.meanings.get(slot.name, {})
        for span, key, numbers in runs(forms, self.numbers):
            if key in known:
                meaning = known[key].get(tool, known[key][""])
                found = meaning.value(slot, numbers)
                if found is not None:
                    yield Said(span, found, meaning.share, meaning.turn)


def same(one: Any, other: Any) -> bool:
    """As JSON values: 1 is not true."""
    return type(one) is type(other) and one == other


def runs(forms: Forms, numbers: dict[str, int]) -> Iterator[tuple[Span, str, Numbers]]:
    """Runs of up to LONGEST words with what they are called and the numbers in them."""
    read = [None if form is None else int(form) if form.isdecimal() else numbers.get(form) for form in forms]
    names = [form if number is None else "#" for form, number in zip(forms, read, strict=True)]
    for start in range(len(forms)):
        name, said = "", ()
        for end in range(start, min(start + LONGEST, len(forms))):
            if names[end] is None:
                break
            name = f"{name} {names[end]}" if name else f"{names[end]}"
            said = said if read[end] is None else (*said, read[end])  # type: ignore[assignment]  # numbers only
            yield (start, end + 1), name, said


def uncopied(found: Words, calls: Iterable[Call], contract: Contract) -> Forms:
    """The words outside copied slots."""
    forms: list[str | None] = list(found.forms)
    for call in calls:
        for slot in contract.slots(call):
            if slot.kind == "copied" and (span := found.find(str(call.get(slot.name, "")))):
                forms[slice(*span)] = [None] * (span[1] - span[0])
    return tuple(forms)
