"""Records from what was gathered: a line each in train.jsonl, and in rejected.jsonl what was left out, with its
reason."""
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from pillm.records.gather.collect import Source
from pillm.records.gather.journal import Journal
from pillm.records.gather.passage import Aside, Found, Passage, Ready
from pillm.records.gather.support import Pair, problem
from pillm.records.read import line
from pillm.records.text import collapsed

UNASKED, TWICE = "no template asks about it", "asked before"
Ask = Callable[[Passage], Iterator[Pair | Aside]]
"""The pairs of a passage."""


@dataclass
class Tally:
    """What became of each source."""

    units: Counter[str] = field(default_factory=Counter)
    passages: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    left_out_of: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass(frozen=True)
class Writer:
    """Where lines go, and what was asked so far."""

    rows: BinaryIO
    rejected: BinaryIO
    language: str
    tally: Tally = field(default_factory=Tally)
    asked: dict[str, str] = field(default_factory=dict)
    """Question → where it was asked first."""

    def all(self, journal: Journal, sources: Sequence[Source], ask: Ask) -> Tally:
        """In the order in which it was gathered."""
        for entry in journal.entries():
            source = sources[entry.source]
            self.tally.units[source.name] += 1
            self.tally.masked.update(entry.masked)
            for found in entry.found:
                for made in self._made(found, ask):
                    self._write(made, source)
                self.tally.passages[source.name] += not isinstance(found, Aside)
        return self.tally

    def _made(self, found: Found, ask: Ask) -> Iterator[Aside | dict[str, Any]]:
        if isinstance(found, Aside):
            yield found
        elif isinstance(found, Ready):
            yield found.record | {"source": found.record.get("source") or found.place}
        else:
            yield from self._asked(found, list(ask(found)))

    def _asked(self, passage: Passage, made: list[Pair | Aside]) -> Iterator[Aside | dict[str, Any]]:
        """An answer whose quote is not in its passage does not come through, whoever wrote it."""
        for each in made or [Aside(passage.place, UNASKED, f"it is of kind {passage.kind}", passage.text)]:
            if isinstance(each, Aside):
                yield each
            elif wrong := problem(each, passage.text):
                yield Aside(passage.place, *wrong, each.ask)
            elif (ask := collapsed(each.ask).casefold()) in self.asked:
                yield Aside(passage.place, TWICE, f"of {self.asked[ask]}", each.ask)
            else:
                self.asked[ask] = passage.place
                yield {"user": each.ask, "assistant": each.answer, "quote": each.quote, "tags": [passage.kind],
                       "source": passage.place}

    def _write(self, made: Aside | dict[str, Any], source: Source) -> None:
        if isinstance(made, Aside):
            self.tally.left_out[made.reason] += 1
            self.tally.left_out_of[source.name][made.reason] += 1
            self.rejected.write(line({"source": made.place, "reason": made.reason, "told": made.told,
                                      "text": made.text}))
            return
        tags = [source.name.partition("-")[0], *made.get("tags", ())]
        self.rows.write(line({"lang": self.language, "licence": source.licence} | made | {"tags": tags}))
        self.tally.rows[source.name] += 1
        self.tally.kinds.update(tags[1:2])


def figures(tally: Tally, sources: Sequence[Source]) -> dict[str, Any]:
    """The metrics of the step."""
    return {
        "rows": tally.rows.total(),
        "sources": {source.name: {"units": tally.units[source.name], "passages": tally.passages[source.name],
                                  "rows": tally.rows[source.name],
                                  "left_out": dict(tally.left_out_of[source.name].most_common())}
                    for source in sources},
        "kinds": dict(tally.kinds.most_common()), "masked": dict(tally.masked.most_common()),
        "left_out": dict(tally.left_out.most_common())}


def files(folder: Path) -> tuple[Path, Path]:
    """Of rows, and of what was left out."""
    return folder / "train.jsonl", folder / "rejected.jsonl"
