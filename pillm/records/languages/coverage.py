"""What part of a language's records has each of its constructors: each request is heard again, and counted."""
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pillm.backends import json_lines
from pillm.records.languages.hear import Listener
from pillm.records.languages.language import Language
from pillm.records.languages.read import read
from pillm.records.languages.seen import said

START, END = "<!-- made by `python bench/jsonast.py coverage` -->", "<!-- end of the coverage -->"


class Covered(NamedTuple):
    """Of one language."""

    records: int
    constructors: Mapping[str, float]
    """Constructor → share of the records that have it, in the language's order."""
    fields: Mapping[str, float]
    """`constructor.field`, of fields that may be missing."""


def shares(languages: Path, records: Path, every: int = 1) -> dict[str, Covered]:
    """By language; `every` counts each second, third … record only."""
    known = {language.name: language for language in read(languages)}
    listeners = {name: Listener(language) for name, language in known.items()}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    rows: Counter[str] = Counter()
    for record in islice(json_lines.values(records), 0, None, every):
        name = record["tags"][0]
        rows[name] += 1
        counts[name].update(set(said(next(iter(listeners[name].trees(record["user"]))))))
    return {name: _covered(known[name], counts[name], rows[name]) for name in sorted(rows)}


def placed(text: str, found: Mapping[str, Covered]) -> str:
    """A README with the table in its place."""
    before, _, rest = text.partition(START)
    return f"{before}{START}\n{table(found)}\n{END}{rest.partition(END)[2]}"


def table(found: Mapping[str, Covered]) -> str:
    """Markdown, in percent."""
    lines = [f"| {name} | {told.records:,} | {_percent(told.constructors)} | {_percent(told.fields)} |"
             for name, told in found.items()]
    return "\n".join(["| language | records | % with each constructor | % with each field that may be missing |",
                      "| --- | --- | --- | --- |", *lines])


def _covered(language: Language, counts: Counter[str], rows: int) -> Covered:
    shapes = [shape for shapes in language.nodes.values() for shape in shapes]
    fields = [f"{shape.kind}.{field}" for shape in shapes for field in shape.of if field in shape.optional]
    return Covered(rows, {shape.kind: counts[shape.kind] / rows for shape in shapes},
                   {field: counts[field] / rows for field in fields})


def _percent(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:.0f}" for name, share in found.items())
