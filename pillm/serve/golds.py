"""Right answers, made of what questions compare with."""
import json
from typing import Any


def itself(wanted: str) -> str:
    return wanted


def first(wanted: str | list[str]) -> str:
    """Of several that would do."""
    return wanted if isinstance(wanted, str) else wanted[0]


def reference(wanted: str | list[str] | dict[str, Any]) -> str:
    """The first text to be like."""
    return first(wanted["references"] if isinstance(wanted, dict) else wanted)


def together(wanted: str | list[str]) -> str:
    """All that must be there, a line each."""
    return wanted if isinstance(wanted, str) else "\n".join(wanted)


def figure(wanted: float | dict[str, float]) -> str:
    """A number as JSON writes it."""
    return json.dumps(wanted["value"] if isinstance(wanted, dict) else wanted)
