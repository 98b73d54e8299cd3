"""The derive stage: records and suites from small languages."""
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pillm.backends.json_schema import accepting, problems, schema
from pillm.errors import StageError
from pillm.records.languages import read
from pillm.records.languages.rows import Tally, Wanted, rows
from pillm.records.languages.shape import shape
from pillm.records.skeleton import masks, skeleton
from pillm.records.text import words
from pillm.serve import questions
from pillm.stages.derive import DeriveConfig, check, derive, estimate
from tests.conftest import ROOT
from tests.records.languages.sample import SUMS, languages

SHIPPED = ROOT / "dataset" / "jsonast"
FIRST = 150


def config(folder: Path, **more: Any) -> DeriveConfig:
    return DeriveConfig.model_validate({"languages": folder, "rows": 40, "seed": 0, **more})


def made(config: DeriveConfig, folder: Path) -> tuple[dict, list[dict]]:
    folder.mkdir()
    told: list[tuple] = []
    ports = {"records": folder / "records", "suite": None} if config.unseen is None else {
        "records": None, "suite": folder / "suite.jsonl"}
    metrics = derive.action(config, **ports, progress=lambda *said, **_: told.append(said))
    assert told[-1][1:] == (config.rows, config.rows)
    file = ports["suite"] or folder / "records" / "train.jsonl"
    return metrics, [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def form(line: dict) -> str:
    answer = line["answer"] if "check" in line else json.loads(line["assistant"])
    own = line["schema"] if "check" in line else line["tool_schema"]
    return skeleton(words(line["user"]), answer, masks(own))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return languages(tmp_path / "own")


def test_records_satisfy_their_schemas_and_are_told_by_depth(folder: Path, tmp_path: Path) -> None:
    metrics, lines = made(config(folder), tmp_path / "one")
    assert len({line["user"] for line in lines}) == len(lines) == metrics["rows"] == 40
    for line in lines:
        assert problems(line, schema("record")) == []
        assert problems(json.loads(line["assistant"]), schema(line["tool_schema"])) == []
        assert line["requires_json"] and line["tags"][0] == "sums" and line["tags"][1].startswith("depth:")
    assert metrics["tags"]["sums"] == 40
    assert metrics["left_out"].keys() <= {"asked before", "of the other side", "skeleton too frequent", "too long",
                                          "heard in two ways", "no schema of the wanted side"}


def test_what_is_unseen_is_in_no_record(folder: Path, tmp_path: Path) -> None:
    train = made(config(folder, rows=120), tmp_path / "train")[1]
    suites = {unseen: made(config(folder, rows=12, unseen=unseen), tmp_path / unseen)[1]
              for unseen in ("schemas", "phrasings")}
    seen, forms = {shape(line["tool_schema"]) for line in train}, set(map(form, train))
    assert not seen & {shape(line["schema"]) for line in suites["schemas"]}
    assert not any("on top of" in line["user"] or line["user"].endswith("!") for line in (*train, *suites["schemas"]))
    assert all("on top of" in line["user"] or line["user"].endswith("!") for line in suites["phrasings"])
    assert not forms & {form(line) for lines in suites.values() for line in lines}
    assert len(questions.read(tmp_path / "schemas" / "suite.jsonl")) == 12


def test_the_seed_decides_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    once = made(config(folder), tmp_path / "once")
    assert made(config(folder), tmp_path / "again") == once
    assert made(config(folder, seed=1), tmp_path / "other")[1] != once[1]


def test_two_readings_are_left_out_and_counted(tmp_path: Path) -> None:
    loose = languages(tmp_path / "own", SUMS.replace("{right:leaf}", "{right}").replace("{left:leaf}", "{left}"))
    metrics, _ = made(config(loose), tmp_path / "one")
    assert metrics["left_out"]["heard in two ways"]["sums"] > 5


def test_what_is_near_a_question_is_left_out(folder: Path, tmp_path: Path) -> None:
    lines = made(config(folder), tmp_path / "one")[1]
    longest = max((line["user"] for line in lines), key=len)
    (tmp_path / "eval.jsonl").write_text(json.dumps({"id": "q", "user": longest, "check": "ast", "answer": {}}) + "\n")
    metrics, others = made(config(folder, eval=tmp_path / "eval.jsonl"), tmp_path / "two")
    assert metrics["left_out"]["near an eval question"]["sums"] >= 1
    assert longest not in {line["user"] for line in others}


def test_languages_that_have_no_more_stop_it(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"derive\.rows: the languages seem to have no more requests.*«too long»"):
        list(islice(rows(read.read(folder), Wanted(10, 2, 400, 60), 0, accepting, Tally(most=300)), 10))


def test_what_is_wrong_is_told_before(folder: Path) -> None:
    assert list(check(config(folder))) == []
    assert list(check(config(folder, languages=None))) == [
        ("languages", "this domain has no languages. Set domain.languages, or leave this step out.")]
    assert list(check(config(folder, only=["smus"]))) == [
        ("languages", f"{folder}: there is no grammars/smus.yaml. Did you mean 'sums'? Write it.")]
    assert estimate(config(folder, rows=1000), {}).seconds == 11


def test_shipped_records_are_made_again_byte_for_byte() -> None:
    """The first of them: whatever is drawn later does not change what was drawn before."""
    from pillm.stages.derive import _record, _rows

    given = config(SHIPPED / "languages", rows=5000, eval=SHIPPED / "eval.jsonl",
                   suites={name: SHIPPED / "suites" / f"{name}.jsonl" for name in ("schemas", "phrasings")})
    lines = [json.dumps(_record(0, row, given), ensure_ascii=False, separators=(",", ":"))
             for row in islice(_rows(given)[0], FIRST)]
    with (SHIPPED / "train.jsonl").open(encoding="utf-8") as shipped:
        assert lines == [line.rstrip("\n") for line in islice(shipped, FIRST)]
