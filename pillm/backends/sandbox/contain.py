"""bubblewrap at work around one command: what it is given, and that nothing of it is left."""
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic

from pillm.backends.sandbox.limits import EACH_PROCESS
from pillm.backends.sandbox.listen import Heard, Pipes, listen
from pillm.backends.sandbox.ran import Ran
from pillm.backends.sandbox.syscalls import program
from pillm.backends.sandbox.user import REACHABLE, dropped, give, is_root, shelved
from pillm.backends.sandbox.view import ACCOUNTS, CLOSED, libraries, options
from pillm.backends.sandbox.watch import gone_beyond, size
from pillm.errors import SandboxError

FIRST = f'prlimit {" ".join(EACH_PROCESS)} -- bash --noprofile --norc -c "$0"; exit $?'
"""What process 1 does. When it ends the kernel ends all others, and only then does bubblewrap end.

Not bubblewrap's own process 1: that outlives bubblewrap, and is left to whoever takes orphans, which may be nobody.
"""
KILLED = 128 + signal.SIGKILL
GRACE_S = 10.0
"""For the kernel to end all processes of a command that is killed."""

Process = subprocess.Popen[bytes]


def contained(command: bytes, folder: Path, timeout_s: float, stdin: bytes = b"",
              readable: Sequence[Path] = ()) -> Ran:
    """Run it; raises SandboxError with bubblewrap's own words where it could not be contained."""
    before, began = size(folder), monotonic()
    if is_root():
        if before.uncounted:
            raise SandboxError(f"sandbox: {folder} is too deep or has too many files. Begin with another.")
        give(folder)
    with _started(command, folder, stdin, readable) as (process, pipes):
        heard = listen(pipes, began + timeout_s, lambda: gone_beyond(process.pid, folder, before))
        code = _ended(process, heard)
    if heard.beyond is None and b'"exit-code"' not in heard.status:
        raise SandboxError(f"sandbox: {_last_line(heard.stderr)}. Nothing was run.")
    return Ran(code, heard.stdout, heard.stderr, heard.beyond == "time", monotonic() - began, heard.beyond)


@contextmanager
def _started(command: bytes, folder: Path, stdin: bytes, readable: Sequence[Path]) -> Iterator[tuple[Process, Pipes]]:
    with ExitStack() as ours, ExitStack() as given:
        status, told = os.pipe()
        ours.callback(os.close, status)
        given.callback(os.close, told)
        words, files = _bubblewrap(folder, readable, told, given)
        said = _held(stdin, given) if stdin else subprocess.DEVNULL
        process = ours.enter_context(subprocess.Popen(
            [*words, "sh", "-c", FIRST, command], cwd="/", umask=0o022, pass_fds=(told, *files),
            env={"PATH": os.environ.get("PATH", os.defpath)}, stdin=said, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE))
        ours.callback(process.kill)  # does nothing where it has ended; the command dies with it
        given.close()
        assert process.stdout and process.stderr
        yield process, Pipes(process.stdout.fileno(), process.stderr.fileno(), status)


def _bubblewrap(folder: Path, readable: Sequence[Path], told: int, given: ExitStack) -> tuple[list[str], list[int]]:
    """Its command line, and the files passed open to it; `--args` keeps the options out of /proc/1/cmdline."""
    words, files = ["--json-status-fd", str(told)], []
    for at, text in ACCOUNTS.items():
        files.append(_held(text.encode(), given))
        words += ["--perms", "0644", "--file", str(files[-1]), at]
    files.append(_held(program(), given))
    words += ["--seccomp", str(files[-1]), *options(Path(REACHABLE) if is_root() else folder),
              *libraries(readable, shelved(readable) if is_root() else readable), *CLOSED]
    files.append(_held("\0".join(words).encode(), given))
    started = ["bwrap", "--args", str(files[-1]), "--"]
    return (dropped(folder, readable, started) if is_root() else started), files


def _held(content: bytes, given: ExitStack) -> int:
    """A file in memory with this content, open at its beginning."""
    file = os.memfd_create("given")
    given.callback(os.close, file)
    with open(file, "wb", closefd=False) as opened:
        opened.write(content)
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _ended(process: Process, heard: Heard) -> int:
    """How the command ended, by itself or now; no process of it is left then."""
    if not heard.beyond:
        return _waited(process)
    first = re.search(rb'"child-pid": (\d+)', heard.status)
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it has ended meanwhile, and bubblewrap is about to
            os.kill(int(first[1]) if first else process.pid, signal.SIGKILL)
    _waited(process)
    return KILLED


def _waited(process: Process) -> int:
    try:
        return process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        raise SandboxError(f"sandbox: processes of the command did not end within {GRACE_S:.0f} s. Run again on a "
                           "machine that has less to do.") from None


def _last_line(text: bytes) -> str:
    return (text.decode(errors="replace").strip().splitlines() or ["bubblewrap ended without a word"])[-1]
