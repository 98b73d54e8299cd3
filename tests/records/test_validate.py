from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pillm.backends.json_schema import schema
from pillm.records.validate import judge

RECORD = schema("record")
USER, ASSISTANT = {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}
SYSTEM = {"role": "system", "content": "c"}
CALL = {"user": "Note ça", "requires_json": True, "tool_schema": "tool_calls"}

BAD = [
    ({}, "schema", "it has none of: user; messages; question, agent_responses and final_answer"),
    (["a"], "schema", "a record is an object"),
    ("a", "schema", "a record is an object"),
    ({"question": "a", "final_answer": "b"}, "schema", "it has none of"),
    ({"user": "a", "messages": [USER]}, "schema", "it has more than one of"),
    ({"user": ""}, "schema", "user: '' does not match '\\\\S'"),
    ({"user": " \n"}, "schema", "does not match"),
    ({"user": 3}, "schema", "user: 3 is not of type 'string'"),
    ({"user": "a", "assistant": {"x": 1}}, "schema", "assistant: {'x': 1} is not of type 'string'"),
    ({"user": "a", "tags": "b"}, "schema", "tags: 'b' is not of type 'array'"),
    ({"user": "a", "tags": [1]}, "schema", "tags[0]: 1 is not of type 'string'"),
    ({"user": "a", "requires_json": "yes"}, "schema", "requires_json: 'yes' is not of type 'boolean'"),
    ({"user": "a", "tool_schema": True}, "schema", "tool_schema: True is not of type 'object', 'string'"),
    ({"messages": []}, "schema", "messages: [] should be non-empty"),
    ({"messages": "a"}, "schema", "messages: 'a' is not of type 'array'"),
    ({"messages": [{"role": "tool", "content": "a"}]}, "schema", "messages[0].role: 'tool' is not one of"),
    ({"messages": [{"role": "user", "content": None}]}, "schema", "messages[0].content: None is not of type 'string'"),
    ({"messages": [USER, ASSISTANT | {"tool_calls": []}]}, "schema", "messages[1]"),
    ({"question": "a", "agent_responses": [], "final_answer": "b"}, "schema",
     "agent_responses: [] should be non-empty"),
    ({"question": "a", "agent_responses": [{"agent": "x"}], "final_answer": "b"}, "schema",
     "agent_responses[0]: 'response' is a required property"),
    ({"messages": [ASSISTANT, USER]}, "order of messages", "the assistant speaks first"),
    ({"messages": [USER, USER]}, "order of messages", "message 2 is the user's, after one of the user's"),
    ({"messages": [USER, ASSISTANT, ASSISTANT]}, "order of messages", "message 3 is the assistant's"),
    ({"messages": [USER, SYSTEM, USER]}, "order of messages", "message 2 is the system's"),
    ({"messages": [SYSTEM]}, "order of messages", "nobody asks anything"),
    ({"messages": [SYSTEM, USER], "system_hint": "d"}, "order of messages", "there are two system prompts"),
    (CALL | {"tool_schema": "tool_cals"}, "tool_schema", "Did you mean 'tool_calls'?"),
    (CALL | {"tool_schema": '{"type": "objet"}'}, "tool_schema", "'objet' is not valid"),
    (CALL | {"tool_schema": "{"}, "tool_schema", "the schema: it is not JSON"),
    (CALL | {"tool_schema": {"$ref": "http://example.org"}}, "tool_schema", "does not lead to a place"),
    (CALL | {"assistant": "Voilà!"}, "answer is not JSON", "Expecting value"),
    (CALL | {"assistant": '[{"tool":"none"}] '+"fini"}, "answer is not JSON", "Extra data"),
    (CALL | {"assistant": '[{"tool":"note","tool":"none"}]'}, "answer is not JSON", "a key stands twice"),
    (CALL | {"assistant": '[{"tool":"note"}]'}, "answer does not satisfy its schema", "[0]: 'text' is a required"),
    ({"user": "a", "assistant": "b", "requires_json": True}, "answer is not JSON", "Expecting value"),
    ({"messages": [USER, ASSISTANT], "requires_json": True, "tool_schema": {}}, "answer is not JSON", "Expecting"),
]

GOOD = [
    {"user": "a"},
    {"user": "a", "assistant": "", "system_hint": ""},
    {"user": "a", "assistant": "b", "mine": {"any": ["thing", None]}},
    {"messages": [SYSTEM, USER, ASSISTANT, USER]},
    {"messages": [USER | {"name": "Julie"}, ASSISTANT]},
    {"messages": [USER, ASSISTANT], "system_hint": "c"},
    {"question": "a", "agent_responses": ["x", {"agent": "y", "response": "z"}], "final_answer": "b"},
    {"user": "a", "question": "not a form by itself"},
    CALL, CALL | {"assistant": ""}, CALL | {"assistant": '[{"tool":"note","text":"ça"}]'},
    CALL | {"tool_schema": {"type": "integer"}, "assistant": "3"},
    CALL | {"tool_schema": '{"type": "integer"}', "assistant": "3"},
    {"user": "a", "assistant": "free text", "tool_schema": "tool_calls"},
]


@pytest.mark.parametrize(("record", "reason", "told"), BAD, ids=str)
def test_a_record_that_cannot_be_used_is_told_why(record, reason, told):
    found = judge()(record)
    assert found and (found[0], told in found[1]) == (reason, True), found


@pytest.mark.parametrize("record", GOOD, ids=str)
def test_a_record_that_can_be_used_passes(record):
    assert judge()(record) is None


ANY = st.one_of(st.none(), st.booleans(), st.integers(0, 1), st.sampled_from(["", " ", "a", "user", "system"]))
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("user", "system_hint", "assistant", "question", "final_answer", "requires_json", "tool_name",
                     "goal", "lang", "source", "licence", "extra"), ANY),
    "tags": ANY | st.lists(ANY, max_size=2),
    "tool_schema": ANY | st.just({}),
    "messages": ANY | st.lists(ANY | st.fixed_dictionaries({}, optional={
        "role": ANY | st.just("assistant"), "content": ANY, "tool_calls": ANY, "name": ANY}), max_size=3),
    "agent_responses": ANY | st.lists(ANY | st.fixed_dictionaries({}, optional={"agent": ANY, "response": ANY})),
}


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.none(), max_size=6).flatmap(
    lambda keys: st.fixed_dictionaries({key: FIELDS[key] for key in keys})) | ANY)
def test_the_schemas_verdict_is_that_of_jsonschema(record):
    found = judge()(record)
    assert (found is not None and found[0] == "schema") == (not Draft202012Validator(RECORD).is_valid(record))
    assert found is None or found[1]
