"""What accepted records are placed and compared by."""
import json
from itertools import chain
from typing import Literal

from pillm.records.accept import Accepted
from pillm.records.chat import answered
from pillm.records.duplicates import digests, number, stance, tokens
from pillm.records.formats import Record
from pillm.records.split import place
from pillm.records.spool import Marks

Judged = Literal["json", "any"] | None
"""Whose answers may contradict each other."""


def of(accepted: Accepted, seed: int, judged: Judged) -> tuple[int, Marks]:
    """Where its prompt stands among all prompts, and its marks."""
    prompt, whole = digests(accepted.told, seed)
    letters = sum(len(text) for _, text in accepted.told)
    if not judged or not answered(accepted.told) or (judged == "json" and not accepted.row.record.get("requires_json")):
        return place(prompt), Marks(number(whole), letters=letters)
    return place(prompt), Marks(number(whole), *stance(accepted.told, _terms(accepted.row.record)), letters)


def tokens_of(accepted: Accepted) -> set[str]:
    """What near duplicates are found by."""
    return tokens(" ".join(chain.from_iterable(said for _, said in accepted.said)))


def _terms(record: Record) -> str:
    """The form in which an answer is wanted: another form may well bring another answer."""
    schema = record.get("tool_schema", "")
    return schema if isinstance(schema, str) else json.dumps(schema, sort_keys=True)
