"""First weights with induction heads already in them: a model that copies what was said before it learns anything else.

An induction head goes on with a passage that is begun again: it looks for the place where the token at hand stood
before, and says what came after it there (Olsson et al. 2022, arXiv 2209.11895). Two blocks make one: a convolution in
the first carries to each place the token before it, a head of the second compares that with the token at hand. Random
weights take some five hundred steps to find this. Here some heads begin as such; training is free to change them.

Letters: H width of the residual stream, W width of a head, C its slow entries.
"""
from typing import Any

import torch
from torch import Tensor

from pillm.backends.scratch.induction_fit import HEADS, SLOW

EMBEDDING_STD = 1.0
"""As loud as what the blocks write: at 0.02 the first updates drown which token it was."""
QUIET_LOGITS = 0.02 / EMBEDDING_STD
"""Weight of the last norm, by which a model with tied embeddings does not begin by repeating its input."""
CONSTANT = 3.0
"""First entry of every embedding, in standard deviations: what opens the convolution's two gates."""
SAME = 22.5
"""Score of a place that followed the token at hand, were nothing else in its key; three quarters of it with what is."""
CARRIED, SAID = 2.4, 6.0
"""How loud the token before is carried, and the one that is to follow said, in standard deviations of an embedding."""


@torch.no_grad()
def begin(model: Any, seed: int) -> None:
    """Write induction heads into the first two blocks of a random model of LFM2's class."""
    source, inner = torch.Generator().manual_seed(seed), model.model
    embedding = inner.embed_tokens.weight
    embedding.mul_(EMBEDDING_STD / embedding.std())
    embedding[:, 0] = CONSTANT * EMBEDDING_STD
    inner.embedding_norm.weight.fill_(QUIET_LOGITS)
    convolution, attention = inner.layers[0].conv, inner.layers[1].self_attn
    width = attention.head_dim
    slow_C = torch.cat([torch.arange(SLOW, width // 2), torch.arange(width // 2 + SLOW, width)])
    for norm in (attention.q_layernorm, attention.k_layernorm):
        norm.weight[slow_C] = (SAME / width ** 0.5) ** 0.5  # a query and its key, both of length √W, score √W
    for head, (token_W_H, carried_H_W) in enumerate(_directions(embedding.shape[1], width, source)):
        place = slice(head * width, (head + 1) * width)
        _carry(convolution, place, token_W_H, carried_H_W)
        _match(attention, place, slow_C, token_W_H, carried_H_W)
        attention.v_proj.weight[place] = token_W_H
        attention.out_proj.weight[:, place] = token_W_H.T * SAID * EMBEDDING_STD


def _directions(width: int, head: int, source: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Of each head, W directions that tell tokens apart, and W in which a token is carried: all at right angles, so
    that no head hears another, and none looks at the constant."""
    drawn = torch.randn(width, 2 * HEADS * head, generator=source)
    drawn[0] = 0
    found = torch.linalg.qr(drawn)[0].split(head, dim=1)
    return [(token.T, carried) for token, carried in zip(found[::2], found[1::2], strict=True)]


def _carry(convolution: Any, place: slice, token_W_H: Tensor, carried_H_W: Tensor) -> None:
    """Channels that write the token before: both gates are one, of the kernel's taps the last but one is."""
    width = carried_H_W.shape[0]
    loud = CONSTANT / (1 + CONSTANT ** 2 / width) ** 0.5  # the constant after a norm
    before, after, value = (gate[place] for gate in convolution.in_proj.weight.split(width))
    for gate in (before, after):
        gate.zero_()
        gate[:, 0] = 1 / loud
    value.copy_(token_W_H)
    convolution.conv.weight[place] = torch.tensor([0.0, 1.0, 0.0])
    convolution.out_proj.weight[:, place] = carried_H_W * CARRIED * EMBEDDING_STD


def _match(attention: Any, place: slice, slow_C: Tensor, token_W_H: Tensor, carried_H_W: Tensor) -> None:
    """The token at hand against the one carried to each place, in the entries that position hardly turns.

    Random queries and keys stay in the others, a tenth as loud.
    """
    attention.q_proj.weight[place] *= 0.1
    attention.k_proj.weight[place] *= 0.1
    attention.q_proj.weight[place.start + slow_C] = token_W_H[:len(slow_C)]
    attention.k_proj.weight[place.start + slow_C] = carried_H_W[:, :len(slow_C)].T
