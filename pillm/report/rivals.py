"""The model beside programs without a neural network that learned from the same records."""
from typing import Any

from pillm.report.marks import named
from pillm.report.material import Material, read_json
from pillm.report.words import Cell, cell, count, plain
from pillm.serve.questions import DEVELOPMENT
from pillm.words import size

Json = dict[str, Any]


def rivals(material: Material) -> Json | None:
    """Of the last artifact of `rivals` and the model's own scores: a line for each, a column for each suite.

    `suites`: names with their number of questions; `lines`: {name, told, ours, size, request_ms, cells by suite}.
    """
    if not material.rivals:
        return None
    step, folder = list(material.rivals.items())[-1]
    found = read_json(folder / "rivals.json")
    lines = [_rival(material, step, name, rival) for name, rival in found["rivals"].items()]
    suites = {name: marks["n"] for rival in found["rivals"].values() for name, marks in rival["suites"].items()}
    ours = _ours(material)
    return {"records": count(found["records"]), "suites": suites, "lines": [*([ours] if ours else []), *lines]}


def _rival(material: Material, step: str, name: str, rival: Json) -> Json:
    spent = material.metric(f"{step}.{name}.request_ms")
    return {"name": name, "told": rival["told"], "ours": False, "size": size(rival["bytes"]),
            "request_ms": plain(spent, 2), "cells": {suite: cell(marks) for suite, marks in rival["suites"].items()}}


def _ours(material: Material) -> Json | None:
    """The shipped file, on the suites that it was asked."""
    if not material.scored:
        return None
    type_ = material.judged
    own = {DEVELOPMENT: material.scored.marks["types"][type_]["score"]}
    for step, scored in material.further.items():
        name = named(step).removeprefix(", ") or step
        own[name] = scored.marks["types"].get(type_, {}).get("score")
    last = list(material.evaluations)[-1]
    spent = material.metric(f"{last}.{type_}.latency_ms.p50")
    cells: dict[str, Cell] = {suite: cell(marks) for suite, marks in own.items() if marks}
    return {"name": type_, "told": "the model that ships", "ours": True,
            "size": size(material.scored.marks["types"][type_]["bytes"]), "request_ms": plain(spent, 2), "cells": cells}
