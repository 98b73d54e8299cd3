"""Datasets of the Hugging Face Hub at one commit, or of a folder, streamed: no more is fetched than is read."""
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pillm.errors import StageError

BUFFER = 10_000
"""Rows among which the next one is drawn: datasets are streamed, not held."""
PAGE = "https://huggingface.co/datasets"


def rows(dataset: str | Path, revision: str, subset: str | None, split: str, start: int) -> Iterator[dict[str, Any]]:
    """From a row on, counted from 0; raises StageError with the remedy where there is no such dataset, subset or split,
    or the Hub cannot be reached.
    """
    import datasets
    from datasets.exceptions import DatasetNotFoundError
    from huggingface_hub.errors import HfHubHTTPError, RevisionNotFoundError

    datasets.disable_progress_bars()
    where = f"gather: {dataset}"
    try:
        stream = datasets.load_dataset(str(dataset), subset, split=split, revision=revision, streaming=True)
        yield from (dict(row) for row in stream.skip(start))
    except (DatasetNotFoundError, RevisionNotFoundError) as error:
        raise StageError(f"{where}: the Hub has no such dataset at {revision}, or its terms must be accepted first. "
                         f"Look at {PAGE}/{dataset}, and set HF_TOKEN where it asks for an account.") from error
    except ValueError as error:
        raise StageError(f"{where}: {_line(error)}. Set subset and split to what {PAGE}/{dataset} shows.") from error
    except (HfHubHTTPError, OSError) as error:
        raise StageError(f"{where}: the Hub cannot be reached ({_line(error)}). Check the network and run again: what "
                         "was gathered is kept.") from error


def _line(error: Exception) -> str:
    return (str(error).strip().split("\n")[0] or type(error).__name__).rstrip(".")


def draw(name: str, count: int, *, revision: str | None, subset: str | None, split: str, seed: int,
         ) -> Iterator[tuple[int, dict[str, Any]]]:
    """At most so many rows with their numbers, drawn by seed; raises StageError where there is no such dataset."""
    import datasets

    datasets.disable_progress_bars()
    try:
        found = datasets.load_dataset(name, subset, split=split, revision=revision, streaming=True)
    except (OSError, ValueError, KeyError) as error:
        raise StageError(f"{name}: {' '.join(str(error).split())}. Correct draw.datasets.") from error
    numbered = found.map(lambda row, number: {"number": number, "row": row}, with_indices=True,
                         remove_columns=found.column_names)
    for each in islice(numbered.shuffle(seed=seed, buffer_size=BUFFER), count):
        yield each["number"], each["row"]
