"""What a model needs on a device, before it is there: memory and tokens/s from a few formulas.

memory   = file + KV cache + compute buffers + RUNTIME_BYTES
file     = parameters × bits per weight / 8
KV cache = 2 (keys, values) × layers × context × kv_heads × head_dim × bytes per value
buffers  = 512 × vocabulary × 4 bytes: the logits of one batch are the largest of them
tokens/s = bandwidth / (file + KV cache filled so far), an upper bound: each token reads every weight once
"""
from collections.abc import Mapping
from typing import Any

GIB = 2**30

BITS_PER_WEIGHT = {
    "f32": 32.0, "f16": 16.0, "bf16": 16.0, "Q8_0": 8.5, "Q6_K": 6.5633, "Q5_K_M": 5.7036, "Q5_K_S": 5.5704,
    "Q5_1": 6.0, "Q4_1": 5.0, "Q4_K_M": 4.8944, "Q4_K_S": 4.6672, "Q4_0": 4.5, "Q3_K_M": 4.0,
}
"""Mixtures (K): llama.cpp tools/quantize/README.md, measured on Llama 3.1 8B (Q3_K_M: TinyLlama 1.1B's file).
The others from their block layout (ggml-common.h): 32 weights take 34, 24, 20, 18 bytes in Q8_0, Q5_1, Q4_1, Q4_0."""

BATCH = 512
"""Tokens that llama.cpp computes at once (n_ubatch)."""

RUNTIME_BYTES = 50 * 2**20
"""The program itself: measured at 35 MiB beside a 12 MiB model with a vocabulary of 400."""

RESERVE_GIB = 0.75
"""What the operating system keeps, where a device's part does not say."""


def model_bytes(parameters: int, bits: float) -> int:
    """Size of a file of so many weights at so many bits each (BITS_PER_WEIGHT)."""
    return round(parameters * bits / 8)


def kv_cache_bytes(shape: Mapping[str, Any], context: int, bytes_per_value: int = 2) -> int:
    """Keys and values of a full context; llama.cpp keeps them in f16, two bytes each."""
    head_dim = shape.get("head_dim") or shape["hidden"] // shape["heads"]
    return 2 * shape["layers"] * context * shape["kv_heads"] * head_dim * bytes_per_value


def buffer_bytes(shape: Mapping[str, Any]) -> int:
    """llama.cpp says 66.5 MiB for TinyLlama and 298.5 MiB for Qwen 2.5 0.5B; this, 62.5 and 296.75."""
    return BATCH * shape["vocab"] * 4


def memory_bytes(file_bytes: int, shape: Mapping[str, Any], context: int) -> int:
    """What a process needs that holds one conversation of this length."""
    return file_bytes + kv_cache_bytes(shape, context) + buffer_bytes(shape) + RUNTIME_BYTES


def fits(needed_bytes: int, ram_gib: float, reserve_gib: float = RESERVE_GIB) -> bool:
    """Whether it goes into the device's memory beside what the operating system keeps."""
    return needed_bytes <= (ram_gib - reserve_gib) * GIB


def tokens_per_s(bandwidth_gb_per_s: float, bytes_per_token: int) -> float:
    """Decode speed where memory is the limit; a model of a few MB is held back by the processor before."""
    return bandwidth_gb_per_s * 1e9 / bytes_per_token
