"""Calls as the answer that is trained: minified JSON, slots in the schema's order, held to schema and request."""
from collections.abc import Callable
from typing import Any

from pillm.errors import DataError
from pillm.json_text import compact
from pillm.serve import spans

Schema = dict[str, Any]
Call = dict[str, Any]


def answers(schema: Schema) -> Callable[[str, list[Call]], str]:
    """Writes the answer to a request; raises DataError where the rules made one that breaks the contract."""
    from pillm.backends.json_schema import accepting

    tools = _slots(schema)
    accepted = accepting(schema)

    def answer(request: str, asked: list[Call]) -> str:
        where = " + ".join(f"{call['tool']}.yaml" for call in asked)
        calls = [_ordered(call, tools.get(call["tool"], {}), where) for call in asked]
        if not accepted(calls):
            raise DataError(f"{where}: the schema refuses {compact(calls)} for {request!r}. Say every slot that the "
                            "tool needs, and give no value that the schema does not name.")
        for call in calls:
            _require_spans(call, tools[call["tool"]], request, where)
        return compact(calls)

    return answer


def _slots(schema: Schema) -> dict[str, Schema]:
    """By tool."""
    try:
        return {call["properties"]["tool"]["const"]: call["properties"] for call in schema["items"]["oneOf"]}
    except (KeyError, TypeError):
        raise DataError("the schema of the answers is no array of calls, each an object of items.oneOf whose tool is a "
                        "const. Write it as schemas/tool_calls.schema.json.") from None


def _ordered(call: Call, slots: Schema, where: str) -> Call:
    if unknown := call.keys() - slots.keys() - {"tool"}:
        raise DataError(f"{where}: the schema has no slot {min(unknown)!r}. Name the schema's slots and tools.")
    return {slot: call[slot] for slot in slots if slot in call}


def _require_spans(call: Call, slots: Schema, request: str, where: str) -> None:
    for slot, value in call.items():
        if slots[slot].get("x-copied") and not spans.is_span(value, request):
            raise DataError(f"{where}: {slot} {value!r} is no whole words of {request!r}. "
                            "Put spaces around [slot=…] in the phrasing.")
