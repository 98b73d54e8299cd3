"""Whether a record can be used: its schema, the order of its messages, its tool_schema and its JSON answer."""
import json
from collections.abc import Callable
from typing import Any

from pillm.backends import json_schema
from pillm.errors import ConfigError
from pillm.records.chat import Turn, answered, turns
from pillm.records.formats import Record
from pillm.records.read import NotJson, value

Problem = tuple[str, str]
"""(reason, what exactly is wrong)."""
Judge = Callable[[Record], Problem | None]
Accepts = Callable[[Any], bool]

FORMS = ("user", "messages", "question, agent_responses and final_answer")
NEXT = {"system": {"user"}, "user": {"assistant"}, "assistant": {"user"}}


def judge() -> Judge:
    """A judge of records; it remembers the schemas it has met."""
    known = json_schema.schema("record")
    accepts = json_schema.accepting(known)
    met: dict[str, tuple[json_schema.Schema, Accepts] | str] = {}

    def problem(record: Any) -> Problem | None:
        if not accepts(record):
            return "schema", _told(record, known)
        if "messages" not in record and "tool_schema" not in record and not record.get("requires_json"):
            return None
        told = turns(record)
        if wrong := _order(told):
            return "order of messages", wrong
        return _tool_problem(record, told, met)

    return problem


def _told(record: Any, known: json_schema.Schema) -> str:
    if not isinstance(record, dict):
        return "a record is an object"
    forms = [any(all(name in record for name in form["required"]) for form in [branch]) for branch in known["oneOf"]]
    if sum(forms) != 1:
        return f"it has {'more than one' if any(forms) else 'none'} of: {'; '.join(FORMS)}"
    return "; ".join(json_schema.problems(record, known | {"oneOf": [{}]})[:3])


def _order(told: list[Turn]) -> str:
    roles = [role for role, _ in told]
    if roles.count("system") > 1:
        return "there are two system prompts; keep one, first"
    if "user" not in roles:
        return "nobody asks anything: there is no user message"
    if roles[0] == "assistant":
        return "the assistant speaks first; begin with the user's message"
    wrong = next((n for n in range(1, len(roles)) if roles[n] not in NEXT[roles[n - 1]]), None)
    return f"message {wrong + 1} is the {roles[wrong]}'s, after one of the {roles[wrong - 1]}'s" if wrong else ""


def _tool_problem(record: Record, told: list[Turn], met: dict) -> Problem | None:
    schema = _schema(record.get("tool_schema"), met)
    if isinstance(schema, str):
        return "tool_schema", schema
    if not record.get("requires_json") or not answered(told):
        return None
    try:
        answer = value(told[-1][1])
    except NotJson as error:
        return "answer is not JSON", str(error)
    if schema and not schema[1](answer):
        return "answer does not satisfy its schema", "; ".join(json_schema.problems(answer, schema[0])[:3])
    return None


def _schema(given: Any, met: dict) -> tuple[json_schema.Schema, Accepts] | str | None:
    """The schema with its check, or what is wrong with it."""
    if given is None:
        return None
    key = given if isinstance(given, str) else json.dumps(given, sort_keys=True)
    if key not in met:
        try:
            found = json_schema.schema(given)
            met[key] = (found, json_schema.accepting(found))
        except ConfigError as error:
            met[key] = str(error)
    return met[key]
