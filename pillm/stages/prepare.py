"""Records from files: read, judged, cleaned, without duplicates and eval questions, split."""
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PositiveFloat

from pillm import installed
from pillm.backends import schema_files
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
from pillm.errors import DataError
from pillm.records import named_schemas, read, split
from pillm.records.read import Row, Source
from pillm.records.rejects import CONTAMINATION, Rejects
from pillm.serve import pairs, questions
from pillm.serve.checkers import CHECKERS
from pillm.stages.corpus import AnswerCheck, File, Language, MaxRows, Private, Semantic, Share
from pillm.stages.fields import SchemaFile
from pillm.stages.refused import refused

BYTES_PER_RECORD = 250
RECORDS_PER_S, NEAR_RECORDS_PER_S = 10_000, 5_500
KEPT_BYTES = 110
"""In memory, of each record."""
BAND_BYTES = 128
"""On disk, of each record where near duplicates are looked for. All of short records: bench/prepare.py."""


class PrepareConfig(StageConfig):
    files: Annotated[list[File], From("domain.files")]
    """Files of records, one JSON object a line (gzip, OpenAI messages, ShareGPT and Alpaca are read too): paths, or
    {path, weight}. Each file is split for itself; its weight says how often its records train."""
    weights: dict[str, PositiveFloat] = Field(default_factory=dict)
    """The same of records that earlier steps make, by step: {gather: 0.5}; 1 where none is named."""
    eval: Annotated[InputPath | None, From("domain.eval")]
    """Questions that no record may be near to, or be put like."""
    suites: Annotated[dict[str, InputPath], From("domain.suites")] = Field(default_factory=dict)
    """Further such questions, by name."""
    system: Annotated[str | None, From("domain.system")]
    """The system prompt of records that bring none."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema that answers satisfy, unless a record names its own or says `requires_json: false`."""
    tools: Annotated[list[SchemaFile] | None, From("domain.tools")] = None
    """The tools that answers may call, by the names of their schemas; null allows any."""
    checks: Annotated[dict[str, AnswerCheck], From("domain.checks")] = Field(default_factory=dict)
    """What answers must pass, by a name of your choice."""
    strata: Annotated[list[str] | None, From("domain.strata")] = None
    """Tags of which each split gets its share; null is all."""
    validation: Share = 0.05
    """Share of the records that validation.jsonl gets, stratum by stratum."""
    test: Share = 0.05
    """Share that test.jsonl gets."""
    private: tuple[Private, ...] = get_args(Private)
    """Secrets and personal data that a record may not hold, in any field; told by their form and check digits."""
    contradictions: Literal["json", "any"] | None = "json"
    """Records that ask the same and are answered otherwise are all set aside: those answered in JSON, any, or (null)
    none. Prose has many good answers, JSON has one."""
    length_times: Annotated[PositiveFloat, Field(gt=1)] | None = 50
    """A record so many times longer or shorter than the median one is set aside; null keeps all."""
    language: Language | None = None
    """The languages of the records; null does not look."""
    near_duplicate: Share | None = 0.9
    """Records that share this part of their words and word pairs are one (Jaccard); null looks for equal ones only."""
    semantic: Semantic | None = None
    """An embedding model that finds records of one meaning; null does without."""
    eval_overlap: Share = 0.8
    """Part of an eval question's letter 5-grams that makes a stretch of a record one with it."""
    max_contaminated: Share = 0.05
    """Share of records near an eval question above which the gate `contamination` is not met, though they are left out:
    such a corpus was drawn from the examination, and holds more of it than can be found."""
    max_rows: MaxRows = MaxRows()
    """At most so many records per split."""
    max_rejected: Share = 0.05
    """Share of unusable records above which the run stops; what is set aside by choice does not count."""
    seed: Annotated[int, From("seed")]
    """Draws the split."""

    def also_reads(self) -> list[Path]:
        """Which schemas the records name is known when they are read: any of them may be."""
        judged = [pairs.inner(rule.check, rule.answer) for rule in self.checks.values()]
        return sorted({*(file for name, argument in judged for file in CHECKERS[name].reads(argument)),
                       *schema_files.every()})


def check(config: PrepareConfig) -> Iterator[Mistake]:
    for n, file in enumerate(config.files):
        if file.path.is_dir():
            yield f"files.{n}", f"{file.path} is a folder. Name the files in it."
    for name, suite in config.suites.items():
        yield from ((f"suites.{name}", told) for told in refused(partial(questions.read, suite)))
    yield from _mistakes_of_checks(config)
    if config.validation + config.test >= 1:
        yield "validation", "validation and test together leave nothing to train on. Lower one of them."
    if config.language and not installed.version("py3langid"):
        yield "language", "languages are told by py3langid, which is not installed. Run: pip install 'pillm[language]'"


def _mistakes_of_checks(config: PrepareConfig) -> Iterator[Mistake]:
    for name, rule in config.checks.items():
        for told in questions.mistakes_of_check({"check": rule.check, "answer": rule.answer}):
            yield f"checks.{name}", told
        if rule.check in CHECKERS and CHECKERS[rule.check].by_model:
            yield f"checks.{name}", f"{rule.check} needs a model to judge. Take a checker that is a program."


def estimate(config: PrepareConfig, recipe: dict[str, Any]) -> Estimate:
    """rows = bytes of the files / 250 + those of generate; seconds = 1 + rows / 10,000 (5,500 with near duplicates);
    memory = 0.1 GiB + 110 bytes a row; disk = 250 bytes a row (378).
    """
    rows = sum(file.path.stat().st_size for file in config.files) / BYTES_PER_RECORD
    rows += (recipe.get("generate") or {}).get("rows", 0)
    looks_near = config.near_duplicate is not None
    rate, stored = (NEAR_RECORDS_PER_S, BAND_BYTES) if looks_near else (RECORDS_PER_S, 0)
    return Estimate(seconds=1 + rows / rate, ram_gib=0.1 + rows * KEPT_BYTES / 2**30,
                    disk_gib=rows * (BYTES_PER_RECORD + stored) / 2**30)


@stage(version="5", libraries=("rensa", "jsonschema", "py3langid", "torch", "transformers"), check=check,
       estimate=estimate)
def prepare(
    config: PrepareConfig,
    generated: Annotated[dict[str, Path], Needs("records")],
    records: Annotated[Path, Makes("records")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Read, judge, clean, deduplicate and split records; what is left out is kept aside with its place and reason."""
    from pillm.records.spool import Spool  # here: jsonschema, numpy and rensa take a plan longer than all the rest
    from pillm.records.write import write
    from pillm.stages import sieve

    sources = _sources(config, generated)
    tally: Counter[tuple[str, str]] = Counter()
    with Rejects(work / "rejected.jsonl") as rejects, Spool(
            work / "accepted.jsonl", sources, config.strata) as spool:
        sieve.gather(config, _rows(sources, rejects, progress), spool, rejects, tally, work)
        _require_records(len(spool), rejects, sources)
        _require_few_rejected(len(spool), rejects, config.max_rejected)
        places = spool.places()
        bounds = split.bounds(places, split.Shares(config.validation, config.test), config.seed)
        records.mkdir()
        weights = [file.weight for file in config.files] + [config.weights.get(step, 1.0) for step in generated]
        rows = write(spool, bounds, records, rejects, weights=weights, limits=config.max_rows.model_dump())
        named_schemas.note(spool.schemas, records)
        _require_training(rows, rejects)
    shutil.move(rejects.file, records / "rejected.jsonl")
    read_rows = rejects.read(len(spool))
    return {"rows": rows, "left_out": dict(rejects.counts.most_common()), "strata": len(places),
            "left_out_of": rejects.of_files, "rejected_share": rejects.unusable / read_rows,
            "contamination": {name: {kind: tally[name, kind] for kind in ("near", "alike")}
                              for name in sieve.suites(config)}, 
            "gates": _gates(config, rejects.counts[CONTAMINATION], read_rows)}


def _sources(config: PrepareConfig, generated: dict[str, Path]) -> list[Source]:
    found = read.sources([file.path for file in config.files])
    for step, folder in generated.items():
        found.append(Source(len(found), folder / "train.jsonl", f"{step}/train.jsonl"))
    return found


def _rows(sources: list[Source], rejects: Rejects, progress: Progress) -> Iterator[Row]:
    return (row for source in sources for row in read.rows(source, rejects, progress))


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


def _gates(config: PrepareConfig, contaminated: int, rows: int) -> list[dict[str, Any]]:
    """Without questions there is nothing to be near to."""
    share = contaminated / rows
    return [{"name": "contamination", "met": share <= config.max_contaminated,
            "told": f"{contaminated} of {rows} records were near an eval question ({share:.1%}, at most "
                    f"{config.max_contaminated:.1%}); none of them is left"}] if config.eval or config.suites else []
