"""Whether a model knows when it is wrong: a confidence fitted on the development suite, judged on every suite."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pillm.serve.confidence import FEATURES, Calibration, Feature, features, raw
from pillm.serve.questions import ALL, DEVELOPMENT

if TYPE_CHECKING:
    from pillm.serve.exam import Answered

SEVERAL = "one_of"
Json = dict[str, Any]


@dataclass(frozen=True)
class Sat:
    """A suite's answers: their token log-probabilities, and which are right."""

    logprobs: list[tuple[float, ...]]
    right: list[bool]
    several: bool = False
    """Any of several answers counts, so that being unsure is no fault."""

    @classmethod
    def of(cls, answered: "Sequence[Answered]", least_score: float) -> Self:
        return cls([one.completion.logprobs for one in answered],
                   [one.measures["score"] >= least_score for one in answered],
                   all(one.question.check == SEVERAL for one in answered))

    def values(self, feature: Feature) -> list[float]:
        """One number per answer, more where it is surer."""
        return [features(each)[feature] for each in self.logprobs]


def pooled(suites: Mapping[str, Sat]) -> dict[str, Sat]:
    """`all`: the suites that nothing was fitted on and that have one right answer each; empty without such."""
    chosen = [sat for name, sat in suites.items() if name != DEVELOPMENT and not sat.several]
    everything = Sat([each for sat in chosen for each in sat.logprobs], [each for sat in chosen for each in sat.right])
    return {ALL: everything} if chosen else {}


def fitted(sat: Sat, *, feature: Feature | None, coverage: float) -> Json:
    """Feature, parameters, threshold and coverage; the feature that sorts best where none is given."""
    from pillm.backends import calibration

    def sorting(name: Feature) -> float:
        return calibration.auroc(sat.values(name), sat.right) or 0

    best: Feature = max(FEATURES, key=sorting)
    chosen = feature or best
    parameters = calibration.fit(sat.values(chosen), sat.right).parameters
    sure = Calibration(chosen, 0, coverage, "", "", **parameters)
    threshold = calibration.threshold([sure.confidence(each) for each in sat.logprobs], coverage)
    return {"feature": chosen, "threshold": threshold, "coverage": coverage, **parameters}


def choices(sat: Sat) -> Json:
    """What there was to choose from, on the questions it was chosen by."""
    return {feature: _choice(sat, feature) for feature in FEATURES}


def _choice(sat: Sat, feature: Feature) -> Json:
    from pillm.backends import calibration

    values = sat.values(feature)
    forms = {"temperature": calibration.temperature(values, sat.right), "platt": calibration.platt(values, sat.right)}
    return {"auroc": calibration.auroc(values, sat.right),
            **{name: {**fit.parameters, "loss": round(fit.loss, 6)} for name, fit in forms.items()}}


def marks(sat: Sat, sure: Calibration) -> Json:
    """Of one suite; `ece_raw` is that of the mean token probability, which nothing was fitted to."""
    from pillm.backends import calibration

    confidences = [sure.confidence(each) for each in sat.logprobs]
    before = calibration.expected_error([raw(each) for each in sat.logprobs], sat.right)
    return calibration.judged(confidences, sat.right, sure.threshold) | {"ece_raw": before}


def pictures(suites: Mapping[str, Sat], sure: Calibration) -> dict[str, str]:
    """SVG by name: reliability, and accuracy against coverage."""
    from pillm.backends import calibration, calibration_plots

    told = {name: ([sure.confidence(each) for each in sat.logprobs], sat.right) for name, sat in suites.items()}
    shown = {name: told[key] for name, key in (("development", DEVELOPMENT), ("other suites", ALL)) if key in told}
    bins = {name: calibration.bins(*pair) for name, pair in shown.items()}
    curves = {name: calibration.curve(*pair) for name, pair in told.items()}
    return {"reliability": calibration_plots.reliability(bins, sure.threshold),
            "coverage": calibration_plots.coverage(curves, sure.coverage)}
