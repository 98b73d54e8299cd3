import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PositiveInt

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
from pillm.stages.asking import (
    AskingConfig,
    cost,
    decoding_mistakes,
    lines,
    schemas_mistakes,
    suite_mistakes,
    suites_read,
)
from pillm.stages.verdicts import Judge, asking, judge_mistakes, judging_s

if TYPE_CHECKING:
    from pillm.serve.exam import Answered
    from pillm.serve.questions import Question


POSED = 1_000
"""Questions of a pose step that says no other number."""


class EvaluateConfig(AskingConfig):
    eval: Annotated[InputPath | None, From("domain.eval")]
    """The suite: questions (JSONL) that are never trained on."""
    posed: bool = False
    """Ask the questions of a pose step rather than those of eval."""
    types: list[str] | None = None
    """Which files of the ladder; null is all."""
    slots: PositiveInt = 1
    """Questions worked at together: faster, but sums run in another order, so that a close call may fall otherwise."""
    seed: Annotated[int, From("seed")]
    """Of the bootstrap."""
    judge: Judge | None = None
    """The model that judges the questions whose check is judge; null where there are none."""

    def also_reads(self) -> list[Path]:
        return suites_read(None if self.posed else self.eval)


def check(config: EvaluateConfig) -> Iterator[Mistake]:
    """The suite is there, its questions can be judged, and decoding has a schema that can be held to."""
    if config.eval is None and not config.posed:
        yield "eval", "this domain has no questions. Set domain.eval, or leave evaluate out of the steps."
    else:
        suite = None if config.posed else config.eval
        unread = list(suite_mistakes("eval", suite, by_model=True)) if suite else []
        yield from unread or judge_mistakes(config.judge, suite)
        yield from schemas_mistakes("eval", suite, config) if suite and not unread else ()
    yield from decoding_mistakes(config)


def estimate(config: EvaluateConfig, recipe: dict[str, Any]) -> Estimate:
    """The formula stands at `asking.cost_of`; a judge takes 2 s an answer, several at once."""
    types = config.types or ["f16", *(recipe.get("quantize") or {}).get("types", ())]
    questions = (recipe.get("pose") or {}).get("rows", POSED) if config.posed else lines(config.eval)
    asked = cost(config, recipe["model"], questions, types=len(types), slots=config.slots)
    judged = judging_s(config.judge, questions * len(types)) if config.judge else 0
    return replace(asked, seconds=asked.seconds + judged)


@stage(version="6", libraries=("xllamacpp", "scipy", "sacrebleu"), check=check, estimate=estimate,
       fingerprint=where.own_identity)
def evaluate(config: EvaluateConfig, ladder: Annotated[Path, Needs("ladder")],
             scores: Annotated[Path, Makes("scores")], work: Annotated[Path, Work()], progress: Progress,
             suite: Annotated[Path | None, Needs("suite", when=("posed", True))] = None) -> Metrics:
    """Ask the domain's questions of each GGUF file and score the answers, thoughts apart, with 95 % intervals."""
    from pillm.backends.llama_cpp.ladder import files
    from pillm.serve import exam, questions

    questioned = suite if config.posed else config.eval
    if questioned is None:
        raise StageError("evaluate.eval: this domain has no questions. Set domain.eval.")
    asked = exam.some(questions.read(questioned), config.max_questions)
    chosen = files(ladder, config.types)
    sat = {type_: _sat(file, asked, config, work, progress) for type_, file in chosen.items()}
    answered, judge = _judged({type_: answers for type_, (answers, _) in sat.items()}, config, work, progress)
    marked = {type_: _facts(chosen[type_]) | exam.marks(answers, config.seed) | _differs(type_, answered, config.seed)
              for type_, answers in answered.items()}
    _save(scores, asked, answered, {"types": marked, **judge})
    return {"questions": len(asked), **{type_: marked[type_] | speed for type_, (_, speed) in sat.items()}, **judge}


def _sat(file: Path, asked: "list[Question]", config: EvaluateConfig, work: Path,
         progress: Progress) -> "tuple[list[Answered], dict[str, Any]]":
    """The answers of one file, how fast they came, and the memory that the file took at most (after an answer)."""
    from pillm.backends import memory, statistics  # noqa: F401 - scipy and sacrebleu are there before memory is taken
    from pillm.backends.llama_cpp import server  # noqa: F401 - and so is llama.cpp
    from pillm.serve.chat import Chat
    from pillm.serve.exam import sit, speed
    from pillm.serve.kept import Kept

    resting_mib = memory.resident_mib()

    def told(done: int, score: float) -> None:
        progress(f"{file.stem}: questions", done, len(asked), score=score)

    with (Kept(work / f"{file.stem}.jsonl", lambda: memory.resident_mib() - resting_mib) as kept,
          Chat(file, config.style, context=config.context * config.slots, threads=config.threads,
               slots=config.slots) as chat):
        answered = sit(chat, asked, told, kept)
    return answered, speed(answered) | {"peak_rss_mib": round(kept.most, 1)}


def _judged(answered: "dict[str, list[Answered]]", config: EvaluateConfig, work: Path,
            progress: Progress) -> "tuple[dict[str, list[Answered]], dict[str, Any]]":
    """With what a judge says of the answers that wait for one, and how far it is to be believed."""
    if config.judge is None:
        return answered, {}
    from pillm.records.replies import Replies
    from pillm.serve import judging

    with Replies(work / "verdicts.jsonl") as replies:
        ask = asking(config.judge, replies, progress)
        found = {type_: judging.judged(answers, ask) for type_, answers in answered.items()}
        together = [one for answers in answered.values() for one in answers]
        return found, {"judge": {"model": config.judge.model,
                                 **judging.agreement(together, config.judge.checked, ask, config.seed)}}


def _differs(type_: str, answered: "dict[str, list[Answered]]", seed: int) -> dict[str, Any]:
    """How often quantizing changed the answer, where the unquantized file answered too."""
    from pillm.backends.llama_cpp.ladder import unquantized
    from pillm.serve import exam

    base = unquantized(answered)
    if base in (None, type_):
        return {}
    return {f"differs_from_{base}": exam.differs(answered[type_], answered[base], seed)}


def _facts(file: Path) -> dict[str, Any]:
    """Which file the scores are of."""
    return {"sha256": sha256(file), "bytes": file.stat().st_size}


def _save(scores: Path, asked: "list[Question]", answered: "dict[str, list[Answered]]", found: dict[str, Any]) -> None:
    """scores.json, answers.jsonl and, so that they can be read alone, questions.jsonl."""
    scores.mkdir()
    summary = {"questions": len(asked), **found}
    (scores / "scores.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", "utf-8")
    _write_lines(scores / "questions.jsonl", (question.line for question in asked))
    lines = ({"type": type_, **one.line} for type_, given in answered.items() for one in given)
    _write_lines(scores / "answers.jsonl", lines)


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
