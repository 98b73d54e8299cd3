"""One file in two places."""
import os
import shutil
from pathlib import Path


def link_or_copy(source: Path, target: Path) -> None:
    """The same bytes at `target`, without the space where the file system can."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
