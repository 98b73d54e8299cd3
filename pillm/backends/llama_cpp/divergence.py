"""How far a quantized model's next-token distribution is from the one it was made of.

T positions, V tokens of the vocabulary, N positions that are scored. The figures are those of llama.cpp's
tools/perplexity/perplexity.cpp (`perplexity_v2`, `kl_divergence`) for the same positions.
"""
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pillm.backends.llama_cpp.model import Model

ROWS = 64
"""Positions worked on at once in float64: 64 × 262,144 tokens of Gemma's vocabulary are 128 MiB."""

Told = Callable[[int], None]
"""(tokens of the sequences that are done)."""


@dataclass(frozen=True)
class Scored:
    """A sequence whose tokens after position `first` are judged by what the model expected there."""

    ids: list[int]
    first: int = 0


@dataclass(frozen=True)
class Divergence:
    """Of one model against its base; KL in nats."""

    perplexity: float
    kl_mean: float
    kl_p99: float
    same_top: float
    """Share of positions where both put the same token first."""
    positions: int


def chunks(model: Model, text: str, size: int = 512) -> list[Scored]:
    """A text as llama-perplexity scores it: whole chunks, each opened by BOS where the model wants one, second half."""
    ids = model.tokenize(text, add_special=True, parse_special=False)
    starts = range(0, len(ids) - size + 1, size)
    opening = [model.bos] if model.adds_bos else []
    return [Scored(opening + ids[at + len(opening):at + size], size // 2) for at in starts]


def perplexity(model: Model, sequences: Sequence[Scored], *, told: Told = lambda tokens: None) -> float:
    """exp(mean over positions of −ln q(next token))."""
    nll_N = np.concatenate([_nll(log_softmax(logits_N_V), next_N)
                            for logits_N_V, next_N in _scored(model, sequences, told)])
    return float(np.exp(nll_N.mean()))


def kl_divergence(base: Model, model: Model, sequences: Sequence[Scored], *,
                  told: Told = lambda tokens: None) -> Divergence:
    """KL(p‖q) = Σ_v p_v (ln p_v − ln q_v) of the base's distribution p and the model's q, over all positions."""
    nll, kl, same = [], [], []
    pairs = zip(_scored(base, sequences), _scored(model, sequences, told), strict=True)
    for (base_N_V, next_N), (logits_N_V, _) in pairs:
        p_N_V, q_N_V = log_softmax(base_N_V), log_softmax(logits_N_V)
        kl.append((np.exp(p_N_V) * (p_N_V - q_N_V)).sum(-1))
        nll.append(_nll(q_N_V, next_N))
        same.append(base_N_V.argmax(-1) == logits_N_V.argmax(-1))
    kl_N = np.concatenate(kl)
    return Divergence(
        perplexity=float(np.exp(np.concatenate(nll).mean())), kl_mean=float(kl_N.mean()),
        kl_p99=float(np.quantile(kl_N, 0.99)), same_top=float(np.concatenate(same).mean()), positions=len(kl_N))


def log_softmax(logits_N_V: np.ndarray) -> np.ndarray:
    """ln softmax in float64."""
    shifted_N_V = logits_N_V.astype(np.float64) - logits_N_V.max(-1, keepdims=True)
    return shifted_N_V - np.log(np.exp(shifted_N_V).sum(-1, keepdims=True))


def _nll(q_N_V: np.ndarray, next_N: np.ndarray) -> np.ndarray:
    return -q_N_V[np.arange(len(next_N)), next_N]


def _scored(model: Model, sequences: Sequence[Scored],
            told: Told = lambda tokens: None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Logits of up to ROWS scored positions and the tokens that followed."""
    done = 0
    for sequence in sequences:
        next_T, start = np.array(sequence.ids[1:]), 0
        for piece_N_V in model.pieces(sequence.ids):
            for at in range(max(sequence.first - start, 0), min(len(piece_N_V), len(next_T) - start), ROWS):
                logits_N_V = piece_N_V[at:min(at + ROWS, len(next_T) - start)]
                yield logits_N_V, next_T[start + at:start + at + len(logits_N_V)]
            start += len(piece_N_V)
        done += start
        told(done)
