import json
from pathlib import Path

import pytest

from pillm.report.calibration import calibration
from pillm.serve.calibrating import Sat, choices, marks
from pillm.serve.confidence import CALIBRATION, Calibration

SURE = Calibration("sum", 0.3, 0.9, "Q8_0", "ab", temperature=2.0)
SAT = Sat([(-0.1,), (-0.4, -0.2), (-5.0,)], [True, True, False])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    suites = {"dev": marks(SAT, SURE), "outside": marks(Sat([(-9.0,)], [False]), SURE)}
    judged = {"choices": choices(SAT), "suites": suites}
    (tmp_path / CALIBRATION).write_text(json.dumps(SURE.line), "utf-8")
    (tmp_path / "judged.json").write_text(json.dumps(judged), "utf-8")
    for name in ("reliability", "coverage"):
        (tmp_path / f"{name}.svg").write_text(f"<svg>{name}</svg>", "utf-8")
    return tmp_path


def test_a_line_per_suite_with_its_figures(folder):
    found = calibration(folder)
    assert found["formula"] == "exp(sum of the tokens' log-probabilities / 2)"
    assert (found["threshold"], found["coverage"], found["type"]) == ("0.30", "90 %", "Q8_0")
    assert found["features"] == [("mean", "1.00"), ("sum", "1.00"), ("least", "1.00")]
    dev, outside = found["lines"]
    assert (dev["suite"], dev["fitted"], outside["fitted"]) == ("dev", True, False)
    assert dev["cells"]["all answered"] == ("67 %", "21 to 94")
    assert dev["cells"]["above threshold"][0] == "100 %"
    assert dev["cells"]["are above"][0] == "67 %"
    assert outside["cells"]["above threshold"] == outside["cells"]["AUROC"] == ("", "")
    assert [svg for svg, _ in found["pictures"]] == ["<svg>reliability</svg>", "<svg>coverage</svg>"]


def test_without_one_there_is_no_section():
    assert calibration(None) is None
