"""Scores by kind of question, and what the questions themselves are worth."""
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pillm.report.examination import examination
from pillm.report.html import html
from pillm.report.material import Material, read_json, read_scored
from pillm.report.tags import MOST, tags
from pillm.serve.examining import examined
from pillm.serve.questions import Question
from tests.report import sample


@pytest.fixture
def material(tmp_path: Path) -> Material:
    files = sample.write(tmp_path)
    return Material(run=read_json(files["run"]), facts={}, evaluations={"evaluate": read_scored(files["evaluate"])},
                    base=read_scored(files["evaluate_base"]))


def texts(picture: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", picture)


def test_the_weakest_come_first_beside_the_base(material: Material) -> None:
    found = tags(material)
    assert found is not None
    assert found["columns"] == ["base Q8_0", "Q4_K_M"]
    values = [float(line["cells"][1][0]) for line in found["lines"]]
    assert values == sorted(values)
    assert all(line["cells"][0][0] == "0.00" for line in found["lines"])
    shown = texts(found["picture"])
    assert [text for text in shown if text in {line["tag"] for line in found["lines"]}] == [
        line["tag"] for line in found["lines"]]
    assert {"Q4_K_M", "base Q8_0"} <= set(shown)
    assert "Score by kind of question" in html(material)


def test_without_a_base_nothing_is_beside(material: Material) -> None:
    found = tags(replace(material, base=None))
    assert found is not None
    assert found["columns"] == ["Q4_K_M"]
    assert "Q4_K_M" not in texts(found["picture"])


def test_another_decoding_is_beside_in_its_own_colour(material: Material) -> None:
    scored = material.evaluations["evaluate"]
    found = tags(replace(material, base=None, evaluations={"evaluate_free": scored, "evaluate": scored}))
    assert found is not None
    shown = texts(found["picture"])
    assert [text for text in shown if "Q4_K_M" in text] == ["Q4_K_M", "Q4_K_M, free"]
    numbers = [text for text in shown if re.fullmatch(r"0\.\d\d|1\.00", text)]
    assert len(numbers) == len(found["lines"]), "one number a line: ours"


def test_many_tags_are_cut_and_counted(material: Material) -> None:
    one = material.evaluations["evaluate"].marks["types"]["Q4_K_M"]["tags"]["timer"]
    found = tags(tagged(material, {f"tag {n:02}": one for n in range(MOST + 3)}))
    assert found is not None
    assert (len(found["lines"]), found["left_out"]) == (MOST, 3)
    assert tags(tagged(material, {})) is None


def tagged(material: Material, found: dict[str, Any]) -> Material:
    """With these tags in place of its own."""
    scored = material.evaluations["evaluate"]
    types = {type_: marks | {"tags": found} for type_, marks in scored.marks["types"].items()}
    return replace(material, evaluations={"evaluate": replace(scored, marks=scored.marks | {"types": types})})


def test_what_the_questions_are_worth(material: Material) -> None:
    suite = [Question(str(n), "number", n, user="Combien?") for n in range(8)]
    found = examination(replace(material, examination={"dev": examined(suite)}))
    assert found is not None
    assert [name for name, _ in found["who"]] == ["gold", "empty", "constant", "echo", "shuffled"]
    assert found["lines"] == [
        {"suite": "dev", "questions": 8, "cells": ["100 %", "0 %", "12 %", "0 %", "0 %"]}]
    assert "Can it be passed without knowing?" in html(replace(material, examination={"dev": examined(suite)}))
    assert examination(material) is None
    assert "Can it be passed" not in html(material)
