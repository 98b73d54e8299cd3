"""What training computes with on this machine, found without loading torch."""
from typing import Literal

from pillm import installed
from pillm.backends.machine import machine, processor_features

BF16_SINCE = (8, 0)
"""Compute capability of the first GPUs with bf16 (Ampere)."""

BF16_PROCESSORS = {"amx_bf16", "avx512_bf16"}
"""Features by which matrix products take a fraction of fp32's time: an eighth by tiles (Intel AMX), half by dot
products (AVX-512 BF16)."""


def cores() -> int:
    """Processor cores that this process may use."""
    return machine().cores


def has_gpu() -> bool:
    """Whether there is a GPU, and the installed torch was built for it."""
    return bool(machine().gpus) and not (installed.version("torch") or "").endswith("+cpu")


def fastest_dtype() -> Literal["fp32", "bf16"]:
    """bf16 where a GPU has it, or the processor multiplies it: BF16_PROCESSORS."""
    return "bf16" if BF16_PROCESSORS & processor_features() else training_dtype()


def training_dtype() -> Literal["fp32", "bf16"]:
    """bf16 where the first GPU has it; on a processor fp32, since few compute bf16 faster."""
    if not has_gpu():
        return "fp32"
    major, minor = machine().gpus[0].compute_capability.split(".")
    return "bf16" if (int(major), int(minor)) >= BF16_SINCE else "fp32"
