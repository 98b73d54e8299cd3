"""A folder for a command, and its removal: what a stranger left can be deep, closed, or a link to elsewhere."""
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder() -> Iterator[Path]:
    """A new one that only this user can enter; it is gone afterwards, whatever is in it."""
    made = Path(tempfile.mkdtemp(prefix="pillm-sandbox-"))
    try:
        yield made
    finally:
        _remove(made)


def _remove(made: Path) -> None:
    """By rm and chmod, which follow no link below the folder and go as deep as it is."""
    remove = ["rm", "-rf", "--one-file-system", "--", str(made)]
    if subprocess.run(remove, stderr=subprocess.DEVNULL, check=False).returncode:
        subprocess.run(["chmod", "-R", "u+rwx", "--", str(made)], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(remove, check=True)
