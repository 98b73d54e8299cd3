import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.serve.confidence import CALIBRATION, Calibration, features, raw, read

WARM = Calibration("sum", 0.4, 0.9, "Q8_0", "ab", temperature=2.0)
SLOPED = Calibration("least", 0.4, 0.9, "Q8_0", "ab", a=0.5, b=1.0)


def test_the_three_of_an_answer():
    assert features([-1.0, -3.0, -0.5]) == {"mean": -1.5, "sum": -4.5, "least": -3.0}
    assert features([-1.0, -3.4e38])["sum"] == -101
    assert features([]) == {"mean": -100, "sum": -100, "least": -100}
    assert raw([-1.0, -2.0]) == math.exp(-1.5)


def test_both_forms_by_hand():
    assert WARM.confidence([-1.0, -3.0]) == math.exp(-2)
    assert SLOPED.confidence([-1.0, -3.0]) == pytest.approx(1 / (1 + math.exp(0.5)))
    assert WARM.formula == "exp(sum of the tokens' log-probabilities / 2)"
    assert SLOPED.formula == "1 / (1 + exp(-(0.5 × least of the tokens' log-probabilities + 1)))"


@given(st.lists(st.floats(-1e38, 0)), st.floats(1e-3, 1e3), st.floats(0, 1e3), st.floats(-1e3, 1e3))
def test_a_confidence_is_above_0_and_at_most_1(logprobs, temperature, a, b):
    forms = Calibration("sum", 0, 1, "", "", temperature=temperature), Calibration("mean", 0, 1, "", "", a=a, b=b)
    for each in forms:
        assert 0 < each.confidence(logprobs) <= 1


@pytest.mark.parametrize("calibration", [WARM, SLOPED])
def test_it_is_read_as_it_was_written(calibration, tmp_path):
    (tmp_path / CALIBRATION).write_text(json.dumps(calibration.line), "utf-8")
    assert read(tmp_path) == calibration
    assert ("temperature" in calibration.line) != ("a" in calibration.line)


def test_the_threshold_itself_is_sure():
    assert [WARM.is_sure(confidence) for confidence in (0.39, 0.4, 0.41)] == [False, True, True]
