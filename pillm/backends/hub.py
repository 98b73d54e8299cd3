"""Models from the Hugging Face Hub: safetensors and tokenizer files of one commit; a cut download is taken up again."""
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
from huggingface_hub import HfApi, hf_hub_url, is_offline_mode, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils import build_hf_headers

from pillm.backends.weights_folder import UNWANTED, WANTED, is_wanted
from pillm.errors import StageError

COMMIT = re.compile("[0-9a-f]{40}")
ELSEWHERE = "Or name a local folder (model.source=folder model.path=…), or make a tiny model (+caps=smoke)."

Progress = Callable[..., None]


@dataclass(frozen=True)
class Snapshot:
    """A repository's files as they were at one commit."""

    folder: Path
    commit: str
    compared: bool = True
    """The Hub was asked which files there are; a cache without it may lack some."""


def cached(repo: str, revision: str) -> Snapshot | None:
    """What the user's Hugging Face cache holds of it, if it is all: another program may have taken a part.

    A branch only where the Hub may not be asked. Raises StageError where it cannot be.
    """
    offline = is_offline_mode()
    if not COMMIT.fullmatch(revision) and not offline:
        return None
    try:
        folder = Path(snapshot_download(repo, revision=revision, local_files_only=True,
                                        allow_patterns=list(WANTED), ignore_patterns=list(UNWANTED)))
    except LocalEntryNotFoundError:
        return None
    if not offline and not all((folder / file.rfilename).is_file() for file in _listed(repo, revision)[1]):
        return None
    return Snapshot(folder, folder.name, compared=not offline)


def download(repo: str, revision: str, folder: Path, *, progress: Progress = lambda *_, **__: None) -> Snapshot:
    """The wanted files into `folder`, one after the other; a file that was cut off goes on where it was.

    Raises StageError with the remedy: no network, no such repository or revision, a licence not accepted, or bytes
    that are not the Hub's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    commit, files = _listed(repo, revision)
    with _told(repo, revision):
        meter = _Meter(progress, sum(file.size or 0 for file in files))
        for file in files:
            _get(file, hf_hub_url(repo, file.rfilename, revision=commit), folder / file.rfilename, meter)
    return Snapshot(folder, commit)


def _listed(repo: str, revision: str) -> tuple[str, list[RepoSibling]]:
    """The commit and its wanted files, as the Hub lists them."""
    with _told(repo, revision):
        found = HfApi().model_info(repo, revision=revision, files_metadata=True)
    return found.sha or revision, [file for file in found.siblings or () if is_wanted(file.rfilename)]


class _Meter:
    """Bytes here so far, of all files together."""

    def __init__(self, progress: Progress, total: int):
        self._progress, self._total, self._done = progress, total, 0

    def add(self, count: int) -> None:
        self._done += count
        self._progress("download", self._done, self._total)

    def bar(self) -> Any:
        """What huggingface_hub takes for a progress bar's class."""
        meter = self

        class Bar:
            def __init__(self, **_: Any) -> None: ...

            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None: ...

            def update(self, count: int) -> None:
                meter.add(count)

        return Bar


def _get(file: RepoSibling, url: str, target: Path, meter: _Meter) -> None:
    if target.exists():
        meter.add(target.stat().st_size)
        return
    part = target.with_name(f"{target.name}.part")
    with part.open("ab") as out:
        have = out.tell()
        meter.add(have)
        headers = build_hf_headers() | {"Accept-Encoding": "identity"}
        http_get(url, out, resume_size=have, expected_size=file.size, headers=headers, tqdm_class=meter.bar())
    if _digest(part, file) != (file.lfs.sha256 if file.lfs else file.blob_id):
        part.unlink()
        raise StageError(f"{file.rfilename}: what arrived is not what the Hub has. Run again: it is fetched anew.")
    part.rename(target)


def _digest(path: Path, file: RepoSibling) -> str:
    """As the Hub names it: the sha256 of a large file, git's name of a small one."""
    with path.open("rb") as content:
        if file.lfs:
            return hashlib.file_digest(content, "sha256").hexdigest()
        blob = content.read()
    return hashlib.sha1(b"blob %d\0" % len(blob) + blob, usedforsecurity=False).hexdigest()


@contextmanager
def _told(repo: str, revision: str) -> Iterator[None]:
    """The Hub's refusals in the user's words; the most particular class first."""
    page = f"https://huggingface.co/{repo}"
    try:
        yield
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
                         f"and run again; what is here already is kept. HF_HUB_OFFLINE=1 takes what your Hugging Face "
                         f"cache has. {ELSEWHERE}") from error
