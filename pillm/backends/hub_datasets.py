"""Datasets of the Hugging Face Hub at one commit, or of a folder, streamed: no more is fetched than is read."""
from collections.abc import Iterator
from contextlib import contextmanager
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
    with _told(f"gather: {dataset}", str(dataset), f"Set subset and split to what {PAGE}/{dataset} shows"):
        yield from (dict(row) for row in _stream(str(dataset), revision, subset, split).skip(start))


@contextmanager
def _told(where: str, dataset: str, remedy: str) -> Iterator[None]:
    """What goes wrong with a dataset, at its beginning or in the middle, as a StageError."""
    import httpx2
    from datasets.exceptions import DatasetNotFoundError
    from huggingface_hub.errors import RevisionNotFoundError

    try:
        yield
    except (DatasetNotFoundError, RevisionNotFoundError) as error:
        raise StageError(f"{where}: the Hub has no such dataset at this commit, or its terms must be accepted first. "
                         f"Look at {PAGE}/{dataset}, and set HF_TOKEN where it asks for an account.") from error
    except (ValueError, KeyError, FileNotFoundError) as error:
        raise StageError(f"{where}: {_line(error)}. {remedy}.") from error
    except (httpx2.HTTPError, OSError) as error:
        raise StageError(f"{where}: the Hub cannot be reached ({_line(error)}). Check the network and run "
                         "again.") from error


def _stream(dataset: str, revision: str | None, subset: str | None, split: str) -> Any:
    import datasets

    datasets.disable_progress_bars()
    return datasets.load_dataset(dataset, subset, split=split, revision=revision, streaming=True)


def _line(error: Exception) -> str:
    return (str(error).strip().split("\n")[0] or type(error).__name__).rstrip(".")


def draw(name: str, count: int, *, revision: str | None, subset: str | None, split: str, seed: int,
         ) -> Iterator[tuple[int, dict[str, Any]]]:
    """At most so many rows with their numbers, drawn by seed; raises StageError as rows does."""
    with _told(f"draw: {name}", name, "Correct draw.datasets"):
        found = _stream(name, revision, subset, split)
        numbered = found.map(lambda row, number: {"number": number, "row": row}, with_indices=True,
                             remove_columns=found.column_names)
        for each in islice(numbered.shuffle(seed=seed, buffer_size=BUFFER), count):
            yield each["number"], each["row"]
