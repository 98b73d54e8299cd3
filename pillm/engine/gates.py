"""Conditions that end a run with exit code 3."""
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator


class Gate(BaseModel):
    """A number that a run must reach."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    metric: str
    """`step.metric`, as in run.json: `evaluate.Q8_0.score`."""
    min: float | None = None
    """The least that passes."""
    max: float | None = None
    """The most that passes."""
    by: Literal["value", "interval"] = "value"
    """Judge the value, or its 95 % interval: then a bound inside the interval is inconclusive."""

    @model_validator(mode="after")
    def _bounded(self) -> "Gate":
        if self.min is None and self.max is None:
            raise ValueError("a gate needs min or max")
        return self


Verdict = dict[str, Any]
"""name, met (true, false, or null: not judged), told (one sentence)."""


def judge(name: str, gate: Gate, metrics: dict[str, Any], *, enforced: bool) -> Verdict:
    """Not judged: under caps, where the metric is missing because its step did not run, or inconclusive."""
    found = lookup(metrics, gate.metric)
    bounds = " and ".join(f"{word} {bound:g}" for word, bound in (("at least", gate.min), ("at most", gate.max))
                          if bound is not None)
    if found is None:
        return {"name": name, "met": None, "told": f"{gate.metric} was not measured (wanted {bounds})"}
    value, low, high = _interval(found)
    shown = f"{gate.metric} is {value:.4g}" + (f" ({low:.4g} to {high:.4g})" if high > low else "")
    if not enforced:
        return {"name": name, "met": None, "told": f"{shown}, wanted {bounds}: not judged"}
    if gate.by == "value":
        low = high = value
    return {"name": name, **_verdict(gate, low, high, f"{shown}, wanted {bounds}")}


def _verdict(gate: Gate, low: float, high: float, told: str) -> Verdict:
    above = gate.min is None or low >= gate.min
    below = gate.max is None or high <= gate.max
    if above and below:
        return {"met": True, "told": told}
    missed = (gate.min is not None and high < gate.min) or (gate.max is not None and low > gate.max)
    return {"met": False, "told": told} if missed else {"met": None, "told": f"{told}: inconclusive"}


def _interval(found: Any) -> tuple[float, float, float]:
    if isinstance(found, dict):
        value = float(found["value"])
        return value, float(found.get("low", value)), float(found.get("high", value))
    return float(found), float(found), float(found)


def lookup(metrics: dict[str, Any], key: str) -> Any:
    """`evaluate.Q8_0.score` in nested dicts; None where it is not there or null."""
    found: Any = metrics
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
