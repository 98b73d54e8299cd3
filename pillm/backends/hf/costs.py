"""What training and merging cost, from a model's sizes: the formulas behind a plan."""
from dataclasses import dataclass
from typing import Any

from pillm.backends.hf.machine import has_gpu
from pillm.backends.hf.options import Lora, Training

GIB = 2**30
BYTES = {"fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "4bit": 0.56}
"""Bytes of a weight; 4 bits and their scales (arXiv 2305.14314, section 3: 0.127 bits with double quantization)."""
ADAM_BYTES = 16
"""Of a trained weight: itself, its gradient and two moments, in fp32."""
RUNTIME_GIB = 0.8
"""torch, transformers and peft, before any weight."""
CORE_FLOPS = 5e10
"""A core's fp32 matrix product on AVX2; AVX-512 reached 1.1e11 (bench/sft_speed.py)."""
GPU_FLOPS = 5e13
"""What bf16 training of 1e9 parameters reaches on a consumer GPU of 2022."""
UNKNOWN_ROWS = 1000
"""Chats of a data set that nobody has counted yet."""
ROW_TOKENS = 200
"""Tokens of a chat nobody has measured; a shorter context bounds it."""
SAYS = 0.4
"""Share of a chat's tokens that the assistant says, and for which logits are made."""
AVERAGE_BYTES = 4
"""Of a trained weight whose moving average is kept."""
CHECKPOINTS = 3
LOGITS_GIB = 3
"""The most that a merge holds of logits to compare."""


@dataclass(frozen=True)
class Sizes:
    """A decoder-only transformer."""

    parameters: int
    hidden: int
    layers: int
    heads_width: int
    kv_width: int
    ffn: int
    vocab: int

    @classmethod
    def of(cls, model: dict[str, Any]) -> "Sizes":
        """From a recipe's model: parameters and shape."""
        shape = model["shape"]
        head = shape.get("head_dim") or shape["hidden"] // shape["heads"]
        return cls(model["parameters"], shape["hidden"], shape["layers"], shape["heads"] * head,
                   shape["kv_heads"] * head, shape["ffn"], shape["vocab"])

    def adapter(self, rank: int) -> int:
        """Weights of a LoRA on all linear layers: rank · Σ (inputs + outputs)."""
        attention = 2 * (self.hidden + self.heads_width) + 2 * (self.hidden + self.kv_width)
        return rank * self.layers * (attention + 3 * (self.hidden + self.ffn))


def training(
    model: dict[str, Any], training: Training, lora: Lora | None, *, context: int, dtype: str, threads: int,
) -> dict[str, float]:
    """Seconds, memory and disk of a fine-tuning.

    FLOP = tokens · N · (6 for all weights, 4 with an adapter, whose frozen weights need no gradient of their own;
    2 more with gradient checkpointing). Tokens = steps · tokens of a step, or epochs · 1000 chats of 200 tokens.
    Memory = N · bytes + 16 · trained weights (20 with their average) + activations: for each token of a pass, in each
    layer 4 · (8·hidden + 2·kv + 4·ffn) bytes (4 · hidden with gradient checkpointing), and three times its logits'
    4 · vocab.
    """
    size = Sizes.of(model)
    row = min(ROW_TOKENS, context)
    a_pass = training.batch_tokens or training.batch_size * row
    total = (training.max_steps * training.gradient_accumulation * a_pass if training.max_steps
             else training.epochs * UNKNOWN_ROWS * row)
    flop = total * size.parameters * ((4 if lora else 6) + 2 * training.gradient_checkpointing)
    trained = size.adapter(lora.rank) if lora else size.parameters
    held = "4bit" if lora and (lora.quantize or model.get("quantized")) else dtype if lora else "fp32"
    average = AVERAGE_BYTES * (training.ema_decay is not None)
    weights = (size.parameters * BYTES[held] if lora else 0) + (ADAM_BYTES + average) * trained
    memory = (weights + a_pass * _activations(size, training)) / GIB
    return _spread(flop, memory, threads) | {"disk_gib": (CHECKPOINTS * (12 + average) + 4) * trained / GIB}


def merging(model: dict[str, Any], *, dtype: str, chats: int, threads: int) -> dict[str, float]:
    """Seconds, memory and disk of a merge.

    Two fp32 copies of N weights and three sets of logits in memory; 2 · N FLOP for each token compared, three times.
    """
    size = Sizes.of(model)
    flop = 3 * 2 * size.parameters * chats * ROW_TOKENS
    memory = 2 * size.parameters * 4 / GIB + LOGITS_GIB
    return _spread(flop, memory, threads) | {"disk_gib": size.parameters * BYTES[dtype] / GIB}


def _activations(size: Sizes, training: Training) -> float:
    """Bytes kept for the backward pass, per token."""
    layer = size.hidden if training.gradient_checkpointing else 8 * size.hidden + 2 * size.kv_width + 4 * size.ffn
    share = 1.0 if training.prompt_loss_weight else SAYS
    return 4 * size.layers * layer + 3 * 4 * size.vocab * share


def _spread(flop: float, memory_gib: float, threads: int) -> dict[str, float]:
    if has_gpu():
        return {"seconds": flop / GPU_FLOPS, "ram_gib": RUNTIME_GIB + 2, "vram_gib": memory_gib}
    return {"seconds": flop / (CORE_FLOPS * threads), "ram_gib": RUNTIME_GIB + memory_gib}
