"""What this machine is made of, told without torch: processor, memory, GPUs."""
import ctypes as c
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Of a container under control groups 2; bytes or `max`."""
CUDA_SUCCESS = 0
COMPUTE_CAPABILITY_MAJOR, COMPUTE_CAPABILITY_MINOR = 75, 76
"""CU_DEVICE_ATTRIBUTE_… of cuda.h."""
NAME_ROOM = 256


@dataclass(frozen=True)
class Gpu:
    """An NVIDIA GPU that CUDA may use."""

    name: str
    memory_gib: float
    compute_capability: str
    """`9.0`"""


@dataclass(frozen=True)
class Machine:
    """What speed and feasibility depend on."""

    cpu: str
    arch: str
    system: str
    cores: int
    """That this process may use."""
    ram_gib: float
    gpus: tuple[Gpu, ...]


@cache
def machine() -> Machine:
    """This machine."""
    return Machine(cpu=_cpu(), arch=platform.machine(), system=platform.system(), cores=_cores(), ram_gib=ram_gib(),
                   gpus=tuple(gpus()))


@cache
def processor_features() -> frozenset[str]:
    """Linux's names of what the processor can do (`avx2`, `amx_bf16`); empty elsewhere."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    return frozenset(next((line.split(":")[1] for line in lines if line.startswith(("flags", "Features"))), "").split())


def fingerprint() -> dict[str, Any]:
    """The same for as long as the hardware is the same: no load, clock, host name or free memory."""
    return asdict(machine()) | {"gpus": [asdict(gpu) for gpu in machine().gpus]}


def gpus() -> list[Gpu]:
    """NVIDIA GPUs by the driver's own library; none where it is not installed or finds none."""
    names = {"linux": "libcuda.so.1", "win32": "nvcuda.dll"}
    if sys.platform not in names:
        return []
    driver, count = open_library(names[sys.platform]), c.c_int()
    if driver is None or driver.cuInit(0) != CUDA_SUCCESS or driver.cuDeviceGetCount(c.byref(count)) != CUDA_SUCCESS:
        return []
    return [_gpu(driver, i) for i in range(count.value)]


def open_library(name: str) -> Any:
    """A shared library, or None where there is none: to try is the only way to ask."""
    try:
        return c.CDLL(name)
    except OSError:
        return None


def _gpu(driver: Any, index: int) -> Gpu:
    device, name, memory = c.c_int(), c.create_string_buffer(NAME_ROOM), c.c_size_t()
    driver.cuDeviceGet(c.byref(device), index)
    driver.cuDeviceGetName(name, NAME_ROOM, device)
    driver.cuDeviceTotalMem_v2(c.byref(memory), device)
    major, minor = c.c_int(), c.c_int()
    driver.cuDeviceGetAttribute(c.byref(major), COMPUTE_CAPABILITY_MAJOR, device)
    driver.cuDeviceGetAttribute(c.byref(minor), COMPUTE_CAPABILITY_MINOR, device)
    return Gpu(name.value.decode(), round(memory.value / 2**30, 1), f"{major.value}.{minor.value}")


def _cpu() -> str:
    """The processor's name: `model name` on x86, `Model` of the board on a Raspberry Pi."""
    if CPUINFO.exists():
        facts = dict(_pair(line) for line in CPUINFO.read_text().splitlines() if ":" in line)
        return facts.get("model name") or facts.get("Model") or platform.machine()
    if sys.platform == "darwin":
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return platform.processor() or platform.machine()


def _pair(line: str) -> tuple[str, str]:
    key, value = line.split(":", 1)
    return key.strip(), value.strip()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ram_gib() -> float:
    """Of the machine, or of the container that this is."""
    ram = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = MEMORY_LIMIT.read_text().strip() if MEMORY_LIMIT.exists() else ""
    return round(min(ram, int(limit) if limit.isdigit() else ram) / 2**30, 1)
