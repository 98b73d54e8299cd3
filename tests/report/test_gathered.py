"""What was gathered, source by source and reason by reason."""
import json

import pytest

from pillm.report.gathered import gathered
from pillm.report.html import html
from pillm.report.material import Material
from tests.report import sample

METRICS = {"rows": 1500, "kinds": {"option": 1500}, "masked": {"e-mail address": 3},
           "sources": {"man": {"units": 12, "passages": 900, "rows": 1400, "left_out": {"too short": 7, "<b>": 1}},
                       "text": {"units": 2, "passages": 80, "rows": 100, "left_out": {"too short": 2}}},
           "left_out": {"<b>": 1, "too short": 9}}


@pytest.fixture
def material() -> Material:
    run = json.loads(json.dumps(sample.run()))
    run["steps"]["gather"] = run["steps"]["generate"] | {"stage": "gather", "metrics": METRICS}
    return Material(run=run, facts={})


def test_a_line_for_each_source_and_reason(material):
    found = gathered(material)
    assert [(line["name"], line["cells"]) for line in found["sources"]] == [
        ("man", ["12", "900", "1,400", "8"]), ("text", ["2", "80", "100", "2"])]
    assert [(line["reason"], line["cells"]) for line in found["reasons"]] == [
        ("too short", ["9", "7", "2"]), ("<b>", ["1", "1", "0"])]
    page = html(material)
    assert "What was gathered" in page and "e-mail address 3" in page and "&lt;b&gt;" in page


def test_where_nothing_was_gathered_nothing_is_said(material):
    del material.run["steps"]["gather"]
    assert gathered(material) is None
    assert "What was gathered" not in html(material)
