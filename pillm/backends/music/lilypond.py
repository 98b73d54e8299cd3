"""LilyPond: one process for all texts, since it takes two seconds to start and a tenth of one for a tune."""
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from pillm.errors import DataError

READ_EACH = Path(__file__).with_name("read_each.ly")


@dataclass(frozen=True)
class Running:
    """A process that waits for names of files in its folder."""

    names: IO[str]
    said: IO[str]
    folder: "TemporaryDirectory[str]"


def missing() -> str | None:
    """Why it cannot be asked, with the remedy."""
    return None if shutil.which("lilypond") else "lilypond is not installed. Run `apt-get install lilypond`."


def midi(text: str) -> bytes:
    r"""What it makes of our own text, which has a \midi block; LilyPond runs programs in texts, so give it no others.

    Raises DataError with what it complains of.
    """
    folder = Path(_started().folder.name)
    (folder / "tune.ly").write_text(text, "utf-8")
    said = _read("tune.ly")
    made = [file.read_bytes() for file in folder.glob("tune*.mid*")]
    for file in folder.glob("tune*"):
        file.unlink()
    if said or len(made) != 1:
        raise DataError(f"lilypond: {said.splitlines()[0] if said else f'it made {len(made)} MIDI files'}")
    return made[0]


def _read(name: str) -> str:
    """What it says of a file."""
    running = _started()
    running.names.write(f"{name}\n")
    running.names.flush()
    said: list[str] = []
    for line in running.said:
        if line == "READ\n":
            return "".join(said)
        said.append(line)
    raise DataError(f"lilypond ended by itself: {''.join(said)[-200:]}")


@cache
def _started() -> Running:
    """It ends when our end of its input does."""
    folder = TemporaryDirectory(prefix="pillm-lilypond-")
    process = subprocess.Popen(["lilypond", "-s", "-dno-print-pages", READ_EACH], cwd=folder.name, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stdin and process.stderr
    return Running(process.stdin, process.stderr, folder)
