"""Perplexity and KL divergence are what their formulas say."""
import numpy as np
import pytest

from pillm.backends.llama_cpp.divergence import Scored, chunks, kl_divergence, log_softmax, perplexity
from pillm.backends.llama_cpp.model import Model
from tests.backends.llama_cpp.conftest import Tiny


def test_formulas(tiny: Tiny) -> None:
    sequence = Scored(list(range(300, 340)), first=5)
    with Model(tiny.gguf("f16"), threads=1) as base, Model(tiny.gguf("Q4_K_M"), threads=1) as model:
        found = kl_divergence(base, model, [sequence])
        p, q = (log_softmax(one.logits(sequence.ids))[5:-1] for one in (base, model))
        assert perplexity(base, [sequence]) == pytest.approx(np.exp(-p[np.arange(34), sequence.ids[6:]].mean()))
    kl = (np.exp(p) * (p - q)).sum(-1)
    assert found.positions == 34
    assert found.kl_mean == pytest.approx(kl.mean())
    assert found.kl_p99 == pytest.approx(np.quantile(kl, 0.99))
    assert found.same_top == (p.argmax(-1) == q.argmax(-1)).mean()
    assert found.perplexity == pytest.approx(np.exp(-q[np.arange(34), sequence.ids[6:]].mean()))


def test_a_model_does_not_diverge_from_itself(tiny: Tiny) -> None:
    with Model(tiny.gguf("f16"), threads=1) as one, Model(tiny.gguf("f16"), threads=1) as other:
        found = kl_divergence(one, other, [Scored(list(range(300, 900)))])
    assert (found.kl_mean, found.same_top, found.positions) == (0, 1, 599)


def test_chunks_are_whole_and_open_with_bos(tiny: Tiny, corpus: str) -> None:
    with Model(tiny.gguf("f16"), vocab_only=True) as model:
        found = chunks(model, corpus[:4000], 128)
        tokens = model.tokenize(corpus[:4000], add_special=True)
    assert len(found) == len(tokens) // 128 > 3
    assert all(sequence.ids[0] == 1 and len(sequence.ids) == 128 and sequence.first == 64 for sequence in found)
    assert found[1].ids[1:] == tokens[129:256]
