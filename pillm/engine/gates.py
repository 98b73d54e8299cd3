"""Conditions that end a run with exit code 3."""
import math
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, FiniteFloat, model_validator

from pillm.errors import suggest

SHOWN = 12
"""Metrics that are told where one is not found."""


class Gate(BaseModel):
    """A number that a run must reach."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    metric: str
    """`step.metric`, as in run.json: `evaluate.Q8_0.score`."""
    min: FiniteFloat | None = None
    """The least that passes."""
    max: FiniteFloat | None = None
    """The most that passes."""
    by: Literal["value", "interval"] = "value"
    """Judge the value, or its 95 % interval: then a bound inside the interval is inconclusive."""

    @property
    def step(self) -> str:
        """The one that measures."""
        return self.metric.partition(".")[0]

    @model_validator(mode="after")
    def _bounded(self) -> "Gate":
        if self.min is None and self.max is None:
            raise ValueError("a gate needs min or max")
        return self


Verdict = dict[str, Any]
"""name, met (true, false, or null: not judged), told (one sentence)."""


def judge(name: str, gate: Gate, metrics: dict[str, Any], *, enforced: bool) -> Verdict:
    """Not judged: under caps, where its step did not run, or inconclusive. Not met where the step measured no such
    number: a gate that cannot be judged must not pass for one that holds."""
    bounds = " and ".join(f"{word} {bound:g}" for word, bound in (("at least", gate.min), ("at most", gate.max))
                          if bound is not None)
    if gate.step not in metrics:
        return {"name": name, "met": None, "told": f"{gate.metric} was not measured (wanted {bounds})"}
    numbers = _interval(lookup(metrics, gate.metric))
    if numbers is None:
        told = f"{_no_number(gate, metrics)} Wanted {bounds}"
        return {"name": name, "met": False if enforced else None, "told": told}
    value, low, high = numbers
    shown = f"{gate.metric} is {value:.4g}" + (f" ({low:.4g} to {high:.4g})" if high > low else "")
    if not enforced:
        return {"name": name, "met": None, "told": f"{shown}, wanted {bounds}: not judged"}
    if gate.by == "value":
        low = high = value
    return {"name": name, **_verdict(gate, low, high, f"{shown}, wanted {bounds}")}


def _no_number(gate: Gate, metrics: dict[str, Any]) -> str:
    """What stands in the place of a number, and which ones there are near it."""
    found, known = lookup(metrics, gate.metric), list(_numbers(metrics[gate.step], gate.step))
    shown = "no number itself" if isinstance(found, dict) else f"{found!r:.40}, not a number"
    told = f"there is no {gate.metric}" if found is None else f"{gate.metric} is {shown}"
    within = gate.metric
    while not any(near := [number for number in known if number.startswith(f"{within}.")]) and "." in within:
        within = within.rpartition(".")[0]
    listed = ", ".join(near[:SHOWN]) + (" …" if len(near) > SHOWN else "")
    return f"{told}.{suggest(gate.metric, known)} {gate.step} measured {listed or 'no number'}."


def _numbers(found: Any, name: str) -> Iterator[str]:
    """Everything that a gate can be set on."""
    if _interval(found):
        yield name
    elif isinstance(found, dict):
        for key, inner in found.items():
            yield from _numbers(inner, f"{name}.{key}")


def _verdict(gate: Gate, low: float, high: float, told: str) -> Verdict:
    above = gate.min is None or low >= gate.min
    below = gate.max is None or high <= gate.max
    if above and below:
        return {"met": True, "told": told}
    missed = (gate.min is not None and high < gate.min) or (gate.max is not None and low > gate.max)
    return {"met": False, "told": told} if missed else {"met": None, "told": f"{told}: inconclusive"}


def _interval(found: Any) -> tuple[float, float, float] | None:
    """Value, low and high of a number or an interval; None where it is neither, or not known (NaN)."""
    measured: dict[str, Any] = found if isinstance(found, dict) else {"value": found}
    value: Any = measured.get("value")
    low, high = measured.get("low", value), measured.get("high", value)
    if not all(isinstance(number, int | float) and not math.isnan(number) for number in (value, low, high)):
        return None
    return float(value), float(low), float(high)


def lookup(metrics: dict[str, Any], key: str) -> Any:
    """`evaluate.Q8_0.score` in nested dicts; None where it is not there or null."""
    found: Any = metrics
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
