"""What a step's end shows."""
import io
from pathlib import Path
from typing import Any

from rich.console import Console

from pillm.engine.artifact import Artifact
from pillm.engine.done import Done
from pillm.engine.journal import Journal
from pillm.terminal.screen import Screen


def ended(folder: Path, metrics: dict[str, Any], *, cached: bool = False, rejected: bool = True) -> list[str]:
    """The lines of a terminal."""
    records = folder / "records"
    records.mkdir()
    if rejected:
        (records / "rejected.jsonl").touch()
    manifest = {"metrics": metrics, "made": {"seconds": 1.25}}
    console = Console(file=io.StringIO(), width=80)
    Screen(Journal(folder), console).finished(
        Done("prepare", manifest, cached, [], {"records": Artifact("records", records, "0")}))
    shown = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert shown == [line.partition(" ")[2] for line in (folder / "log.txt").read_text("utf-8").splitlines()]
    return shown


ROWS = {"train": 1498, "validation": 30, "test": 0}
DONE = "prepare          done in 1.2 s"


def test_what_was_taken_and_what_was_left_out_is_told(tmp_path):
    assert ended(tmp_path, {"rows": ROWS, "left_out": {"near duplicate": 1, "not JSON": 3}}) == [
        DONE, "                 1,498 train, 30 validation, 0 test; 4 left out: not JSON 3, near duplicate 1 "
              "(prepare.records/rejected.jsonl)"]


def test_many_reasons_are_cut(tmp_path):
    """Some stages count each by what it was of, and keep no file."""
    reasons = {"too long": {"a": 4, "b": 5}, "asked before": {"a": 3}, "x": {"b": 1}, "[y]": {"b": 1}, "z": {"a": 2}}
    assert ended(tmp_path, {"rows": 20, "left_out": reasons}, rejected=False)[1].strip() == (
        "20 rows; 16 left out: too long 9, asked before 3, z 2, and 2 more")


def test_none_left_out(tmp_path):
    assert ended(tmp_path, {"rows": ROWS, "left_out": {}})[1].strip() == (
        "1,498 train, 30 validation, 0 test; none left out")


def test_a_step_that_counts_no_rows_has_one_line(tmp_path):
    assert ended(tmp_path, {"left_out": {"x": 1}, "records": 3}) == [DONE]


def test_a_cached_step_has_one_line(tmp_path):
    assert ended(tmp_path, {"rows": ROWS, "left_out": {}}, cached=True) == ["prepare          cached"]
