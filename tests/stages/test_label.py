import json
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pillm.backends.json_schema import problems, schema
from pillm.engine import registry
from pillm.engine.digest import files, sha256
from pillm.errors import DataError, StageError
from pillm.stages.label import LabelConfig, check, estimate, label
from tests.reference.openai_server import Fault, serving

KEY = "sk-very-secret"
TEACHER = {"kind": "gold", "model": None, "base_url": None, "api_key_env": None, "temperature": 0, "top_p": 1,
           "max_tokens": 16, "batch_size": 4, "concurrency": 4, "seed": 0}
MILK = '[{"tool":"note","text":"du lait"}]'
CALL = {"user": "Note qu'il faut du lait", "requires_json": True, "tool_schema": "tool_calls", "tags": ["note"]}
PUSHBACK = {"question": "La Terre est plate?", "agent_responses": ["Hmm.", {"agent": "critic", "response": "Voyons."}],
            "final_answer": "Non."}


def config(**changes: Any) -> LabelConfig:
    return LabelConfig.model_validate(TEACHER | changes)


def records(folder: Path, train: list[dict], **others: list[dict]) -> Path:
    out = folder / "prepared"
    out.mkdir(parents=True)
    for name, rows in {"train": train, "validation": [], "test": [], **others}.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return out


def run(config: LabelConfig, given: Path, folder: Path, progress: Callable[..., None] = lambda *_, **__: None) -> dict:
    (folder / "work").mkdir(parents=True, exist_ok=True)
    return label.action(config, records=given, chats=folder / "chats", work=folder / "work", progress=progress)


def read(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / "chats" / f"{name}.jsonl").open(encoding="utf-8")]


def digests(folder: Path) -> dict[str, str]:
    return {name: sha256(path) for name, path in files(folder)}


def questions(count: int) -> list[dict]:
    return [{"user": f"Question {n}"} for n in range(count)]


def test_records_become_chats_with_all_their_other_fields(tmp_path):
    rows = [{"user": "Ça va?", "assistant": "Ben oui.", "system_hint": "Sois bref.", "lang": "fr-CA", "mine": 3},
            CALL | {"assistant": MILK},
            {"system_hint": "Sois gentil.", "messages": [{"role": "user", "content": "Allô", "name": "Julie"},
                                                         {"role": "assistant", "content": "Allô!"}]}]
    metrics = run(config(), records(tmp_path, rows, validation=[PUSHBACK]), tmp_path)
    assert metrics == {"rows": {"train": 3, "validation": 1, "test": 0}, "left_out": {}}
    first, second, third = read(tmp_path, "train")
    assert first == {"messages": [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": "Ça va?"},
                                  {"role": "assistant", "content": "Ben oui."}], "lang": "fr-CA", "mine": 3}
    assert second == {"messages": [{"role": "user", "content": CALL["user"]}, {"role": "assistant", "content": MILK}],
                      "requires_json": True, "tool_schema": "tool_calls", "tags": ["note"]}
    assert [message["content"] for message in third["messages"]] == ["Sois gentil.", "Allô", "Allô!"]
    assert not any(problems(chat, schema("chat")) for chat in [first, second, third, *read(tmp_path, "validation")])


def test_a_pushback_answer_brings_what_was_thought(tmp_path):
    run(config(), records(tmp_path, [PUSHBACK]), tmp_path)
    chat = read(tmp_path, "train")[0]
    assert chat["messages"] == [{"role": "user", "content": "La Terre est plate?"},
                                {"role": "assistant", "content": "Non.", "thought_stream": "Hmm.\n\nVoyons."}]
    assert {key: chat[key] for key in PUSHBACK} == PUSHBACK


def test_gold_sets_records_without_an_answer_aside(tmp_path):
    rows = [{"user": "a", "assistant": "b"}, {"user": "c"}, {"user": "d", "assistant": ""}]
    metrics = run(config(), records(tmp_path, rows), tmp_path)
    assert (metrics["rows"]["train"], metrics["left_out"]) == (1, {"no answer": 2})
    assert [(row["file"], row["line"], row["record"]) for row in read(tmp_path, "rejected")] == [
        ("train.jsonl", 2, rows[1]), ("train.jsonl", 3, rows[2])]


def test_no_chat_at_all_is_told(tmp_path):
    with pytest.raises(DataError) as error:
        run(config(), records(tmp_path, [{"user": "a"}]), tmp_path)
    assert "there is no chat to train on. Choose another teacher (teacher=hf or teacher=openai)" in str(error.value)
    assert "no answer: 1" in str(error.value)


def test_records_of_a_generator_alone_are_enough(tmp_path):
    given = records(tmp_path, [{"user": "a", "assistant": "b"}])
    for name in ("validation", "test"):
        (given / f"{name}.jsonl").unlink()
    assert run(config(), given, tmp_path)["rows"] == {"train": 1, "validation": 0, "test": 0}


def replies(messages: list[dict[str, str]]) -> str:
    """Says something else to everyone; JSON only after being told, and never for «jamais»."""
    said = messages[-1]["content"]
    if "jamais" in messages[0]["content"]:
        return "Non."
    if "JSON" in messages[0]["content"]:
        return f"```json\n{MILK}\n```" if "cannot be used" in said else "Voilà: du lait"
    return f"<think>…</think>Réponse à {said}"


def test_a_server_answers_what_has_no_answer_and_bad_json_is_asked_once_more(tmp_path):
    rows = [{"user": "a", "assistant": "gold"}, *questions(20), CALL, CALL | {"user": "Ne note jamais rien"}]
    with serving(replies, {"Question 7": [Fault(429), Fault(500)]}) as server:
        metrics = run(config(kind="openai", model="m", base_url=server.url), records(tmp_path, rows), tmp_path)
    assert metrics == {"rows": {"train": 22, "validation": 0, "test": 0}, "left_out": {"answer is not JSON": 1},
                       "asked": 22, "asked_again": 2}
    answers = [chat["messages"][-1]["content"] for chat in read(tmp_path, "train")]
    assert answers == ["gold", *(f"Réponse à Question {n}" for n in range(20)), MILK]
    aside = read(tmp_path, "rejected")[0]
    assert (aside["line"], aside["record"]) == (23, rows[-1])
    assert aside["told"] == "Expecting value: line 1 column 1 (char 0)"
    assert len(server.asked) == 20 + 2 + 2 * 2
    assert "must satisfy this JSON Schema" not in json.dumps(read(tmp_path, "train"))


def test_the_key_goes_to_the_server_and_nowhere_else(tmp_path, monkeypatch, caplog, capfd):
    monkeypatch.setenv("TEACHERS_KEY", KEY)
    with serving(replies) as server:
        given = config(kind="openai", model="m", base_url=server.url, api_key_env="TEACHERS_KEY")
        metrics = run(given, records(tmp_path, questions(3)), tmp_path)
        assert server.keys == {f"Bearer {KEY}"}
        with (serving(replies, {"Question": [Fault(401, text=f"bad key {KEY}")] * 9}) as refusing,
              pytest.raises(StageError) as error):
            run(given.model_copy(update={"base_url": refusing.url}), tmp_path / "prepared", tmp_path / "again")
    kept = "".join(path.read_text("utf-8") for _, path in files(tmp_path))
    told = capfd.readouterr()
    assert KEY not in f"{kept}{metrics}{error.value}{caplog.text}{told.out}{told.err}{given!r}"


def test_progress_counts_up_to_what_was_to_be_answered(tmp_path):
    seen: list[tuple[str, float, float]] = []
    with serving(replies) as server:
        run(config(kind="openai", model="m", base_url=server.url), records(tmp_path, questions(5)), tmp_path,
            lambda text, done, total, **_: seen.append((text, done, total)))
    assert seen == [("answers", n, 5) for n in range(1, 6)]


def _work(values: dict, given: Path, folder: Path) -> None:
    run(config(**values), given, folder)


@pytest.mark.parametrize("after", [1, 9, 23])
def test_a_killed_teacher_goes_on_where_it_was(tmp_path, after):
    given = records(tmp_path, [*questions(30), CALL], validation=[{"user": "Et toi?"}])
    with serving(replies, delay_s=0.02) as server:
        values = {"kind": "openai", "model": "m", "base_url": server.url, "concurrency": 2}
        run(config(**values), given, tmp_path / "whole")
        server.asked.clear()
        child = multiprocessing.get_context("spawn").Process(target=_work, args=(values, given, tmp_path / "torn"))
        child.start()
        while len(server.asked) <= after:
            assert child.is_alive()
            time.sleep(0.005)
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        assert not (tmp_path / "torn" / "chats" / "rejected.jsonl").exists()
        with (tmp_path / "torn" / "work" / "replies.jsonl").open("ab") as torn:
            torn.write(b'{"key": "cut off in the mid')
        for left in (tmp_path / "torn" / "chats").iterdir():
            left.unlink()
        (tmp_path / "torn" / "chats").rmdir()
        run(config(**values), given, tmp_path / "torn")
        assert sum(server.times().values()) <= 31 + 1 + 1 + values["concurrency"]
    assert len(server.times()) == 33
    assert digests(tmp_path / "whole" / "chats") == digests(tmp_path / "torn" / "chats")


def test_what_a_teacher_refused_before_a_kill_does_not_end_the_work_after_it(tmp_path):
    given = records(tmp_path, [{"user": "Bonjour"}, *questions(9)])
    with serving(replies, {f"Question {n}": [Fault(413, text="too long")] * 2 for n in range(9)}) as server:
        teacher = config(kind="openai", model="m", base_url=server.url, concurrency=1)
        run(teacher, given, tmp_path)
        shutil.rmtree(tmp_path / "chats")  # as a kill before the end leaves it: replies alone are kept
        assert run(teacher, given, tmp_path)["left_out"] == {"no reply from the teacher": 9}


def brief(weights: Path, folder: Path) -> Path:
    """The model with a third of its tokens ending an answer: random weights would never come to the one that does."""
    out = folder / "teacher"
    shutil.copytree(weights, out)
    told = json.loads((out / "generation_config.json").read_text("utf-8"))
    vocab = json.loads((out / "config.json").read_text("utf-8"))["vocab_size"]
    (out / "generation_config.json").write_text(json.dumps(told | {"eos_token_id": list(range(2, vocab, 3))}), "utf-8")
    return out


def test_a_local_model_answers_in_batches_and_the_same_again(tmp_path, tiny_weights):
    given = records(tmp_path, [*questions(6), {"user": "mot " * 600}], test=[{"user": "Une longue question " * 8}])
    teacher = config(kind="hf", model=brief(tiny_weights("tinyllama"), tmp_path), max_tokens=40, temperature=0.8)
    for place in ("one", "two"):
        metrics = run(teacher, given, tmp_path / place)
        assert metrics["asked"] == 8
        assert sum(metrics["rows"].values()) + sum(metrics["left_out"].values()) == 8
        assert metrics["rows"]["train"] >= 3
    assert digests(tmp_path / "one" / "chats") == digests(tmp_path / "two" / "chats")
    aside = {row["reason"]: row for row in read(tmp_path / "one", "rejected")}
    assert "the model's context leaves 472" in aside["no reply from the teacher"]["told"]


@pytest.mark.parametrize(("changes", "mistakes"), [
    ({}, []),
    ({"kind": "gold", "model": "x", "base_url": "not looked at"}, []),
    ({"kind": "hf"}, [("model", "a teacher needs a model. Set teacher.model.")]),
    ({"kind": "hf", "model": "./no/such/folder"},
     [("model", "./no/such/folder is no folder, and no name on the Hub (owner/name). Correct teacher.model.")]),
    ({"kind": "hf", "model": "Qwen/Qwen2.5-7B-Instruct@a09a354"}, []),
    ({"kind": "openai", "model": "m"},
     [("base_url", "a server's address begins with http:// or https://. Set teacher.base_url.")]),
    ({"kind": "openai", "model": "m", "base_url": "localhost:11434", "api_key_env": "NO_SUCH_VARIABLE"},
     [("base_url", "a server's address begins with http:// or https://. Set teacher.base_url."),
      ("api_key_env", "the environment has no NO_SUCH_VARIABLE. Export it, or put it into .env.")]),
    ({"kind": "openai", "model": "m", "base_url": "https://api.example.org/v1", "api_key_env": "HOME"}, []),
])
def test_what_a_teacher_lacks_is_told_before_anything_starts(changes, mistakes):
    assert list(check(config(**changes))) == mistakes


def test_a_key_in_the_place_of_its_variable_is_not_repeated():
    given = config(kind="openai", model="m", base_url="http://localhost/v1", api_key_env=KEY)
    assert list(check(given)) == [
        ("api_key_env", "the environment has no variable of this name. Export it, or put it into .env.")]


def test_an_unknown_kind_of_teacher_is_refused():
    with pytest.raises(ValidationError, match="'gold', 'hf', 'openai' or 'anthropic'"):
        config(kind="oracle")


def test_gold_is_the_same_step_whatever_the_teachers_part_says():
    assert config() == config(model="m", base_url="http://x", temperature=1, max_tokens=9, batch_size=2)


def test_the_estimate_follows_the_teacher(tmp_path):
    (tmp_path / "a.jsonl").write_text("x" * 250_000)
    (tmp_path / "b.jsonl").write_text("")
    recipe = {"domain": {"files": [{"path": str(tmp_path / "a.jsonl"), "weight": 2.0}, str(tmp_path / "b.jsonl")]}}
    gold, local = (estimate(config(kind=kind, model=None), recipe) for kind in ("gold", "hf"))
    assert gold.seconds < 2
    assert local.seconds == 1 + 1000 * 16 / 2 / 120


@pytest.mark.parametrize("stage", ["label", "deliberate", "harden", "gather", "prepare"])
def test_what_computes_with_a_local_model_belongs_to_the_identity(stage):
    assert {"torch", "transformers"} <= set(registry.load(stage).libraries)
