"""Tokens, log-probabilities, perplexity and KL divergence, held against what llama.cpp's own tools said.

The figures were written down by bench/llama_cpp_reference.py, from models that have the same bytes everywhere.
"""
import json
from pathlib import Path

import numpy as np
import pytest

from pillm.backends.llama_cpp import divergence, quantize
from pillm.backends.llama_cpp.model import Model
from tests.reference import tiny_gguf

REFERENCE = json.loads((Path(tiny_gguf.__file__).parent / "llama_cpp.json").read_text("utf-8"))
VOCABULARIES = {"wide-f16": tiny_gguf.model, "qwen2": lambda path: tiny_gguf.byte_level(path, "qwen2"),
                "llama-bpe": lambda path: tiny_gguf.byte_level(path, "llama-bpe")}


@pytest.fixture(scope="module")
def f16(tmp_path_factory):
    path = tmp_path_factory.mktemp("reference") / "wide-f16.gguf"
    tiny_gguf.model(path)
    return path


@pytest.mark.parametrize("name", VOCABULARIES)
def test_tokens_are_llama_tokenizes(name, tmp_path):
    VOCABULARIES[name](tmp_path / "vocabulary.gguf")
    with Model(tmp_path / "vocabulary.gguf", vocab_only=True) as model:
        found = {text: model.tokenize(text, add_special=True) for text in REFERENCE["tokens"][name]}
    assert found == REFERENCE["tokens"][name]


def test_log_probabilities_are_those_of_llama_perplexitys_file(f16):
    """That file keeps 65,536 steps between the least and the greatest, 2e-4 apart."""
    with Model(f16, threads=1) as model:
        found = divergence.log_softmax(model.logits(REFERENCE["logits"]["ids"]))
    for position, row in REFERENCE["logits"]["log_probabilities"].items():
        assert np.abs(found[int(position)] - row).max() < 5e-3


def test_perplexity_is_llama_perplexitys(f16):
    with Model(f16, threads=1) as model:
        found = divergence.perplexity(model, divergence.chunks(model, tiny_gguf.text(2, 50), tiny_gguf.CONTEXT))
    assert found == pytest.approx(REFERENCE["divergence"]["f16"]["perplexity"], rel=2e-4)


def diverged(base, other):
    with Model(base, threads=1) as one, Model(other, threads=1) as two:
        return divergence.kl_divergence(one, two, divergence.chunks(one, tiny_gguf.text(2, 50), tiny_gguf.CONTEXT))


def test_divergence_is_llama_perplexitys(f16, tmp_path):
    tiny_gguf.model(tmp_path / "coarse.gguf", coarse=True)
    found, told = diverged(f16, tmp_path / "coarse.gguf"), REFERENCE["divergence"]["coarse-f16"]
    assert found.perplexity == pytest.approx(told["perplexity"], rel=1e-4)
    assert found.kl_mean == pytest.approx(told["kl_mean"], rel=1e-3)
    assert found.kl_p99 == pytest.approx(told["kl_p99"], rel=1e-3)
    assert found.same_top == pytest.approx(told["same_top"], abs=0.005)


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_K_M"])
def test_divergence_of_quantized_weights_is_llama_perplexitys_but_for_rounded_activations(f16, tmp_path, kind):
    """Builds round activations to 8 bits in their own way, which moves a random model by as much as Q8_0 does."""
    quantize.quantize(f16, tmp_path / "out.gguf", mixture=kind)
    found, told = diverged(f16, tmp_path / "out.gguf"), REFERENCE["divergence"][kind]
    assert found.perplexity == pytest.approx(told["perplexity"], rel=5e-3)
    assert found.kl_mean == pytest.approx(told["kl_mean"], rel=2e-2)
    assert found.kl_p99 == pytest.approx(told["kl_p99"], rel=1e-1)
    assert found.same_top == pytest.approx(told["same_top"], abs=0.02)
