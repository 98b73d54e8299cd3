"""The dataset as it is shipped: its card is current, its answers keep their schemas, its questions stay unseen."""
import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from pillm.backends.json_schema import problems, schema
from pillm.engine import digest
from pillm.records.contamination import near
from pillm.records.duplicates import tokens
from pillm.records.text import words
from pillm.serve import questions
from pillm.serve.register import marks
from pillm.serve.spans import is_span
from tests.conftest import ROOT

FOLDER = ROOT / "dataset" / "quebecois"
CARD = yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8"))
SUITES = (FOLDER / "eval.jsonl", FOLDER / "requests" / "dev.jsonl")
COPIED = {"title", "text", "label", "place", "query", "area", "to", "from", "name", "item", "quantity"}
TOOLS = {"tool_calls", "reservation", "transit", "shopping_list", "email"}


def rows(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def conversation(record: dict) -> list[tuple[str, list[str]]]:
    told = record.get("messages") or [{"role": "user", "content": record["user"]},
                                      {"role": "assistant", "content": record["assistant"]}]
    return [(message["role"], words(message["content"])) for message in told]


def exchanges(record: dict) -> list[tuple[str, str]]:
    """What the user says and what is answered to it, turn by turn."""
    told = [message["content"] for message in record.get("messages", ()) if message["role"] != "system"]
    told = told or [record["user"], record["assistant"]]
    return list(zip(told[::2], told[1::2], strict=True))


DISTILL, CONVERSATION = rows(FOLDER / "distill.jsonl"), rows(FOLDER / "conversation.jsonl")
TRAIN = DISTILL + CONVERSATION


@pytest.mark.parametrize("name", CARD["files"])
def test_the_card_tells_each_files_rows_and_sum(name: str) -> None:
    told = CARD["files"][name]
    assert {"rows": len(rows(FOLDER / name)), "sha256": digest.sha256(FOLDER / name)} == {
        "rows": told["rows"], "sha256": told["sha256"]}


def test_the_card_tells_the_rules() -> None:
    found = {name: digest.sha256(file) for name, file in digest.files(FOLDER / "requests" / "rules")}
    assert {"files": len(found), "sha256": digest.of_files(found)} == {
        "files": CARD["rules"]["files"], "sha256": CARD["rules"]["sha256"]}


def test_the_card_names_every_file() -> None:
    there = {file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.jsonl")}
    assert there == set(CARD["files"])


def test_every_record_is_an_answered_one() -> None:
    contract = schema("record")
    for record in TRAIN:
        assert not problems(record, contract)
        assert record.get("assistant") or record["messages"][-1]["role"] == "assistant"
        assert {"tags", "lang", "source", "licence"} <= record.keys()


def test_no_two_records_are_alike() -> None:
    """Jaccard over words and their pairs stays far below what counts as a near duplicate."""
    said = [tokens(" ".join(word for role, text in conversation(record) for word in text)) for record in TRAIN]
    closest = max(len(a & b) / len(a | b) for n, a in enumerate(said) for b in said[:n])
    assert closest < 0.3


def test_there_is_enough_of_each_kind() -> None:
    assert len(DISTILL) >= 300 and len(CONVERSATION) >= 150
    assert sum("messages" in record for record in CONVERSATION) >= 70
    kinds = {"expression": 80, "traduction": 50, "correction": 45, "joual": 140, "standard": 100,
             "limites": 15, "json": 25}
    counts = Counter(tag for record in TRAIN for tag in record["tags"])
    assert {kind: counts[kind] for kind, least in kinds.items() if counts[kind] < least} == {}


def test_register_is_that_which_the_tags_say() -> None:
    """By the marks of the lexicon, where an answer has any: few records are about the other register's words."""
    told = [(record["tags"], marks(" ".join(answer for _, answer in exchanges(record)))) for record in TRAIN
            if not {"traduction", "expression", "grammaire", "langue"} & set(record["tags"])]
    joual = [found for tags, found in told if "joual" in tags and "standard" not in tags]
    standard = [found for tags, found in told if "standard" in tags]
    assert sum(len(found["quebecois"]) > len(found["standard"]) for found in joual) >= 0.8 * len(joual)
    assert [found for found in standard if len(found["quebecois"]) > len(found["standard"])] == []


def test_json_answers_keep_their_schema_and_the_request_s_words() -> None:
    wanting = [record for record in TRAIN if record.get("requires_json")]
    assert {record["tool_schema"] for record in wanting if isinstance(record["tool_schema"], str)} == TOOLS
    for record in wanting:
        for request, answered in exchanges(record):
            answer = json.loads(answered)
            assert not problems(answer, schema(record["tool_schema"]))
            if str(record["tool_schema"]) in TOOLS:
                assert_spans(answer, request)


def assert_spans(said: object, request: str) -> None:
    """Everything under a name that is copied, at any depth, is words of the request."""
    if isinstance(said, list):
        for one in said:
            assert_spans(one, request)
    elif isinstance(said, dict):
        for name, value in said.items():
            if name in COPIED and isinstance(value, str):
                assert is_span(value, request), (said, request)
            assert_spans(value, request)


@pytest.mark.parametrize("suite", SUITES, ids=["chat", "requests"])
def test_questions_can_be_judged_and_golds_keep_the_contract(suite: Path) -> None:
    for question in questions.read(suite):
        if question.check == "slots":
            assert not problems(question.answer, schema(question.schema))
            assert_spans(question.answer, question.user)


@pytest.mark.parametrize("suite", SUITES, ids=["chat", "requests"])
def test_no_question_is_near_a_record(suite: Path) -> None:
    find = near(questions.read(suite), 0.8)
    assert [found for record in TRAIN if (found := find(conversation(record)))] == []


def test_the_suites_cover_every_tool() -> None:
    tools = {call["properties"]["tool"]["const"] for call in schema("tool_calls")["items"]["oneOf"]}
    found = questions.read(SUITES[1])
    assert len(found) == 100
    assert all(sum(tool in question.tags for question in found) >= 5 for tool in tools)
    assert sum("several" in question.tags for question in found) >= 10


def test_the_suite_of_conversation_covers_what_it_must() -> None:
    found = questions.read(SUITES[0])
    kinds = {"expression": 20, "register": 12, "tools": 18, "limites": 8, "correction": 8, "traduction": 8, "suite": 6}
    counts = Counter(tag for one in found for tag in one.tags)
    assert {kind: counts[kind] for kind, least in kinds.items() if counts[kind] < least} == {}
    assert [one.id for one in found if one.right is None] == []


def test_no_expression_that_is_asked_was_explained() -> None:
    """Of the questions on expressions, the words in question stand in no training record that explains words."""
    explained = {form for record in TRAIN if "expression" in record["tags"]
                 for request, answer in exchanges(record) for form in marks(request + answer)["quebecois"]}
    asked = [one for one in questions.read(SUITES[0]) if "expression" in one.tags]
    assert {one.id: both for one in asked if (both := marks(one.user)["quebecois"] & explained)} == {}
