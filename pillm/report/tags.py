"""Scores by kind of question: a picture and a table, the weakest first."""
from typing import Any

from pillm.report.marks import Column, best, columns
from pillm.report.material import Material
from pillm.report.words import cell

Json = dict[str, Any]
MOST = 16
"""Tags that are shown."""


def tags(material: Material) -> Json | None:
    """Of the shipped file, beside the base at its best; None where the questions have no tags."""
    shown = _shown(material)
    ours: Json = shown[-1].marks.get("tags", {}) if shown and shown[-1].shipped else {}
    if not ours:
        return None
    chosen = sorted(ours, key=lambda tag: (ours[tag]["score"]["value"], tag))[:MOST]
    lines = [{"tag": tag, "n": ours[tag]["score"]["n"], "cells": [cell(_score(column, tag)) for column in shown]}
             for tag in chosen]
    return {"columns": [column.name for column in shown], "lines": lines, "left_out": len(ours) - len(lines),
            "picture": _picture(shown, chosen)}


def _shown(material: Material) -> list[Column]:
    base = f"base {best(material.base)}" if material.base else ""
    return [column for column in columns(material) if column.name == base or column.shipped]


def _score(column: Column, tag: str) -> Json | None:
    return column.marks.get("tags", {}).get(tag, {}).get("score")


def _picture(shown: list[Column], chosen: list[str]) -> str:
    """A row per tag; under our dot stands that of the first of the others, which is the base where there is one."""
    from pillm.backends import plots

    pair = [shown[-1], *shown[:-1][:1]]
    rows = [(tag, found, group) for tag in chosen for group, column in enumerate(pair)
            if (found := _score(column, tag))]
    return plots.intervals(rows, "Score by kind of question with 95 % interval", x_label="score",
                           groups=[column.name for column in pair])
