"""Whatever a random model writes under a schema's grammar is JSON that the schema allows."""
import json
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


def test_what_a_grammar_cannot_hold_is_told() -> None:
    schema = {"type": "object", "properties": {"when": {"allOf": [{"type": "string"}]}}}
    with pytest.raises(ConfigError, match="schema root-0: allOf cannot be held to"):
        grammar(schema)
