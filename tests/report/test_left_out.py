import json

import pytest

from pillm.report.html import html
from pillm.report.left_out import left_out
from pillm.report.material import Material
from tests.report import sample


@pytest.fixture
def material() -> Material:
    return Material(run=json.loads(json.dumps(sample.run())), facts={})


def test_reasons_come_with_their_share_and_files(material):
    found = left_out(material)
    assert found["columns"] == ["records", "of all", "generate/train.jsonl", "own.jsonl"]
    assert [(line["reason"], line["cells"]) for line in found["lines"]] == [
        ("duplicate", ["311", "2.4 %", "311", "0"]), ("near an eval question", ["4", "0.0 %", "3", "1"]),
        ("e-mail address", ["2", "0.0 %", "0", "2"])]
    assert found["suites"] == [{"name": "dev", "near": 4, "alike": 0}]
    page = html(material)
    assert "Records that were left out" in page
    assert "dev 4 by its letters, 0 by its skeleton" in page


def test_one_file_has_no_column_and_label_is_counted_too(material):
    steps = material.run["steps"]
    steps["prepare"]["metrics"]["left_out_of"] = {"a.jsonl": {"duplicate": 311}}
    steps["label"]["metrics"] = {"left_out": {"answer is empty": 7}}
    found = left_out(material)
    assert found["columns"] == ["records", "of all"]
    assert [line["reason"] for line in found["lines"]][:2] == ["duplicate", "answer is empty"]
    assert found["lines"][0]["cells"] == ["311", "2.4 %"]


def test_what_label_left_out_is_among_what_prepare_read(material):
    steps = material.run["steps"]
    steps["prepare"]["metrics"] |= {"rows": {"train": 100}, "left_out": {"duplicate": 100}, "left_out_of": {}}
    steps["label"]["metrics"] = {"rows": {"train": 50}, "left_out": {"answer is empty": 50}}
    assert [line["cells"] for line in left_out(material)["lines"]] == [["100", "50 %"], ["50", "25 %"]]
    steps["prepare"]["metrics"] = {}
    assert [line["cells"] for line in left_out(material)["lines"]] == [["50", "50 %"]]


def test_where_nothing_was_left_out_nothing_is_said(material):
    material.run["steps"]["prepare"]["metrics"]["left_out"] = {}
    assert left_out(material) is None
    assert "Records that were left out" not in html(material)
