"""The dataset as it is shipped: its card is current, its answers keep their schemas, its questions stay unseen."""
import json
from pathlib import Path

import pytest
import yaml

from pillm.backends.json_schema import problems, schema
from pillm.engine import digest
from pillm.records.contamination import near
from pillm.records.duplicates import tokens
from pillm.records.text import words
from pillm.serve import questions
from pillm.serve.spans import is_span
from tests.conftest import ROOT

FOLDER = ROOT / "dataset" / "quebecois"
CARD = yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8"))
SUITES = (FOLDER / "eval.jsonl", FOLDER / "requests" / "dev.jsonl")
COPIED = {"title", "text", "label", "place", "query", "area", "to"}


def rows(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def conversation(record: dict) -> list[tuple[str, list[str]]]:
    told = record.get("messages") or [{"role": "user", "content": record["user"]},
                                      {"role": "assistant", "content": record["assistant"]}]
    return [(message["role"], words(message["content"])) for message in told]


TRAIN = rows(FOLDER / "train.jsonl")


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
    assert len(TRAIN) >= 150
    closest = max(len(a & b) / len(a | b) for n, a in enumerate(said) for b in said[:n])
    assert closest < 0.5


def test_json_answers_keep_their_schema_and_the_request_s_words() -> None:
    wanting = [record for record in TRAIN if record.get("requires_json")]
    assert len(wanting) >= 20
    for record in wanting:
        answer = json.loads(record["assistant"])
        assert not problems(answer, schema(record["tool_schema"]))
        if record["tool_schema"] == "tool_calls":
            assert_spans(answer, record["user"])


def assert_spans(calls: list[dict], request: str) -> None:
    for call in calls:
        for name in COPIED & call.keys():
            assert is_span(call[name], request), (call, request)


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
    assert len(questions.read(SUITES[0])) >= 40
