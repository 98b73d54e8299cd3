"""First weights with induction heads already in them: a model that copies what was said before it learns anything else.

An induction head goes on with a passage that is begun again: it looks for the place where the token at hand stood
before, and says what came after it there (Olsson et al. 2022, arXiv 2209.11895). Two layers make one: a head of the
first carries to each place the token before it, a head of the second compares that with the token at hand. Random
weights take about a thousand steps to find this. Here some heads begin as such; training is free to change them.

Letters: H width of the residual stream, W width of a head, F = W / 2 its rotary frequencies, C its slow entries.
"""
from typing import Any

import torch
from torch import Tensor

from pillm.backends.scratch.induction_fit import HEADS, SLOW

EMBEDDING_STD = 1.0
"""As loud as what the layers write: at 0.02 the first updates drown which token it was."""
QUIET_LOGITS = 0.02 / EMBEDDING_STD
"""Weight of the last norm, by which a model with tied embeddings does not begin by repeating its input."""
CONSTANT = 3.0
"""First entry of every embedding, in standard deviations: of it the positional heads make their queries and keys."""
FASTEST = 5
"""Rotary frequencies by which a head finds the token before: sums of their cosines have one peak in reach of a chat."""
BEFORE, SAME = 18.0, 18.75
"""Scores, less what norms take: of the token before, and of a place that followed the token at hand."""
CARRIED, SAID = 2.4, 6.0
"""How loud a head writes the token before, and the one that is to follow, in standard deviations of an embedding."""


@torch.no_grad()
def begin(model: Any, seed: int) -> None:
    """Write induction heads into the first two layers of a random model of Llama's class."""
    source, inner = torch.Generator().manual_seed(seed), model.model
    embedding = inner.embed_tokens.weight
    embedding.mul_(EMBEDDING_STD / embedding.std())
    embedding[:, 0] = CONSTANT * EMBEDDING_STD
    inner.norm.weight.fill_(QUIET_LOGITS)
    first, second = (layer.self_attn for layer in inner.layers[:2])
    theta = model.config.rope_parameters["rope_theta"]
    for head in range(HEADS):
        place = slice(head * first.head_dim, (head + 1) * first.head_dim)
        token_W_H, carried_H_W = _directions(embedding.shape[1], first.head_dim, source)
        _look_before(first, place, theta)
        _pass_on(first, place, token_W_H, carried_H_W * CARRIED)
        _match(second, place, token_W_H, carried_H_W)
        _pass_on(second, place, token_W_H, token_W_H.T * SAID)


def _directions(width: int, head: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """W orthogonal directions that tell tokens apart, and W in which a token is carried; none looks at the constant."""
    drawn = torch.randn(2, width, head, generator=source)
    drawn[:, 0] = 0
    token_H_W, carried_H_W = torch.linalg.qr(drawn)[0]
    return token_H_W.T, carried_H_W


def _look_before(attention: Any, place: slice, theta: float) -> None:
    """q at i and k at j score BEFORE · mean of cos(f (i − 1 − j)) over the fastest frequencies f: most at j = i − 1."""
    width, half = attention.head_dim, attention.head_dim // 2
    loud = CONSTANT / (1 + CONSTANT ** 2 / attention.q_proj.in_features) ** 0.5  # the constant after a norm
    gain = (BEFORE * width ** 0.5 / FASTEST) ** 0.5 / loud
    turn_F = theta ** -(torch.arange(half) / half)
    amplitude_F = gain * (torch.arange(half) < FASTEST)
    _begin(attention, place)
    attention.q_proj.weight[place, 0] = torch.cat([amplitude_F * turn_F.cos(), -amplitude_F * turn_F.sin()])
    attention.k_proj.weight[place, 0] = torch.cat([amplitude_F, torch.zeros(half)])


def _match(attention: Any, place: slice, token_W_H: Tensor, carried_H_W: Tensor) -> None:
    """The token at hand against the one carried to each place, in the entries that position hardly turns."""
    half = attention.head_dim // 2
    slow_C = torch.cat([torch.arange(SLOW, half), torch.arange(half + SLOW, 2 * half)])
    gain = (SAME * attention.head_dim ** 0.5 / len(slow_C)) ** 0.5
    _begin(attention, place)
    attention.q_proj.weight[place.start + slow_C] = gain * token_W_H[:len(slow_C)]
    attention.k_proj.weight[place.start + slow_C] = gain * carried_H_W[:, :len(slow_C)].T


def _begin(attention: Any, place: slice) -> None:
    """Random queries and keys stay, a tenth as loud: what is written next to them leads."""
    attention.q_proj.weight[place] *= 0.1
    attention.k_proj.weight[place] *= 0.1


def _pass_on(attention: Any, place: slice, read_W_H: Tensor, written_H_W: Tensor) -> None:
    """What the head reads of a place that it looks at, and how it writes that."""
    attention.v_proj.weight[place] = read_W_H
    attention.o_proj.weight[:, place] = written_H_W * EMBEDDING_STD
