"""GGUF headers and tensors, held against the gguf package."""
import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.llama_cpp import gguf_file
from pillm.errors import CorruptError, MissingInput
from tests.reference import tiny_gguf


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("gguf") / "odd.gguf"
    tiny_gguf.model(path, "odd")
    return path


def test_metadata_and_tensors_are_what_the_gguf_package_reads(model):
    ours, theirs = gguf_file.read(model), gguf.GGUFReader(model)
    assert {key: ours.get(key) for key in ours.fields} == {
        key: field.contents() for key, field in theirs.fields.items() if not key.startswith("GGUF.")}
    for tensor in theirs.tensors:
        found = ours.tensors[tensor.name]
        assert (found.shape, found.format) == (tuple(tensor.shape), tensor.tensor_type.name)
        assert found.bytes == tensor.n_bytes
        with model.open("rb") as file:
            file.seek(found.offset)
            assert file.read(found.bytes) == tensor.data.tobytes()


def test_a_file_copied_piece_by_piece_has_the_same_bytes(model, tmp_path):
    header, raw = gguf_file.read(model), model.read_bytes()
    tensors = header.tensors.values()
    gguf_file.write(tmp_path / "copy.gguf", header.fields, [(t.name, t.shape, t.format) for t in tensors],
                    ([raw[t.offset:t.offset + t.bytes]] for t in tensors))
    assert (tmp_path / "copy.gguf").read_bytes() == raw


def test_what_is_written_is_what_the_gguf_package_reads(tmp_path):
    fields = {"general.type": gguf_file.encode("str", "été"), "a.list": gguf_file.encode("str", ["", "deux"]),
              "a.number": gguf_file.encode("f32", 0.5), "a.flag": gguf_file.encode("bool", True),
              "a.numbers": gguf_file.encode("u32", [1, 2, 3])}
    values = np.arange(6, dtype="<f4")
    gguf_file.write(tmp_path / "x.gguf", fields, [("t", (3, 2), "F32")], [[values[:2].tobytes(), values[2:].tobytes()]])
    found = gguf.GGUFReader(tmp_path / "x.gguf")
    assert found.fields["general.type"].contents() == "été"
    assert found.fields["a.list"].contents() == ["", "deux"]
    assert found.fields["a.flag"].contents() is True
    assert found.fields["a.numbers"].contents() == [1, 2, 3]
    assert found.tensors[0].data.tolist() == [[0, 1, 2], [3, 4, 5]]


@given(st.dictionaries(st.text(min_size=1), st.text() | st.lists(st.text())))
def test_any_text_survives(tmp_path_factory, texts):
    path = tmp_path_factory.getbasetemp() / "texts.gguf"
    gguf_file.write(path, {key: gguf_file.encode("str", text) for key, text in texts.items()}, [], [])
    found = gguf_file.read(path)
    assert {key: found.get(key) for key in found.fields} == texts


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(MissingInput, match="there is no such file"):
        gguf_file.read(tmp_path / "none.gguf")


@pytest.mark.parametrize("keep", [10, 300, 5000, -1])
def test_a_file_cut_off_anywhere_is_told(model, tmp_path, keep):
    (tmp_path / "cut.gguf").write_bytes(model.read_bytes()[:keep])
    with pytest.raises(CorruptError, match="again"):
        gguf_file.read(tmp_path / "cut.gguf")


def test_another_format_is_told(tmp_path):
    (tmp_path / "zip.gguf").write_bytes(b"PK" + bytes(100))
    with pytest.raises(CorruptError, match="no GGUF file"):
        gguf_file.read(tmp_path / "zip.gguf")


def test_a_tensor_of_another_size_than_described_is_refused(tmp_path):
    with pytest.raises(CorruptError, match="4 bytes, not 8"):
        gguf_file.write(tmp_path / "x.gguf", {}, [("t", (2,), "F32")], [[bytes(4)]])
