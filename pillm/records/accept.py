"""What becomes of each row: usable, the first of its kind, unlike the eval questions; else refused with the reason."""
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from pillm.backends.dedup import NearDuplicates
from pillm.records.chat import Turn, turns
from pillm.records.contamination import Near, Said
from pillm.records.duplicates import digests, earlier, tokens
from pillm.records.formats import Record, ours
from pillm.records.read import Refuse, Row, Source, at
from pillm.records.rejects import CONTAMINATION, DUPLICATE, NEAR_DUPLICATE, SKELETON
from pillm.records.skeleton import Alike
from pillm.records.split import place
from pillm.records.text import words
from pillm.records.validate import judge

BATCH = 2048


class Accepted(NamedTuple):
    row: Row
    told: list[Turn]
    place: int
    """Where its prompt stands among all prompts, in [0, 2⁶⁴)."""
    said: Sequence[Said] = ()
    """What is compared with other texts."""


def usable(rows: Iterable[Row], schema: str | None, refuse: Refuse) -> Iterator[Row]:
    """Records in our form; answers satisfy the schema of that name unless a record says otherwise."""
    problem = judge()
    for row in rows:
        record = row.record
        if isinstance(record, dict):
            record = ours(record)
            if schema and record.get("requires_json", True) is True:
                record = {"requires_json": True, "tool_schema": schema} | record
        if wrong := problem(record):
            refuse(row, *wrong)
        else:
            yield Row(row.source, row.line, record)


def distinct(rows: Iterable[Row], refuse: Refuse, sources: list[Source], seed: int) -> Iterator[Accepted]:
    """Records that are not equal to an earlier one."""
    first = earlier()
    for row in rows:
        told = turns(row.record)
        prompt, whole = digests(told, seed)
        known = first(whole, row.code)
        if known is None:
            yield Accepted(row, told, place(prompt))
        else:
            refuse(row, DUPLICATE, f"it says the same as {_name(known, sources)}")


def spoken(found: Iterable[Accepted]) -> Iterator[Accepted]:
    """With the words of each turn; the system prompt, alike in many records, is not compared."""
    for row, told, where, _ in found:
        yield Accepted(row, told, where, [(role, words(text)) for role, text in told if role != "system"])


def unasked(found: Iterable[Accepted], near: Near, refuse: Refuse) -> Iterator[Accepted]:
    """Records that are not near to an eval question."""
    for each in found:
        if question := near(each.said):
            refuse(each.row, CONTAMINATION, f"it holds the question {question}")
        else:
            yield each


def unexamined(found: Iterable[Accepted], alike: Alike, refuse: Refuse) -> Iterator[Accepted]:
    """Records whose request is not put like an eval question's, other literals apart."""
    for each in found:
        role, answer = each.told[-1]
        said = next((said for speaker, said in reversed(each.said) if speaker == "user"), ())
        if role == "assistant" and (question := alike(said, answer)):
            refuse(each.row, SKELETON, f"it is put like the question {question}")
        else:
            yield each


def dissimilar(
    found: Iterable[Accepted], threshold: float, refuse: Refuse, sources: list[Source],
) -> Iterator[Accepted]:
    """Records that are not nearly an earlier one."""
    met = NearDuplicates(tokens, threshold)
    found = iter(found)
    while batch := list(islice(found, BATCH)):
        texts = [" ".join(chain.from_iterable(said for _, said in each.said)) for each in batch]
        twins = met.add(texts, [each.row.code for each in batch])
        for each, twin in zip(batch, twins, strict=True):
            if twin is None:
                yield each
            else:
                refuse(each.row, NEAR_DUPLICATE, f"it is nearly {_name(twin, sources)}")


def framed(record: Record, system: str | None) -> Record:
    """The record, with the domain's system prompt where it brings none."""
    brings = "system_hint" in record or any(m["role"] == "system" for m in record.get("messages", ()))
    return record if brings or not system else record | {"system_hint": system}


def _name(code: int, sources: list[Source]) -> str:
    source, line = at(code, sources)
    return f"{source.name}:{line}"
