"""Preference pairs from a model's own mistakes: the right answer chosen, the one it gave rejected."""
from dataclasses import dataclass
from typing import Any

from pillm.backends import json_schema
from pillm.records.chat import Turn
from pillm.records.formats import Record
from pillm.records.replies import Reply
from pillm.serve.json_answers import NotJson, canonical, parsed

CUT, NOT_JSON, WRONG = "cut off", "not JSON", "another tree"
"""Kinds of error, beside those of a schema: `schema: required`, by the keyword that refuses the answer."""
EMPTY = "empty"
CARRIED = ("tags", "lang", "source", "licence")
"""Fields of a chat that go along."""


@dataclass(frozen=True)
class Asked:
    """A training chat of one request and its answer in JSON."""

    system: str | None
    request: str
    right: str
    chat: Record


def asked(chat: Record) -> Asked | None:
    """None for a chat of several turns, or one that is not answered in JSON."""
    turns: list[Turn] = [(message["role"], message["content"]) for message in chat["messages"]]
    system = turns.pop(0)[1] if turns[0][0] == "system" else None
    if [role for role, _ in turns] != ["user", "assistant"] or not chat.get("requires_json"):
        return None
    return Asked(system, turns[0][1], turns[1][1], chat)


def mistake(asked: Asked, reply: Reply) -> str:
    """The kind of error, or nothing for the right answer, in whatever order its properties come."""
    try:
        found = parsed(reply.text)
    except NotJson:
        return CUT if reply.cut else NOT_JSON
    if canonical(found) == canonical(parsed(asked.right)):
        return ""
    keyword = _refused_by(found, asked.chat.get("tool_schema"))
    return f"schema: {keyword}" if keyword else WRONG


def _refused_by(value: Any, schema: Any) -> str:
    """The keyword of a chat's own schema, by itself or by its name; nothing where it has none."""
    if schema is None:
        return ""
    return json_schema.refused_by(value, schema if isinstance(schema, dict) else json_schema.schema(schema))


def pair(asked: Asked, rejected: str, kind: str) -> Record | None:
    """As schemas/preference.schema.json has it; None where there is nothing that could be rejected."""
    if not rejected.strip():
        return None
    system = {} if asked.system is None else {"system_hint": asked.system}
    carried: dict[str, Any] = {key: asked.chat[key] for key in CARRIED if key in asked.chat}
    return {"prompt": asked.request, **system, "chosen": asked.right, "rejected": rejected, "error": kind, **carried}
