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
    (Gate(metric="bench.Q4_0.tokens_per_s", min=1.0), None),
])
def test_verdicts(gate: Gate, met: bool | None) -> None:
    assert judge("g", gate, SPEED, enforced=True)["met"] is met


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
