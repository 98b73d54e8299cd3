"""Whether the model knows when it is wrong: the answers worth asking back, a table by suite, and two pictures."""
from pathlib import Path
from typing import Any

from pillm.report.material import read_json
from pillm.report.words import Cell, cell, percent
from pillm.serve import confidence
from pillm.serve.questions import DEVELOPMENT

Json = dict[str, Any]
NOTHING: Cell = ("", "")
SHARES = {"1.0": "all answered", "0.9": "surest 90 %", "0.8": "surest 80 %"}
"""Coverages that are shown, of those in judged.json."""
PICTURES = (("reliability", "How often answers of a confidence are right; on the dotted line, as often as they say"),
            ("coverage", "Share right when only the surest are answered"))


def calibration(folder: Path | None) -> Json | None:
    """Of an artifact of `calibrate`: its formula, the threshold, a line per suite, and its pictures."""
    if folder is None:
        return None
    sure, judged = confidence.read(folder), read_json(folder / "judged.json")
    lines = [{"suite": suite, "fitted": suite == DEVELOPMENT, "cells": _cells(marks)}
             for suite, marks in judged["suites"].items()]
    return {"type": sure.type, "formula": sure.formula, "threshold": f"{sure.threshold:.2f}",
            "coverage": percent(sure.coverage), "names": list(lines[0]["cells"]), "lines": lines,
            "features": [(feature, _number(found["auroc"])) for feature, found in judged["choices"].items()],
            "pictures": [((folder / f"{name}.svg").read_text("utf-8"), told) for name, told in PICTURES]}


def _cells(marks: Json) -> dict[str, Cell]:
    """Accuracy in percent with its interval; errors and ranks as numbers."""
    at = marks["at_threshold"]
    shares = {name: _percents(marks["accuracy"][share]) for share, name in SHARES.items()}
    return {"questions": (str(marks["questions"]), ""), **shares, "above threshold": _percents(at["accuracy"]),
            "are above": _percents(at["coverage"]), "AUROC": (_number(marks["auroc"]), ""),
            "ECE": (_number(marks["ece"]), f"before: {_number(marks['ece_raw'])}")}


def _percents(found: Json | None) -> Cell:
    if not found:
        return NOTHING
    value, between = cell({key: 100 * found[key] for key in ("value", "low", "high")}, 0)
    return f"{value} %", between


def _number(found: float | None) -> str:
    return "" if found is None else f"{found:.2f}"
