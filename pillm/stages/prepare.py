"""Records from files: read, judged, without duplicates and eval questions, split."""
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

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
    Work,
    stage,
)
from pillm.errors import ConfigError, DataError
from pillm.records import read, split
from pillm.records.contamination import near
from pillm.records.read import Source
from pillm.records.rejects import Rejects
from pillm.records.skeleton import alike
from pillm.records.spool import Spool
from pillm.records.write import write
from pillm.serve import questions
from pillm.stages.fields import SUFFIX, SchemaFile

Share = Annotated[float, Field(ge=0, le=1)]
BYTES_PER_RECORD = 250
RECORDS_PER_S, NEAR_RECORDS_PER_S = 20_000, 11_000
KEPT_BYTES, NEAR_KEPT_BYTES = 250, 2_000
"""Of short records, without and with near duplicates: bench/prepare.py."""


class MaxRows(StageConfig):
    """At most so many records; null takes all."""

    train: PositiveInt | None = None
    """Of train.jsonl."""
    validation: PositiveInt | None = None
    """Of validation.jsonl."""
    test: PositiveInt | None = None
    """Of test.jsonl."""


class PrepareConfig(StageConfig):
    files: Annotated[list[InputPath], From("domain.files")]
    """Files of records, one JSON object a line; gzip, OpenAI messages, ShareGPT and Alpaca are read too."""
    eval: Annotated[InputPath | None, From("domain.eval")]
    """Questions that no record may be near to, or be put like."""
    suites: Annotated[dict[str, InputPath], From("domain.suites")] = Field(default_factory=dict)
    """Further such questions, by name."""
    system: Annotated[str | None, From("domain.system")]
    """The system prompt of records that bring none."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema that answers satisfy, unless a record names its own or says `requires_json: false`."""
    validation: Share = 0.05
    """Share of the records that validation.jsonl gets, stratum by stratum."""
    test: Share = 0.05
    """Share that test.jsonl gets."""
    near_duplicate: Share | None = 0.9
    """Records that share this part of their words and word pairs are one (Jaccard); null looks for equal ones only."""
    eval_overlap: Share = 0.8
    """Part of an eval question's letter 5-grams that makes a stretch of a record one with it."""
    max_rows: MaxRows = MaxRows()
    """At most so many records per split."""
    max_rejected: Share = 0.05
    """Share of unusable records above which the run stops; duplicates and eval questions do not count."""
    seed: Annotated[int, From("seed")]
    """Draws the split."""


def check(config: PrepareConfig) -> Iterator[Mistake]:
    for n, file in enumerate(config.files):
        if file.is_dir():
            yield f"files.{n}", f"{file} is a folder. Name the files in it."
    for name, suite in config.suites.items():
        yield from ((f"suites.{name}", told) for told in _refused(suite))
    if config.validation + config.test >= 1:
        yield "validation", "validation and test together leave nothing to train on. Lower one of them."


def _refused(suite: Path) -> list[str]:
    """What is wrong with a file of questions."""
    try:
        questions.read(suite)
    except ConfigError as error:
        return str(error).splitlines()
    return []


def estimate(config: PrepareConfig, recipe: dict[str, Any]) -> Estimate:
    """rows = bytes of the files / 250 + those of generate; seconds = 1 + rows / 20,000 (11,000 with near duplicates);
    memory = 0.1 GiB + 250 bytes (2,000) a row; disk = 250 bytes a row.
    """
    rows = sum(file.stat().st_size for file in config.files) / BYTES_PER_RECORD
    rows += (recipe.get("generate") or {}).get("rows", 0)
    looks_near = config.near_duplicate is not None
    rate, kept = (NEAR_RECORDS_PER_S, NEAR_KEPT_BYTES) if looks_near else (RECORDS_PER_S, KEPT_BYTES)
    return Estimate(
        seconds=1 + rows / rate, ram_gib=0.1 + rows * kept / 2**30, disk_gib=rows * BYTES_PER_RECORD / 2**30)


@stage(version="2", libraries=("rensa", "jsonschema"), check=check, estimate=estimate)
def prepare(
    config: PrepareConfig,
    generated: Annotated[dict[str, Path], Needs("records")],
    records: Annotated[Path, Makes("records")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Read, judge, deduplicate and split records; what is left out is kept aside with its place and reason."""
    from pillm.records.accept import framed  # here: jsonschema and rensa take a plan longer than all the rest

    sources = _sources(config, generated)
    with Rejects(work / "rejected.jsonl") as rejects, Spool(work / "accepted.jsonl") as spool:
        for accepted in _accepted(config, sources, rejects, progress):
            spool.add(framed(accepted.row.record, config.system), accepted.row.code, accepted.place)
        _require_records(len(spool), rejects, sources)
        _require_few_rejected(len(spool), rejects, config.max_rejected)
        places = spool.places()
        bounds = split.bounds(places, split.Shares(config.validation, config.test), config.seed)
        records.mkdir()
        rows = write(spool, bounds, records, rejects, sources=sources, limits=config.max_rows.model_dump())
        _require_training(rows, rejects)
    shutil.move(rejects.file, records / "rejected.jsonl")
    return {"rows": rows, "left_out": dict(rejects.counts.most_common()), "strata": len(places),
            "rejected_share": rejects.unusable / rejects.read(len(spool))}


def _sources(config: PrepareConfig, generated: dict[str, Path]) -> list[Source]:
    found = read.sources(config.files)
    for step, folder in generated.items():
        found.append(Source(len(found), folder / "train.jsonl", f"{step}/train.jsonl"))
    return found


def _accepted(config: PrepareConfig, sources: list[Source], rejects: Rejects, progress: Progress) -> Iterator[Any]:
    """The records that are taken, one after the other; the others go to the rejects."""
    from pillm.records import accept

    rows = (row for source in sources for row in read.rows(source, rejects, progress))
    schema = config.answer_schema.name.removesuffix(SUFFIX) if config.answer_schema else None
    found = accept.distinct(accept.usable(rows, schema, rejects), rejects, sources, config.seed)
    examined = [question for suite in _suites(config) for question in questions.read(suite)]
    if examined or config.near_duplicate is not None:
        found = accept.spoken(found)
    if examined:
        found = accept.unasked(found, near(examined, config.eval_overlap), rejects)
        found = accept.unexamined(found, alike(examined, _schema(config)), rejects)
    if config.near_duplicate is not None:
        found = accept.dissimilar(found, config.near_duplicate, rejects, sources)
    return found


def _suites(config: PrepareConfig) -> list[Path]:
    return [*([config.eval] if config.eval else []), *config.suites.values()]


def _schema(config: PrepareConfig) -> Any:
    return json.loads(config.answer_schema.read_text("utf-8-sig")) if config.answer_schema else None


def _require_records(kept: int, rejects: Rejects, sources: list[Source]) -> None:
    names = ", ".join(str(source.path) for source in sources)
    if not sources:
        raise DataError("prepare: there are no records. Name files in domain.files, or add a step that generates some.")
    if not kept and not rejects.counts:
        raise DataError(f"{names}: there are no records in it. Write one JSON object a line.")
    if not kept:
        raise rejects.stop(f"{names}: no record can be used. Repair them; what is wrong:")


def _require_few_rejected(kept: int, rejects: Rejects, limit: float) -> None:
    share = rejects.unusable / rejects.read(kept)
    if share > limit:
        raise rejects.stop(f"prepare.max_rejected: {share:.1%} of {rejects.read(kept)} records cannot be used, and at "
                           f"most {limit:.1%} are allowed. Repair the records, or raise it; what is wrong:")


def _require_training(rows: dict[str, int], rejects: Rejects) -> None:
    if not rows["train"]:
        raise rejects.stop("prepare: no record is left to train on. Add records, or lower validation and test.")
