"""Harder records from a teacher: over the schema of a record that is there, another request with a larger answer."""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pillm.json_text import compact
from pillm.records.answer import Judged
from pillm.records.formats import Record
from pillm.records.text import words
from pillm.serve.json_answers import canonical, parsed

Json = Any
WISH = """Here are a request, and the JSON that answers it:

Request: {request}
Answer: {answer}

Think of a harder request whose answer is JSON of the same schema, and answer it: larger, nested deeper where the schema
allows it, and put in other words. The request must say everything that the answer holds, and name no key of the schema.
Give an object with `request`, which is text, and `answer`, which is that JSON."""
PLACE = "#/properties/answer"
NOT_HARDER, SAME, UNSAID = "no harder than before", "the same request", "the answer holds what nobody said"
TAG = "teacher"


@dataclass(frozen=True)
class Harder:
    """What came of a wish: a record, or why there is none."""

    record: Record | None = None
    reason: str = ""
    told: str = ""


def wish(record: Record) -> Record:
    """A record without an answer, for `teach`: its schema is of the request, and of an answer of the first's schema."""
    return {"user": WISH.format(request=record["user"], answer=record["assistant"]), "requires_json": True,
            "tool_schema": wrapped(record["tool_schema"])}


def wrapped(schema: dict[str, Json]) -> dict[str, Json]:
    """The schema of {request, answer}: what the answer's refers to moves along with it."""
    return {"type": "object", "properties": {"request": {"type": "string", "pattern": "\\S"},
                                             "answer": _moved(schema)},
            "required": ["request", "answer"], "additionalProperties": False}


def granted(record: Record, judged: Judged) -> Harder:
    """The teacher's last word as a record of its own, if it is harder and says what it answers."""
    if judged.reason:
        return Harder(reason=judged.reason, told=judged.told)
    said = parsed(judged.answer)
    request, answer, before = said["request"].strip(), said["answer"], parsed(record["assistant"])
    if words(request) == words(record["user"]) or canonical(answer) == canonical(before):
        return Harder(reason=SAME, told="the teacher gave back what it was shown")
    if _size(answer) <= _size(before):
        return Harder(reason=NOT_HARDER, told=f"its answer has {_size(answer)} values, the first one's {_size(before)}")
    if unsaid := next(_unsaid(answer, request, record["tool_schema"]), None):
        return Harder(reason=UNSAID, told=f"{unsaid!r} is neither in the request nor in the schema")
    made = {"user": request, "assistant": compact(answer),
            "tags": [*record.get("tags", [])[:1], TAG]}
    return Harder({**record, **made})


def _moved(schema: Json, names: bool = False) -> Json:
    """With its references leading where it lies now; a property may well be called $ref."""
    if isinstance(schema, list):
        return [_moved(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: PLACE + inner.removeprefix("#") if key == "$ref" and not names else
            inner if key in ("const", "enum") and not names else
            _moved(inner, key in ("properties", "$defs") and not names) for key, inner in schema.items()}


def _size(value: Json) -> int:
    """How many values it holds that hold no others."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 1 if inner is None else sum(map(_size, inner)) + 1


def _unsaid(answer: Json, request: str, schema: Json) -> Iterator[str]:
    """Texts of the answer that are neither words of the request nor listed in the schema."""
    said, listed = f" {' '.join(words(request))} ", set(_listed(schema))
    for text in _texts(answer):
        if text not in listed and f" {' '.join(words(text))} " not in said:
            yield text


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _listed(schema: Json) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (value for value in (*schema.get("enum", ()), schema.get("const")) if isinstance(value, str))
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _listed(inner)
