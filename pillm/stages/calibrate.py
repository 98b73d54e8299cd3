import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PositiveInt

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
    Resolve,
    StageConfig,
    stage,
)
from pillm.errors import StageError
from pillm.serve.calibrating import ALL, Sat
from pillm.serve.chat import Chat, Decoding, Style
from pillm.serve.confidence import CALIBRATION, Calibration, Feature
from pillm.serve.questions import DEVELOPMENT
from pillm.stages import evaluate
from pillm.stages.fields import SchemaFile

if TYPE_CHECKING:
    from pillm.serve.questions import Question

Json = dict[str, Any]


class CalibrateConfig(StageConfig):
    type: Annotated[str, From("device.quant")]
    """Which file of the ladder is shipped."""
    eval: Annotated[InputPath | None, From("domain.eval")]
    """The development questions, which confidence and threshold are fitted on."""
    suites: Annotated[dict[str, InputPath], From("domain.suites")] = Field(default_factory=dict)
    """Further suites, by name, which they are judged on."""
    system: Annotated[str | None, From("domain.system")]
    """The system prompt of questions that bring none."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema that answers are held to, by its name in schemas/."""
    decoding: Annotated[Decoding, From("domain.decoding")]
    """free; schema: JSON of answer_schema; spans: tool calls whose copied slots are words of the request."""
    feature: Feature | None = None
    """The mean, the sum or the least of an answer's token log-probabilities; null is the one that sorts right from
    wrong best (AUROC on the development questions)."""
    coverage: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Share of the development questions that are answered; the others are below the threshold."""
    right: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Score from which on an answer is right."""
    max_questions: PositiveInt | None = None
    """Take so many of each suite, evenly; null is all."""
    max_tokens: PositiveInt = 512
    """Longest answer."""
    context: Annotated[PositiveInt, From("model.context")]
    """Longest conversation with its answer, in tokens."""
    threads: Annotated[PositiveInt | None, From("threads"), Resolve(where.default_threads)] = None
    """Threads that llama.cpp computes with; null is one per core."""


def check(config: CalibrateConfig) -> Iterator[Mistake]:
    """There is something to be fitted on, and all of it can be asked and judged."""
    if config.eval is None:
        yield "eval", "this domain has no questions. Set domain.eval, or leave calibrate out of the steps."
        return
    yield from evaluate.check(_examined(config, config.eval))
    for name, suite in config.suites.items():
        if name in (DEVELOPMENT, ALL):
            yield f"suites.{name}", f"{name} is what calibrate calls a suite of its own. Choose another name."
        mistakes = evaluate.check(_examined(config, suite))
        yield from ((f"suites.{name}", told) for field, told in mistakes if field == "eval")


def _examined(config: CalibrateConfig, suite: Path) -> evaluate.EvaluateConfig:
    """As evaluate would ask this suite."""
    return evaluate.EvaluateConfig.model_construct(
        eval=suite, decoding=config.decoding, answer_schema=config.answer_schema)


def estimate(config: CalibrateConfig, recipe: Json) -> Estimate:
    """That of evaluate, of one type, over all suites."""
    suites = [suite for suite in (config.eval, *config.suites.values()) if suite]
    shared = config.model_dump(include={"max_questions", "max_tokens", "context"})
    costs = [evaluate.estimate(evaluate.EvaluateConfig.model_construct(eval=suite, types=[config.type], **shared),
                               recipe) for suite in suites]
    ram_gib = max((cost.ram_gib for cost in costs), default=0)
    return Estimate(seconds=sum(cost.seconds for cost in costs), ram_gib=ram_gib)


@stage(version="1", libraries=("xllamacpp", "scipy", "sacrebleu", "matplotlib"), check=check, estimate=estimate)
def calibrate(config: CalibrateConfig, ladder: Annotated[Path, Needs("ladder")],
              calibration: Annotated[Path, Makes("calibration")], progress: Progress) -> Metrics:
    """Fit how often the shipped file is right to how sure it is, and find below what confidence to ask back."""
    from pillm.backends.llama_cpp.ladder import files
    from pillm.serve import calibrating

    file = files(ladder, [config.type])[config.type]
    sat = _all_sat(file, config, progress)
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


def _all_sat(file: Path, config: CalibrateConfig, progress: Progress) -> dict[str, Sat]:
    """By suite, the development questions first."""
    from pillm.serve import questions

    if config.eval is None:
        raise StageError("calibrate.eval: this domain has no questions. Set domain.eval.")
    suites = {name: questions.read(suite) for name, suite in {DEVELOPMENT: config.eval, **config.suites}.items()}
    schema = config.answer_schema.read_text("utf-8-sig") if config.answer_schema else None
    style = Style(config.system, config.decoding, schema, config.max_tokens)
    with Chat(file, style, context=config.context, threads=config.threads) as chat:
        return {name: _sat(chat, name, asked, config, progress) for name, asked in suites.items()}


def _sat(chat: Chat, name: str, questions: "list[Question]", config: CalibrateConfig, progress: Progress) -> Sat:
    from pillm.serve import exam

    asked = exam.spread(questions, config.max_questions)

    def told(done: int, score: float) -> None:
        progress(f"{name}: questions", done, len(asked), score=score)

    return Sat.of(exam.sit(chat, asked, told), config.right)


def _metrics(sure: Calibration, suites: Json) -> Metrics:
    """Of the suites that nothing was fitted on, where there are such."""
    marks: Json = suites[ALL if ALL in suites else DEVELOPMENT]
    return {"feature": sure.feature, "threshold": sure.threshold, "accuracy": marks["accuracy"]["1.0"],
            "accuracy_at_90": marks["accuracy"]["0.9"], "auroc": marks["auroc"], "ece": marks["ece"]}


def _write(file: Path, found: Json) -> None:
    file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
