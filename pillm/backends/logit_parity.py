"""Logits of a Hugging Face model beside those of the GGUF made of it. T positions, V tokens of the vocabulary."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from pillm.backends.hf import model as hf
from pillm.backends.llama_cpp.divergence import ROWS, log_softmax
from pillm.backends.llama_cpp.model import Model


@dataclass(frozen=True)
class Agreement:
    """Over all positions of all sequences; KL in nats, of the GGUF from the Hugging Face model."""

    max_difference: float
    kl_mean: float
    kl_max: float
    same_top: float
    """Share of positions where both put the same token first."""
    positions: int


def compare(weights: Path, gguf: Path, sequences: Sequence[Sequence[int]], *, threads: int | None = None,
            told: Callable[[int], None] = lambda done: None) -> Agreement:
    """Both computed in float32 (llama.cpp without flash attention and with a float32 KV cache)."""
    differences, kls, same = [], [], []
    with hf.threads(threads), Model(gguf, threads=threads) as shipped:
        trained = hf.load(weights).eval()
        for done, ids in enumerate(sequences, 1):
            got_T_V = shipped.logits(ids, exact=True)
            wanted_T_V = _logits(trained, ids)[:, :shipped.n_vocab]
            for at in range(0, len(ids), ROWS):
                wanted_N_V, got_N_V = wanted_T_V[at:at + ROWS], got_T_V[at:at + ROWS]
                differences.append(np.abs(wanted_N_V - got_N_V).max())
                kls.append(_kl(wanted_N_V, got_N_V))
                same.append(wanted_N_V.argmax(-1) == got_N_V.argmax(-1))
            told(done)
    kl_T, same_T = np.concatenate(kls), np.concatenate(same)
    return Agreement(max_difference=float(max(differences)), kl_mean=float(kl_T.mean()), kl_max=float(kl_T.max()),
                     same_top=float(same_T.mean()), positions=len(kl_T))


def _logits(model: torch.nn.Module, ids: Sequence[int]) -> np.ndarray:
    with torch.inference_mode():
        given = torch.tensor([list(ids)], device=next(model.parameters()).device)
        return model(given).logits[0].float().cpu().numpy()


def _kl(wanted_N_V: np.ndarray, got_N_V: np.ndarray) -> np.ndarray:
    """KL(p‖q) = Σ_v p_v (ln p_v − ln q_v) at each position."""
    p_N_V, q_N_V = log_softmax(wanted_N_V), log_softmax(got_N_V)
    return (np.exp(p_N_V) * (p_N_V - q_N_V)).sum(-1)
