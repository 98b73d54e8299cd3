"""Records from rules: requests that people could make, with the tool calls that answer them."""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PositiveInt

from pillm.engine.stage import (
    Estimate,
    From,
    InputPath,
    Makes,
    Metrics,
    Mistake,
    Progress,
    StageConfig,
    stage,
)
from pillm.errors import DataError, StageError
from pillm.stages.fields import SUFFIX, SchemaFile

if TYPE_CHECKING:
    from pillm.records.generator.compose import Asked

Share = Annotated[float, Field(ge=0, le=1)]
ROWS_PER_S, BYTES_PER_ROW = 6_000, 320
"""bench/generate.py."""
MOST_REPEATS = 20
"""Requests in a row, per row still wanted, that may be old before the rules are said to have no more."""
REPORT_EVERY = 1_000


class GenerateConfig(StageConfig):
    generator: Annotated[InputPath | None, From("domain.generator")]
    """Folder of rules: phrasings, words, noise."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema of the calls; slots marked x-copied are whole words of the request."""
    language: Annotated[str, From("domain.language")]
    """Written into each record."""
    licence: Annotated[str, From("domain.licence")]
    """Written into each record."""
    rows: PositiveInt = 60_000
    """Requests, each different."""
    invented: Share = 0.4
    """Share of fillers that are made-up or shuffled words, so that copying is learned and not remembering."""
    noise: Share = 0.85
    """Share of requests written as people write: spoken spellings, mistakes, no capitals."""
    unseen: Literal["fillers", "phrasings"] | None = None
    """Make records to examine with, from fillers or phrasings that training records never have."""
    seed: Annotated[int, From("seed")]
    """Draws everything."""


def check(config: GenerateConfig) -> Iterator[Mistake]:
    if config.generator is None:
        yield "generator", "this domain has no rules. Set domain.generator, or leave generate out of the steps."
    elif config.answer_schema is None:
        yield "answer_schema", "calls need a JSON Schema. Set domain.schema."
    else:
        yield from (("generator", told) for told in _mistakes(config.generator))


def _mistakes(folder: Path) -> list[str]:
    from pillm.records.generator import read

    try:
        read.read(folder)
    except DataError as error:
        return str(error).splitlines()
    return []


def estimate(config: GenerateConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 1 + rows / 6,000; disk = rows × 320 bytes."""
    return Estimate(seconds=1 + config.rows / ROWS_PER_S, ram_gib=0.2, disk_gib=config.rows * BYTES_PER_ROW / 2**30)


@stage(version="1", check=check, estimate=estimate)
def generate(
    config: GenerateConfig, records: Annotated[Path, Makes("records")], progress: Progress,
) -> Metrics:
    """Make requests and their tool calls from rules."""
    from pillm.records.generator import compose, read
    from pillm.records.generator.answer import answers

    if config.generator is None or config.answer_schema is None:
        raise StageError("generate: rules and schema are missing. Set domain.generator and domain.schema.")
    answer = answers(json.loads(config.answer_schema.read_text("utf-8")))
    made = compose.requests(read.read(config.generator), config.seed, invented=config.invented, noise=config.noise,
                            unseen=config.unseen)
    calls: dict[str, int] = {}
    records.mkdir()
    with (records / "train.jsonl").open("w", encoding="utf-8") as file:
        for done, asked in enumerate(_distinct(made, config.rows), 1):
            tools = [call["tool"] for call in asked.calls]
            record = _record(config, asked.request, answer(asked.request, asked.calls), tools)
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            for tool in tools:
                calls[tool] = calls.get(tool, 0) + 1
            if done % REPORT_EVERY == 0 or done == config.rows:
                progress("requests", done, config.rows)
    return {"rows": config.rows, "calls": dict(sorted(calls.items()))}


def _distinct(made: Iterator["Asked"], rows: int) -> Iterator["Asked"]:
    """Raises StageError when the rules seem to have no more."""
    seen: set[str] = set()
    repeats = 0
    while len(seen) < rows:
        asked = next(made)
        if asked.request in seen:
            repeats += 1
            if repeats > MOST_REPEATS * rows:
                raise StageError(f"generate.rows: the rules make {len(seen)} different requests, not {rows}. Lower it, "
                                 "or add phrasings and words.")
            continue
        seen.add(asked.request)
        yield asked


def _record(config: GenerateConfig, request: str, answer: str, tools: list[str]) -> dict[str, Any]:
    schema = config.answer_schema.name.removesuffix(SUFFIX) if config.answer_schema else ""
    return {
        "user": request, "assistant": answer, "requires_json": True, "tool_schema": schema,
        "tags": list(dict.fromkeys(tools)), "lang": config.language, "source": "generated", "licence": config.licence}
