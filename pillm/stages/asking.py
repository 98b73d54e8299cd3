"""What the stages that put a suite to a GGUF file share: how it is asked, whether that can be, and what it costs."""
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import PositiveInt

from pillm.backends.llama_cpp import where
from pillm.device_fit import GIB, memory_bytes
from pillm.engine.stage import Estimate, From, Mistake, Resolve, StageConfig
from pillm.serve.chat import Decoding, Style, require_usable
from pillm.serve.questions import ALL, DEVELOPMENT
from pillm.stages.fields import SchemaFile
from pillm.stages.refused import refused

QUESTION_TOKENS, ANSWER_TOKENS = 100, 50
"""Of short requests and calls; a longer suite takes longer in proportion."""
PROGRAM_GIB = 0.2
"""Python with scipy and sacrebleu."""
WEIGHTS_PER_S = 1e10
"""What an ordinary desktop reads of its memory: each token of an answer takes every weight once."""


class AskingConfig(StageConfig):
    system: Annotated[str | None, From("domain.system")]
    """The system prompt of questions that bring none."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema that answers are held to, by its name in schemas/."""
    decoding: Annotated[Decoding, From("domain.decoding")]
    """free; schema: JSON of answer_schema; spans: tool calls whose copied slots are words of the request."""
    show_schema: Annotated[bool, From("domain.show_schema")] = False
    """Each question brings the schema of its answer: the model reads it, and with decoding=schema is held to it."""
    max_questions: PositiveInt | None = None
    """Take so many, evenly from a whole suite; null is all."""
    max_tokens: PositiveInt = 512
    """Longest answer."""
    context: Annotated[PositiveInt, From("model.context")]
    """Longest conversation with its answer, in tokens."""
    threads: Annotated[PositiveInt | None, From("threads"), Resolve(where.default_threads)] = None
    """Threads that llama.cpp computes with; null is one per core."""

    @property
    def style(self) -> Style:
        """As Chat takes it."""
        schema = self.answer_schema.read_text("utf-8-sig") if self.answer_schema else None
        return Style(self.system, self.decoding, schema, self.max_tokens, self.show_schema)


def suite_mistakes(field: str, suite: Path, *, by_model: bool = False) -> Iterator[Mistake]:
    """What keeps the questions from being judged; `by_model`: they may want a judge."""
    from pillm.serve.questions import read, require_checkers, require_programs

    def judgeable() -> None:
        questions = require_checkers(read(suite))
        if not by_model:
            require_programs(questions)

    yield from ((field, told) for told in refused(judgeable))


def suites_mistakes(
    development: Path | None, suites: Mapping[str, Path], step: str, *, by_model: bool = False,
) -> Iterator[Mistake]:
    """The same of all a domain's suites; the development questions and all together have names of their own."""
    if development is None:
        yield "eval", f"this domain has no questions. Set domain.eval, or leave {step} out of the steps."
    else:
        yield from suite_mistakes("eval", development, by_model=by_model)
    for name, suite in suites.items():
        if name in (DEVELOPMENT, ALL):
            yield f"suites.{name}", f"{name} is what {step} calls a suite of its own. Choose another name."
        yield from suite_mistakes(f"suites.{name}", suite, by_model=by_model)


def suites_read(*suites: Path | None) -> list[Path]:
    """The files that the checkers of these suites read; none of a suite that is told to be wrong."""
    from pillm.serve.questions import read, reads

    right = [suite for suite in suites if suite and not refused(partial(read, suite))]
    return sorted({file for suite in right for file in reads(read(suite))})


def schemas_mistakes(field: str, suite: Path, config: AskingConfig) -> Iterator[Mistake]:
    """Questions without a schema where each brings its own, or with one that no grammar can be made of."""
    if not config.show_schema:
        return
    from pillm.serve.questions import read

    for question in read(suite):
        if question.schema is None:
            yield field, f"{question.id} brings no schema, and show_schema is set. Give it one."
        elif config.decoding == "schema" and isinstance(question.schema, dict):
            usable = refused(partial(require_usable, question.schema, "schema"))
            yield from ((field, f"{question.id}: {told}") for told in usable)


def decoding_mistakes(config: AskingConfig) -> Iterator[Mistake]:
    """Whether there is a schema, and it can be held to."""
    if config.show_schema and config.decoding != "spans":
        return
    if config.decoding != "free" and config.answer_schema is None:
        yield "decoding", f"{config.decoding} needs a JSON Schema. Set domain.schema, or choose free."
    elif config.answer_schema is not None:
        schema = config.answer_schema.read_text("utf-8-sig")
        usable = refused(lambda: require_usable(json.loads(schema), config.decoding))
        yield from (("decoding", told.removeprefix("decoding: ")) for told in usable)


def lines(suite: Path | None) -> int:
    """How many questions there are."""
    return suite.read_text("utf-8-sig").count("\n") if suite else 0


def cost(config: AskingConfig, model: dict[str, Any], questions: int, *, types: int, slots: int = 1) -> Estimate:
    """Of a suite, put to so many files as `config` says; the formula stands at `cost_of`."""
    asked = min(questions, config.max_questions or questions)
    return cost_of(model, asked, max_tokens=config.max_tokens, context=config.context * slots, types=types)


def cost_of(model: dict[str, Any], asked: int, *, max_tokens: int, context: int, types: int = 1) -> Estimate:
    """seconds = types × (1 + asked × (QUESTION_TOKENS / 4 + ANSWER_TOKENS) × parameters / WEIGHTS_PER_S).

    No answer is longer than `max_tokens`, and a prompt is read about four times as fast as one is written. Memory:
    that of f16 by pillm.device_fit, with `context` tokens in all.
    """
    tokens = asked * (QUESTION_TOKENS / 4 + min(ANSWER_TOKENS, max_tokens))
    memory = memory_bytes(2 * model["parameters"], model["shape"], context)
    return Estimate(seconds=types * (1 + tokens * model["parameters"] / WEIGHTS_PER_S),
                    ram_gib=PROGRAM_GIB + memory / GIB)
