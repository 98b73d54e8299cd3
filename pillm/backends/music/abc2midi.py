"""abc2midi, given a stranger's tune: it is a C program, so it reads it in the sandbox."""
import re
import shutil
from dataclasses import dataclass

from pillm.backends import sandbox

TIMEOUT_S = 4.0
COMPLAINT = re.compile(r"^((?:Warning|Error) .*)$", re.MULTILINE)
PLACE = re.compile(r" in line-char \d+-\d+ : (?:Track 0 )?")


@dataclass(frozen=True)
class Read:
    """What came of it."""

    complaints: tuple[str, ...]
    """Warnings and errors in its own words."""
    midi: bytes
    """The file that it made, or nothing."""


def missing() -> str | None:
    """Why it cannot be asked, with the remedy."""
    if not shutil.which("abc2midi"):
        return "abc2midi is not installed. Run `apt-get install abcmidi`."
    return sandbox.missing()


def read(text: str) -> Read:
    """Raises SandboxError where it cannot be contained."""
    with sandbox.folder() as folder:
        (folder / "tune.abc").write_text(text, "utf-8", errors="replace")
        ran = sandbox.run("abc2midi tune.abc -o tune.mid", folder, timeout_s=TIMEOUT_S)
        made = folder / "tune.mid"
        midi = made.read_bytes() if made.is_file() and not made.is_symlink() else b""
    if ran.beyond or ran.code:
        return Read((f"it ended with code {ran.code}",), b"")
    said = COMPLAINT.findall(ran.stdout.decode(errors="replace"))
    return Read(tuple(PLACE.sub(": ", line) for line in said), midi)
