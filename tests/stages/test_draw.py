"""Records drawn from datasets, here from folders: the same code streams them from the Hub."""
import csv
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from pillm.backends import hub_datasets
from pillm.engine.digest import files, of_files, sha256
from pillm.engine.identity import identity_config
from pillm.errors import DataError, StageError
from pillm.stages.draw import DrawConfig, check, draw, shares

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def config(*datasets: dict[str, Any], rows: int = 12, seed: int = 0) -> DrawConfig:
    return DrawConfig.model_validate({"datasets": datasets, "rows": rows, "seed": seed})


def run(given: DrawConfig, out: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    told = draw.action(given, records=out, progress=lambda *_, **__: None)
    return [json.loads(line) for line in (out / "train.jsonl").read_text("utf-8").splitlines()], told


@pytest.fixture
def friction(tmp_path: Path) -> Path:
    folder = tmp_path / "friction"
    folder.mkdir()
    rows = [{"question": f"Claim {n}?", "agent_responses": [{"agent_type": "framer", "response": f"Hm {n}."}],
             "final_answer": f"No, {n}."} for n in range(30)]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    folder = tmp_path / "table"
    folder.mkdir()
    with (folder / "train.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows([["prompt", "reply"], *([f"Q{n}", f"A{n}"] for n in range(3))])
    return folder


def test_rows_are_drawn_by_weight_and_say_where_they_come_from(friction: Path, table: Path, tmp_path: Path) -> None:
    given = config({"name": str(friction), "weight": 3, "licence": "MIT", "tags": ["disagreement"]},
                   {"name": str(table), "weight": 1, "licence": "CC0-1.0",
                    "columns": {"user": "prompt", "assistant": "reply"}})
    records, told = run(given, tmp_path / "out")
    assert told == {"rows": 12, "datasets": {str(friction): 9, str(table): 3}}
    first, last = records[0], records[-1]
    number = int(first["source"].removeprefix("friction#"))
    assert first == {"question": f"Claim {number}?", "final_answer": f"No, {number}.", "licence": "MIT",
                     "agent_responses": [{"agent_type": "framer", "response": f"Hm {number}."}],
                     "tags": ["disagreement"], "source": f"friction#{number}"}
    assert {record["user"] for record in records[9:]} == {"Q0", "Q1", "Q2"}
    assert (last["licence"], last["tags"]) == ("CC0-1.0", [])
    assert [record["question"] for record in records[:9]] != sorted(record["question"] for record in records[:9])


def test_a_seed_draws_the_same_rows_another_one_others(friction: Path, tmp_path: Path) -> None:
    one = {"name": str(friction), "licence": "MIT"}
    drawn = {name: run(config(one, seed=seed), tmp_path / name)[0] for name, seed in (("a", 1), ("b", 1), ("c", 2))}
    assert drawn["a"] == drawn["b"] != drawn["c"]


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    assert run(config(), tmp_path / "out") == ([], {"rows": 0, "datasets": {}})


@pytest.mark.parametrize(("weights", "rows", "expected"), [
    ([1], 5, [5]), ([1, 1], 5, [3, 2]), ([3, 1], 12, [9, 3]), ([], 9, []),
    ([0.085, 0.045, 1, 0.15], 100, [7, 3, 78, 12]),
])
def test_shares_add_up(weights: list[float], rows: int, expected: list[int]) -> None:
    found = shares(config(*({"name": "a/b", "licence": "x", "weight": weight} for weight in weights), rows=rows))
    assert found == expected and sum(found) == (rows if weights else 0)


def test_a_dataset_on_the_hub_needs_its_commit(friction: Path) -> None:
    pinned, floating, branch, folder = check_all(
        {"name": "a/b", "revision": COMMIT}, {"name": "a/b"}, {"name": "a/b", "revision": "main"},
        {"name": str(friction)})
    assert pinned == folder == []
    assert floating[0][0] == "datasets.0.revision"
    assert branch[0][1].startswith(
        "a/b is no folder here, and on the Hub it needs its commit, 40 digits from 0 to f, not 'main'. Take it")


def check_all(*datasets: dict[str, Any]) -> list[list[tuple[str, str]]]:
    return [list(check(config({"licence": "MIT", **each}))) for each in datasets]


class Torn:
    """A stream whose network is cut after its first row."""

    column_names = ("user",)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield {"number": 0, "row": {"user": "a"}, "user": "a"}
        raise httpx2.ReadError("connection reset")

    def skip(self, start: int) -> "Torn":
        return self

    def map(self, *given: Any, **more: Any) -> "Torn":
        return self

    shuffle = map


@pytest.mark.parametrize("read", [
    partial(hub_datasets.rows, "a/b", COMMIT, None, "train", 0),
    partial(hub_datasets.draw, "a/b", 9, revision=COMMIT, subset=None, split="train", seed=0)])
def test_a_network_that_is_cut_in_the_middle_is_told(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_datasets, "_stream", lambda *_: Torn())
    rows = read()
    next(rows)
    with pytest.raises(StageError, match=r"a/b: the Hub cannot be reached \(connection reset\)"):
        next(rows)


def test_what_is_not_there_is_told(friction: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it has no column 'prompt'; there are question, agent_responses, final_answer"):
        run(config({"name": str(friction), "licence": "MIT", "columns": {"user": "prompt"}}), tmp_path / "a")
    with pytest.raises(StageError, match=r"Correct draw\.datasets"):
        run(config({"name": str(friction), "licence": "MIT", "split": "tset"}), tmp_path / "b")
    with pytest.raises(ValidationError, match="licence"):
        config({"name": "a/b"})


def test_a_folder_that_changes_is_drawn_from_anew(friction: Path) -> None:
    """Its bytes enter the identity, whatever it is called."""
    def known() -> Any:
        return identity_config(config({"name": str(friction), "licence": "CC0-1.0"}), lambda folder: of_files(
            {name: sha256(file) for name, file in files(folder)}))

    before = known()
    assert known() == before
    (friction / "train.jsonl").write_text('{"question": "Another?"}\n', "utf-8")
    assert known() != before


def test_one_dataset_twice_is_counted_once(friction: Path, tmp_path: Path) -> None:
    twice = {"name": str(friction), "licence": "CC0-1.0"}
    rows, told = run(config(twice, twice, rows=8), tmp_path / "out")
    assert (len(rows), told["rows"], told["datasets"]) == (8, 8, {str(friction): 8})
