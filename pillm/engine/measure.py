"""What a piece of work cost: seconds, CPU seconds, peak memory."""
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLEAR_PEAK = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Filled when the work ends: seconds, cpu_s (with finished children), peak_rss_mib of this process."""
    _reset_peak()
    found: dict[str, float] = {}
    started, cpu = time.perf_counter(), _cpu_s()
    try:
        yield found
    finally:
        found |= {"seconds": round(time.perf_counter() - started, 3), "cpu_s": round(_cpu_s() - cpu, 3),
                  "peak_rss_mib": round(_peak_mib(), 1)}


def _cpu_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _reset_peak() -> None:
    """Linux forgets the high-water mark on request (man 5 proc, clear_refs: 5); elsewhere it is the process's."""
    try:
        CLEAR_PEAK.write_text("5")
    except OSError:
        return


def _peak_mib() -> float:
    if STATUS.exists():
        line = next((line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:")), None)
        if line:
            return int(line.split()[1]) / 1024
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20
