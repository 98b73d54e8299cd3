"""The prefer stage: a real model of random weights answers, wrongly, and its answers are rejected."""
import json
from pathlib import Path

import pytest

from pillm.backends.json_schema import problems, schema
from pillm.engine.digest import files, sha256
from pillm.errors import DataError
from pillm.stages.prefer import PreferConfig, estimate, prefer
from tests.reference import tiny_gguf

SCHEMA = {"type": "object", "properties": {"mot": {"enum": ["pain", "lait"]}}, "required": ["mot"]}


def chat(request: str, answer: str, **more: object) -> dict:
    text = f"{request}\n{json.dumps(SCHEMA, separators=(',', ':'))}"
    return {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": answer}],
            "requires_json": True, "tool_schema": SCHEMA, **more}


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladder")
    tiny_gguf.model(folder / "f16.gguf", "odd")
    return folder


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    lines = [chat("du pain", '{"mot":"pain"}', tags=["pain"]), chat("du lait", '{"mot":"lait"}'),
             chat("pain et lait", '{"mot":"pain"}'), {"messages": chat("a", "b")["messages"]}]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return tmp_path


def run(ladder: Path, chats: Path, folder: Path, **more: object) -> tuple[dict, list[dict]]:
    (folder / "work").mkdir(parents=True, exist_ok=True)
    given = PreferConfig.model_validate({"type": "f16", "context": 256, "threads": 1, "max_tokens": 12, **more})
    metrics = prefer.action(given, ladder=ladder, chats=chats, preferences=folder / "preferences",
                            work=folder / "work", progress=lambda *_, **__: None)
    text = (folder / "preferences" / "pairs.jsonl").read_text("utf-8")
    return metrics, [json.loads(line) for line in text.splitlines()]


def test_what_it_gets_wrong_becomes_pairs(ladder: Path, chats: Path, tmp_path: Path) -> None:
    metrics, pairs = run(ladder, chats, tmp_path / "free")
    assert metrics["asked"] == metrics["right"] + metrics["wrong"] == 3
    assert metrics["wrong"] == sum(metrics["errors"].values()) > 0
    uncovered = (tmp_path / "free" / "preferences" / "uncovered.jsonl").read_text("utf-8").splitlines()
    assert metrics["pairs"] == len(pairs) == metrics["wrong"] - len(uncovered)
    assert metrics["covered"] == metrics["pairs"] / metrics["wrong"]
    for made in pairs:
        assert problems(made, schema("preference")) == []
        assert json.loads(made["chosen"])["mot"] in ("pain", "lait")
        assert made["chosen"] != made["rejected"] and made["error"] in metrics["pairs_of"]
    assert [made.get("tags") for made in pairs if made["prompt"].startswith("du pain")] == [["pain"]]


def test_held_to_the_schema_only_wrong_trees_are_left(ladder: Path, chats: Path, tmp_path: Path) -> None:
    metrics, pairs = run(ladder, chats, tmp_path / "held", decoding="schema", max_tokens=60)
    assert metrics["errors"].keys() <= {"another tree", "cut off"}
    assert metrics["right"] + metrics["errors"].get("another tree", 0) >= 1
    assert len(pairs) == metrics["wrong"]


def test_the_same_again_and_what_was_asked_is_not_asked_again(ladder: Path, chats: Path, tmp_path: Path) -> None:
    run(ladder, chats, tmp_path / "one")
    replies = (tmp_path / "one" / "work" / "replies.jsonl").read_bytes()
    (tmp_path / "two" / "work").mkdir(parents=True)
    (tmp_path / "two" / "work" / "replies.jsonl").write_bytes(replies.splitlines(keepends=True)[0] + b'{"torn')
    run(ladder, chats, tmp_path / "two")
    assert (tmp_path / "two" / "work" / "replies.jsonl").read_bytes() == replies
    assert [sha256(path) for _, path in files(tmp_path / "one" / "preferences")] == [
        sha256(path) for _, path in files(tmp_path / "two" / "preferences")]


def test_chats_without_json_are_told(ladder: Path, tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(json.dumps({"messages": chat("a", "b")["messages"]}) + "\n", "utf-8")
    with pytest.raises(DataError, match=r"no chat is one request answered in JSON\. Leave prefer out of the steps\."):
        run(ladder, tmp_path, tmp_path / "none")


def test_the_estimate_grows_with_requests_answers_and_weights() -> None:
    model = {"parameters": 10**8, "shape": {"layers": 8, "hidden": 288, "heads": 4, "kv_heads": 2, "vocab": 400}}
    whole, short = (estimate(PreferConfig(type="f16", context=256, most=100, max_tokens=n), {"model": model})
                    for n in (256, 10))
    assert (whole.seconds, short.seconds) == pytest.approx((1 + 75, 1 + 35))
    assert whole.ram_gib > 2e8 / 2**30 + 0.2  # the weights beside the program
