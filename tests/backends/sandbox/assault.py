"""A program that runs the attacks, contained, and says what harm each did: started in a PID namespace of its own."""
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import psutil
import yaml

from pillm.backends import sandbox
from pillm.backends.sandbox.user import ORDINARY, is_root
from pillm.serve.checkers import CHECKERS

SHORT_S, LONG_S = 0.5, 20.0
"""For an attack that only time ends, and for the others."""
SECRET = "canary-4d0a"
CALLS = ("memfd_create", "unshare", "clone", "fsopen", "ptrace", "add_key", "keyctl", "bpf", "perf_event_open",
         "userfaultfd", "io_uring_setup", "open_by_handle_at", "init_module", "setns", "pivot_root", "process_vm_readv")
CHMOD_ANY = 452
"""fchmodat2, on every machine."""
QUESTION = {"trees": [{"files": {"notes.txt": "hello\n"}}], "state": [{"report.txt": {"text": f"{SECRET}\n"}}]}


def same_user() -> dict:
    """For subprocess: a process that the kernel would let a command of ours kill."""
    return {"user": ORDINARY, "group": ORDINARY, "extra_groups": []} if is_root() else {}


class World:
    """What an attack could harm."""

    def __init__(self, place: Path) -> None:
        place.chmod(0o755)
        self.outside = place / "outside"
        self.outside.mkdir()
        self.outside.chmod(0o777)
        for name in ("canary", "secret"):
            (self.outside / name).write_text(f"{SECRET}\n", "utf-8")
            (self.outside / name).chmod(0o666)
        self.servers = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX),
                        socket.socket(socket.AF_UNIX)]
        self.port = self.servers[0].getsockname()[1]
        self.servers[1].bind(f"\0pillm-{self.port}")
        self.servers[2].bind(str(self.outside / "socket"))
        (self.outside / "socket").chmod(0o777)
        self.visits = 0
        for server in self.servers:
            server.listen()
            threading.Thread(target=self._receive, args=(server,), daemon=True).start()
        self.bystander = subprocess.Popen(["sleep", "600"], **same_user())
        self.before = self.now()

    def _receive(self, server: socket.socket) -> None:
        while True:
            connection, _ = server.accept()
            self.visits += 1
            connection.close()

    def now(self) -> dict:
        """What must be the same afterwards."""
        return {"outside": {file.name: file.read_text() if file.is_file() else "" for file in
                            sorted(self.outside.glob("*"))},
                "bystander": self.bystander.poll() is None, "visits": self.visits, "host": socket.gethostname(),
                "processes": sorted(psutil.pids()), "strays": [str(stray) for stray in self.strays()],
                "core": Path("/proc/sys/kernel/core_pattern").read_text()}

    def strays(self) -> list[Path]:
        folders = ("/", "/etc", "/dev", "/usr/local/bin", "/tmp")
        return [at for folder in folders if (at := Path(folder, "pillm-canary")).exists()]

    def harm(self) -> list[str]:
        """What is not as it was; given a moment, for the kernel tells of deaths late."""
        for _ in range(20):
            now = self.now()
            if now == self.before:
                return []
            sleep(0.05)
        was, self.before = self.before, now
        return [f"{what}: {was[what]} became {now[what]}" for what in now if now[what] != was[what]]


def contained(world: World, command: str, timeout_s: float) -> dict:
    """One attack, run in a folder and then given as an answer to the checker."""
    with sandbox.folder() as folder:
        (folder / "notes.txt").write_text("hello\n", "utf-8")
        ran = sandbox.run(command, folder, timeout_s=timeout_s)
        harm = world.harm() + list(_harm_in(folder))
    if SECRET in (ran.stdout + ran.stderr).decode(errors="replace"):
        harm.append("it read the secret")
    score = CHECKERS["execution"](f"```bash\n{command}\n```", QUESTION | {"timeout_s": timeout_s})["score"]
    return {"code": ran.code, "said": ran.stdout.decode(errors="replace")[:4000], "beyond": ran.beyond,
            "told": ran.stderr.decode(errors="replace")[:4000], "seconds": ran.seconds, "score": score,
            "harm": harm + world.harm()}


def _harm_in(folder: Path) -> Iterator[str]:
    folder.chmod(0o700)
    grown_mib = sum(found.st_blocks * 512 for found in _below(folder)) / 2**20
    if grown_mib > 600:
        yield f"the folder has {grown_mib:.0f} MiB"
    if any(found.st_mode & 0o4000 for found in _below(folder)):
        yield "a program runs as its owner"


def _below(folder: Path) -> Iterator[os.stat_result]:
    for _, folders, files, within in os.fwalk(folder, follow_symlinks=False):
        folders[:] = folders if _shallow(within) else []
        yield from (os.stat(name, dir_fd=within, follow_symlinks=False) for name in (*folders, *files))


def _shallow(within: int) -> bool:
    return os.readlink(f"/proc/self/fd/{within}").count("/") < 200


def uncontained(world: World, command: str) -> list[str]:
    """The harm of a command without the sandbox, which shows that harm is seen."""
    subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=10, **same_user())
    sleep(0.3)  # for the servers to count a visit; a late one of an attack is told with the next
    return world.harm()


def words(world: World, command: str) -> str:
    """The command with the places and numbers of this run."""
    import pyseccomp

    numbers = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in CALLS}
    known = numbers | {"outside": world.outside, "port": world.port, "bystander": world.bystander.pid,
                       "chmod_any": CHMOD_ANY}
    return re.sub(r"@(\w+)@", lambda found: str(known[found[1]]), command)


@contextmanager
def worlds(place: Path) -> Iterator[World]:
    made = World(place)
    try:
        yield made
    finally:
        made.bystander.kill()
        made.bystander.wait()


def main() -> None:
    place, attacks = Path(sys.argv[1]), yaml.safe_load(Path(sys.argv[2]).read_text("utf-8"))
    os.environ["SECRET"] = SECRET
    result: dict = {"contained": {}, "uncontained": {}}
    (place / "one").mkdir()
    with worlds(place / "one") as world:
        for ended_by, some in attacks.items():
            for name, command in some.items():
                timeout_s = SHORT_S if ended_by == "time" else LONG_S
                result["contained"][name] = contained(world, words(world, command), timeout_s)
    for name in sys.argv[3:]:
        (place / name).mkdir()
        with worlds(place / name) as world:
            result["uncontained"][name] = uncontained(world, words(world, attacks["itself"][name]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
