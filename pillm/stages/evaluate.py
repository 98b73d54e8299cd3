import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PositiveInt

from pillm.backends.llama_cpp import where
from pillm.device_fit import GIB, memory_bytes
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
from pillm.errors import ConfigError, StageError
from pillm.serve.chat import Decoding, Style, require_usable
from pillm.stages.fields import SchemaFile

if TYPE_CHECKING:
    from pillm.serve.exam import Answered
    from pillm.serve.questions import Question


QUESTION_TOKENS, ANSWER_TOKENS = 100, 50
"""Of short requests and calls; a longer suite takes longer in proportion."""
POSED = 1_000
"""Questions of a pose step that says no other number."""
PROGRAM_GIB = 0.2
"""Python with scipy and sacrebleu."""
WEIGHTS_PER_S = 1e10
"""What an ordinary desktop reads of its memory: each token of an answer takes every weight once."""


class EvaluateConfig(StageConfig):
    eval: Annotated[InputPath | None, From("domain.eval")]
    """The suite: questions (JSONL) that are never trained on."""
    posed: bool = False
    """Ask the questions of a pose step rather than those of eval."""
    system: Annotated[str | None, From("domain.system")]
    """The system prompt of questions that bring none."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema that answers are held to, by its name in schemas/."""
    decoding: Annotated[Decoding, From("domain.decoding")]
    """free; schema: JSON of answer_schema; spans: tool calls whose copied slots are words of the request."""
    types: list[str] | None = None
    """Which files of the ladder; null is all."""
    max_questions: PositiveInt | None = None
    """Take so many, evenly from the whole suite; null is all."""
    max_tokens: PositiveInt = 512
    """Longest answer."""
    context: Annotated[PositiveInt, From("model.context")]
    """Longest conversation with its answer, in tokens."""
    threads: Annotated[PositiveInt | None, From("threads"), Resolve(where.default_threads)] = None
    """Threads that llama.cpp computes with; null is one per core."""
    slots: PositiveInt = 1
    """Questions worked at together: faster, but sums run in another order, so that a close call may fall otherwise."""
    seed: Annotated[int, From("seed")]
    """Of the bootstrap."""


def check(config: EvaluateConfig) -> Iterator[Mistake]:
    """The suite is there, its questions can be judged, and decoding has a schema that can be held to."""
    from pillm.serve.questions import read

    suite = config.eval
    if suite is None and not config.posed:
        yield "eval", "this domain has no questions. Set domain.eval, or leave evaluate out of the steps."
    elif suite is not None and not config.posed:
        yield from (("eval", told) for told in _refused(lambda: read(suite)))
    if config.decoding != "free" and config.answer_schema is None:
        yield "decoding", f"{config.decoding} needs a JSON Schema. Set domain.schema, or choose free."
    elif config.answer_schema is not None:
        schema = config.answer_schema.read_text("utf-8-sig")
        usable = _refused(lambda: require_usable(json.loads(schema), config.decoding))
        yield from (("decoding", told.removeprefix("decoding: ")) for told in usable)


def _refused(attempt: Callable[[], object]) -> list[str]:
    """What an error says."""
    try:
        attempt()
    except (ConfigError, json.JSONDecodeError) as error:
        return str(error).splitlines()
    return []


def _style(config: EvaluateConfig) -> Style:
    schema = config.answer_schema.read_text("utf-8-sig") if config.answer_schema else None
    return Style(config.system, config.decoding, schema, config.max_tokens)


def estimate(config: EvaluateConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = types × questions × (QUESTION_TOKENS / 4 + ANSWER_TOKENS) × parameters / WEIGHTS_PER_S.

    A prompt is read about four times as fast as an answer is written. Memory: that of f16 by pillm.device_fit.
    """
    model, types = recipe["model"], config.types or ["f16", *(recipe.get("quantize") or {}).get("types", ())]
    lines = _lines(config, recipe)
    tokens = min(lines, config.max_questions or lines) * (QUESTION_TOKENS / 4 + min(ANSWER_TOKENS, config.max_tokens))
    memory = memory_bytes(2 * model["parameters"], model["shape"], config.context * config.slots)
    return Estimate(seconds=len(types) * (1 + tokens * model["parameters"] / WEIGHTS_PER_S),
                    ram_gib=PROGRAM_GIB + memory / GIB)


def _lines(config: EvaluateConfig, recipe: dict[str, Any]) -> int:
    """How many questions there are."""
    if config.posed:
        return (recipe.get("pose") or {}).get("rows", POSED)
    return config.eval.read_text("utf-8-sig").count("\n") if config.eval else 0


@stage(version="2", libraries=("xllamacpp", "scipy", "sacrebleu"), check=check, estimate=estimate)
def evaluate(config: EvaluateConfig, ladder: Annotated[Path, Needs("ladder")],
             scores: Annotated[Path, Makes("scores")], progress: Progress,
             suite: Annotated[Path | None, Needs("suite", when=("posed", True))] = None) -> Metrics:
    """Ask the domain's questions of each GGUF file and score the answers, with 95 % intervals."""
    from pillm.backends.llama_cpp.ladder import files
    from pillm.serve import exam, questions

    questioned = suite if config.posed else config.eval
    if questioned is None:
        raise StageError("evaluate.eval: this domain has no questions. Set domain.eval.")
    asked = exam.spread(questions.read(questioned), config.max_questions)
    chosen = files(ladder, config.types)
    sat = {type_: _sat(file, asked, config, progress) for type_, file in chosen.items()}
    answered = {type_: answers for type_, (answers, _) in sat.items()}
    marked = {type_: _facts(chosen[type_]) | exam.marks(answers, config.seed) | _differs(type_, answered, config.seed)
              for type_, answers in answered.items()}
    _save(scores, asked, answered, marked)
    return {"questions": len(asked), **{type_: marked[type_] | speed for type_, (_, speed) in sat.items()}}


def _sat(file: Path, asked: "list[Question]", config: EvaluateConfig,
         progress: Progress) -> "tuple[list[Answered], dict[str, Any]]":
    """The answers of one file, how fast they came, and the memory seen at most after an answer."""
    from pillm.backends import memory
    from pillm.serve.chat import Chat
    from pillm.serve.exam import sit, speed

    peak_mib = 0.0

    def told(done: int, score: float) -> None:
        nonlocal peak_mib
        peak_mib = max(peak_mib, memory.resident_mib())
        progress(f"{file.stem}: questions", done, len(asked), score=score)

    with Chat(file, _style(config), context=config.context, threads=config.threads, slots=config.slots) as chat:
        answered = sit(chat, asked, told)
    return answered, speed(answered) | {"peak_rss_mib": round(peak_mib, 1)}


def _differs(type_: str, answered: "dict[str, list[Answered]]", seed: int) -> dict[str, Any]:
    """How often quantizing changed the answer, where f16 answered too."""
    from pillm.backends.llama_cpp.ladder import BASE
    from pillm.serve import exam

    if type_ == BASE or BASE not in answered:
        return {}
    return {"differs_from_f16": exam.differs(answered[type_], answered[BASE], seed)}


def _facts(file: Path) -> dict[str, Any]:
    """Which file the scores are of."""
    return {"sha256": sha256(file), "bytes": file.stat().st_size}


def _save(scores: Path, asked: "list[Question]", answered: "dict[str, list[Answered]]", marked: dict[str, Any]) -> None:
    """scores.json, answers.jsonl and, so that they can be read alone, questions.jsonl."""
    scores.mkdir()
    summary = {"questions": len(asked), "types": marked}
    (scores / "scores.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", "utf-8")
    _write_lines(scores / "questions.jsonl", (question.line for question in asked))
    lines = ({"type": type_, **one.line} for type_, given in answered.items() for one in given)
    _write_lines(scores / "answers.jsonl", lines)


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
