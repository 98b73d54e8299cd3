"""Evaluations of other questions get a table of their own."""
from dataclasses import replace
from pathlib import Path

import pytest

from pillm.report.html import html
from pillm.report.marks import columns
from pillm.report.material import Material, Scored, read_json, read_scored
from pillm.report.suites import suites
from tests.report import sample


@pytest.fixture
def material(tmp_path: Path) -> Material:
    files = sample.write(tmp_path)
    return Material(run=read_json(files["run"]), facts={}, evaluations={"evaluate": read_scored(files["evaluate"])})


def other(scored: Scored) -> Scored:
    questions = [question | {"id": f"outside-{n}"} for n, question in enumerate(scored.questions)]
    return replace(scored, questions=questions)


def test_there_are_none(material: Material) -> None:
    assert suites(material) is None
    assert "Further suites" not in html(material)


def test_a_line_for_each(material: Material) -> None:
    scored = material.evaluations["evaluate"]
    both = replace(material, evaluations={"evaluate_outside": other(scored), "evaluate": scored})
    assert [column.name for column in columns(both)] == [column.name for column in columns(material)]
    found = suites(both)
    assert found is not None
    assert [(line["name"], line["questions"]) for line in found["lines"]] == [("outside", scored.marks["questions"])]
    score = scored.marks["types"][both.judged]["score"]["value"]
    assert found["lines"][0]["cells"][0][0] == f"{score:.2f}"
    assert "Further suites" in html(both)
