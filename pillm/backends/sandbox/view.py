"""What a command sees: the machine's programs, a home of its own, and nothing else; as bubblewrap's options."""
from collections.abc import Iterator, Sequence
from pathlib import Path

from pillm.backends.sandbox.limits import SCRATCH_BYTES

HOME = "/home/u"
USER = 65534
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": HOME, "USER": "u", "LOGNAME": "u", "SHELL": "/bin/bash", "TERM": "dumb",
               "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""Sorting and dates must not depend on who asks."""
ACCOUNTS = {
    "/etc/passwd": f"root:x:0:0:root:/root:/bin/bash\nu:x:{USER}:{USER}::{HOME}:/bin/bash\n",
    "/etc/group": f"root:x:0:\nu:x:{USER}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
}
APART = ("--unshare-all", "--unshare-user", "--as-pid-1", "--disable-userns", "--die-with-parent", "--new-session",
         "--cap-drop", "ALL", "--uid", str(USER), "--gid", str(USER), "--hostname", "sandbox", "--clearenv")
"""Namespaces of its own (network, processes, mounts, users, …), none within them, no terminal, no privilege."""
CLOSED = ("--remount-ro", "/", "--remount-ro", "/dev", "--chdir", HOME)
"""What comes last, when everything is in its place."""
SHARED_FOLDERS = ("/etc/alternatives", "/etc/ld.so.cache")
PROC_FOLDERS = ("sys", "irq", "bus", "fs", "acpi", "scsi", "driver", "tty", "sysvipc")
PROC_FILES = ("kcore", "keys", "key-users", "cmdline", "kallsyms", "sysrq-trigger", "sched_debug", "timer_list",
              "kmsg", "kpagecount", "kpageflags", "kpagecgroup", "config.gz", "modules", "slabinfo", "vmallocinfo")
"""Of the kernel, not of the command's processes: covered where this machine has them."""


def options(folder: Path) -> list[str]:
    """All of them but the files that are passed open, further folders, and CLOSED."""
    return [*APART, *(word for name, value in ENVIRONMENT.items() for word in ("--setenv", name, value)),
            *_programs(), *_kernel(), *_home(folder)]


def libraries(places: Sequence[Path], sources: Sequence[Path]) -> list[str]:
    """Further folders to read: where the command finds each, and where it lies for bubblewrap."""
    pairs = zip(places, sources, strict=True)
    return [word for place, source in pairs for word in ("--ro-bind", str(source), str(place))]


def _programs() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        at = Path("/", name)
        if at.is_symlink():
            yield from ("--symlink", str(at.readlink()), str(at))
        elif at.is_dir():
            yield from ("--ro-bind", str(at), str(at))
    yield from ("--perms", "0755", "--dir", "/etc")
    for shared in SHARED_FOLDERS:
        yield from ("--ro-bind-try", shared, shared)


def _kernel() -> Iterator[str]:
    yield from ("--proc", "/proc", "--dev", "/dev")
    for name in PROC_FOLDERS:
        if Path("/proc", name).is_dir():
            yield from ("--tmpfs", f"/proc/{name}", "--remount-ro", f"/proc/{name}")
    for name in PROC_FILES:
        if Path("/proc", name).exists():
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")


def _home(folder: Path) -> Iterator[str]:
    for scratch in ("/tmp", "/home"):
        yield from ("--size", str(SCRATCH_BYTES), "--perms", "1777" if scratch == "/tmp" else "0755",
                    "--tmpfs", scratch)
    yield from ("--bind", str(folder), HOME)
