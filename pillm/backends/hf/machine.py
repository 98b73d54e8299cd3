"""What this machine computes with, found without loading torch."""
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Literal


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def has_gpu() -> bool:
    """Whether an NVIDIA driver is there, a GPU is not hidden, and torch was built for it."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "all") in ("", "-1")
    return Path("/dev/nvidiactl").exists() and not hidden and not version("torch").endswith("+cpu")


def training_dtype() -> Literal["fp32", "bf16"]:
    """bf16 on a GPU; on a processor fp32, since few compute bf16 faster."""
    return "bf16" if has_gpu() else "fp32"
