import pytest

from pillm.serve.calibrating import Sat, choices, fitted, marks, pooled
from pillm.serve.confidence import Calibration
from tests.serve.test_exam import NOTE, YES, answered

SORTED = Sat([(-0.1, -0.1), (-0.2,), (-0.1, -2.0), (-3.0, -0.1), (-0.3,)], [True, True, False, False, True])
"""The surer answers are right."""


def test_answers_are_right_from_a_score_on():
    few = [answered(NOTE, '[{"tool":"note","text":"du pain"}]'), answered(YES, "oui")]
    assert Sat.of(few, 1.0).right == [False, True]
    assert not Sat.of(few, 1.0).several


def test_what_was_fitted_on_and_what_has_several_answers_stays_out_of_the_pool():
    one, several = Sat([(-1.0,)], [True]), Sat([(-2.0,)], [True], several=True)
    assert pooled({"dev": one, "test": one, "noisy": SORTED, "ambiguous": several}) == {
        "all": Sat(one.logprobs + SORTED.logprobs, one.right + SORTED.right)}
    assert pooled({"dev": one, "ambiguous": several}) == {}


def test_the_feature_that_sorts_best_is_taken():
    told = choices(SORTED)
    assert told["least"]["auroc"] == told["mean"]["auroc"] == 1
    long = (-0.01,) * 30
    mixed = Sat([(-0.5,) * 20, (-0.5,) * 30, (*long, -4.0), (*long, -4.1)], [True, True, False, False])
    assert fitted(mixed, feature=None, coverage=0.5)["feature"] == "least"
    assert fitted(mixed, feature="sum", coverage=0.5)["feature"] == "sum"


@pytest.mark.parametrize("right", [[True] * 5, [False] * 5])
def test_with_all_alike_a_feature_is_taken_all_the_same(right):
    found = fitted(Sat(SORTED.logprobs, right), feature=None, coverage=0.9)
    sure = Calibration(**found, type="Q8_0", sha256="")
    assert marks(Sat(SORTED.logprobs, right), sure)["auroc"] is None
    assert found["feature"] == "mean"


def test_the_threshold_covers_what_was_asked():
    found = fitted(SORTED, feature="mean", coverage=0.6)
    told = marks(SORTED, Calibration(**found, type="Q8_0", sha256=""))
    assert told["at_threshold"]["coverage"]["value"] == 0.6
    assert told["at_threshold"]["accuracy"]["value"] == 1
