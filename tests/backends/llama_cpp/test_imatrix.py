"""Importance matrices: computed like llama-imatrix, read and written in llama.cpp's formats."""
import json
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.llama_cpp import divergence, gguf_file, imatrix
from pillm.backends.llama_cpp.model import Model
from pillm.errors import ConfigError, StageError
from tests.reference import tiny_gguf

REFERENCE = json.loads((Path(tiny_gguf.__file__).parent / "llama_cpp.json").read_text("utf-8"))["imatrix"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("imatrix") / "wide-f16.gguf"
    tiny_gguf.model(path)
    return path


@pytest.fixture(scope="module")
def computed(model):
    with Model(model) as opened:
        chunks = [scored.ids for scored in divergence.chunks(opened, tiny_gguf.text(2, 50), tiny_gguf.CONTEXT)]
    return imatrix.compute(model, chunks, dataset="text.txt")


def test_it_is_llama_imatrixs_within_float_tolerance(computed):
    assert len(computed.sums) == REFERENCE["tensors"]
    assert computed.chunks == REFERENCE["chunks"]
    for name, told in REFERENCE["sums"].items():
        assert computed.counts[name].tolist() == [told["count"]]
        assert computed.sums[name].sum() == pytest.approx(told["total"], rel=1e-3)
        assert computed.sums[name][:6].tolist() == pytest.approx(told["first"], rel=5e-3)


def test_what_is_written_is_read_back(computed, tmp_path):
    imatrix.write(tmp_path / "imatrix.gguf", computed)
    found = imatrix.read(tmp_path / "imatrix.gguf")
    assert found.means.keys() == computed.means.keys()
    assert all(np.array_equal(found.means[name], computed.means[name]) for name in found.means)
    assert (found.dataset, found.chunks, found.chunk_size) == ("text.txt", computed.chunks, tiny_gguf.CONTEXT)


def test_the_file_has_what_llama_quantize_asks_for(computed, tmp_path):
    imatrix.write(tmp_path / "imatrix.gguf", computed)
    found = gguf.GGUFReader(tmp_path / "imatrix.gguf")
    assert found.fields["general.type"].contents() == "imatrix"
    assert {"imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"} <= found.fields.keys()
    assert found.tensors[0].name == "blk.0.attn_k.weight.in_sum2"
    assert found.tensors[1].name == "blk.0.attn_k.weight.counts"


def test_a_file_notes_which_imatrix_it_was_made_with(tmp_path):
    tiny_gguf.imatrix(tmp_path / "theirs.gguf")
    fields = imatrix.read(tmp_path / "theirs.gguf").fields()
    assert {key: gguf_file.decode(*value) for key, value in fields.items()} == {
        "quantize.imatrix.file": "imatrix.gguf", "quantize.imatrix.dataset": "made up",
        "quantize.imatrix.entries_count": 112, "quantize.imatrix.chunks_count": 3}


def test_the_older_format_gives_the_same_weights(tmp_path):
    """Entries: name, calls, values (mean squares times calls); then the number of chunks and the data set's name."""
    means = np.array([1.5, 2.25, 0.125], np.float32)
    name, data = b"blk.0.attn_q.weight", b"wiki.txt"
    (tmp_path / "imatrix.dat").write_bytes(
        struct.pack("<ii", 1, len(name)) + name + struct.pack("<ii", 7, 3) + (means * 7).astype("<f4").tobytes()
        + struct.pack("<ii", 7, len(data)) + data)
    found = imatrix.read(tmp_path / "imatrix.dat")
    assert found.means["blk.0.attn_q.weight"].tolist() == means.tolist()
    assert (found.dataset, found.chunks) == ("wiki.txt", 7)


def test_inputs_never_seen_count_as_one():
    found = imatrix.Imatrix({"x": np.array([8, 6, 0, 0], np.float32)}, {"x": np.array([2, 0], np.float32)})
    assert found.means["x"].tolist() == [4, 3, 1, 1]


@pytest.mark.parametrize("data", [b"", b"GGUF", b"not an importance matrix at all", struct.pack("<ii", 3, 1 << 30)])
def test_another_file_is_refused(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises((ConfigError, OSError), match=r"[.] \w"):
        imatrix.read(tmp_path / "x")


def test_values_that_are_no_numbers_are_refused(tmp_path):
    broken = imatrix.Imatrix({"x": np.array([np.inf], np.float32)}, {"x": np.ones(1, np.float32)})
    imatrix.write(tmp_path / "x.gguf", broken)
    with pytest.raises(ConfigError, match="no numbers"):
        imatrix.read(tmp_path / "x.gguf")


def test_one_made_for_a_model_with_other_names_is_refused(model):
    other = imatrix.Imatrix({"layers.0.q": np.ones(256, np.float32)}, {"layers.0.q": np.ones(1, np.float32)})
    with pytest.raises(ConfigError, match=r"none of its 1 tensors is in wide-f16\.gguf"):
        other.check(gguf_file.read(model))


def test_chunks_too_short_to_count_are_told(model):
    with pytest.raises(StageError, match="no chunk has 16 tokens"):
        imatrix.compute(model, [[1, 2, 3]])


@given(st.lists(st.lists(st.integers(0, 9), max_size=40), max_size=20), st.integers(16, 50), st.integers(1, 9))
def test_chunks_are_the_texts_in_order(texts, size, most):
    chunks = list(imatrix.chunked(texts, size, most))
    whole = [token for text in texts for token in text]
    joined = [token for chunk in chunks for token in chunk]
    assert joined == whole[:len(joined)]
    assert len(chunks) <= most + 1
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert len(joined) >= min(len(whole), most * size) - imatrix.FEWEST
