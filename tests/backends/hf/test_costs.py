"""What training and merging are expected to cost."""
from typing import Any

import pytest

from pillm.backends.hf.costs import GIB, Sizes, merging, training
from pillm.backends.hf.options import Lora, Quantized, Training

TINYLLAMA: dict[str, Any] = {
    "parameters": 1_100_048_384,
    "shape": {"hidden": 2048, "layers": 22, "heads": 32, "kv_heads": 4, "ffn": 5632, "vocab": 32000}}


def memory(lora: Lora | None, dtype: str = "bf16", **options: Any) -> float:
    cost = training(TINYLLAMA, Training(**options), lora, context=2048, dtype=dtype, threads=4)
    return cost.get("vram_gib", 0) + cost["ram_gib"]


def test_an_adapters_weights_are_counted() -> None:
    """12,615,680 as PEFT counts them for rank 16 on all linear layers of TinyLlama."""
    assert Sizes.of(TINYLLAMA).adapter(16) == 12_615_680


def test_four_bits_need_less_than_sixteen_and_those_less_than_all_weights() -> None:
    assert memory(Lora(quantize=Quantized())) < memory(Lora()) < memory(Lora(), "fp32") < memory(None)
    assert memory(None) > 16 * TINYLLAMA["parameters"] / GIB


def test_an_average_is_one_more_number_a_weight() -> None:
    assert memory(None, ema_decay=0.999) - memory(None) == pytest.approx(4 * TINYLLAMA["parameters"] / GIB)


def test_checkpointing_trades_memory_for_time() -> None:
    assert memory(Lora(), gradient_checkpointing=True) < memory(Lora())
    plain, again = (training(TINYLLAMA, Training(gradient_checkpointing=on), Lora(), context=2048, dtype="fp32",
                             threads=4)["seconds"] for on in (False, True))
    assert again == pytest.approx(1.5 * plain)


def test_time_is_floating_point_operations_over_speed() -> None:
    steps = Training(max_steps=100, batch_tokens=1000)
    one, four = (training(TINYLLAMA, steps, None, context=2048, dtype="fp32", threads=threads)["seconds"]
                 for threads in (1, 4))
    assert one in (4 * four, four)
    assert four in (pytest.approx(6 * 1_100_048_384 * 1e5 / 2e11), pytest.approx(6 * 1_100_048_384 * 1e5 / 5e13))


def test_a_merge_holds_two_copies_and_stores_one() -> None:
    cost = merging(TINYLLAMA, dtype="fp16", chats=8, threads=4)
    assert cost["disk_gib"] == pytest.approx(2 * 1_100_048_384 / GIB)
    assert cost.get("vram_gib", 0) + cost["ram_gib"] > 8 * 1_100_048_384 / GIB
