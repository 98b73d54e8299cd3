"""Attention over chats laid end to end: each attends to itself alone, at the cost of its own length squared."""
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel

NAME = "per_document"
ATTENTION_LAYERS = {"full_attention", "sliding_attention", "attention"}


def per_document(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: None, *,
    document_lengths: list[int], scaling: float | None = None, dropout: float = 0.0,
    sliding_window: int | None = None, **rest: Any,
) -> tuple[Tensor, None]:
    """Query and key of shape 1, heads, tokens, width; tokens are documents of these lengths.

    No mask is built and nothing is computed across documents, where a block mask computes all pairs of tokens.
    On a processor it computes in fp32: PyTorch's backward of bf16 attention takes eight times as long there.
    """
    if query.device.type == "cpu" and query.dtype == torch.bfloat16:
        with torch.autocast("cpu", enabled=False):
            found, _ = per_document(
                module, query.float(), key.float(), value.float(), attention_mask, document_lengths=document_lengths,
                scaling=scaling, dropout=dropout, sliding_window=sliding_window)
        return found.to(query.dtype), None
    grouped = query.shape[1] != key.shape[1]
    parts = []
    for q, k, v in zip(*(whole.split(document_lengths, dim=2) for whole in (query, key, value)), strict=True):
        band = _band(q, sliding_window)
        parts.append(scaled_dot_product_attention(
            q, k, v, attn_mask=band, is_causal=band is None, scale=scaling, dropout_p=dropout, enable_gqa=grouped))
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


def _band(query: Tensor, window: int | None) -> Tensor | None:
    """Which of the last `window` tokens each token sees; None where that is all before it."""
    length = query.shape[2]
    if window is None or length <= window:
        return None
    return torch.ones(length, length, dtype=torch.bool, device=query.device).tril().triu(1 - window)


def can_pack(model: PreTrainedModel) -> bool:
    """Whether all that mixes a model's tokens is attention; a recurrent layer would run from one chat into the next."""
    layers = set(getattr(model.config, "layer_types", None) or ())
    return model._supports_attention_backend and layers <= ATTENTION_LAYERS


def use(model: PreTrainedModel, name: str) -> None:
    """Choose the attention: NAME, or transformers' own (sdpa)."""
    AttentionInterface.register(NAME, per_document)
    model.set_attn_implementation(name)
