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


SHARES, DIFFERENCES = (0.0, 1.0), (-1.0, 1.0)
"""What values lie within: scores, and the differences of two scores."""


def bootstrap(values: Sequence[float], *, seed: int = 0, within: tuple[float, float] | None = SHARES) -> Interval:
    """Mean with the percentile bootstrap interval; the same values and seed give the same interval.

    `within` are the least and the greatest that a value could be; None for counts, which have no greatest.
    """
    if len(values) < 2 or min(values) == max(values):
        return without_spread(values, within)
    found = stats.bootstrap((np.asarray(values, float),), np.mean, confidence_level=CONFIDENCE, n_resamples=RESAMPLES,
                            method="percentile", rng=np.random.default_rng(seed))
    low, high = found.confidence_interval
    return rounded(float(np.mean(values)), low, high, len(values))


def without_spread(values: Sequence[float], within: tuple[float, float] | None) -> Interval:
    """All values equal, where resampling would claim certainty; of counts only the point is known.

    None of n differed, so that at most a share h of all does (Wilson 1927, at 0 of n), and those lie anywhere within:
    the mean is between (1 - h) value + h least and (1 - h) value + h greatest. That is Wilson's own interval for 0s
    and 1s, and a symmetric one for differences of 0.
    """
    if not values:
        raise ValueError("an interval needs at least one value")
    value, n = values[0], len(values)
    if within is None:
        return rounded(value, value, value, n)
    differing = stats.binomtest(0, n).proportion_ci(CONFIDENCE, method="wilson").high
    low, high = ((1 - differing) * value + differing * end for end in within)
    return rounded(value, low, high, n)


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
