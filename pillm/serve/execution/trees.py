"""A tree, planted: files, folders and links with their modes and times."""
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any

from pillm.serve.execution.argument import File, Tree, above

FILE_MODE, FOLDER_MODE = 0o644, 0o755
WRITTEN = datetime(2024, 1, 1, 12, tzinfo=UTC).timestamp()
"""Of files whose time is not said: two trees are alike whenever they are planted."""


def plant(tree: Tree | Mapping[str, Any], folder: Path) -> None:
    """Make the files of a tree in an empty folder; folders that its paths lie in are made too."""
    files = Tree.model_validate(tree).files
    folders = {path.rstrip("/"): File() for path in files for path in above(path)}
    folders |= {path.rstrip("/"): file for path, file in files.items() if path.endswith("/")}
    for path in sorted(folders):
        (folder / path).mkdir()
    for path, file in files.items():
        if not path.endswith("/"):
            _make(folder / path, file)
    for path in sorted(folders, reverse=True):
        _finish(folder / path, folders[path], FOLDER_MODE)
    os.utime(folder, (WRITTEN, WRITTEN))


def mode(file: File, otherwise: int = FILE_MODE) -> int:
    """As a number."""
    return int(file.mode, 8) if file.mode else otherwise


def written(file: File) -> float:
    """When it was, in seconds since 1970."""
    if file.age_s is not None:
        return time() - file.age_s
    return file.mtime.timestamp() if file.mtime else WRITTEN


def _make(at: Path, file: File) -> None:
    if file.link is not None:
        at.symlink_to(file.link)
        os.utime(at, (written(file), written(file)), follow_symlinks=False)
        return
    at.write_bytes((file.text or "").encode("utf-8", "surrogatepass"))
    if file.size:
        with at.open("r+b") as opened:
            os.posix_fallocate(opened.fileno(), 0, file.size)
    _finish(at, file, FILE_MODE)


def _finish(at: Path, file: File, otherwise: int) -> None:
    at.chmod(mode(file, otherwise))
    os.utime(at, (written(file), written(file)))
