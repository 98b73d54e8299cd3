import json
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pillm.backends.json_schema import accepting, problems, schema
from pillm.backends.json_verdict import compiled
from pillm.backends.schema_files import names
from pillm.errors import ConfigError, MissingInput
from tests.conftest import ROOT

CALLS = schema("tool_calls")

TEXT = st.sampled_from(["", " ", "a", "ab", "salon", "demain", "07:00", "7h", "x" * 9, "é"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 40), st.sampled_from([1.0, 1.5, -0.5]), TEXT)
KEYS = st.sampled_from(["tool", "a", "b", "room", "time"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
                      max_leaves=8)
TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"]


def grown(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries({}, optional={
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
        "properties": st.dictionaries(KEYS, inner, max_size=3),
        "required": st.lists(KEYS, max_size=2, unique=True),
        "additionalProperties": inner,
        "items": inner,
        "anyOf": st.lists(inner, min_size=1, max_size=3),
        "oneOf": st.lists(inner, min_size=1, max_size=3),
        "allOf": st.lists(inner, min_size=1, max_size=2),
        "not": inner,
        "$ref": st.just("#/$defs/other"),
    })


LEAVES = st.one_of(st.booleans(), st.fixed_dictionaries({}, optional={
    "type": st.sampled_from(TYPES), "const": SCALARS, "enum": st.lists(SCALARS, min_size=1, max_size=4),
    "pattern": st.sampled_from([r"\S", "^a", "^[0-9]{2}:"]), "minLength": st.integers(0, 3),
    "maxLength": st.integers(0, 3), "minItems": st.integers(0, 2), "maxItems": st.integers(0, 2),
    "minimum": st.integers(-1, 5), "maximum": st.integers(-1, 5), "exclusiveMinimum": st.just(0),
    "exclusiveMaximum": st.just(3), "description": st.just("a note"), "x-copied": st.just(True)}))
SCHEMAS = st.recursive(LEAVES, grown, max_leaves=6).filter(lambda made: isinstance(made, dict))


@settings(max_examples=400, deadline=None)
@given(SCHEMAS, LEAVES, VALUES)
def test_the_compiled_verdict_is_that_of_jsonschema(made: dict, other: Any, value: Any) -> None:
    whole = made | {"$defs": {"other": other}}
    check = compiled(whole)
    assert check is not None
    assert check(value) == Draft202012Validator(whole).is_valid(value)


def test_a_schema_may_refer_to_itself():
    tree = {"type": "object", "additionalProperties": {"$ref": "#"}}
    assert [accepting(tree)(value) for value in ({"a": {"b": {}}}, {"a": {"b": 1}})] == [True, False]


@pytest.mark.parametrize("more", [{"uniqueItems": True}, {"if": True}, {"prefixItems": [True]}, {"const": [1]},
                                  {"$schema": "http://json-schema.org/draft-07/schema#"}])
def test_what_is_not_compiled_is_left_to_jsonschema(more: dict):
    assert compiled({"type": "array"} | more) is None
    assert accepting({"type": "array"} | more)([1]) or "const" in more


@pytest.mark.parametrize(("answer", "told"), [
    ([{"tool": "alarm", "time": "7h"}], "[0].time: '7h' does not match '^([01][0-9]|2[0-3]):[0-5][0-9]$'"),
    ([{"tool": "alarm"}], "[0]: 'time' is a required property"),
    ([{"tool": "zork"}], '[0]: "zork" is none of "calendar", "note", "light", "heat", "timer", "alarm", "weather", '
                         '"localsearch", "message", "none"'),
    ([{"tool": "note", "text": "lait", "day": "demain"}],
     "[0]: Additional properties are not allowed ('day' was unexpected)"),
    ({"tool": "none"}, "{'tool': 'none'} is not of type 'array'"),
])
def test_of_alternatives_the_one_that_was_meant_is_told(answer: Any, told: str):
    assert problems(answer, CALLS) == [told]


def test_a_schema_has_three_forms():
    itself = {"type": "object", "required": ["city"]}
    assert schema(itself) == itself == schema(json.dumps(itself))
    assert schema("tool_calls")["title"].startswith("Tool calls")


def test_the_users_schemas_go_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "mine.schema.json").write_text('{"type": "integer"}')
    assert schema("mine") == {"type": "integer"}
    assert {"mine", "record", "tool_calls"} <= set(names())


@pytest.mark.parametrize(("given", "told"), [
    ("tool_cals", "Name one of schemas/, or write the schema itself. Did you mean 'tool_calls'?"),
    ('{"type": ', "it is not JSON"),
    ({"type": "objekt"}, "'objekt' is not valid under any of the given schemas"),
    ({"pattern": "("}, "pattern: '(' is not a 'regex'"),
    ({"patternProperties": {"[": True}}, "patternProperties: '[' is not a 'regex'"),
    ({"$ref": "#/$defs/nowhere"}, "$ref '#/$defs/nowhere' does not lead to a place in this schema"),
    ({"$ref": "https://example.org/schema.json"}, "does not lead to a place in this schema"),
    ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}},
     "it refers to itself without end"),
])
def test_a_schema_that_cannot_be_used_is_told(given: Any, told: str):
    with pytest.raises(ConfigError) as error:
        schema(given)
    assert told in str(error.value)
    assert isinstance(error.value, MissingInput) == (given == "tool_cals")


def test_nothing_is_fetched(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the network was used"))
    with pytest.raises(ConfigError):
        schema({"$ref": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize("file", sorted((ROOT / "schemas").glob("*.schema.json")), ids=lambda file: file.name)
def test_the_shipped_schemas_are_schemas(file):
    assert schema(file.name.removesuffix(".schema.json"))["title"]
