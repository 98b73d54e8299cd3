"""Quantized files, held against those of llama.cpp's own llama-quantize (bench/llama_cpp_reference.py)."""
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pillm.backends.llama_cpp import gguf_file, imatrix, quantize, where
from pillm.errors import ConfigError, StageError
from tests.reference import tiny_gguf

REFERENCE = json.loads((Path(tiny_gguf.__file__).parent / "llama_cpp.json").read_text("utf-8"))
CASES = {f"{c['model']} {c['type']}{' imatrix' * c['imatrix']}{' schedule' * bool(c['tensors'])}": c
         for c in REFERENCE["quantized"]}


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name in sorted({case["model"] for case in CASES.values()}):
        shape, dtype = name.split("-")
        tiny_gguf.model(folder / f"{name}.gguf", shape, dtype)
        tiny_gguf.imatrix(folder / f"{name}.imatrix", shape)
        assert sha256(folder / f"{name}.gguf") == REFERENCE["inputs"][f"{name}.gguf"]
    return folder


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_file_is_llama_quantizes_byte_for_byte(models, tmp_path, case):
    matrix = imatrix.read(models / f"{case['model']}.imatrix") if case["imatrix"] else None
    quantize.quantize(models / f"{case['model']}.gguf", tmp_path / "out.gguf", mixture=case["type"], imatrix=matrix,
                      tensors=case["tensors"])
    assert sha256(tmp_path / "out.gguf") == case["sha256"]


def test_the_bytes_do_not_depend_on_the_number_of_threads(models, tmp_path, monkeypatch):
    for threads in (1, 3):
        monkeypatch.setattr(where, "default_threads", lambda threads=threads: threads)
        quantize.quantize(models / "wide-f16.gguf", tmp_path / f"{threads}.gguf", mixture="Q4_0")
    assert (tmp_path / "1.gguf").read_bytes() == (tmp_path / "3.gguf").read_bytes()


def test_what_the_imatrix_shaped_and_what_it_lacks_is_told(models, tmp_path):
    matrix = imatrix.read(models / "wide-f16.imatrix")
    done = quantize.quantize(models / "wide-f16.gguf", tmp_path / "out.gguf", mixture="Q4_K_M", imatrix=matrix)
    assert done.with_imatrix == 112
    assert done.without_imatrix == ("output.weight", "token_embd.weight")
    assert done.formats == {"F32": 33, "Q4_K": 97, "Q6_K": 17}
    assert 4.5 < done.bits_per_weight < 5


def test_rows_that_the_blocks_do_not_fit_are_refused_before_a_byte_is_written(models, tmp_path):
    with pytest.raises(ConfigError, match=r"rows of 288 .* blocks of 256 .* Take Q8_0, Q5_1, Q4_0, or another"):
        quantize.quantize(models / "odd-f16.gguf", tmp_path / "out.gguf", mixture="Q4_K_M")
    assert not (tmp_path / "out.gguf").exists()


def test_a_schedule_makes_room_where_only_some_rows_do_not_fit(models, tmp_path):
    schedule = {"blk.*": "Q8_0", "token_embd": "Q8_0"}
    done = quantize.quantize(models / "odd-f16.gguf", tmp_path / "out.gguf", mixture="Q4_K_M", tensors=schedule)
    assert done.formats == {"F32": 17, "Q8_0": 57}


def test_patterns_and_formats_that_are_none_are_told_together(models, tmp_path):
    with pytest.raises(ConfigError) as told:
        quantize.quantize(models / "wide-f16.gguf", tmp_path / "out.gguf", mixture="Q4_K_M",
                          tensors={"blk.*.ffn_dwn": "Q6_K", "blk.*.ffn_up": "q6_K"})
    assert "tensors.blk.*.ffn_dwn: it fits no tensor" in str(told.value)
    assert "tensors.blk.*.ffn_up: no such format q6_K" in str(told.value)


def test_a_quantized_file_is_not_quantized_again(models, tmp_path):
    quantize.quantize(models / "odd-f16.gguf", tmp_path / "q8.gguf", mixture="Q8_0")
    with pytest.raises(ConfigError, match="is Q8_0 already"):
        quantize.quantize(tmp_path / "q8.gguf", tmp_path / "out.gguf", mixture="Q4_0")


def test_an_imatrix_of_another_model_is_refused(models, tmp_path):
    matrix = imatrix.read(models / "odd-f16.imatrix")
    with pytest.raises(ConfigError, match="has 288 values, the model's has 256"):
        quantize.quantize(models / "wide-f16.gguf", tmp_path / "out.gguf", mixture="Q4_K_M", imatrix=matrix)


def test_weights_that_are_no_numbers_are_told(models, tmp_path):
    header, raw = gguf_file.read(models / "odd-f16.gguf"), bytearray((models / "odd-f16.gguf").read_bytes())
    place = header.tensors["blk.3.ffn_up.weight"].offset
    raw[place:place + 2] = np.float16(np.nan).tobytes()
    (tmp_path / "nan.gguf").write_bytes(raw)
    with pytest.raises(StageError, match=r"a weight of blk\.3\.ffn_up\.weight is not a number"):
        quantize.quantize(tmp_path / "nan.gguf", tmp_path / "out.gguf", mixture="Q8_0")


def test_memory_stays_far_below_the_tensors(tmp_path):
    """The file's largest tensor has 160 MiB, 320 as float32; what is quantized at once has 4."""
    source = tmp_path / "large.gguf"
    described = [("token_embd.weight", (1024, 81920), "F16")]
    fields = {"general.architecture": gguf_file.encode("str", "llama"), "llama.block_count": gguf_file.encode("u32", 1)}
    gguf_file.write(source, fields, described, [(bytes(1 << 20) for _ in range(160))])
    script = """
import resource, sys
def peak():
    # MiB; ru_maxrss would begin with the parent's
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
from pathlib import Path
from pillm.backends.llama_cpp import lib, quantize
lib.load()
before = peak()
quantize.quantize(Path(sys.argv[1]), Path(sys.argv[2]), mixture="Q8_0")
print(before, peak())
"""
    done = subprocess.run([sys.executable, "-c", script, source, tmp_path / "out.gguf"], capture_output=True, text=True,
                          check=True, cwd=Path(quantize.__file__).parents[3])
    before, peak = map(float, done.stdout.split())
    assert peak - before < 64
    assert peak < 1.2 * 160 + 300
