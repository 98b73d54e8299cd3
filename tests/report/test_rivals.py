"""Rivals beside the model, as the report shows them."""
import json
from pathlib import Path
from typing import Any

from pillm.report.material import Material, Scored
from pillm.report.page import environment
from pillm.report.rivals import rivals

FRAGMENT = """{% macro figure(cell) %}<td>{{ cell[0] }} {{ cell[1] }}</td>{% endmacro -%}
{%- for line in rivals.lines %}<tr><td>{{ line.name }}</td>
{%- for suite in rivals.suites %}{{ figure(line.cells.get(suite, ("", ""))) }}{% endfor %}</tr>
{%- endfor %}"""


def marks(value: float, n: int = 100) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": n}


def scored(value: float, first: str) -> Scored:
    types = {"Q8_0": {"score": marks(value), "bytes": 1_400_000, "sha256": "0" * 64}}
    return Scored({"questions": 1, "types": types}, [{"id": first}], {})


def material(evaluations: dict[str, Scored], **rivals: Path) -> Material:
    metrics: dict[str, Any] = {"evaluate": {"Q8_0": {"latency_ms": {"p50": 12.34}}},
                               "rivals": {"linear": {"request_ms": 4}}}
    steps = {name: {"metrics": found} for name, found in metrics.items()}
    return Material(run={"recipe": {"device": {"quant": "Q8_0"}}, "steps": steps}, facts={}, evaluations=evaluations,
                    rivals=rivals)


def artifact(folder: Path) -> Path:
    rival = {"told": "lines", "bytes": 26_600_000, "suites": {"dev": marks(0.6), "noisy": marks(0.5, 80)}}
    (folder / "rivals.json").write_text(json.dumps({"records": 20_000, "rivals": {"linear": rival}}), "utf-8")
    return folder


def test_the_model_comes_first_on_the_suites_it_was_asked(tmp_path):
    found = rivals(material({"evaluate_noisy": scored(0.3, "n"), "evaluate": scored(0.7, "d")},
                            rivals=artifact(tmp_path)))
    assert found["records"] == "20,000"
    assert found["suites"] == {"dev": 100, "noisy": 80}
    ours, linear = found["lines"]
    assert (ours["ours"], ours["name"], ours["size"], ours["request_ms"]) == (True, "Q8_0", "1.4 MB", "12")
    assert (ours["cells"]["dev"], ours["cells"]["noisy"]) == (("0.70", "0.60 to 0.80"), ("0.30", "0.20 to 0.40"))
    assert (linear["ours"], linear["size"], linear["request_ms"]) == (False, "26.6 MB", "4")
    assert "0.60 0.50 to 0.70" in environment().from_string(FRAGMENT).render(rivals=found)


def test_without_an_evaluation_or_rivals_it_is_less_or_nothing(tmp_path):
    assert [line["name"] for line in rivals(material({}, rivals=artifact(tmp_path)))["lines"]] == ["linear"]
    assert rivals(material({})) is None
