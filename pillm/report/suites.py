"""Further suites: questions of another sort than those that count, a line each."""
from typing import Any

from pillm.backends.llama_cpp.ladder import UNQUANTIZED
from pillm.report.marks import PLAIN_NAMES, named
from pillm.report.material import Material
from pillm.report.words import cell

Json = dict[str, Any]
MEASURES = ("score", "slot_f1", *(f"differs_from_{name}" for name in UNQUANTIZED))


def suites(material: Material) -> Json | None:
    """Scores of the shipped type, or of the smallest that was asked."""
    lines = [_line(step, scored.marks, material.shipped) for step, scored in material.further.items()]
    if not lines:
        return None
    there = [name for name in MEASURES if any(line["marks"].get(name) for line in lines)]
    return {"measures": [PLAIN_NAMES.get(name, name) for name in there], "picture": _picture(lines),
            "lines": [{"name": line["name"], "questions": line["questions"],
                       "cells": [cell(line["marks"].get(name)) for name in there]} for line in lines]}


def _line(step: str, marks: Json, shipped: str) -> Json:
    types = marks["types"]
    type_ = shipped if shipped in types else min(types, key=lambda name: types[name]["bytes"])
    return {"name": named(step).removeprefix(", ") or step, "questions": marks["questions"], "marks": types[type_]}


def _picture(lines: list[Json]) -> str:
    from pillm.backends import plots

    rows = [(line["name"], line["marks"]["score"], 0) for line in lines]
    return plots.intervals(rows, "Score with 95 % interval", x_label="score")
