"""A confidence that was planted is found again, and few answers are no certainty."""
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.calibration import (
    auroc,
    bins,
    curve,
    expected_error,
    fit,
    judged,
    platt,
    temperature,
    threshold,
)

T, A, B = 2.5, 0.8, 1.5


def planted(chances: np.ndarray, seed: int = 1) -> list[bool]:
    """Right as often as these chances say."""
    return [bool(value) for value in np.random.default_rng(seed).random(len(chances)) < chances]


LOGPROBS = -np.random.default_rng(0).exponential(2, 20_000)


def test_a_known_temperature_is_recovered():
    right = planted(np.exp(LOGPROBS / T))
    assert temperature(list(LOGPROBS), right).parameters["temperature"] == pytest.approx(T, rel=0.03)
    assert fit(list(LOGPROBS), right).parameters.keys() == {"temperature"}
    told = list(np.exp(LOGPROBS / T))
    assert expected_error(told, right) < 0.02 < 0.1 < expected_error(list(np.exp(LOGPROBS)), right)


def test_a_known_sigmoid_is_recovered_and_chosen():
    right = planted(1 / (1 + np.exp(-(A * LOGPROBS + B))))
    found = fit(list(LOGPROBS), right)
    assert found.parameters == platt(list(LOGPROBS), right).parameters
    assert found.parameters["a"] == pytest.approx(A, rel=0.05)
    assert found.parameters["b"] == pytest.approx(B, rel=0.05)
    assert found.loss < temperature(list(LOGPROBS), right).loss


def test_a_hundred_answers_are_too_few_for_two_parameters_that_gain_little():
    logprobs = list(LOGPROBS[:100])
    assert fit(logprobs, planted(np.exp(LOGPROBS[:100] / T))).parameters.keys() == {"temperature"}


@pytest.mark.parametrize("logprobs", [[-0.5], [-3.0, -1.0, -0.2], [0.0, 0.0], [-100.0] * 5, [-100.0, 0.0]])
@pytest.mark.parametrize("is_right", [True, False])
def test_all_right_and_all_wrong_and_one_question_are_no_certainty(logprobs, is_right):
    right = [is_right] * len(logprobs)
    found = temperature(logprobs, right), platt(logprobs, right), fit(logprobs, right)
    assert all(math.isfinite(value) for each in found for value in (*each.parameters.values(), each.loss))
    assert found[1].parameters["a"] >= 0
    assert auroc(logprobs, right) is None
    chance = 1 / (1 + math.exp(-(found[1].parameters["a"] * logprobs[0] + found[1].parameters["b"])))
    assert 0 < chance < 1
    assert (chance > 0.5) == is_right


def test_more_answers_of_one_kind_are_more_certain():
    few, many = (temperature([-1.0] * n, [True] * n).parameters["temperature"] for n in (1, 100))
    assert math.exp(-1 / few) == pytest.approx(2 / 3, abs=1e-4)
    assert math.exp(-1 / many) == pytest.approx(101 / 102, abs=1e-4)


def test_the_area_counts_pairs():
    assert auroc([1, 2, 3, 4], [False, False, True, True]) == 1
    assert auroc([1, 2, 3, 4], [True, True, False, False]) == 0
    assert auroc([1, 1, 1], [True, False, True]) == 0.5
    assert auroc([3, 1, 2, 2], [True, False, True, False]) == pytest.approx(3.5 / 4)


@given(st.lists(st.floats(1e-5, 1), min_size=1), st.floats(0.01, 1))
def test_the_threshold_leaves_the_coverage_and_not_much_more(confidences, coverage):
    least = threshold(confidences, coverage)
    assert sum(each >= least for each in confidences) >= coverage * len(confidences) - 1e-6
    assert sum(each > least + 1e-6 for each in confidences) < coverage * len(confidences) + 1


def test_the_expected_error_of_bins_by_hand():
    confidences, right = [0.1, 0.1, 0.95, 0.95, 1.0], [True, False, True, True, False]
    assert [(each.right["n"], each.right["value"]) for each in bins(confidences, right)] == [(2, 0.5), (3, 0.666667)]
    assert expected_error(confidences, right) == pytest.approx((2 * 0.4 + 3 * (2.9 / 3 - 2 / 3)) / 5, abs=1e-6)
    assert expected_error([0.5] * 4, [True, False] * 2) == 0


def test_leaving_out_the_unsure_is_worth_what_it_is():
    confidences, right = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05], [True] * 8 + [False] * 2
    found = judged(confidences, right, 0.2)
    assert {share: (each["value"], each["n"]) for share, each in found["accuracy"].items()} == {
        "1.0": (0.8, 10), "0.95": (0.8, 10), "0.9": (0.888889, 9), "0.8": (1, 8)}
    assert found["accuracy"]["0.8"]["low"] < 0.7
    assert found["at_threshold"]["coverage"]["value"] == 0.8
    assert found["at_threshold"]["accuracy"]["value"] == found["auroc"] == 1
    assert judged(confidences, right, 0.99)["at_threshold"]["accuracy"] is None
    assert curve(confidences, right)[-1] == (1, 0.8)
