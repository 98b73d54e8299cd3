"""Who a command runs as outside: never root, for whom the kernel's limits don't hold."""
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from pillm.errors import SandboxError

ORDINARY = 65534
"""The user and group that root becomes: nobody."""
REACHABLE = "/tmp"
"""Where the folder appears to the user that root becomes, who may not reach the folder's own place."""
TAKE = f'mount --bind "$1" {REACHABLE} && shift && exec "$@"'


def is_root() -> bool:
    """Whether root has to be dropped."""
    return os.geteuid() == 0


def dropped(folder: Path, words: Sequence[str]) -> list[str]:
    """The words, to be run as an ordinary user in a mount namespace where the folder is REACHABLE."""
    become = ("setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups", "--inh-caps=-all", "--")
    return ["unshare", "--mount", "--", "sh", "-c", TAKE, "sandbox", str(folder), *become, *words]


def give(folder: Path) -> None:
    """Make the ordinary user the owner of a folder and all in it; no link is followed. Raises SandboxError."""
    try:
        for _, folders, files, within in os.fwalk(folder, follow_symlinks=False):
            for name in (".", *folders, *files):
                _give(name, within)
    except OSError as error:
        raise SandboxError(f"sandbox: a folder cannot be given to user {ORDINARY} ({error.strerror}). "
                           f"Nothing was run.") from error


def _give(name: str, within: int) -> None:
    """Change the owner where it is another, and keep the mode, of which Linux then clears bits."""
    was = os.stat(name, dir_fd=within, follow_symlinks=False)
    if was.st_uid == ORDINARY:
        return
    os.chown(name, ORDINARY, ORDINARY, dir_fd=within, follow_symlinks=False)
    if stat.S_ISREG(was.st_mode) and was.st_mode & 0o6000:
        os.chmod(name, stat.S_IMODE(was.st_mode), dir_fd=within)
