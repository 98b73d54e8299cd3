"""A dataset of the Hugging Face Hub at one commit: each row is a record, or a passage that is asked about."""
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, PositiveInt

from pillm.engine.stage import Mistake, StageConfig
from pillm.records.gather.passage import Unit
from pillm.stages.fields import Dataset
from pillm.stages.sources.reading import Reader, Wanted

NAME = re.compile(r"[\w.-]+/[\w.-]+")
COMMIT = re.compile("[0-9a-f]{40}")
ROWS = 500
"""Of a unit: what a kill can lose."""


def _commit(revision: str) -> str:
    if not COMMIT.fullmatch(revision):
        raise ValueError("must be a commit, all 40 hexadecimal digits")
    return revision


class Hub(StageConfig):
    """A dataset that is streamed: no more of it is fetched than is read."""

    dataset: Dataset
    """owner/name on the Hub, or a folder with a dataset's files."""
    revision: Annotated[str, AfterValidator(_commit), Field(json_schema_extra={"pattern": f"^{COMMIT.pattern}$"})]
    """The commit, all 40 digits: a branch moves, and the same recipe would learn something else. A folder has none of
    its own: write forty zeros."""
    subset: str | None = None
    """The configuration, where the dataset has several."""
    split: str = "train"
    """Which of its splits."""
    most: PositiveInt = 10_000
    """Rows that are read, from the first on."""
    columns: dict[str, str]
    """As of a table: field of a record → column."""
    licence: str | None = None
    """Of this dataset, as its card says; null is the domain's."""


def mistakes(options: Hub) -> Iterator[Mistake]:
    from pillm.records.gather import mapping

    if isinstance(options.dataset, str) and not NAME.fullmatch(options.dataset):
        yield "dataset", f"{options.dataset} is no folder, and no name on the Hub (owner/name). Correct it."
    yield from ((f"columns.{field}".rstrip("."), told) for field, told in mapping.mistakes(options.columns))


def count(options: Hub) -> int | None:
    """Only reading tells how many rows there are."""
    return None


def units(options: Hub, wanted: Wanted, start: int) -> Iterator[Unit]:
    """So many rows each; those before the start are passed over."""
    from pillm.backends import hub_datasets
    from pillm.records.gather import mapping

    name = options.dataset.name if isinstance(options.dataset, Path) else f"{options.dataset}@{options.revision[:8]}"
    first = start * ROWS
    rows = islice(hub_datasets.rows(options.dataset, options.revision, options.subset, options.split, first),
                  max(0, options.most - first))
    while batch := list(islice(rows, ROWS)):
        yield Unit(name, iter([mapping.found(row, f"{name}:{first + n}", options.columns)
                               for n, row in enumerate(batch, 1)]))
        first += len(batch)


READER = Reader(units, count, mistakes, ("datasets",))
