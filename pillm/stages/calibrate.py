import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from pillm.backends.llama_cpp import where
from pillm.engine.digest import sha256
from pillm.engine.stage import (
    Estimate,
    From,
    InputPath,
    Makes,
    Metrics,
    Mistake,
    Needs,
    Progress,
    Work,
    stage,
)
from pillm.errors import StageError
from pillm.serve.calibrating import Sat
from pillm.serve.chat import Chat
from pillm.serve.confidence import CALIBRATION, Calibration, Feature
from pillm.serve.questions import ALL, DEVELOPMENT
from pillm.stages.asking import AskingConfig, cost, decoding_mistakes, lines, suites_mistakes, suites_read

if TYPE_CHECKING:
    from pillm.serve.questions import Question

Json = dict[str, Any]


class CalibrateConfig(AskingConfig):
    type: Annotated[str, From("device.quant")]
    """Which file of the ladder is shipped."""
    eval: Annotated[InputPath | None, From("domain.eval")]
    """The development questions, which confidence and threshold are fitted on."""
    suites: Annotated[dict[str, InputPath], From("domain.suites")] = Field(default_factory=dict)
    """Further suites, by name, which they are judged on."""
    feature: Feature | None = None
    """The mean, the sum or the least of an answer's token log-probabilities; null is the one that sorts right from
    wrong best (AUROC on the development questions)."""
    coverage: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Share of the development questions that are answered; the others are below the threshold."""
    right: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Score from which on an answer is right."""

    def also_reads(self) -> list[Path]:
        return suites_read(self.eval, *self.suites.values())


def check(config: CalibrateConfig) -> Iterator[Mistake]:
    """There is something to be fitted on, and all of it can be asked and judged."""
    yield from suites_mistakes(config.eval, config.suites, "calibrate")
    yield from decoding_mistakes(config)


def estimate(config: CalibrateConfig, recipe: Json) -> Estimate:
    """Of one type, over all suites; the formula stands at `asking.cost_of`."""
    suites = [suite for suite in (config.eval, *config.suites.values()) if suite]
    costs = [cost(config, recipe["model"], lines(suite), types=1) for suite in suites]
    ram_gib = max((one.ram_gib for one in costs), default=0)
    return Estimate(seconds=sum(one.seconds for one in costs), ram_gib=ram_gib)


@stage(version="4", libraries=("xllamacpp", "scipy", "sacrebleu", "matplotlib"), check=check, estimate=estimate,
       fingerprint=where.own_identity)
def calibrate(config: CalibrateConfig, ladder: Annotated[Path, Needs("ladder")],
              calibration: Annotated[Path, Makes("calibration")], work: Annotated[Path, Work()],
              progress: Progress) -> Metrics:
    """Fit how often the shipped file is right to how sure it is, and find below what confidence to ask back."""
    from pillm.backends.llama_cpp.ladder import files
    from pillm.serve import calibrating

    file = files(ladder, [config.type])[config.type]
    sat = _all_sat(file, config, work, progress)
    fitted = calibrating.fitted(sat[DEVELOPMENT], feature=config.feature, coverage=config.coverage)
    sure = Calibration(**fitted, type=config.type, sha256=sha256(file))
    suites = sat | calibrating.pooled(sat)
    judged = {"choices": calibrating.choices(sat[DEVELOPMENT]),
              "suites": {name: calibrating.marks(each, sure) for name, each in suites.items()}}
    calibration.mkdir()
    _write(calibration / CALIBRATION, sure.line)
    _write(calibration / "judged.json", judged)
    for name, picture in calibrating.pictures(suites, sure).items():
        (calibration / f"{name}.svg").write_text(picture, "utf-8")
    return _metrics(sure, judged["suites"])


def _all_sat(file: Path, config: CalibrateConfig, work: Path, progress: Progress) -> dict[str, Sat]:
    """By suite, the development questions first."""
    from pillm.serve import questions

    if config.eval is None:
        raise StageError("calibrate.eval: this domain has no questions. Set domain.eval.")
    suites = {name: questions.read(suite) for name, suite in {DEVELOPMENT: config.eval, **config.suites}.items()}
    with Chat(file, config.style, context=config.context, threads=config.threads) as chat:
        return {name: _sat(chat, work / f"{name}.jsonl", asked, config, progress) for name, asked in suites.items()}


def _sat(chat: Chat, file: Path, questions: "list[Question]", config: CalibrateConfig, progress: Progress) -> Sat:
    """Of one suite; `file` keeps the answers."""
    from pillm.serve import exam
    from pillm.serve.kept import Kept

    asked = exam.some(questions, config.max_questions)

    def told(done: int, score: float) -> None:
        progress(f"{file.stem}: questions", done, len(asked), score=score)

    with Kept(file) as kept:
        return Sat.of(exam.sit(chat, asked, told, kept), config.right)


def _metrics(sure: Calibration, suites: Json) -> Metrics:
    """Of the suites that nothing was fitted on, where there are such."""
    marks: Json = suites[ALL if ALL in suites else DEVELOPMENT]
    return {"feature": sure.feature, "threshold": sure.threshold, "accuracy": marks["accuracy"]["1.0"],
            "accuracy_at_90": marks["accuracy"]["0.9"], "auroc": marks["auroc"], "ece": marks["ece"]}


def _write(file: Path, found: Json) -> None:
    file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
