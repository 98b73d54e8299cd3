"""How much memory programs hold."""
import os

import psutil


def resident_mib() -> float:
    """Of this process and its children (such as a llama-server), mapped files included."""
    return resident_bytes(os.getpid()) / 2**20


def resident_bytes(pid: int) -> int:
    """Of a process and all below it; what has ended by now holds none."""
    try:
        whole = psutil.Process(pid)
        return sum(_resident(process) for process in (whole, *whole.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0
