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
SHELF = Path("/mnt")
"""Where further folders appear to it, by number."""
TAKE = f'''folder=$1 n=0; shift
[ "$1" = -- ] || mount -t tmpfs -o mode=0755 none {SHELF} || exit
while [ "$1" != -- ]; do mkdir {SHELF}/$n && mount --bind "$1" {SHELF}/$n || exit; n=$((n + 1)); shift; done
mount --bind "$folder" {REACHABLE} && shift && exec "$@"'''
"""The folder's own place may lie below REACHABLE, so that it is covered last."""


def is_root() -> bool:
    """Whether root has to be dropped."""
    return os.geteuid() == 0


def shelved(readable: Sequence[Path]) -> list[Path]:
    """Where each of them is to that user; raises SandboxError for one that SHELF would cover."""
    if hidden := [path for path in readable if path.is_relative_to(SHELF)]:
        raise SandboxError(f"sandbox: {hidden[0]} cannot be shown to a command that root runs. Install it outside "
                           f"{SHELF}, or run as an ordinary user.")
    return [SHELF / str(number) for number in range(len(readable))]


def dropped(folder: Path, readable: Sequence[Path], words: Sequence[str]) -> list[str]:
    """The words, run as an ordinary user in a mount namespace where the folder is REACHABLE, the rest on SHELF."""
    become = ("setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups", "--inh-caps=-all", "--")
    return ["unshare", "--mount", "--", "sh", "-c", TAKE, "sandbox", str(folder), *map(str, readable), "--",
            *become, *words]


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
