"""A folder for a command, and its removal: what a stranger left can be deep, closed, or a link to elsewhere."""
import shutil
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
    """No link is followed. What is closed or too deep for Python is removed by chmod and rm."""
    try:
        shutil.rmtree(made)
    except (OSError, RecursionError):
        subprocess.run(["chmod", "-R", "u+rwx", "--", str(made)], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["rm", "-rf", "--", str(made)], check=True)
