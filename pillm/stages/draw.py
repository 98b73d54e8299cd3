"""Records drawn from datasets of others, each with a weight."""
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveFloat, PositiveInt

from pillm import installed
from pillm.engine.stage import Estimate, From, Makes, Metrics, Mistake, Progress, StageConfig, stage
from pillm.errors import DataError
from pillm.stages import fields

COMMIT = re.compile("[0-9a-f]{40}")
ROWS_PER_S = 2_000
"""Streamed from the Hub; from a folder ten times as many."""
BYTES_PER_ROW = 2_000


class Dataset(StageConfig):
    """A dataset in Hugging Face's format."""

    name: fields.Dataset
    """owner/name on the Hub, or a local folder of JSON Lines, CSV or Parquet files."""
    revision: str | None = None
    """The commit, all 40 digits; needed for one on the Hub, so that it is the same tomorrow."""
    subset: str | None = None
    """Its configuration, where it has several."""
    split: str = "train"
    """Which of its splits."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Field of a record → the dataset's column that has it; null takes the columns by their own names."""
    weight: PositiveFloat = 1
    """Its share of the rows, beside the other datasets' weights."""
    tags: tuple[str, ...] = ()
    """Written into each record: its style, say."""
    licence: str
    """Written into each record."""


class DrawConfig(StageConfig):
    """Where records are drawn from."""

    datasets: tuple[Dataset, ...] = ()
    """Datasets, each with a weight; none draws nothing."""
    rows: PositiveInt = 2_000
    """Records in all; a dataset that has fewer than its share gives what it has."""
    seed: Annotated[int, From("seed")]
    """Draws the rows."""


def check(config: DrawConfig) -> Iterator[Mistake]:
    """Every dataset is a folder or is pinned, and what reads them is installed."""
    if config.datasets and not installed.version("datasets"):
        yield "datasets", "datasets are read by Hugging Face's library. pip install 'pillm[gather]'"
    for number, each in enumerate(config.datasets):
        if isinstance(each.name, str) and not COMMIT.fullmatch(each.revision or ""):
            yield (f"datasets.{number}.revision", f"{each.name} is no folder here, and on the Hub it needs its commit, "
                   f"40 digits from 0 to f, not {each.revision!r}. Take it from the page of its commits.")


def estimate(config: DrawConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 2 + rows / 2,000; disk = 2,000 bytes a row."""
    rows = config.rows if config.datasets else 0
    return Estimate(seconds=2 + rows / ROWS_PER_S, ram_gib=0.4, disk_gib=rows * BYTES_PER_ROW / 2**30)


@stage(version="1", libraries=("datasets",), check=check, estimate=estimate)
def draw(config: DrawConfig, records: Annotated[Path, Makes("records")], progress: Progress) -> Metrics:
    """Draw records from datasets at pinned commits, by weight; each says where it comes from."""
    records.mkdir()
    drawn: dict[str, int] = {}
    with (records / "train.jsonl").open("w", encoding="utf-8") as out:
        for each, count in zip(config.datasets, shares(config), strict=True):
            drawn.setdefault(str(each.name), 0)
            for record in _records(each, count, config.seed):
                out.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")
                drawn[str(each.name)] += 1
            progress("records", sum(drawn.values()), config.rows)
    return {"rows": sum(drawn.values()), "datasets": drawn}


def shares(config: DrawConfig) -> list[int]:
    """Rows of each dataset: by weight, and the rows that rounding leaves go to the largest remainders."""
    weights = [each.weight for each in config.datasets]
    exact = [config.rows * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in exact]
    left = sorted(range(len(exact)), key=lambda n: whole[n] - exact[n])[:config.rows - sum(whole)] if exact else []
    return [share + (n in left) for n, share in enumerate(whole)]


def _records(each: Dataset, count: int, seed: int) -> Iterator[dict[str, Any]]:
    from pillm.backends import hub_datasets

    at = f"{each.name}@{each.revision}" if each.revision else Path(each.name).name
    rows = hub_datasets.draw(str(each.name), count,
                             revision=each.revision, subset=each.subset, split=each.split, seed=seed)
    for number, row in rows:
        if lacking := [column for column in each.columns.values() if column not in row]:
            raise DataError(f"{each.name}: it has no column {lacking[0]!r}; there are {', '.join(row)}. "
                            "Correct draw.datasets.columns.")
        taken = {field: row[column] for field, column in each.columns.items()} if each.columns else row
        tags = list(dict.fromkeys([*each.tags, *(row.get("tags") or ())])) if not each.columns else list(each.tags)
        yield {**taken, "tags": tags, "source": f"{at}#{number}", "licence": each.licence}
