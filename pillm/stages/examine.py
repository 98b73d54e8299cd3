import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from pillm.engine.stage import Estimate, From, InputPath, Makes, Metrics, Mistake, Progress, StageConfig, stage
from pillm.errors import StageError
from pillm.serve.questions import ALL, DEVELOPMENT
from pillm.stages.asking import lines, suites_mistakes, suites_read

SECONDS_PER_QUESTION = 0.01
"""Measured with tool calls; commands that are executed take ten times as long."""
NAMED = 5
"""Questions of a kind that a gate names."""


class ExamineConfig(StageConfig):
    eval: Annotated[InputPath | None, From("domain.eval")]
    """The development questions."""
    suites: Annotated[dict[str, InputPath], From("domain.suites")] = Field(default_factory=dict)
    """Further suites, by name."""
    seed: Annotated[int, From("seed")]
    """Of the dealing of answers to other questions."""

    def also_reads(self) -> list[Path]:
        return suites_read(self.eval, *self.suites.values())


def check(config: ExamineConfig) -> Iterator[Mistake]:
    """There are questions, and they can be judged."""
    yield from suites_mistakes(config.eval, config.suites, "examine", by_model=True)


def estimate(config: ExamineConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 1 + questions / 100."""
    questions = sum(map(lines, (config.eval, *config.suites.values())))
    return Estimate(seconds=1 + SECONDS_PER_QUESTION * questions, ram_gib=0.2)


@stage(version="1", libraries=("sacrebleu",), check=check, estimate=estimate)
def examine(config: ExamineConfig, examination: Annotated[Path, Makes("examination", "examination.json")],
            progress: Progress) -> Metrics:
    """Examine the questions themselves: right answers pass, and empty, blanket, echoed and shuffled ones do not."""
    from pillm.serve import examining, questions

    if config.eval is None:
        raise StageError("examine.eval: this domain has no questions. Set domain.eval.")
    suites = {DEVELOPMENT: config.eval} | config.suites
    asked = {name: questions.read(suite) for name, suite in suites.items()}
    found = examining.all_examined(asked, config.seed)
    progress("suites", len(asked), len(asked))
    examination.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    whole = found[ALL if ALL in found else DEVELOPMENT]
    return {"questions": whole["questions"], "without_gold": len(whole["without_gold"]),
            **{name: whole[name] for name in examining.ANSWERERS if name in whole},
            "suites": {name: {who: suite[who] for who in examining.ANSWERERS if who in suite}
                       for name, suite in found.items()},
            "gates": [_gate(whole)]}


def _gate(whole: dict[str, Any]) -> dict[str, Any]:
    """A checker that refuses a right answer would refuse a good model's too."""
    wrong = whole["wrong_gold"]
    tried = whole["questions"] - len(whole["without_gold"])
    named = f": {', '.join(wrong[:NAMED])}{' …' if len(wrong) > NAMED else ''}" if wrong else ""
    return {"name": "right answers", "met": not wrong,
            "told": f"{tried - len(wrong)} of {tried} right answers score full marks{named}"}
