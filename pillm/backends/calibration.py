"""From log-probability to probability of being right: how it is fitted, and how good it is."""
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from pillm.backends.statistics import Interval, wilson

BINS = 15
"""Of equal width, as Guo et al. 2017 (arXiv 1706.04599, section 2) and most after them."""
COVERAGES = (1.0, 0.95, 0.9, 0.8)
TEMPERATURES = (1e-3, 1e3)
STRONG = 6.0
"""Difference of the Bayesian information criterion that counts as strong evidence (Kass and Raftery 1995, 4.2)."""
CERTAIN = -1e-6
"""A log-probability of 0 could never be wrong: it is taken for this."""
Logprobs = Sequence[float]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """What turns a log-probability into a confidence: `temperature`, or `a` and `b`."""

    parameters: Mapping[str, float]
    loss: float
    """Cross-entropy with Platt's targets, in nats, summed over all answers."""


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence."""

    confidence: float
    """Their mean."""
    right: Interval
    """How many of them are right."""


def auroc(values: Sequence[float], right: Sequence[bool]) -> float | None:
    """How often a right answer has the higher value than a wrong one, a tie counting half; None if all are alike.

    The area under the ROC curve, which is Mann and Whitney's U over the number of pairs (Hanley and McNeil 1982).
    """
    rights, wrongs = sum(right), len(right) - sum(right)
    if not rights or not wrongs:
        return None
    ranks = stats.rankdata(values)[np.asarray(right, bool)].sum()
    return round(float((ranks - rights * (rights + 1) / 2) / (rights * wrongs)), 6)


def fit(logprobs: Logprobs, right: Sequence[bool]) -> Fit:
    """Temperature, unless two parameters are better by so much that it cannot be their number alone."""
    one, two = temperature(logprobs, right), platt(logprobs, right)
    return two if 2 * (one.loss - two.loss) - math.log(len(right)) > STRONG else one


def temperature(logprobs: Logprobs, right: Sequence[bool]) -> Fit:
    """The T of confidence = exp(logprob / T) of greatest likelihood; the loss is convex in 1 / T.

    After Guo et al. 2017 (arXiv 1706.04599, section 4.2), where T divides the logits of each choice; here it divides
    the log-probability of the whole answer.
    """
    x, target = np.minimum(np.asarray(logprobs, float), CERTAIN), _targets(right)

    def loss(log_t: float) -> float:
        scaled = x / math.exp(log_t)
        return float(-np.sum(target * scaled + (1 - target) * np.log(-np.expm1(scaled))))

    low, high = map(math.log, TEMPERATURES)
    found = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return Fit({"temperature": _rounded(math.exp(found.x))}, float(found.fun))


def platt(logprobs: Logprobs, right: Sequence[bool]) -> Fit:
    """The a ≥ 0 and b of confidence = 1 / (1 + exp(-(a · logprob + b))) of greatest likelihood.

    Platt 1999, "Probabilistic outputs for support vector machines", section 2.2; the loss as Lin, Lin and Weng 2007.
    """
    x, target = np.asarray(logprobs, float), _targets(right)
    middle, width = float(x.mean()), float(x.std()) or 1.0
    z = (x - middle) / width

    def loss(w: Array) -> tuple[float, Array]:
        score = w[0] * z + w[1]
        off = 1 / (1 + np.exp(-score)) - target
        return float(np.sum(np.logaddexp(0, score) - target * score)), np.array([off @ z, off.sum()])

    found = optimize.minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
    slope = float(found.x[0]) / width
    return Fit({"a": _rounded(slope), "b": _rounded(float(found.x[1]) - slope * middle)}, float(found.fun))


def _targets(right: Sequence[bool]) -> Array:
    """Platt's: a little off 0 and 1, so that few answers, all right or all wrong, are no certainty (section 2.2)."""
    is_right = np.asarray(right, bool)
    rights, wrongs = is_right.sum(), (~is_right).sum()
    return np.where(is_right, (rights + 1) / (rights + 2), 1 / (wrongs + 2))


def _rounded(value: float) -> float:
    """Six significant digits."""
    return float(f"{value:.6g}")


def threshold(confidences: Sequence[float], coverage: float) -> float:
    """The confidence that this share of the answers, or a little more, has or exceeds; rounded down."""
    return math.floor(1e6 * sorted(confidences, reverse=True)[_count(coverage, len(confidences)) - 1]) / 1e6


def _count(coverage: float, n: int) -> int:
    """At least one, and never less than the share asked for."""
    return max(1, math.ceil(coverage * n - 1e-9))


def bins(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Those that are not empty, from 0 to 1."""
    found: dict[int, list[tuple[float, bool]]] = {}
    for confidence, is_right in sorted(zip(confidences, right, strict=True)):
        found.setdefault(min(int(BINS * confidence), BINS - 1), []).append((confidence, is_right))
    return [Bin(sum(c for c, _ in some) / len(some), wilson(sum(r for _, r in some), len(some)))
            for some in found.values()]


def expected_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Mean over answers of |confidence − accuracy| of their bin (Guo et al. 2017, equation 3)."""
    found = bins(confidences, right)
    off = sum(each.right["n"] * abs(each.confidence - each.right["value"]) for each in found)
    return round(off / len(confidences), 6)


def curve(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """(coverage, accuracy) when only the surest are answered: 1, 2, … all (Geifman and El-Yaniv 2017, 1705.08500)."""
    ordered = _surest_first(confidences, right)
    return [(k / len(ordered), sum(ordered[:k]) / k) for k in range(1, len(ordered) + 1)]


def _surest_first(confidences: Sequence[float], right: Sequence[bool]) -> list[bool]:
    """Of equals, the one that was asked first."""
    return [right[i] for i in sorted(range(len(right)), key=lambda i: -confidences[i])]


def judged(confidences: Sequence[float], right: Sequence[bool], least: float) -> dict[str, Any]:
    """How well confidences sort and tell, and what is answered where no less than `least` is."""
    ordered, n = _surest_first(confidences, right), len(right)
    kept = [r for c, r in zip(confidences, right, strict=True) if c >= least]
    return {"questions": n,
            "accuracy": {str(share): wilson(sum(ordered[:_count(share, n)]), _count(share, n)) for share in COVERAGES},
            "at_threshold": {"coverage": wilson(len(kept), n),
                             "accuracy": wilson(sum(kept), len(kept)) if kept else None},
            "ece": expected_error(confidences, right), "auroc": auroc(confidences, right)}
