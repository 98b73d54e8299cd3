"""The system calls a command is refused (seccomp): other namespaces, kernel surface, memory that no limit counts."""
import errno
import os
from functools import lru_cache
from typing import Any

NEW_NAMESPACES = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
"""CLONE_NEWTIME, NS, CGROUP, UTS, IPC, USER, PID, NET: include/uapi/linux/sched.h."""
TYPED_FOR_THE_USER = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: input put into a terminal as if someone had typed it; include/uapi/asm-generic/ioctls.h."""
SET_USER_ID = 0o4000
MODES = (("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("creat", 1), ("open", 2), ("openat", 3),
         ("mknod", 1), ("mknodat", 2))
"""Calls that can make a program run as its owner, who outside is the user that runs us; which argument says so."""
ABSENT = ("clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create", "memfd_secret")
"""Programs do without: what is asked lies where a filter can't look, or is memory that no limit counts."""
FAMILIES = {"unix": 1, "inet": 2, "inet6": 10, "netlink": 16}
"""Sockets that the network namespace holds; others (vsock leads to the host of a virtual machine) it may not."""
NEWER = range(451, 512)
"""What Linux 6.5 and later brought, under one number on every machine; libseccomp may not know their names."""
REFUSED = (
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount",
    "fsconfig", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at", "quotactl", "quotactl_fd",
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "fanotify_init", "lookup_dcookie",
    "shmget", "shmat", "msgget", "semget", "mbind", "migrate_pages", "move_pages", "personality", "modify_ldt",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff",
    "acct", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "syslog", "vhangup", "ioperm", "iopl",
    "sethostname", "setdomainname", "nfsservctl", "uselib")


@lru_cache(maxsize=1)
def program() -> bytes:
    """The filter as the kernel reads it; calls of other architectures' tables end the caller."""
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in REFUSED:
        _refuse(rules, name, errno.EPERM)
    for name in ABSENT:
        _refuse(rules, name, errno.ENOSYS)
    for number in NEWER:
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), number)
    for flag in NEW_NAMESPACES:
        _refuse(rules, "clone", errno.EPERM, pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    for request in TYPED_FOR_THE_USER:
        _refuse(rules, "ioctl", errno.EPERM, pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    for name in ("socket", "socketpair"):
        for family in set(range(max(FAMILIES.values()))) - set(FAMILIES.values()):
            _refuse(rules, name, errno.EAFNOSUPPORT, pyseccomp.Arg(0, pyseccomp.EQ, family))
        _refuse(rules, name, errno.EAFNOSUPPORT, pyseccomp.Arg(0, pyseccomp.GT, max(FAMILIES.values())))
    for name, place in MODES:
        _refuse(rules, name, errno.EPERM, pyseccomp.Arg(place, pyseccomp.MASKED_EQ, SET_USER_ID, SET_USER_ID))
    return _exported(rules)


def _refuse(rules: Any, name: str, code: int, *arguments: Any) -> None:
    """A rule, where this machine and its libseccomp know the call at all."""
    import pyseccomp

    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    if number >= 0:
        rules.add_rule(pyseccomp.ERRNO(code), number, *arguments)


def _exported(rules: Any) -> bytes:
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
