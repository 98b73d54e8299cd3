"""Shapes of schemas: alike in everything but words."""
import pytest

from pillm.records.languages.shape import depth, features, shape

PAIR = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}
RENAMED = {"type": "object", "properties": {"y": {"type": "integer"}, "x": {"type": "string"}}, "required": ["x"]}
LISP = {"oneOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#"}}]}
DEFINED = {"$ref": "#/$defs/e", "$defs": {"e": {"oneOf": [{"type": "array", "items": {"$ref": "#/$defs/e"}},
                                                         {"type": "integer"}]}}}
INLINE = {"type": "array", "items": PAIR}
APART = {"type": "array", "items": {"$ref": "#/$defs/p"}, "$defs": {"p": RENAMED}}


@pytest.mark.parametrize(("one", "other"), [
    (PAIR, RENAMED), (LISP, DEFINED), (INLINE, APART),
    ({"enum": ["a", "b"]}, {"enum": ["x", "y", "z"]}),
    ({"type": "integer", "minimum": 3}, {"type": "integer", "minimum": 40}),
    ({"type": "string", "pattern": "^a$"}, {"type": "string", "pattern": "^[0-9]+$"}),
    (PAIR, PAIR | {"additionalProperties": False}),
    (PAIR, PAIR | {"title": "A pair"}),
])
def test_words_and_order_are_no_shape(one: dict, other: dict) -> None:
    assert shape(one) == shape(other)


@pytest.mark.parametrize(("one", "other"), [
    (PAIR, PAIR | {"required": ["a", "b"]}),
    (PAIR, {**PAIR, "properties": {**PAIR["properties"], "c": {"type": "integer"}}}),
    (LISP, {"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
    ({"type": "integer"}, {"type": "integer", "minimum": 3}),
    ({"type": "string"}, {"enum": ["a"]}),
    ({"enum": ["a"]}, {"enum": [1]}),
    ({"type": "integer"}, {"type": "number"}),
    (INLINE, PAIR),
])
def test_what_is_built_otherwise_is_another_shape(one: dict, other: dict) -> None:
    assert shape(one) != shape(other)


def test_depth_and_features() -> None:
    assert [depth(value) for value in (1, "a", [], {}, [[]], {"a": {"b": [1]}})] == [0, 0, 1, 1, 2, 3]
    assert features(LISP) == ["oneOf", "$ref", "array"]
    named = {"type": "object", "properties": {"pattern": {"enum": [1]}, "minimum": {"type": "string"}}}
    assert features(named) == ["enum"]
    assert features({"type": "string", "maxLength": 3}) == ["bounds"]
