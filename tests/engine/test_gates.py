"""A gate is met, not met, or not judged."""
import pytest
from pydantic import ValidationError

from pillm.engine.gates import Gate, judge, lookup

SPEED = {"bench": {"Q8_0": {"tokens_per_s": {"value": 10.0, "low": 8.0, "high": 12.0}}, "load_s": 0.5}}


@pytest.mark.parametrize(("gate", "met"), [
    (Gate(metric="bench.load_s", max=1.0), True),
    (Gate(metric="bench.load_s", min=1.0), False),
    (Gate(metric="bench.Q8_0.tokens_per_s", min=9.0), True),
    (Gate(metric="bench.Q8_0.tokens_per_s", min=11.0), False),
    (Gate(metric="bench.Q8_0.tokens_per_s", min=7.0, by="interval"), True),
    (Gate(metric="bench.Q8_0.tokens_per_s", min=9.0, by="interval"), None),
    (Gate(metric="bench.Q8_0.tokens_per_s", min=13.0, by="interval"), False),
    (Gate(metric="bench.Q8_0.tokens_per_s", min=7.0, max=11.0, by="interval"), None),
    (Gate(metric="bench.Q8_0.tokens_per_s", max=7.0, by="interval"), False),
    (Gate(metric="bench.Q4_0.tokens_per_s", min=1.0), False),
    (Gate(metric="evaluate.Q4_0.score", min=1.0), None),
])
def test_verdicts(gate: Gate, met: bool | None) -> None:
    assert judge("g", gate, SPEED, enforced=True)["met"] is met


ODD = {"evaluate": {"Q8_0": {"score": {"value": 0.5, "low": 0.4, "high": 0.6}, "kl": float("nan"), "sha256": "ab",
                             "none": None}, "spread": {"value": 0.5, "low": float("nan"), "high": 0.6}}}


@pytest.mark.parametrize(("metric", "told"), [
    ("evaluate.Q8_0.scroe", "there is no evaluate.Q8_0.scroe. Did you mean 'evaluate.Q8_0.score'? evaluate measured "
                            "evaluate.Q8_0.score. Wanted at least 0.9"),
    ("evaluate.Q8_0.none", "there is no evaluate.Q8_0.none"), ("evaluate.Q8_0.kl", "is nan, not a number"),
    ("evaluate.Q8_0.sha256", "is 'ab', not a number"), ("evaluate.Q8_0", "is no number itself"),
    ("evaluate.spread", "is no number itself"), ("evaluate", "is no number itself")])
def test_what_its_step_did_not_measure_is_not_met_and_says_what_there_is(metric: str, told: str) -> None:
    verdict = judge("good", Gate(metric=metric, min=0.9), ODD, enforced=True)
    assert verdict["met"] is False
    assert told in verdict["told"]
    assert " evaluate measured evaluate." in verdict["told"]
    assert judge("good", Gate(metric=metric, min=0.9), ODD, enforced=False)["met"] is None


def test_a_step_without_numbers_is_told() -> None:
    told = judge("good", Gate(metric="count.letters", min=1), {"count": {}}, enforced=True)["told"]
    assert told == "there is no count.letters. count measured no number. Wanted at least 1"


@pytest.mark.parametrize("bound", [float("nan"), float("inf"), "nan"])
def test_a_bound_is_a_number(bound: object) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        Gate(metric="x", min=bound)


def test_an_inconclusive_verdict_says_so() -> None:
    told = judge("speed", Gate(metric="bench.Q8_0.tokens_per_s", min=9.0, by="interval"), SPEED, enforced=True)["told"]
    assert told == "bench.Q8_0.tokens_per_s is 10 (8 to 12), wanted at least 9: inconclusive"


def test_under_caps_nothing_is_judged() -> None:
    verdict = judge("g", Gate(metric="bench.load_s", min=1.0), SPEED, enforced=False)
    assert verdict["met"] is None
    assert verdict["told"].endswith("not judged")


def test_a_gate_needs_a_bound() -> None:
    with pytest.raises(ValidationError, match="min or max"):
        Gate(metric="x")


def test_lookup_stops_where_there_is_nothing() -> None:
    assert lookup({"a": {"b": 1}}, "a.b.c") is None
