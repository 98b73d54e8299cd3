"""Rows of a table as records or passages: which column is what."""
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pillm.errors import suggest
from pillm.records.formats import FIELDS
from pillm.records.gather.files import NOT_TEXT
from pillm.records.gather.passage import Aside, Found, Passage, Ready
from pillm.records.private import texts
from pillm.records.read import LONE_SURROGATE

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
PASSAGE = ("title", "heading", "text")
"""What a passage is made of, where a row is to be asked about."""
TARGETS = FIELDS | frozenset(PASSAGE)
NESTED = frozenset({"messages", "agent_responses", "tags", "tool_schema"})
"""Fields that hold more than text: JSON, where a cell can only hold text."""
NO_COLUMN, EMPTY, NOT_JSON = "missing column", "empty column", "column is not JSON"


def named(columns: Mapping[str, str]) -> dict[str, list[str]]:
    """Field → the columns it is made of: `question`, or those of `{title}: {body}`."""
    return {field: PLACEHOLDER.findall(written) or [written] for field, written in columns.items()}


def mistakes(columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(field, what is wrong. what to do.), whatever the table holds."""
    if not columns.keys() & {"user", "messages", "question", "text"}:
        yield "", ("they name no user, messages or text. Say which column is asked or told: "
                   "columns: {user: COLUMN, assistant: COLUMN}, or {text: COLUMN}.")
    for field in (name for name in columns if name not in TARGETS):
        yield field, f"a record has no such field.{suggest(field, TARGETS)} It has {', '.join(sorted(TARGETS))}."


def unknown(columns: Mapping[str, str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """The same of columns that the table does not have."""
    for field, wanted in named(columns).items():
        for column in wanted:
            if column not in known:
                yield field, f"there is no column {column}.{suggest(column, known)} There are {', '.join(known)}."


def found(row: Mapping[str, Any], place: str, columns: Mapping[str, str]) -> Found:
    """A record that keeps its place as `source`, a passage, or why it is neither."""
    values: dict[str, Any] = {}
    for field, written in columns.items():
        try:
            value = _value(row, field, written)
        except KeyError as error:
            return Aside(place, NO_COLUMN, f"it has no {error.args[0]}")
        except ValueError as error:
            return Aside(place, NOT_JSON, f"{written}: {error}")
        if any(map(LONE_SURROGATE.search, texts(value))):
            return Aside(place, NOT_TEXT, f"{written} has bytes that are not of the table's encoding. Set `encoding`")
        if value not in (None, "", []):
            values[field] = value
        elif field in ("user", "messages", "question", "text"):
            return Aside(place, EMPTY, f"{written} has nothing in it")
    if "text" in values:
        slots = {name: str(values.get(name, "")) for name in PASSAGE}
        return Passage("section", "\n".join(filter(None, slots.values())), place, slots)
    return Ready(place, values)


def _value(row: Mapping[str, Any], field: str, written: str) -> Any:
    """Raises KeyError with a column's name, and ValueError where it should hold JSON and does not."""
    if PLACEHOLDER.search(written):
        return PLACEHOLDER.sub(lambda column: _text(row[column[1]]), written).strip()
    value = row[written]
    if field not in NESTED:
        return value if isinstance(value, bool) else _text(value)
    if not isinstance(value, str) or not value.strip():
        return value
    if field == "tags" and value.lstrip()[:1] != "[":
        return [tag.strip() for tag in value.split(",") if tag.strip()]
    return json.loads(value)


def _text(value: Any) -> str:
    return "" if value is None else value.strip() if isinstance(value, str) else str(value)
