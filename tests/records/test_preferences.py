"""What a model's answer to a training request is, as a preference."""
import json

import pytest

from pillm.backends.json_schema import problems, schema
from pillm.records.preferences import asked, mistake, pair
from pillm.records.replies import Reply

SCHEMA = {"type": "object", "properties": {"op": {"enum": ["+", "-"]}, "n": {"type": "integer", "maximum": 9},
                                           "code": {"type": "string", "pattern": "^[A-Z]$"}},
          "required": ["op", "n"], "additionalProperties": False}
CHAT = {"messages": [{"role": "system", "content": "Brief."}, {"role": "user", "content": "plus 3"},
                     {"role": "assistant", "content": '{"op":"+","n":3}'}],
        "requires_json": True, "tool_schema": SCHEMA, "tags": ["sums"], "mine": 1}


@pytest.mark.parametrize(("answer", "cut", "kind"), [
    ('{"op":"+","n":3}', False, ""),
    (' {"n": 3.0, "op": "+"}\n', False, ""),
    ('{"op":"-","n":3}', False, "another tree"),
    ('{"op":"+","n":3,"code":"A"}', False, "another tree"),
    ('{"op":"+"}', False, "schema: required"),
    ('{"op":"*","n":3}', False, "schema: enum"),
    ('{"op":"+","n":"3"}', False, "schema: type"),
    ('{"op":"+","n":12}', False, "schema: maximum"),
    ('{"op":"+","n":3,"code":"a"}', False, "schema: pattern"),
    ('{"op":"+","n":3,"x":1}', False, "schema: additionalProperties"),
    ("[]", False, "schema: type"),
    ('{"op":"+","n":3}}', False, "not JSON"),
    ('{"op":"+","op":"+","n":3}', False, "not JSON"),
    ("Sure!", False, "not JSON"),
    ('{"op":"+","n":3', True, "cut off"),
    ('{"op":"+","n":3}', True, ""),
    ("", False, "not JSON"),
])
def test_kinds_of_error(answer: str, cut: bool, kind: str) -> None:
    one = asked(CHAT)
    assert one
    assert mistake(one, Reply(answer, cut)) == kind


def test_a_pair_is_one_of_the_schema() -> None:
    one = asked(json.loads(json.dumps(CHAT)))
    assert one
    made = pair(one, '{"op":"*"}', "schema: enum")
    assert made == {"prompt": "plus 3", "system_hint": "Brief.", "chosen": '{"op":"+","n":3}', "rejected": '{"op":"*"}',
                    "error": "schema: enum", "tags": ["sums"]}
    assert problems(made, schema("preference")) == []
    assert pair(one, " \n", "not JSON") is None


def test_a_schema_by_its_name_and_none_at_all() -> None:
    named = asked(CHAT | {"tool_schema": "tool_calls"})
    without = asked({key: value for key, value in CHAT.items() if key != "tool_schema"})
    assert named and without
    assert mistake(named, Reply('[{"tool":"nope"}]', False)).startswith("schema: ")
    assert mistake(without, Reply("[1]", False)) == "another tree"


@pytest.mark.parametrize("change", [
    {"requires_json": False},
    {"messages": CHAT["messages"][:2]},
    {"messages": [*CHAT["messages"], {"role": "user", "content": "minus 1"}, {"role": "assistant", "content": "{}"}]},
])
def test_other_chats_are_none(change: dict) -> None:
    assert asked(CHAT | change) is None
