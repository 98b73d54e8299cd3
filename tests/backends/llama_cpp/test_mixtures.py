"""Which formats a model's rows allow, and how tensors are named in a schedule."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.llama_cpp import mixtures
from pillm.backends.llama_cpp.ggml_types import FORMATS
from pillm.backends.llama_cpp.gguf_file import Tensor
from pillm.errors import ConfigError

K_QUANTS = [name for name in mixtures.MIXTURES if "_K" in name]


@pytest.mark.parametrize("kind", K_QUANTS)
def test_k_quants_need_rows_that_256_divides(kind):
    assert mixtures.allowed(kind, [2048, 5632])
    assert not mixtures.allowed(kind, [896, 4864])


@given(st.lists(st.integers(1, 300).map(lambda blocks: 32 * blocks), min_size=1))
def test_what_the_remedy_names_is_allowed(rows):
    named = [name for name in mixtures.MIXTURES if name in mixtures.remedy(rows).replace(",", "").split()]
    assert named
    assert all(mixtures.allowed(name, rows) for name in named)


@pytest.mark.parametrize(("word", "told"), [
    ("q4_k_m", "Did you mean 'Q4_K_M'"), ("Q4_K_XL", "no such type"), ("f16", "always in the ladder")])
def test_another_type_is_told(word, told):
    with pytest.raises(ConfigError, match=told):
        mixtures.known(word)


@pytest.mark.parametrize(("pattern", "name", "fits"), [
    ("blk.*.ffn_down", "blk.12.ffn_down.weight", True),
    ("blk.1?.attn_v", "blk.12.attn_v.weight", True),
    ("blk.1?.attn_v", "blk.2.attn_v.weight", False),
    ("blk.[01].*", "blk.0.attn_q.weight", True),
    ("output", "output.weight", True),
    ("output", "blk.0.attn_output.weight", False),
    ("*.weight", "output.weight", True),
])
def test_patterns_leave_out_the_ending(pattern, name, fits):
    assert mixtures.matches(pattern, name) is fits


def test_tensors_are_ordered_as_llama_cpp_orders_them():
    names = ["blk.10.a.weight", "output.weight", "blk.2.b.weight", "blk.2.a.weight", "Z.weight"]
    tensors = [Tensor(name, (32, 32), "F16", 0) for name in names]
    assert [tensor.name for tensor in mixtures.ordered(tensors)] == [
        "Z.weight", "output.weight", "blk.2.a.weight", "blk.2.b.weight", "blk.10.a.weight"]


@pytest.mark.parametrize(("name", "shape", "is_so"), [
    ("blk.0.attn_q.weight", (64, 64), True), ("blk.0.attn_norm.weight", (64,), False),
    ("blk.0.ssm_conv1d.weight", (4, 64), False), ("blk.0.attn_q.bias", (64,), False),
    ("blk.0.ffn_down_exps.weight", (64, 64, 8), True), ("blk.0.ffn_gate_inp.weight", (64, 8), False)])
def test_only_matrices_of_weights_are_quantized(name, shape, is_so):
    assert mixtures.quantizable(Tensor(name, shape, "F16", 0)) is is_so


def test_block_sizes_are_those_of_the_library():
    from pillm.backends.llama_cpp import lib

    for kind in FORMATS.values():
        assert lib.load().ggml_type_name(kind.code).decode().upper() == kind.name.upper()
        assert lib.load().ggml_blck_size(kind.code) == kind.block
        assert lib.load().ggml_row_size(kind.code, 512) == kind.bytes(512)
