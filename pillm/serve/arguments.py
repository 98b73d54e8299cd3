"""What questions compare answers with: whether a value suits."""
import re
from typing import Any

from pillm.backends.schema_files import named


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_texts(value: Any) -> bool:
    """A list of strings, not empty."""
    return isinstance(value, list) and bool(value) and all(map(is_text, value))


def is_turns(value: Any) -> bool:
    """A list of {role, content}."""
    return isinstance(value, list) and all(
        isinstance(turn, dict) and is_text(turn.get("role")) and is_text(turn.get("content")) for turn in value)


def is_text_or_texts(value: Any) -> bool:
    return is_text(value) or is_texts(value)


def is_references(value: Any) -> bool:
    """Texts, or those and another text that is to be rewritten as one of them."""
    if not isinstance(value, dict):
        return is_text_or_texts(value)
    if value.keys() != {"references", "given"} or not is_text_or_texts(value["references"]):
        return False
    references = [value["references"]] if is_text(value["references"]) else value["references"]
    return is_text(value["given"]) and value["given"] not in references


def is_pattern(value: Any) -> bool:
    """A regular expression of Python."""
    try:
        return bool(re.compile(value))
    except (re.error, TypeError):
        return False


def is_number(value: Any) -> bool:
    """A number, or {value, tolerance}."""
    if isinstance(value, dict):
        return "value" in value and value.keys() <= {"value", "tolerance"} and all(map(is_number, value.values()))
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_schema(value: Any) -> bool:
    """A JSON Schema, its JSON, or a name of one that is there."""
    return isinstance(value, dict) or (is_text(value) and (value.lstrip().startswith("{") or bool(named(value))))


def is_calls(value: Any) -> bool:
    """Tool calls: an object, or a list of them."""
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(call, dict) for call in value))


def is_tree(value: Any) -> bool:
    """JSON, whatever it is; null is what a forgotten answer looks like."""
    return value is not None


def is_criterion(value: Any) -> bool:
    """{criterion}, or {criterion, against}."""
    return (isinstance(value, dict) and {"criterion"} <= value.keys() <= {"criterion", "against"}
            and all(is_text(text) and text.strip() for text in value.values()))


def is_register(value: Any) -> bool:
    """{want, least}: which register, and how many marks of it."""
    return (isinstance(value, dict) and value.keys() == {"want", "least"} and value["want"] in ("quebecois", "standard")
            and type(value["least"]) is int and value["least"] >= 1)
