"""What the stages that follow a generator's rules share: which rules, whether they can be followed, and the writing."""
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PositiveInt

from pillm import judged
from pillm.engine.stage import Estimate, From, InputPath, Metrics, Mistake, Progress, StageConfig
from pillm.errors import StageError, suggest
from pillm.stages.fields import SUFFIX, SchemaFile
from pillm.stages.refused import refused

if TYPE_CHECKING:
    from pillm.records.generator.compose import Asked

    Line = Callable[[int, Asked, str], dict[str, Any]]
    """Made from its number, the request, and the answer as text."""

Share = Annotated[float, Field(ge=0, le=1)]
ROWS_PER_S, BYTES_PER_ROW = 6_000, 320
"""bench/generate.py."""
MOST_REPEATS = 20
"""Requests in a row, per row still wanted, that may be old before the rules are said to have no more."""
REPORT_EVERY = 1_000


class RulesConfig(StageConfig):
    generator: Annotated[InputPath | None, From("domain.generator")]
    """Folder of rules: phrasings, words, noise."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema of the calls; slots marked x-copied are whole words of the request."""
    rows: PositiveInt
    """Requests, each different."""
    invented: Share
    """Share of fillers that are made-up or shuffled words."""
    noise: Share = 0.85
    """Share of requests written as people write: spoken spellings, mistakes, no capitals."""
    unseen: Literal["fillers", "phrasings"] | None = None
    """Take fillers or phrasings that training records never have."""
    tools: list[str] | None = None
    """Only requests of these tools, one at a time, to read what a new one says; null makes all, several at once too."""
    seed: Annotated[int, From("seed")]
    """Draws everything."""

    @property
    def schema_name(self) -> str:
        """As records and questions say it."""
        return self.answer_schema.name.removesuffix(SUFFIX) if self.answer_schema else ""


def check(config: RulesConfig) -> Iterator[Mistake]:
    """The rules are there and can be followed."""
    if config.generator is None:
        yield "generator", "this domain has no rules. Set domain.generator, or leave this step out."
    elif config.answer_schema is None:
        yield "answer_schema", "calls need a JSON Schema. Set domain.schema."
    else:
        there = sorted(file.stem for file in (config.generator / "tools").glob("*.yaml"))
        for tool in sorted(set(config.tools or ()) - set(there)):
            yield "tools", f"there is no tool {tool!r}.{suggest(tool, there)} There are {', '.join(there)}."
        yield from (("generator", told) for told in _mistakes(config.generator, config.answer_schema))


def _mistakes(rules: Path, schema: Path) -> list[str]:
    from pillm.records import generator

    facts = judged.as_they_are(rules, schema, *map(Path, generator.__path__))
    return judged.mistakes("rules", facts, partial(refused, partial(_rehearsed, rules, schema)))


def _rehearsed(rules: Path, schema: Path) -> None:
    from pillm.records.generator import read
    from pillm.records.generator.answer import answers
    from pillm.records.generator.rehearse import rehearse

    rehearse(read.read(rules), answers(_json(schema)))


def _json(schema: Path) -> Any:
    return json.loads(schema.read_text("utf-8-sig"))


def estimate(config: RulesConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 1 + rows / 6,000; disk = rows × 320 bytes."""
    return Estimate(seconds=1 + config.rows / ROWS_PER_S, ram_gib=0.2, disk_gib=config.rows * BYTES_PER_ROW / 2**30)


def write(
    file: Path, config: RulesConfig, line: "Line", *, step: str, seed: int | str, progress: Progress,
) -> Metrics:
    """A line of JSON for each request; the metrics are how many, and the calls of each tool."""
    if config.generator is None or config.answer_schema is None:
        raise StageError(f"{step}: rules and schema are missing. Set domain.generator and domain.schema.")
    answered = _answered(config, config.generator, config.answer_schema, step=step, seed=seed)
    calls: Counter[str] = Counter()
    with file.open("w", encoding="utf-8") as out:
        for done, (asked, answer) in enumerate(answered, 1):
            out.write(json.dumps(line(done, asked, answer), ensure_ascii=False) + "\n")
            calls.update(call["tool"] for call in asked.calls)
            if done % REPORT_EVERY == 0 or done == config.rows:
                progress("requests", done, config.rows)
    return {"rows": config.rows, "calls": dict(sorted(calls.items()))}


def _answered(
    config: RulesConfig, rules: Path, schema: Path, *, step: str, seed: int | str,
) -> "Iterator[tuple[Asked, str]]":
    """Requests, each different, with the text of their answer."""
    from pillm.records.generator import compose, read
    from pillm.records.generator.answer import answers

    answer, told = answers(_json(schema)), read.read(rules)
    made = compose.requests(compose.only(told, config.tools) if config.tools else told, seed,
                            invented=config.invented, noise=config.noise, unseen=config.unseen)
    for asked in _distinct(made, config.rows, step):
        yield asked, answer(asked.request, asked.calls)


def _distinct(made: "Iterator[Asked]", rows: int, step: str) -> "Iterator[Asked]":
    """Raises StageError when the rules seem to have no more."""
    seen: set[str] = set()
    repeats = 0
    while len(seen) < rows:
        asked = next(made)
        if asked.request in seen:
            repeats += 1
            if repeats > MOST_REPEATS * rows:
                raise StageError(f"{step}.rows: the rules make {len(seen)} different requests, not {rows}. Lower it, "
                                 "or add phrasings and words.")
            continue
        seen.add(asked.request)
        yield asked
