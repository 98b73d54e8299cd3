"""Models that copy before they have learned anything."""
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from pillm.backends.scratch.build import build
from pillm.backends.scratch.induction_fit import HEADS
from pillm.errors import ConfigError
from pillm.shape import FirstWeights, Shape

LINES = (Path(__file__).parents[2] / "data" / "corpus.txt").read_text(encoding="utf-8").splitlines()
SHAPE = Shape(hidden=192, layers=4, heads=6, kv_heads=6, head_dim=32, ffn=512, vocab=1024)
LENGTH = 20
"""Tokens of a passage that is said twice."""


def model(folder: Path, first_weights: FirstWeights) -> PreTrainedModel:
    build("nano", SHAPE, LINES, folder, context=128, first_weights=first_weights, seed=0)
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()


def said_twice() -> torch.Tensor:
    once = torch.randint(0, 600, (16, LENGTH), generator=torch.Generator().manual_seed(0))
    return torch.cat([once, once], 1)


@torch.no_grad()
def test_heads_look_where_induction_heads_look(tmp_path: Path) -> None:
    tokens = said_twice()
    first, second = model(tmp_path, "induction")(tokens, output_attentions=True).attentions[:2]
    here = torch.arange(1, 2 * LENGTH)
    assert first[:, :HEADS, here, here - 1].mean() > 0.7  # the token before
    again = torch.arange(LENGTH + 1, 2 * LENGTH)
    assert second[:, :HEADS, again, again - LENGTH + 1].mean() > 0.5  # what followed the same token
    assert second[:, HEADS:, again, again - LENGTH + 1].mean() < 0.1  # other heads are left at random


@pytest.mark.parametrize(("first_weights", "low", "high"), [
    ("random", 0, 0.02), ("induction", 0.15, 1), ("neighbours", 0.15, 1)])
@torch.no_grad()
def test_a_passage_is_gone_on_with_from_the_start(
        tmp_path: Path, first_weights: FirstWeights, low: float, high: float) -> None:
    tokens = said_twice()
    logits = model(tmp_path, first_weights)(tokens).logits
    right = logits[:, LENGTH:-1].argmax(-1) == tokens[:, LENGTH + 1:]
    assert low <= right.float().mean() <= high


@pytest.mark.parametrize(("change", "told"), [
    ({"layers": 1}, "shape.layers: induction heads need two layers"),
    ({"kv_heads": 2}, "shape.kv_heads: induction heads need 2 heads with keys of their own"),
    ({"head_dim": 12}, "shape.head_dim: induction heads need a width above 12"),
])
def test_shapes_that_cannot(tmp_path: Path, change: dict[str, int], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        build("nano", SHAPE.model_copy(update=change), LINES, tmp_path, context=128, first_weights="induction")


def test_families_that_cannot(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="qwen2: induction heads are begun in Llama's class only"):
        build("qwen2", SHAPE, LINES, tmp_path, context=128, first_weights="induction")
