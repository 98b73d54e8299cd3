"""Which artifact an input is."""
from pathlib import Path
from typing import Annotated

import pytest

from pillm.engine.graph import Step, ancestors, bind, descendants
from pillm.engine.stage import Makes, Metrics, Needs, StageConfig, stage
from pillm.errors import ConfigError


class Base(StageConfig):
    source: str = "hub"


class Tune(StageConfig):
    lora: int | None = 8


@stage("1")
def corpus(config: StageConfig, chats: Annotated[Path, Makes("chats")]) -> Metrics:
    """Chats."""
    return {}


@stage("1")
def base(config: Base, chats: Annotated[Path | None, Needs("chats", when=("source", "scratch"))],
         weights: Annotated[Path, Makes("weights")]) -> Metrics:
    """Weights, from the Hub or from nothing."""
    return {}


@stage("1")
def tune(config: Tune, weights: Annotated[Path, Needs("weights")],
         adapter: Annotated[Path, Makes("adapter", unless=("lora", None))],
         tuned: Annotated[Path, Makes("weights", when=("lora", None))]) -> Metrics:
    """An adapter, or whole weights."""
    return {}


@stage("1")
def score(config: StageConfig, weights: Annotated[Path, Needs("weights")],
          matrix: Annotated[Path | None, Needs("imatrix")], scores: Annotated[Path, Makes("scores")]) -> Metrics:
    """Scores."""
    return {}


@stage("1")
def report(config: StageConfig, scores: Annotated[dict[str, Path], Needs("scores")],
           page: Annotated[Path, Makes("report")]) -> Metrics:
    """All scores."""
    return {}


def steps(*made: Step) -> list[Step]:
    return list(made)


CORPUS, BASE = Step("corpus", corpus, StageConfig()), Step("base", base, Base())
SCORE = Step("score", score, StageConfig())


def test_the_latest_is_taken_if_the_earlier_ones_are_its_ancestors() -> None:
    bound = bind(steps(BASE, Step("tune", tune, Tune(lora=None)), SCORE))
    assert bound["score"].one == {"weights": ("tune", "tuned")}


def test_an_output_that_does_not_exist_is_no_offer() -> None:
    assert bind(steps(BASE, Step("tune", tune, Tune()), SCORE))["score"].one == {"weights": ("base", "weights")}


def test_an_input_exists_only_where_its_condition_holds() -> None:
    assert bind(steps(CORPUS, BASE))["base"].one == {}
    assert bind(steps(CORPUS, Step("base", base, Base(source="scratch"))))["base"].one == {"chats": ("corpus", "chats")}


def test_doubt_is_an_error_until_the_recipe_says_which() -> None:
    other = Step("other", base, Base(source="folder"))
    with pytest.raises(ConfigError, match=r"score: its weights \(weights\) could be base or other. Say which"):
        bind(steps(BASE, other, SCORE))
    named = Step("score", score, StageConfig(), {"weights": "base"})
    assert bind(steps(BASE, other, named))["score"].one == {"weights": ("base", "weights")}


def test_a_dict_takes_all_of_its_kind_and_may_be_empty() -> None:
    again = Step("again", score, StageConfig())
    page = Step("report", report, StageConfig())
    assert bind(steps(BASE, SCORE, again, page))["report"].many["scores"] == [("score", "scores"), ("again", "scores")]
    assert bind(steps(page))["report"].many["scores"] == []


def test_every_gap_is_told_at_once() -> None:
    wrong = Step("score_2", score, StageConfig(), {"weigths": "base", "weights": "bass"})
    with pytest.raises(ConfigError) as told:
        bind(steps(SCORE, Step("base", base, Base(source="scratch")), wrong))
    lines = str(told.value).splitlines()
    assert "steps: score: no earlier step makes its weights (weights). Add one, or move it up." in lines
    assert "steps: base: no earlier step makes its chats (chats). Add one, or move it up." in lines
    assert "steps: score_2: inputs: weigths: no such input. Did you mean 'weights'?" in lines
    assert "steps: score_2: inputs: weights: no step is called bass. Did you mean 'base'?" in lines


def test_ancestors_and_descendants() -> None:
    bound = bind(steps(CORPUS, BASE, Step("tune", tune, Tune(lora=None)), SCORE))
    assert ancestors(["score"], bound) == {"base", "tune", "score"}
    assert descendants("tune", bound) == {"tune", "score"}
