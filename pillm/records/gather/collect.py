"""Sources read to their ends, unit by unit: scrubbed, then written down."""
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pillm.records import private
from pillm.records.gather.journal import Entry, Journal
from pillm.records.gather.passage import Aside, Found, Passage, Ready, Unit
from pillm.records.gather.scrub import scrubbed

NOTHING = "nothing to learn from"


@dataclass(frozen=True)
class Source:
    """A source, whichever it is."""

    name: str
    units: Callable[[int], Iterator[Unit]]
    """From a number on."""
    count: int | None
    """How many there are, where that is known."""
    licence: str
    """Of what is found."""


def collect(sources: Sequence[Source], journal: Journal, *, private_kinds: Collection[str], most_units: int | None,
            progress: Callable[..., None]) -> None:
    """What the journal has is not read again."""
    kinds = [private.KINDS[name] for name in private_kinds]
    for number, source in enumerate(sources):
        done = journal.done(number)
        total = source.count if most_units is None else min(most_units, source.count or most_units)
        left = None if most_units is None else max(0, most_units - done)
        for unit in islice(source.units(done), left):
            journal.add(_entry(number, unit, kinds))
            done += 1
            progress(f"gathering: {source.name}", done, total)


def _entry(number: int, unit: Unit, kinds: Collection[private.Kind]) -> Entry:
    found: list[Found] = []
    masked: Counter[str] = Counter()
    for each in unit.found:
        clean, replaced = _clean(each, kinds)
        found.append(clean)
        masked += replaced
    return Entry(number, unit.name, found or [Aside(unit.name, NOTHING, "no passage was found in it")], dict(masked))


def _clean(found: Found, kinds: Collection[private.Kind]) -> tuple[Found, Counter[str]]:
    """Without secrets and personal data, or why that cannot be."""
    if isinstance(found, Passage):
        value, masked, reason = scrubbed({"text": found.text, "slots": dict(found.slots)}, kinds)
        whole: Found = Passage(found.kind, value["text"], found.place, value["slots"])
    elif isinstance(found, Ready):
        value, masked, reason = scrubbed(found.record, kinds)
        whole = Ready(found.place, value)
    else:
        value, masked, reason = scrubbed({"text": found.text, "told": found.told}, kinds)
        return found._replace(**value), Counter()
    if reason:
        return Aside(found.place, reason, f"it holds: {reason}", "\n".join(private.texts(value))), Counter()
    return whole, masked
