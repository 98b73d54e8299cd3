"""Records from small languages: what is asked for, the JSON Schema of the answer, and the tree that it must be."""
import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PositiveInt, model_validator

from pillm import judged
from pillm.engine.stage import Estimate, From, InputPath, Makes, Metrics, Mistake, Progress, StageConfig, stage
from pillm.errors import StageError
from pillm.json_text import compact
from pillm.stages.refused import refused

if TYPE_CHECKING:
    from pillm.records.contamination import Near
    from pillm.records.languages.language import Language
    from pillm.records.languages.rows import Row

Share = Annotated[float, Field(ge=0, le=1)]
ROWS_PER_S, BYTES_PER_ROW = 100, 600
"""dataset/jsonast's languages, measured."""
REPORT_EVERY = 50
DRAWS_PER_ROW = 400
"""Rows that are left out, for each that is wanted, before the languages are said to have no more."""


class DeriveConfig(StageConfig):
    languages: Annotated[InputPath | None, From("domain.languages")]
    """Folder of languages: what can be said in each, how, and by what names JSON may have it."""
    only: tuple[str, ...] = ()
    """Only these of its grammars, by name; none given: all."""
    rows: PositiveInt = 5_000
    """Requests, each different."""
    trees: PositiveInt = 4
    """Requests for each schema."""
    longest_schema: PositiveInt = 600
    """Characters that a schema may have, written without spaces."""
    longest: PositiveInt = 830
    """Characters that request, schema and answer may have together."""
    unseen: Literal["schemas", "phrasings"] | None = None
    """Make a suite to examine with, of schemas whose shape, or of phrasings, that training records never have."""
    eval: Annotated[InputPath | None, From("domain.eval")] = None
    """Questions that no record may be near to."""
    suites: Annotated[dict[str, InputPath], From("domain.suites")] = Field(default_factory=dict)
    """Further such questions, by name."""
    eval_overlap: Share = 0.8
    """Part of such a question's letter 5-grams that makes a stretch of a record one with it."""
    seed: Annotated[int, From("seed")]
    """Draws everything."""

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_used(cls, values: Any) -> Any:
        """A suite is not held against others: the domain's may be made of it."""
        made = isinstance(values, dict) and values.get("unseen")
        return {**values, "eval": None, "suites": {}} if made else values


def check(config: DeriveConfig) -> Iterator[Mistake]:
    """The languages can be understood."""
    if config.languages is None:
        yield "languages", "this domain has no languages. Set domain.languages, or leave this step out."
        return
    from pillm.records import languages

    facts = config.only, judged.as_they_are(config.languages, *map(Path, languages.__path__))
    yield from (("languages", told) for told in judged.mistakes("languages", facts,
                                                                partial(refused, partial(_read, config))))


def _read(config: DeriveConfig) -> "list[Language]":
    from pillm.records.languages import read

    if config.languages is None:
        raise StageError("derive: this domain has no languages. Set domain.languages.")
    return read.read(config.languages, config.only)


def estimate(config: DeriveConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 1 + rows / 100; disk = rows × 600 bytes."""
    return Estimate(seconds=1 + config.rows / ROWS_PER_S, ram_gib=0.2, disk_gib=config.rows * BYTES_PER_ROW / 2**30)


@stage(version="3", libraries=("jsonschema",), check=check, estimate=estimate)
def derive(
    config: DeriveConfig,
    records: Annotated[Path | None, Makes("records", when=("unseen", None))],
    suite: Annotated[Path | None, Makes("suite", "suite.jsonl", unless=("unseen", None))],
    progress: Progress,
) -> Metrics:
    """Make requests with JSON Schemas and the trees that satisfy them; what can be heard otherwise is left out."""
    if suite is None:
        assert records is not None  # one of the two ports exists, whatever unseen is
        records.mkdir()
    out, line = (suite, _question) if suite else (records / "train.jsonl", _record)  # type: ignore[operator]
    tags: Counter[str] = Counter()
    schemas: set[str] = set()
    rows, left_out = _rows(config)
    with out.open("w", encoding="utf-8") as file:
        for done, row in enumerate(rows, 1):
            file.write(compact(line(done, row, config)) + "\n")
            tags.update(row.tags)
            schemas.add(json.dumps(row.schema))
            if done % REPORT_EVERY == 0 or done == config.rows:
                progress("requests", done, config.rows)
    return {"rows": config.rows, "schemas": len(schemas), "tags": dict(sorted(tags.items())), "left_out": left_out()}


def _rows(config: DeriveConfig) -> "tuple[Iterator[Row], Any]":
    """As many as are wanted, and what tells of those that were left out."""
    from pillm.backends.json_schema import accepting
    from pillm.records.languages.rows import Tally, Wanted, rows

    tally = Tally(most=DRAWS_PER_ROW * config.rows)
    wanted = Wanted(config.rows, config.trees, config.longest_schema, config.longest, config.unseen, near=_near(config))
    return islice(rows(_read(config), wanted, config.seed, accepting, tally), config.rows), tally.told


def _near(config: DeriveConfig) -> "Near":
    from pillm.records.contamination import near
    from pillm.serve.questions import read

    examined = [config.eval] if config.eval else []
    return near([question for file in [*examined, *config.suites.values()] for question in read(file)],
                config.eval_overlap)


def _record(number: int, row: "Row", config: DeriveConfig) -> dict[str, Any]:
    """Language, source and licence are the card's: in every line they would be a tenth of the file."""
    return {"user": row.user, "assistant": row.text, "requires_json": True, "tool_schema": row.schema,
            "tags": row.tags}


def _question(number: int, row: "Row", config: DeriveConfig) -> dict[str, Any]:
    return {"id": f"{config.unseen}-{number:05}", "user": row.user, "check": "ast", "answer": row.answer,
            "schema": row.schema, "tags": row.tags}
