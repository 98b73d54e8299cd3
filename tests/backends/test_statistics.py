import pytest

from pillm.backends.statistics import DIFFERENCES, bootstrap, chrf, wilson


def test_the_same_seed_gives_the_same_interval():
    values = [i / 37 for i in range(37)]
    assert bootstrap(values) == bootstrap(values)
    assert bootstrap(values) != bootstrap(values, seed=1)


def test_an_interval_narrows_with_more_values():
    few, many = bootstrap([0, 1] * 10), bootstrap([0, 1] * 1000)
    assert few["value"] == many["value"] == 0.5
    assert few["high"] - few["low"] > 5 * (many["high"] - many["low"])
    assert (few["n"], many["n"]) == (20, 2000)


def test_it_covers_the_truth_about_as_often_as_it_says():
    import numpy as np

    draws = np.random.default_rng(7).random((200, 60)) < 0.7
    intervals = [bootstrap([float(value) for value in row]) for row in draws]
    assert 0.88 <= np.mean([interval["low"] <= 0.7 <= interval["high"] for interval in intervals]) <= 0.99


def test_all_right_is_not_certainty():
    assert bootstrap([1.0] * 20) == wilson(20, 20) == {"value": 1.0, "low": 0.838875, "high": 1.0, "n": 20}
    assert bootstrap([0.0])["high"] > 0.7
    assert bootstrap([0.0] * 40) == wilson(0, 40)
    assert bootstrap([0.3] * 40) == {"value": 0.3, "low": 0.273714, "high": 0.361335, "n": 40}
    with pytest.raises(ValueError, match="at least one"):
        bootstrap([])


def test_no_difference_anywhere_may_be_one_to_either_side():
    assert bootstrap([0.0] * 40, within=DIFFERENCES) == {"value": 0, "low": -0.087622, "high": 0.087622, "n": 40}
    assert bootstrap([-1.0] * 40, within=DIFFERENCES) == {"value": -1, "low": -1, "high": -0.824757, "n": 40}
    assert bootstrap([1.0] * 40, within=DIFFERENCES) == {"value": 1, "low": 0.824757, "high": 1, "n": 40}


def test_of_counts_that_are_all_alike_only_the_point_is_known():
    assert bootstrap([1.0] * 5, within=None) == {"value": 1, "low": 1, "high": 1, "n": 5}


def test_chrf_is_that_of_sacrebleu():
    # 66.928572: echo "The cat sat on mat" | sacrebleu ref.txt -m chrf -b -w 6, sacrebleu 2.6.0
    assert chrf("The cat sat on mat", ["The cat sat on the mat"]) == pytest.approx(0.66928572)
