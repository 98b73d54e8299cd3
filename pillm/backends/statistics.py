"""Intervals for scores, and the text score chrF: scipy and sacrebleu live here."""
from collections.abc import Sequence
from functools import cache

import numpy as np
from sacrebleu.metrics import CHRF
from scipy import stats

CONFIDENCE = 0.95
RESAMPLES = 2000
"""Enough for two digits of a 95 % interval (Efron and Tibshirani 1993, section 14.3)."""

Interval = dict[str, float]
"""{value, low, high, n}: a mean, its 95 % interval, and how many values it rests on."""


def bootstrap(values: Sequence[float], *, seed: int = 0) -> Interval:
    """Mean with the percentile bootstrap interval; the same values and seed give the same interval."""
    if len(values) < 2 or min(values) == max(values):
        return without_spread(values)
    found = stats.bootstrap((np.asarray(values, float),), np.mean, confidence_level=CONFIDENCE, n_resamples=RESAMPLES,
                            method="percentile", rng=np.random.default_rng(seed))
    low, high = found.confidence_interval
    return rounded(float(np.mean(values)), low, high, len(values))


def without_spread(values: Sequence[float]) -> Interval:
    """All values equal, where resampling would claim certainty: Wilson's interval for 0s or 1s, else the point."""
    if not values:
        raise ValueError("an interval needs at least one value")
    if values[0] in (0, 1):
        return wilson(round(sum(values)), len(values))
    return rounded(values[0], values[0], values[0], len(values))


def wilson(successes: int, n: int) -> Interval:
    """Share of successes with Wilson's score interval (Wilson 1927), honest at 0 and n out of n."""
    found = stats.binomtest(successes, n).proportion_ci(CONFIDENCE, method="wilson")
    return rounded(successes / n, found.low, found.high, n)


def rounded(value: float, low: float, high: float, n: int) -> Interval:
    """Six digits: more than any score is worth, few enough to be equal across machines."""
    return {"value": round(float(value), 6), "low": round(float(low), 6), "high": round(float(high), 6), "n": n}


@cache
def _chrf() -> CHRF:
    return CHRF()


def chrf(answer: str, references: Sequence[str]) -> float:
    """chrF2 of one answer in [0, 1] against its best reference (Popović 2015; sacrebleu's default order and beta)."""
    return max(_chrf().sentence_score(answer, [reference]).score for reference in references) / 100
