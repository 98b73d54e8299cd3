"""The harden stage, with a server that speaks OpenAI's protocol."""
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pillm.backends.json_schema import problems, schema
from pillm.errors import DataError
from pillm.records.harder import wrapped
from pillm.stages.harden import HardenConfig, check, harden
from tests.reference.openai_server import serving

TEACHER = {"kind": "openai", "model": "m", "base_url": None, "api_key_env": None, "temperature": 0, "top_p": 1,
           "max_tokens": 200, "batch_size": 1, "concurrency": 2, "seed": 0}
SUM = {"oneOf": [{"type": "integer"}, {"type": "object", "properties": {
    "op": {"enum": ["plus", "times"]}, "a": {"$ref": "#"}, "b": {"$ref": "#"}}, "required": ["op", "a", "b"],
    "additionalProperties": False}]}
NAMES = {"$ref": "#/$defs/p", "$defs": {"p": {"type": "object", "properties": {
    "who": {"type": "string"}, "$ref": {"type": "string"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/p"}}},
    "required": ["who"]}}}
LARGER = {"op": "plus", "a": 1, "b": {"op": "times", "a": 2, "b": 3}}


def record(request: str, answer: Any, own: dict, tag: str) -> dict:
    return {"user": request, "assistant": json.dumps(answer), "requires_json": True, "tool_schema": own, "tags": [tag]}


RECORDS = [record("1 + 2", {"op": "plus", "a": 1, "b": 2}, SUM, "good"),
           record("1 times 2", {"op": "times", "a": 1, "b": 2}, SUM, "mended"),
           record("2 times 2", {"op": "times", "a": 2, "b": 2}, SUM, "stubborn"),
           record("3 times 3", {"op": "times", "a": 3, "b": 3}, SUM, "lazy"),
           record("Ana", {"who": "Ana"}, NAMES, "made up"),
           record("Rosa", {"who": "Rosa"}, NAMES, "grown"),
           {"user": "a question", "assistant": "an answer in words"}]


def reply(messages: list[dict[str, str]]) -> str:
    """A teacher that makes every mistake, some of them once."""
    asked, told = messages[0]["content"], "cannot be used" in messages[-1]["content"]
    request = re.search(r"Request: (.*)", asked)[1]  # type: ignore[index]
    right = {"request": "1 plus the product of 2 and 3", "answer": LARGER}
    answers = {"1 + 2": right, "1 times 2": right | {"answer": LARGER if told else {"op": "minus", "a": 1, "b": 2}},
            "2 times 2": right | {"answer": {"op": "plus"}}, "3 times 3": {"request": "nine", "answer": 9},
            "Ana": {"request": "Ana and a child", "answer": {"who": "Ana", "kids": [{"who": "Zoé"}]}},
            "Rosa": {"request": "Rosa, mother of Émile", "answer": {"who": "Rosa", "kids": [{"who": "Émile"}]}}}
    return json.dumps(answers[request])


def run(folder: Path, lines: list[dict], **more: Any) -> dict:
    (folder / "work").mkdir(parents=True)
    (folder / "seeds.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    config = HardenConfig.model_validate(TEACHER | {"files": [{"path": folder / "seeds.jsonl"}], **more})
    return harden.action(config, records=folder / "records", work=folder / "work", progress=lambda *_, **__: None)


def read(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / "records" / f"{name}.jsonl").open(encoding="utf-8")]


def test_a_teacher_makes_harder_records_and_is_told_once_what_is_wrong(tmp_path: Path) -> None:
    with serving(reply) as server:
        metrics = run(tmp_path, RECORDS, base_url=server.url)
    assert metrics == {"rows": 3, "asked": 6, "asked_again": 2, "left_out": {
        "answer does not satisfy its schema": 1, "no harder than before": 1, "the answer holds what nobody said": 1}}
    made = read(tmp_path, "train")
    assert [line["tags"] for line in made] == [["good", "teacher"], ["mended", "teacher"], ["grown", "teacher"]]
    for line in made:
        assert problems(line, schema("record")) == []
        assert problems(json.loads(line["assistant"]), schema(line["tool_schema"])) == []
        assert line["source"] == "teacher m"
    again = [body for body in server.asked if "cannot be used" in body["messages"][-1]["content"]]
    assert any("'minus' is not one of ['plus', 'times']" in body["messages"][-1]["content"] for body in again)
    aside = {line["reason"]: line for line in read(tmp_path, "rejected")}
    assert aside["the answer holds what nobody said"]["told"] == "'Zoé' is neither in the request nor in the schema"
    assert "Ana and a child" in aside["the answer holds what nobody said"]["record"]["reply"]
    assert aside["no harder than before"]["line"] == 4


def test_a_killed_run_asks_only_for_what_is_missing(tmp_path: Path) -> None:
    with serving(reply) as server:
        run(tmp_path / "whole", RECORDS, base_url=server.url)
        kept = (tmp_path / "whole" / "work" / "replies.jsonl").read_bytes().splitlines(keepends=True)
        server.asked.clear()
        (tmp_path / "torn" / "work").mkdir(parents=True)
        (tmp_path / "torn" / "work" / "replies.jsonl").write_bytes(b"".join(kept[:5]) + b'{"key": "to')
        (tmp_path / "torn" / "seeds.jsonl").write_bytes((tmp_path / "whole" / "seeds.jsonl").read_bytes())
        config = HardenConfig.model_validate(TEACHER | {"files": [{"path": tmp_path / "torn" / "seeds.jsonl"}],
                                                        "base_url": server.url})
        harden.action(config, records=tmp_path / "torn" / "records", work=tmp_path / "torn" / "work",
                      progress=lambda *_, **__: None)
        assert len(server.asked) == 8 - 5
    assert read(tmp_path / "torn", "train") == read(tmp_path / "whole", "train")


@pytest.mark.parametrize("own", [SUM, NAMES])
def test_a_schema_within_another_says_the_same(own: dict) -> None:
    whole = schema(wrapped(own))
    for value in (1, {"op": "plus", "a": 1, "b": {"op": "plus", "a": 1, "b": 2}}, {"op": "plus", "a": 1, "b": "x"},
                  {"who": "A", "kids": [{"who": "B", "kids": []}]}, {"who": "A", "kids": [{"kids": []}]},
                  {"who": "A", "$ref": 1}):
        assert bool(problems({"request": "x", "answer": value}, whole)) == bool(problems(value, schema(own))), value


def test_nothing_usable_is_told(tmp_path: Path) -> None:
    with serving(lambda messages: "no") as server, pytest.raises(DataError) as error:
        run(tmp_path, RECORDS[:1], base_url=server.url)
    assert "the teacher made no record that can be used" in str(error.value)
    with pytest.raises(DataError, match="no record has user, assistant and a tool_schema of its own"):
        run(tmp_path / "none", RECORDS[-1:], base_url="http://127.0.0.1:9/v1")


def test_what_is_missing_is_told_before() -> None:
    gold = HardenConfig.model_validate(TEACHER | {"kind": "gold", "files": []})
    assert [field for field, _ in check(gold)] == ["kind", "files"]
    assert [field for field, _ in check(HardenConfig.model_validate(TEACHER | {"files": []}))] == ["files", "base_url"]
