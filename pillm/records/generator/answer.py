"""Calls as the answer that is trained: minified JSON, slots in the schema's order, held to schema and request."""
import json
from collections.abc import Callable
from typing import Any

from pillm.errors import DataError
from pillm.records.generator.compose import Asked
from pillm.serve import spans

Schema = dict[str, Any]


def answers(schema: Schema) -> Callable[[Asked], str]:
    """Writes a request's answer; raises DataError where the rules made one that breaks the contract."""
    from pillm.backends.json_schema import accepting

    tools = {call["properties"]["tool"]["const"]: call["properties"] for call in schema["items"]["oneOf"]}
    accepted = accepting(schema)

    def answer(asked: Asked) -> str:
        calls = [_ordered(call, tools, asked) for call in asked.calls]
        if not accepted(calls):
            raise DataError(f"{_place(asked)}: the schema refuses {_json(calls)}. Say every slot that the tool needs.")
        for call in calls:
            _require_spans(call, tools[call["tool"]], asked)
        return _json(calls)

    return answer


def _ordered(call: dict[str, Any], tools: dict[str, Schema], asked: Asked) -> dict[str, Any]:
    slots = tools.get(call["tool"], {})
    if unknown := call.keys() - slots.keys() - {"tool"}:
        raise DataError(f"{_place(asked)}: the schema has no slot {min(unknown)!r}. Name the schema's slots and tools.")
    return {slot: call[slot] for slot in slots if slot in call}


def _require_spans(call: dict[str, Any], slots: Schema, asked: Asked) -> None:
    for slot, value in call.items():
        if slots[slot].get("x-copied") and not spans.is_span(value, asked.request):
            raise DataError(f"{_place(asked)}: {slot} {value!r} is no whole words of {asked.request!r}. "
                            "Put spaces around [slot=…] in the phrasing.")


def _place(asked: Asked) -> str:
    return " + ".join(f"{call['tool']}.yaml" for call in asked.calls)


def _json(calls: list[dict[str, Any]]) -> str:
    return json.dumps(calls, ensure_ascii=False, separators=(",", ":"))
