"""A confidence for the shipped file: fitted on the development questions, judged on the others."""
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pillm.config.defaults import defaults
from pillm.engine.digest import sha256
from pillm.errors import StageError
from pillm.serve.confidence import read
from pillm.stages.calibrate import CalibrateConfig, calibrate, check, estimate
from tests.reference import tiny_gguf
from tests.reference.tool_schema import SCHEMA

REQUESTS = ["Note que la bouilloire coule", "Ferme la porte", "Pis le resto?", "Mets une alarme", "Allô", "Dix heures"]


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladder")
    tiny_gguf.model(folder / "f16.gguf", "odd")
    return folder


def suite(folder: Path, name: str, check: str = "contains", questions: int = len(REQUESTS)) -> Path:
    """Half of them want a note, which a model of random weights sometimes writes."""
    wanted = [["note"] if check == "one_of" else "note" if i % 2 else "none" for i in range(questions)]
    lines = [{"id": f"{name}-{i}", "user": REQUESTS[i], "check": check, "answer": wanted[i]} for i in range(questions)]
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "tool_calls.schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    return tmp_path


def config(room: Path, **changes) -> CalibrateConfig:
    suites = {"test": suite(room, "test"), "ambiguous": suite(room, "ambiguous", "one_of", 3)}
    given = {"type": "f16", "eval": suite(room, "eval"), "suites": suites, "system": None, "max_tokens": 60,
             "answer_schema": "tool_calls", "decoding": "spans", "context": 512, "threads": 1} | changes
    return CalibrateConfig(**given)


def run(config: CalibrateConfig, ladder: Path, out: Path) -> dict:
    (work := out.with_name(f"work_{out.name}")).mkdir()
    return calibrate.action(config, ladder=ladder, calibration=out, work=work, progress=lambda *_, **__: None)


def test_it_is_fitted_on_one_suite_and_judged_on_all(ladder, room):
    metrics = run(config(room), ladder, room / "calibration")
    sure, judged = read(room / "calibration"), json.loads((room / "calibration" / "judged.json").read_text("utf-8"))
    assert (sure.type, sure.sha256, sure.coverage) == ("f16", sha256(ladder / "f16.gguf"), 0.9)
    assert {name: marks["questions"] for name, marks in judged["suites"].items()} == {
        "dev": 6, "test": 6, "ambiguous": 3, "all": 6}
    assert judged["suites"]["all"] == judged["suites"]["test"]
    assert judged["suites"]["dev"]["at_threshold"]["coverage"]["value"] == 1
    assert judged["choices"].keys() == {"mean", "sum", "least"}
    assert metrics["threshold"] == sure.threshold
    assert metrics["accuracy_at_90"] == judged["suites"]["all"]["accuracy"]["0.9"]
    assert metrics["auroc"] == judged["suites"]["all"]["auroc"]


def test_the_pictures_name_the_suites(ladder, room):
    run(config(room), ladder, room / "calibration")
    for name, words in (("reliability", ["development", "other suites"]), ("coverage", ["dev", "ambiguous", "all"])):
        text = (room / "calibration" / f"{name}.svg").read_text("utf-8")
        assert ElementTree.fromstring(text).tag.endswith("svg")
        assert all(f">{word}</text>" in text for word in words)


def test_twice_the_same_bytes(ladder, room):
    for name in ("once", "again"):
        run(config(room), ladder, room / name)
    files = sorted(path.name for path in (room / "once").iterdir())
    assert files == ["calibration.json", "coverage.svg", "judged.json", "reliability.svg"]
    assert all((room / "once" / name).read_bytes() == (room / "again" / name).read_bytes() for name in files)


def test_one_question_and_no_other_suite_will_do(ladder, room):
    metrics = run(config(room, suites={}, max_questions=1, feature="sum"), ladder, room / "calibration")
    assert (metrics["feature"], metrics["auroc"], metrics["accuracy"]["n"]) == ("sum", None, 1)
    assert "all" not in json.loads((room / "calibration" / "judged.json").read_text("utf-8"))["suites"]


def test_what_is_checked_before_anything_starts(room):
    assert list(check(config(room))) == []
    assert next(check(config(room, eval=None)))[1].startswith("this domain has no questions")
    bad = room / "bad.jsonl"
    bad.write_text('{"id": "a", "user": "x", "check": "exactly", "answer": "y"}\n')
    told = dict(check(config(room, eval=bad, suites={"dev": bad, "noisy": bad}, answer_schema=None)))
    assert told.keys() == {"eval", "decoding", "suites.dev", "suites.noisy"}
    assert "Did you mean 'exact'?" in told["suites.noisy"]


def test_a_type_that_is_not_there_is_told(ladder, room):
    with pytest.raises(StageError, match="the ladder has no Q8_0; it has f16"):
        run(config(room, type="Q8_0"), ladder, room / "calibration")


def test_defaults_come_from_the_domain_and_the_device():
    found = defaults(CalibrateConfig)
    assert (found["suites"], found["type"], found["coverage"]) == ("${domain.suites}", "${device.quant}", 0.9)


def test_the_estimate_grows_with_the_suites(room):
    model = {"parameters": 10**8, "shape": {"layers": 8, "hidden": 288, "heads": 4, "kv_heads": 2, "vocab": 400}}
    both, alone = (estimate(config(room, **changes), {"model": model}) for changes in ({}, {"suites": {}}))
    assert both.seconds > 2 * alone.seconds
    assert both.ram_gib == alone.ram_gib
