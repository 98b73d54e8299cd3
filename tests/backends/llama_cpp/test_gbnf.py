"""Whatever a random model writes under a schema's grammar is JSON that the schema allows."""
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pillm.backends.llama_cpp.gbnf import grammar
from pillm.backends.llama_cpp.server import Server
from pillm.errors import ConfigError
from tests.backends.llama_cpp.conftest import Tiny

ASK = [{"role": "user", "content": "Réponds en JSON."}]
KEYS = st.text('aé"\\ 0-', min_size=1, max_size=4)
LEAVES = st.sampled_from([
    {"type": "boolean"}, {"type": "null"}, {"type": "integer"}, {"type": "number"}, {"const": "l'été \"\\ \n"},
    {"type": "string", "maxLength": 5}, {"type": "string", "minLength": 2, "maxLength": 3}, {"enum": [1, "un", None]},
    {"type": ["integer", "null"]}, {"$ref": "#/$defs/half~1way"},
])


def _nested(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.dictionaries(KEYS, inner, min_size=1, max_size=3).flatmap(
        lambda properties: st.lists(st.sampled_from(sorted(properties)), unique=True).map(
            lambda required: {"type": "object", "properties": properties, "required": required,
                              "additionalProperties": False}))
    arrays = st.tuples(inner, st.integers(0, 2), st.integers(0, 2)).map(
        lambda parts: {"type": "array", "items": parts[0], "minItems": parts[1], "maxItems": parts[1] + parts[2]})
    return objects | arrays | st.lists(inner, min_size=1, max_size=3).map(lambda choices: {"anyOf": choices})


SCHEMAS = st.recursive(LEAVES, _nested, max_leaves=6).map(
    lambda schema: schema | {"$defs": {"half/way": {"type": "boolean"}}})


@pytest.fixture(scope="module")
def server(tiny: Tiny) -> Iterator[Server]:
    with Server(tiny.gguf("Q8_0"), context=1024, threads=1) as started:
        yield started


@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(schema=SCHEMAS, seed=st.integers(0, 9))
def test_answers_fit_their_schema(server: Server, schema: dict[str, Any], seed: int) -> None:
    answer = server.chat(ASK, max_tokens=700, temperature=1.0, seed=seed, schema=schema)
    assume("\ufffd" not in answer.text)  # bytes that are no UTF-8, which only a random model writes
    assert answer.stop_reason == "eos"
    jsonschema.validate(json.loads(answer.text), schema)


def test_optional_properties_may_be_left_out() -> None:
    schema = {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["b"]}
    first = grammar(schema).splitlines()[0]
    assert first == (r'root ::= "{" space ("\"a\"" space ":" space root-0 "," space "\"b\"" space ":" space root-1'
                     r' | "\"b\"" space ":" space root-1) space "}"')


def test_recursion_ends_in_a_rule() -> None:
    tree = {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}
    rules = [line.split(" ::= ")[0] for line in grammar(tree).splitlines()]
    assert len(rules) == len(set(rules))


ADDED = {"a": {"const": 1}, "b": {"const": 2}}


@pytest.mark.parametrize(("value", "told"), [
    ({"allOf": [{"type": "string"}]}, "allOf cannot be held to"),
    ({"prefixItems": [{"type": "string"}]}, "prefixItems cannot be held to"),
    (False, "false allows no value. Leave it out"),
    ({"type": "object", "properties": ADDED, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
     "properties beside oneOf cannot be held to"),
    ({"type": "object", "anyOf": [{"properties": ADDED}]}, "type beside anyOf cannot be held to"),
    ({"$ref": "#", "required": ["a"]}, "required beside $ref cannot be held to"),
    ({"enum": [[1]], "maxItems": 0}, "maxItems beside enum cannot be held to"),
    ({"const": "a", "enum": ["b"]}, "enum beside const cannot be held to"),
    ({"enum": [1, 2], "type": ["string", "null"]}, "no value that it names is of type string or null"),
    ({"properties": ADDED, "required": ["c"], "additionalProperties": False},
     "'c' is required, and is not among properties"),
])
def test_what_a_grammar_cannot_hold_is_told(value: Any, told: str) -> None:
    schema = {"type": "object", "properties": {"when": value}}
    with pytest.raises(ConfigError, match=f"^schema root-0: {re.escape(told)}"):
        grammar(schema)


def test_what_says_nothing_of_the_shape_may_stand_beside() -> None:
    said = {"title": "t", "description": "d", "default": 1, "examples": [1], "$comment": "c", "x-copied": True,
            "$defs": {"one": {"const": 1}}}
    for schema in ({"$ref": "#/$defs/one"}, {"const": 1}, {"enum": [1]}, {"anyOf": [{"const": 1}]},
                   {"oneOf": [{"const": 1}]}):
        assert grammar({**said, **schema}) == grammar({"$defs": said["$defs"], **schema})


def test_enum_keeps_the_values_of_the_type_beside_it() -> None:
    assert grammar({"type": "integer", "enum": [1, "un", True, 2]}) == grammar({"enum": [1, 2]})


def test_one_of_several_properties_may_be_required() -> None:
    schema = {"type": "object", "properties": ADDED, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    rest = {"type": "object", "properties": ADDED}
    assert grammar(schema) == grammar({"anyOf": [{**rest, "required": ["a"]}, {**rest, "required": ["b"]}]})


def test_what_is_required_is_written_even_where_no_property_tells_of_it() -> None:
    schema = {"type": "object", "properties": ADDED, "required": ["c", "a"]}
    assert grammar(schema) == grammar({**schema, "properties": ADDED | {"c": True}})
    counts = {"required": ["c"], "additionalProperties": {"type": "integer"}}
    assert grammar(counts) == grammar({**counts, "properties": {"c": {"type": "integer"}}})


def test_an_object_without_properties_may_be_the_empty_one() -> None:
    assert grammar({"type": "object", "additionalProperties": False}).startswith('root ::= "{" space "}"\n')
