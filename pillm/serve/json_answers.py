"""Checkers of answers that are JSON, as the program on the other end would parse them: nothing is repaired."""
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pillm.serve.checker import Measures

MOST_LEVELS = 100
"""Of nested lists and objects: far from what makes the functions here fail, which call themselves for each."""


class NotJson(ValueError):
    """The text is not one JSON value."""


def parsed(text: str) -> Any:
    """The value; raises NotJson for what a strict parser refuses: doubled keys, NaN and too many levels included."""
    try:
        found = json.loads(unicodedata.normalize("NFC", text), object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error
    if _is_deep(found):
        raise NotJson(f"lists and objects stand in one another more than {MOST_LEVELS} times")
    return found


def _is_deep(value: Any) -> bool:
    level = _nested([value])
    for _ in range(MOST_LEVELS):
        level = _nested(inner for each in level for inner in (each.values() if isinstance(each, dict) else each))
    return bool(level)


def _nested(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, (dict, list))]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise NotJson("a key stands twice in one object")
    return found


def _constant(name: str) -> Any:
    raise NotJson(f"{name} is no JSON")


def json_schema(answer: str, schema: str | dict) -> "Measures":
    """Right if the answer is JSON that the schema (its name in schemas/, or itself) accepts."""
    from pillm.backends.json_schema import accepting
    from pillm.backends.json_schema import schema as named

    try:
        value = parsed(answer)
    except NotJson:
        return {"score": 0.0, "json_valid": 0.0}
    return {"score": float(accepting(named(schema))(value)), "json_valid": 1.0}


def schema_file(schema: str | dict | None) -> tuple[Path, ...]:
    """The file of a schema that is named."""
    from pillm.backends.schema_files import named

    return tuple(filter(None, [named(schema)]))


def slots(answer: str, wanted: list[dict] | dict) -> "Measures":
    """Right if the calls equal the wanted ones, in order; `slot_f1` counts what is right in a wrong answer."""
    try:
        found = parsed(answer)
    except NotJson:
        return {"score": 0.0, "slot_f1": 0.0, "json_valid": 0.0}
    same = canonical(_calls(found)) == canonical(_calls(wanted))
    return {"score": float(same), "slot_f1": f1(_facts(found), _facts(wanted)), "json_valid": 1.0}


def ast(answer: str, wanted: Any) -> "Measures":
    """Right if it is the wanted tree; `tree_similarity` says how near a wrong one comes, by the edits between them."""
    from pillm.backends.tree_distance import similarity

    try:
        found = parsed(answer)
    except NotJson:
        return {"score": 0.0, "tree_similarity": 0.0, "json_valid": 0.0}
    return {"score": same_tree(answer, wanted), "tree_similarity": similarity(found, wanted), "json_valid": 1.0}


def same_tree(answer: str, wanted: Any) -> float:
    """1 for the wanted tree, in whatever order its properties come."""
    try:
        return float(canonical(parsed(answer)) == canonical(wanted))
    except NotJson:
        return 0.0


def f1(found: Counter, wanted: Counter) -> float:
    """F1 = 2·|found ∩ wanted| / (|found| + |wanted|) over multisets; 1 where both are empty."""
    total = found.total() + wanted.total()
    return 2 * (found & wanted).total() / total if total else 1.0


def canonical(value: Any) -> str:
    """Equal for equal JSON values: key order and 20.0 against 20 do not matter, 1 against true and "1" do."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _calls(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def _facts(value: Any) -> Counter:
    """One fact per slot: (the call's tool, key, value); a call that is no object is one fact of its own."""
    return Counter(fact for call in _calls(value) for fact in _facts_of_call(call))


def _facts_of_call(call: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(call, dict):
        yield "", "", canonical(call)
        return
    tool = canonical(call.get("tool"))
    for key, value in call.items():
        yield tool, key, canonical(value)
