"""What a tool schema says of tools and their slots, as far as a rival has to know."""
import re
from dataclasses import dataclass
from typing import Any, Literal

Schema = dict[str, Any]
Call = dict[str, Any]
Pair = tuple[str, list[Call]]
"""A request and the calls that answer it."""
Kind = Literal["copied", "listed", "said"]
"""A span of the request; one of an enumeration; a number, an hour, a yes or no: anything else."""
SINGLE = (str, int, float, bool)


@dataclass(frozen=True)
class Slot:
    """Where a call holds a value."""

    name: str
    kind: Kind
    required: bool
    schema: Schema

    def takes(self, value: Any) -> bool:
        """Whether it is one of an enumeration, a number within bounds, or a text of the slot's pattern."""
        if "enum" in self.schema:
            return value in self.schema["enum"]
        if isinstance(value, str):
            return "pattern" not in self.schema or re.search(self.schema["pattern"], value) is not None
        return self.schema.get("minimum", value) <= value <= self.schema.get("maximum", value)


@dataclass(frozen=True)
class Contract:
    """The tools of a schema: an array of `oneOf` objects whose first property is a `const`, the tool's name."""

    key: str
    """What the first property is called."""
    tools: dict[str, tuple[Slot, ...]]
    """Slots in the schema's order."""

    def slots(self, call: Call) -> tuple[Slot, ...]:
        """Those that its tool may have; none of a tool the schema does not know."""
        return self.tools.get(call[self.key], ())

    def sequence(self, calls: list[Call]) -> tuple[str, ...]:
        return tuple(call[self.key] for call in calls)

    def call(self, tool: str, values: dict[str, Any]) -> Call:
        """Slots in order; those without a value are left out."""
        return {self.key: tool} | {slot.name: values[slot.name] for slot in self.tools[tool] if slot.name in values}

    def knows(self, calls: Any) -> bool:
        """Whether it is a list of calls to these tools, with single values, and texts in copied slots."""
        return isinstance(calls, list) and bool(calls) and all(map(self._knows, calls))

    def _knows(self, call: Any) -> bool:
        if not isinstance(call, dict) or call.get(self.key) not in self.tools:
            return False
        copied = (call[slot.name] for slot in self.slots(call) if slot.kind == "copied" and slot.name in call)
        return all(isinstance(value, SINGLE) for value in call.values()) and all(isinstance(it, str) for it in copied)


def contract(schema: Schema) -> Contract:
    items = schema["items"]
    found = items.get("oneOf") or items.get("anyOf") or [items]
    key = next(iter(found[0]["properties"]))
    return Contract(key, {call["properties"][key]["const"]: _slots(call, key) for call in found})


def _slots(call: Schema, key: str) -> tuple[Slot, ...]:
    required = call.get("required", ())
    return tuple(Slot(name, _kind(slot), name in required, slot)
                 for name, slot in call["properties"].items() if name != key)


def _kind(slot: Schema) -> Kind:
    if slot.get("x-copied"):
        return "copied"
    return "listed" if "enum" in slot else "said"
