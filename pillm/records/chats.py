"""Chats written from records."""
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pillm.backends import json_schema
from pillm.records.answer import Judged
from pillm.records.chat import Turn, answered, chat, turns
from pillm.records.formats import Record
from pillm.records.read import Refuse, Source, line, rows
from pillm.records.split import SPLITS
from pillm.serve.shown_schema import shown


def write(records: Path, out: Path, answer: Callable[[Record], Judged], refuse: Refuse, *,
          show_schema: bool = False) -> dict[str, int]:
    """train.jsonl, validation.jsonl and test.jsonl, with how many chats each has; who has no answer is refused."""
    counts = {}
    for number, name in enumerate(SPLITS):
        source = Source(number, records / f"{name}.jsonl", f"{name}.jsonl")
        lines = _lines(source, answer, refuse, show_schema) if source.path.exists() else iter(())
        with (out / source.name).open("wb") as handle:
            counts[name] = sum(1 for text in lines if handle.write(text))
    return counts


def _lines(source: Source, answer: Callable[[Record], Judged], refuse: Refuse, show_schema: bool) -> Iterator[bytes]:
    for row in rows(source, refuse):
        told = turns(row.record)
        if not answered(told):
            given = answer(row.record)
            if given.reason:
                refuse(row, given.reason, given.told)
                continue
            told.append(("assistant", given.answer))
        if show_schema and "tool_schema" in row.record:
            told = _shown(told, row.record["tool_schema"])
        yield line(chat(row.record, told))


def _shown(told: list[Turn], schema: Any) -> list[Turn]:
    """With the schema of the answer below the request."""
    *before, (role, request), answer = told
    found = schema if isinstance(schema, dict) else json_schema.schema(schema)  # prepare has judged it
    return [*before, (role, shown(request, found)), answer]
