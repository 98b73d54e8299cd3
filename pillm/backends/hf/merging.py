"""An adapter worked into its base, and the proof that the merged model answers as the two did."""
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from pillm.backends.hf import adapter, model
from pillm.backends.hf.chat import TEMPLATE_FILE, encode_chats, read_chats, tokenizer
from pillm.backends.hf.options import Quantized
from pillm.errors import CorruptError, StageError

Progress = Callable[..., None]
NO_EFFECT = 1e-9
"""KL divergence (nats) below which an adapter changes nothing: fp32 noise stays under it."""

LOGITS_BYTES = 2**30
"""Of each of the three sets of logits that are compared."""


@dataclass(frozen=True)
class Tolerance:
    """How far the merged model's logits may be from adapter + base."""

    logits: float
    """Largest difference of a logit."""
    kl: float
    """Mean KL divergence over all positions, in nats."""


def merge(base: Path, folder: Path, out: Path, *, dtype: str) -> None:
    """Write a weights folder of base and adapter in one, worked out in fp32 and stored as `dtype`.

    An adapter trained on a 4-bit base goes onto that base's values, dequantized: merging rounded weights, or other
    values than those it was trained on, would change what was learned.
    """
    merged: Any = adapter.attach(foundation(base, folder), folder).merge_and_unload(safe_merge=True)
    model.save(merged.to(model.DTYPES[dtype]), base, out, template=(folder / TEMPLATE_FILE).read_text(encoding="utf-8"))


def foundation(base: Path, folder: Path) -> PreTrainedModel:
    """The base in fp32, with the values on which the adapter was trained."""
    loaded: Any = model.load(base, quantized=_quantized(folder))
    return model.dequantized(loaded, "fp32") if model.in_four_bits(loaded) else loaded


def compare(base: Path, folder: Path, merged: Path, chats: Path, *, count: int, tolerance: Tolerance,
            progress: Progress) -> dict[str, Any]:
    """Logits of base, adapter + base, and what stands on disk, over the first chats; with the gates they meet."""
    texts = _texts(merged, chats, count)
    learner = adapter.attach(model.load(base, quantized=_quantized(folder)), folder)
    tuned = _logits(learner, texts)
    with learner.disable_adapter():
        before = _logits(learner, texts)
    progress("comparing", 2, 3)
    del learner
    after = _logits(model.load(merged), texts)
    progress("comparing", 3, 3)
    far, kl = _largest(tuned, after), _mean_kl(tuned, after)
    effect = _mean_kl(tuned, before)
    return {"logits_max_difference": far, "kl_adapter_merged": kl, "kl_adapter_base": effect,
            "kl_base_merged": _mean_kl(before, after), "positions": sum(len(ids) for ids in texts),
            "gates": _gates(far, kl, effect, tolerance)}


def _gates(far: float, kl: float, effect: float, tolerance: Tolerance) -> list[dict[str, Any]]:
    return [
        {"name": "merge", "met": far <= tolerance.logits and kl <= tolerance.kl,
         "told": f"The merged model's logits are at most {far:.1e} from adapter + base "
                 f"(allowed {tolerance.logits:.0e}), their KL divergence is {kl:.1e} (allowed {tolerance.kl:.0e})."},
        {"name": "adapter has an effect", "met": effect > NO_EFFECT,
         "told": f"The KL divergence of the adapted from the base model is {effect:.1e}."},
    ]


def _texts(weights: Path, chats: Path, count: int) -> list[list[int]]:
    """Token ids of chats that were not trained on, if there are any, as long as their logits stay within bounds."""
    files = [chats / name for name in ("test.jsonl", "validation.jsonl", "train.jsonl")]
    file = next((file for file in files if file.exists() and file.stat().st_size), None)
    if file is None:
        raise StageError(f"{chats}: there is no chat to compare on. Look at the rejected records of prepare.")
    words = tokenizer(weights)
    longest = LOGITS_BYTES // (4 * len(words) * count)
    return [encoded.ids[:longest]
            for encoded in encode_chats(words, [chat["messages"] for chat in read_chats(file, count)])]


@torch.no_grad()
def _logits(learner: Any, texts: list[list[int]]) -> list[Tensor]:
    """Per chat: tokens, vocabulary; fp32 on the processor."""
    learner.eval()
    return [learner(input_ids=torch.tensor([ids], device=learner.device), use_cache=False).logits[0].float().cpu()
            for ids in texts]


def _largest(left: list[Tensor], right: list[Tensor]) -> float:
    return max((a - b).abs().max().item() for a, b in zip(left, right, strict=True))


def _mean_kl(left: list[Tensor], right: list[Tensor]) -> float:
    """Mean over positions of Σ p·(log p − log q), p the left's probabilities; in fp64, which cancellation needs."""
    total = torch.zeros((), dtype=torch.float64)
    for a, b in zip(left, right, strict=True):
        p, q = a.double().log_softmax(-1), b.double().log_softmax(-1)
        total += (p.exp() * (p - q)).sum()
    return (total / sum(len(a) for a in left)).item()


def _quantized(folder: Path) -> Quantized | None:
    """How the base was held in 4 bits while the adapter was trained, if it was."""
    file = folder / adapter.TRAINED_ON
    if not file.exists():
        raise CorruptError(f"{file}: an adapter says how its base was held. Train it again (force=[sft]).")
    quantized = json.loads(file.read_text(encoding="utf-8"))["quantized"]
    return Quantized(**quantized) if quantized else None
