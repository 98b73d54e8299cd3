"""Models from the Hugging Face Hub: safetensors and tokenizer files of one commit; a cut download is taken up again."""
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, is_offline_mode, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from tqdm import tqdm

from pillm.backends.weights_folder import UNWANTED, WANTED
from pillm.errors import StageError

_PATTERNS: dict[str, Any] = {"allow_patterns": list(WANTED), "ignore_patterns": list(UNWANTED)}
COMMIT = re.compile("[0-9a-f]{40}")
ELSEWHERE = "Or name a local folder (model.source=folder model.path=…), or make a tiny model (+caps=smoke)."

Progress = Callable[..., None]


@dataclass(frozen=True)
class Snapshot:
    """A repository's files as they were at one commit."""

    folder: Path
    commit: str


def cached(repo: str, revision: str) -> Snapshot | None:
    """What the user's Hugging Face cache holds of it; a branch only where the Hub may not be asked."""
    if not COMMIT.fullmatch(revision) and not is_offline_mode():
        return None
    try:
        folder = Path(snapshot_download(repo, revision=revision, local_files_only=True, **_PATTERNS))
    except LocalEntryNotFoundError:
        return None
    return Snapshot(folder, folder.name)


def download(repo: str, revision: str, folder: Path, *, progress: Progress = lambda *_, **__: None) -> Snapshot:
    """The wanted files into `folder`, where an earlier, cut download left its own.

    Raises StageError with the remedy: no network, no such repository or revision, or a licence not accepted.
    """
    with _told(repo, revision):
        commit = HfApi().model_info(repo, revision=revision).sha or revision
        snapshot_download(repo, revision=commit, local_dir=folder, **_PATTERNS,
                          tqdm_class=_bar(progress), max_workers=4)
    return Snapshot(folder, commit)


@contextmanager
def _told(repo: str, revision: str) -> Iterator[None]:
    """The Hub's refusals in the user's words; the most particular class first."""
    page = f"https://huggingface.co/{repo}"
    try:
        yield
    except HFValidationError as error:
        raise StageError(f"model.repo: {repo}: not a name on the Hub. Write it as owner/name.") from error
    except GatedRepoError as error:
        raise StageError(f"model.repo: {repo}: its terms must be accepted first. Open {page}, accept them, and set "
                         f"HF_TOKEN (in .env or the environment) to a token of that account. {ELSEWHERE}") from error
    except RepositoryNotFoundError as error:
        raise StageError(f"model.repo: {repo}: the Hub has no such model, or it is private. Check the name, or set "
                         "HF_TOKEN to a token that may read it.") from error
    except RevisionNotFoundError as error:
        raise StageError(f"model.revision: {revision}: {repo} has no such revision. "
                         f"Take a commit from {page}/commits/main.") from error
    except OfflineModeIsEnabled as error:
        raise StageError(f"model.repo: {repo} at {revision} is not in the local cache, and HF_HUB_OFFLINE forbids the "
                         f"network. Unset it and run again. {ELSEWHERE}") from error
    except HfHubHTTPError as error:
        raise StageError(f"model.repo: {repo}: the Hub answered {error.response.status_code}. Run again later; what "
                         f"is here already is kept. Where it is 401, HF_TOKEN is not valid. {ELSEWHERE}") from error
    except (httpx2.HTTPError, LocalEntryNotFoundError) as error:
        raise StageError(f"model.repo: {repo}: the Hub cannot be reached ({type(error).__name__}). Check the network "
                         f"and run again; what is here already is kept. {ELSEWHERE}") from error


def _bar(progress: Progress) -> type[tqdm]:
    """A progress bar that draws nothing and tells `progress` the bytes."""
    seen = {"n": 0.0, "total": 0.0}

    class Bar(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options | {"disable": False, "file": io.StringIO()})

        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            if self.unit == "B":  # there are two of them, bytes received and bytes written, and one of files
                seen.update(n=max(seen["n"], self.n), total=max(seen["total"], self.total or 0))
                progress("download", seen["n"], seen["total"])

    return Bar
