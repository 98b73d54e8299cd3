import json
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field, PositiveInt

from pillm.engine.stage import (
    Estimate,
    From,
    InputPath,
    Makes,
    Metrics,
    Mistake,
    Needs,
    Progress,
    StageConfig,
    stage,
)
from pillm.errors import StageError
from pillm.serve.questions import DEVELOPMENT
from pillm.stages.asking import suite_mistakes, suites_read
from pillm.stages.fields import SchemaFile

if TYPE_CHECKING:
    from pillm.serve.questions import Question
    from pillm.serve.rivals import Sat

    Suites = dict[str, list[Sat]]

SECONDS_PER_ROW, BYTES_PER_ROW = 3e-3, 40_000
"""Measured with 20,000 requests of 8 to 12 words, on one core."""
Made = TypeVar("Made")


class RivalsConfig(StageConfig):
    eval: Annotated[InputPath | None, From("domain.eval")]
    """The development questions; the rivals' answers to these are kept."""
    suites: Annotated[dict[str, InputPath], From("domain.suites")] = Field(default_factory=dict)
    """Further suites, by name; only scores are kept."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema of the calls; slots marked x-copied are words of the request."""
    rows: PositiveInt = 20_000
    """Training records that are learned from at most, taken evenly from all."""
    seed: Annotated[int, From("seed")]
    """Of the classifiers and of the bootstrap."""

    def also_reads(self) -> list[Path]:
        return suites_read(self.eval, *self.suites.values())


def check(config: RivalsConfig) -> Iterator[Mistake]:
    """scikit-learn is installed, and there are tools to call and questions to judge by."""
    from pillm.serve import spans

    if not find_spec("sklearn"):
        yield "", "the rivals need scikit-learn. pip install 'pillm[rivals]'"
    if config.answer_schema is None:
        yield "answer_schema", "rivals call tools. Set domain.schema, or leave rivals out of the steps."
    elif not spans.is_tool_schema(_schema(config)):
        yield "answer_schema", f"{config.answer_schema.name} is no list of tool calls. Leave rivals out of the steps."
    if config.eval is None and not config.suites:
        yield "eval", "this domain has no questions. Set domain.eval, or leave rivals out of the steps."
    if config.eval and DEVELOPMENT in config.suites:
        yield f"suites.{DEVELOPMENT}", f"{DEVELOPMENT} is what the questions of eval are called. Choose another name."
    for name, suite in _suites(config).items():
        yield from suite_mistakes("eval" if suite == config.eval else f"suites.{name}", suite)


def _schema(config: RivalsConfig) -> Any:
    return json.loads(config.answer_schema.read_text("utf-8-sig")) if config.answer_schema else None


def estimate(config: RivalsConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 5 + 0.003 × rows; memory = 0.2 GiB + 40 kB a row."""
    return Estimate(seconds=5 + config.rows * SECONDS_PER_ROW, ram_gib=0.2 + config.rows * BYTES_PER_ROW / 2**30)


@stage(version="2", libraries=("scikit-learn", "scipy", "sacrebleu"), check=check, estimate=estimate)
def rivals(config: RivalsConfig, records: Annotated[Path, Needs("records")],
           rivals: Annotated[Path, Makes("rivals")], progress: Progress) -> Metrics:
    """Fit programs without a neural network to the same records, and score them on the same questions."""
    from pillm.backends.rivals.contract import contract
    from pillm.backends.rivals.learn import learn
    from pillm.records.requests import pairs_of
    from pillm.serve import questions

    if config.answer_schema is None:
        raise StageError("rivals.answer_schema: rivals call tools. Set domain.schema.")
    tools = contract(_schema(config))
    pairs, left_out = pairs_of(records / "train.jsonl", tools.knows, config.rows)
    suites = {name: questions.read(file) for name, file in _suites(config).items()}
    expressions, learn_s = _timed(lambda: learn(pairs, tools))
    rivals.mkdir()
    found, costs = {}, {}
    for done, (name, module) in enumerate(_modules().items()):
        progress(f"rivals: {name}", done, len(_modules()))
        rival, fit_s = _timed(partial(module.fit, pairs, tools, expressions, config.seed))
        sat, found[name], request_ms = _examined(rival, suites, config.seed)
        found[name]["told"] = module.TOLD
        costs[name] = {"fit_cpu_s": fit_s, "request_ms": request_ms}
        _keep(rivals / "answers.jsonl", name, sat.get(DEVELOPMENT, ()))
    summary = {"records": len(pairs), "rivals": found}
    (rivals / "rivals.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return {"records": len(pairs), "left_out": left_out, "expressions_cpu_s": learn_s,
            **{name: found[name] | costs[name] for name in found}}


def _examined(rival: Any, suites: "dict[str, list[Question]]", seed: int) -> "tuple[Suites, dict[str, Any], float]":
    """Answers by suite; scores and bytes; milliseconds of a request."""
    from pillm.serve.rivals import request_ms, scores, sit

    sat = {name: sit(rival.answer, asked) for name, asked in suites.items()}
    return sat, {"bytes": len(pickle.dumps(rival)), "suites": scores(sat, seed)}, request_ms(sat)


def _modules() -> dict[str, ModuleType]:
    """Each has TOLD, what it is in one sentence, and `fit`, which makes something with `answer`."""
    from pillm.backends.rivals import linear, neighbour, patterns

    return {"neighbour": neighbour, "patterns": patterns, "linear": linear}


def _suites(config: RivalsConfig) -> dict[str, Path]:
    return ({DEVELOPMENT: config.eval} if config.eval else {}) | config.suites


def _timed(make: Callable[[], Made]) -> tuple[Made, float]:
    """What it makes, and its seconds of processor time."""
    start = time.process_time()
    made = make()
    return made, round(time.process_time() - start, 2)


def _keep(file: Path, rival: str, answers: "Iterable[Sat]") -> None:
    """What the development questions were answered; answers to other suites are kept nowhere."""
    with file.open("a", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"rival": rival, **one.line}, ensure_ascii=False) + "\n" for one in answers)
