"""Programs without a neural network, fitted to the records and asked the suites' questions."""
import json
from pathlib import Path

import pytest

from pillm.errors import DataError
from pillm.stages import rivals as stage
from pillm.stages.rivals import RivalsConfig, check, estimate, rivals
from tests.reference import house

NAMES = ["neighbour", "patterns", "linear"]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "house.schema.json").write_text(json.dumps(house.SCHEMA), "utf-8")
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "train.jsonl").write_text(house.records(400), "utf-8")
    for seed, name in enumerate(["eval", "sealed"], 1):
        (tmp_path / f"{name}.jsonl").write_text(house.questions(40, seed), "utf-8")
    return tmp_path


def config(room: Path, **changes) -> RivalsConfig:
    given = {"eval": room / "eval.jsonl", "suites": {"sealed": room / "sealed.jsonl"}, "answer_schema": "house",
             "seed": 0} | changes
    return RivalsConfig(**given)


def run(config: RivalsConfig, room: Path, name: str = "rivals") -> dict:
    return rivals.action(config, records=room / "records", rivals=room / name, progress=lambda *_, **__: None)


def test_every_rival_is_scored_on_every_suite(room):
    pytest.importorskip("sklearn")
    metrics = run(config(room), room)
    found = json.loads((room / "rivals" / "rivals.json").read_text("utf-8"))
    assert (list(found["rivals"]), found["records"], metrics["left_out"]) == (NAMES, 400, 0)
    for name, rival in found["rivals"].items():
        assert rival["told"] and rival["bytes"] > 1000
        assert {suite: marks["n"] for suite, marks in rival["suites"].items()} == {"dev": 40, "sealed": 40}
        assert all(marks["low"] <= marks["value"] <= marks["high"] for marks in rival["suites"].values())
        assert rival["suites"]["dev"]["value"] > 0.8
        assert rival.items() <= metrics[name].items()
        assert metrics[name]["request_ms"] > 0 and metrics[name]["fit_cpu_s"] >= 0
    lines = [json.loads(line) for line in (room / "rivals" / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [line["rival"] for line in lines[::40]] == NAMES
    assert lines[0].keys() == {"rival", "id", "answer", "score", "slot_f1", "json_valid"}


def test_equal_runs_give_equal_bytes(room):
    pytest.importorskip("sklearn")
    run(config(room), room), run(config(room), room, "again")
    for name in ("rivals.json", "answers.jsonl"):
        assert (room / "rivals" / name).read_bytes() == (room / "again" / name).read_bytes()


def test_records_are_taken_evenly_and_others_are_counted(room):
    pytest.importorskip("sklearn")
    with (room / "records" / "train.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"user": "hello", "assistant": "hello"}\n{"user": "x", "assistant": "[{\\"tool\\":\\"moon\\"}]"}\n')
    metrics = run(config(room, rows=300), room)
    assert (metrics["records"], metrics["left_out"]) == (300, 2)


def test_records_without_calls_are_told(room):
    (room / "records" / "train.jsonl").write_text('{"user": "hello", "assistant": "hello"}\n', "utf-8")
    with pytest.raises(DataError, match="no record answers a request with calls"):
        run(config(room), room)


def test_what_is_missing_is_told_before_anything_runs(room, monkeypatch):
    monkeypatch.setattr(stage, "find_spec", lambda name: None)
    (room / "schemas" / "text.schema.json").write_text('{"type": "string"}', "utf-8")
    (room / "bad.jsonl").write_text("{}\n", "utf-8")
    told = list(check(config(room, eval=None, suites={}, answer_schema=None)))
    assert [field for field, _ in told] == ["", "answer_schema", "eval"]
    assert told[0][1] == "the rivals need scikit-learn. pip install 'pillm[rivals]'"
    told = list(check(config(room, suites={"bad": room / "bad.jsonl"}, answer_schema="text")))
    assert {field for field, _ in told[1:]} == {"answer_schema", "suites.bad"}
    told = list(check(config(room, suites={"dev": room / "sealed.jsonl"})))
    assert [field for field, _ in told[1:]] == ["suites.dev"]


def test_a_domain_of_tool_calls_passes(room):
    pytest.importorskip("sklearn")
    assert list(check(config(room))) == []


def test_the_plan_grows_with_the_records(room):
    assert estimate(config(room, rows=1000), {}).seconds < estimate(config(room), {}).seconds < 120
