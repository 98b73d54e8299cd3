"""The examine stage: the questions of a domain are tried before a model is."""
import json
from pathlib import Path

import pytest

from pillm.stages.examine import ExamineConfig, check, estimate, examine

DEV = [{"id": str(n), "user": f"{n} plus 7?", "check": "number", "answer": n + 7, "tags": ["sum"]} for n in range(9)]
TEST = [{"id": f"t{n}", "user": f"{n} plus 9?", "check": "number", "answer": n + 9} for n in range(5)]


def suite(file: Path, lines: list[dict]) -> Path:
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


@pytest.fixture
def config(tmp_path: Path) -> ExamineConfig:
    return ExamineConfig(eval=suite(tmp_path / "dev.jsonl", DEV), suites={"test": suite(tmp_path / "t.jsonl", TEST)},
                         seed=0)


def run(config: ExamineConfig, file: Path) -> dict:
    return examine.action(config, examination=file, progress=lambda *_, **__: None)


def test_figures_by_suite_and_over_all(config: ExamineConfig, tmp_path: Path) -> None:
    metrics = run(config, tmp_path / "examination.json")
    found = json.loads((tmp_path / "examination.json").read_text("utf-8"))
    assert list(found) == list(metrics["suites"]) == ["dev", "test", "all"]
    assert (metrics["questions"], metrics["without_gold"], metrics["gold"], metrics["empty"]) == (14, 0, 1, 0)
    assert metrics["suites"]["dev"]["constant"] == found["dev"]["constant"] == round(1 / 9, 4)
    assert found["dev"]["tags"]["sum"]["questions"] == 9
    assert metrics["gates"] == [
        {"name": "right answers", "met": True, "told": "14 of 14 right answers score full marks"}]


def test_a_refused_right_answer_breaks_the_gate_and_is_named(config: ExamineConfig, tmp_path: Path) -> None:
    suite(tmp_path / "t.jsonl", [TEST[0], TEST[1] | {"gold": "dix ou onze"}])
    gate = run(config, tmp_path / "examination.json")["gates"][0]
    assert (gate["met"], gate["told"]) == (False, "10 of 11 right answers score full marks: t1")


def test_the_same_suites_give_the_same_bytes(config: ExamineConfig, tmp_path: Path) -> None:
    for name in ("once", "again"):
        run(config, tmp_path / name)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()


def test_what_is_checked_before(config: ExamineConfig, tmp_path: Path) -> None:
    assert list(check(config)) == []
    assert [field for field, _ in check(config.model_copy(update={"eval": None}))] == ["eval"]
    named = config.model_copy(update={"suites": {"dev": tmp_path / "t.jsonl"}})
    assert next(check(named)) == ("suites.dev", "dev is what examine calls a suite of its own. Choose another name.")
    suite(tmp_path / "t.jsonl", [TEST[0] | {"check": "numbr"}])
    assert [field for field, _ in check(config)] == ["suites.test"]
    assert estimate(config, {}).seconds == pytest.approx(1 + 0.01 * 10)
