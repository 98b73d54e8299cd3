"""Attention over chats laid end to end: each attends to itself alone, at the cost of its own length squared.

Letters: T tokens of a pass, D documents of one group, L tokens of its longest, H heads, W width of a head.
"""
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import dropout as dropped
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel

NAME = "per_document"
ATTENTION_LAYERS = {"full_attention", "sliding_attention", "attention"}
ALIKE = 0.6
"""Documents go through together while the shortest has this share of the longest's length."""
SHORT = 256
"""Up to this length a processor multiplies the matrices itself: the backward pass of PyTorch's fused attention takes
a millisecond for a document of 50 tokens there, thirty times what the products take."""

Documents = dict[str, Any]
"""`groups`: places_D_L of the tokens of documents of like length, filled up at the end, where a causal model does not
look; `back_T`: where each token lies in the groups laid end to end."""


def documents(lengths: list[int]) -> Documents:
    """Documents of these lengths, which lie end to end, in groups."""
    first = torch.tensor([0, *lengths]).cumsum(0)
    order = sorted(range(len(lengths)), key=lambda document: -lengths[document])
    groups: list[list[int]] = []
    for document in order:
        if not groups or lengths[document] < ALIKE * lengths[groups[-1][0]]:
            groups.append([])
        groups[-1].append(document)
    length_D = [torch.tensor([lengths[document] for document in group]) for group in groups]
    step_L = [torch.arange(int(length[0])) for length in length_D]
    steps = list(zip(groups, step_L, length_D, strict=True))
    places = [first[group][:, None] + step.minimum(length[:, None] - 1) for group, step, length in steps]
    real = torch.cat([(step < length[:, None]).flatten() for _, step, length in steps])
    back_T = torch.empty(sum(lengths), dtype=torch.long)
    back_T[torch.cat([place.flatten() for place in places])[real]] = real.nonzero().flatten()
    return {"groups": places, "back_T": back_T}


def per_document(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: None, *,
    documents: Documents, scaling: float | None = None, dropout: float = 0.0, sliding_window: int | None = None,
    **rest: Any,
) -> tuple[Tensor, None]:
    """Query, key and value of shape 1, heads, T, W; a processor computes in fp32, which has kernels for every shape."""
    if query.shape[1] != key.shape[1]:
        heads_a_key = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(heads_a_key, 1), value.repeat_interleave(heads_a_key, 1)
    whole_3_T_H_W = torch.stack([query[0], key[0], value[0]]).transpose(1, 2)
    on_cpu = query.device.type == "cpu"
    told = []
    with torch.autocast(query.device.type, enabled=not on_cpu and torch.is_autocast_enabled(query.device.type)):
        whole = whole_3_T_H_W.float() if on_cpu else whole_3_T_H_W
        for places_D_L in documents["groups"]:
            q, k, v = whole[:, places_D_L].transpose(2, 3)
            attend = _multiply if on_cpu and places_D_L.shape[1] <= SHORT else _fused
            told_D_H_L_W = attend(q, k, v, scaling or q.shape[-1] ** -0.5, dropout, sliding_window)
            told.append(told_D_H_L_W.transpose(1, 2).flatten(0, 1))
        return torch.cat(told)[documents["back_T"]][None].to(query.dtype), None


def _multiply(q: Tensor, k: Tensor, v: Tensor, scale: float, dropout: float, window: int | None) -> Tensor:
    """softmax(scale · q kᵀ) v over what each token sees."""
    unseen_L_L = torch.zeros(q.shape[2], q.shape[2]).masked_fill(~_seen(q, window), -torch.inf)
    scores = torch.baddbmm(unseen_L_L, q.flatten(0, 1), k.flatten(0, 1).transpose(1, 2), alpha=scale)
    return torch.bmm(dropped(scores.softmax(-1), dropout), v.flatten(0, 1)).view_as(v)


def _fused(q: Tensor, k: Tensor, v: Tensor, scale: float, dropout: float, window: int | None) -> Tensor:
    band = _seen(q, window) if window is not None and q.shape[2] > window else None
    return scaled_dot_product_attention(q, k, v, attn_mask=band, is_causal=band is None, scale=scale, dropout_p=dropout)


def _seen(q: Tensor, window: int | None) -> Tensor:
    """[L, L] which tokens each token sees: itself and those before it, at most `window`."""
    causal_L_L = torch.ones(q.shape[2], q.shape[2], dtype=torch.bool, device=q.device).tril()
    return causal_L_L if window is None else causal_L_L.triu(1 - window)


def can_pack(model: PreTrainedModel) -> bool:
    """Whether all that mixes a model's tokens is attention; a recurrent layer would run from one chat into the next."""
    layers = set(getattr(model.config, "layer_types", None) or ())
    return model._supports_attention_backend and layers <= ATTENTION_LAYERS


def use(model: PreTrainedModel, name: str) -> None:
    """Choose the attention: NAME, or transformers' own (sdpa)."""
    AttentionInterface.register(NAME, per_document)
    model.set_attn_implementation(name)
