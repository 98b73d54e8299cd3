"""What others call: a command, refused where it cannot be contained."""
from collections.abc import Sequence
from pathlib import Path

from pillm.backends.sandbox.available import missing
from pillm.backends.sandbox.limits import COMMAND_BYTES
from pillm.backends.sandbox.ran import Ran
from pillm.errors import SandboxError


def run(command: str, folder: Path, *, timeout_s: float = 4.0, stdin: bytes = b"",
        readable: Sequence[Path] = ()) -> Ran:
    """Run a line or script of bash in the folder, which is its home and changes in place.

    `readable` are further folders that it may read where they are, such as an interpreter's.

    For root, the folder and all in it are given to an ordinary user. Raises SandboxError where the command cannot be
    contained; what the command itself does wrong is in what comes back.
    """
    from pillm.backends.sandbox.contain import contained

    given = command.encode("utf-8", "surrogatepass")
    if b"\0" in given or len(given) > COMMAND_BYTES:
        raise SandboxError(f"sandbox: a command has at most {COMMAND_BYTES} bytes, and no NUL. Shorten it.")
    if told := missing():
        raise SandboxError(told)
    return contained(given, folder.resolve(strict=True), timeout_s, stdin, readable)
