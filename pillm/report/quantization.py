"""What each type weighs, loses and does."""
from typing import Any

from pillm.backends.llama_cpp.ladder import unquantized
from pillm.report.material import Material
from pillm.report.predicted import prediction
from pillm.report.words import Cell, cell, plain
from pillm.words import size

Json = dict[str, Any]
NOTHING: Cell = ("", "")


def ladder(material: Material) -> Json | None:
    """A line per type, and score against size where there are several."""
    if not material.sizes:
        return None
    lines = [_line(material, type_) for type_ in material.sizes]
    names = [name for name in lines[0]["cells"] if any(line["cells"][name][0] for line in lines)]
    return {"names": names, "lines": lines, "picture": _picture(material), "device": material.recipe["device"]["name"],
            "tensors": material.metric("quantize.tensors")}


def _line(material: Material, type_: str) -> Json:
    lost = material.divergence.get(type_, {})
    speed = material.bench.get("types", {}).get(type_, {}).get("decode_tokens_per_s")
    marks = material.scored.marks["types"].get(type_) if material.scored else None
    expected = prediction(material, type_)
    cells = {
        "size": (size(material.sizes[type_]), ""),
        f"KL from {unquantized(material.divergence) or 'f16'}": (
            plain(lost.get("kl_mean"), 2), f"99 %: {plain(lost['kl_p99'], 2)}" if "kl_p99" in lost else ""),
        "same first choice": (f"{100 * lost['same_top']:.1f} %" if "same_top" in lost else "", ""),
        "perplexity": (plain(lost.get("perplexity"), 4), ""),
        "score": cell(marks["score"] if marks else None),
        "tokens/s here": cell(speed, 0 if speed and speed["value"] >= 100 else 1),
        "tokens/s there": (f"≤ {plain(expected.tokens_per_s)}", "") if expected else NOTHING,
        "memory there": (size(expected.memory_bytes), "fits" if expected.fits else "too much") if expected else NOTHING,
    }
    return {"type": type_, "shipped": type_ == material.shipped, "cells": cells}


def _picture(material: Material) -> str:
    from pillm.backends import plots

    marks = material.scored.marks["types"] if material.scored else {}
    points = [(type_, octets / 1e6, marks[type_]["score"])
              for type_, octets in material.sizes.items() if type_ in marks]
    return plots.trade(points, "Score against size", x_label="MB", y_label="score") if len(points) > 2 else ""
