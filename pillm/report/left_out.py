"""Records that were left out, by reason, and by file where there are several."""
from collections import Counter
from typing import Any

from pillm.report.material import Material
from pillm.report.words import percent

Json = dict[str, Any]
STEPS = ("prepare", "label")


def left_out(material: Material) -> Json | None:
    """Per reason, the most frequent first: records, their share, those of each file; and what was near a suite."""
    counts: Counter[str] = Counter()
    for step in STEPS:
        counts.update(material.metric(f"{step}.left_out") or {})
    if not counts:
        return None
    read = _read(material, "prepare") or _read(material, "label")
    of_files = material.metric("prepare.left_out_of") or {}
    files = of_files if len(of_files) > 1 else {}
    lines = [{"reason": reason, "cells": [f"{number:,}", percent(number / read)] + [
        f"{of_file.get(reason, 0):,}" for of_file in files.values()]} for reason, number in counts.most_common()]
    return {"columns": ["records", "of all", *files], "lines": lines, "suites": _suites(material)}


def _read(material: Material, step: str) -> int:
    """Records that came to a step; what label leaves out was among those that prepare passed on."""
    return sum(sum((material.metric(f"{step}.{kept}") or {}).values()) for kept in ("rows", "left_out"))


def _suites(material: Material) -> list[Json]:
    """Those that something was too near to."""
    found = material.metric("prepare.contamination") or {}
    return [{"name": name, **kinds} for name, kinds in found.items() if any(kinds.values())]
