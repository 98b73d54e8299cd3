"""A GGUF file into smaller number formats, a few rows at a time: memory does not grow with the model.

Every tensor comes out with the bytes that llama.cpp's own `llama-quantize` gives (src/llama-quant.cpp).
"""
import ctypes as c
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from pillm.backends.llama_cpp import gguf_file, lib, mixtures, where
from pillm.backends.llama_cpp.ggml_types import FORMATS, PLAIN
from pillm.backends.llama_cpp.gguf_file import Gguf, Tensor
from pillm.backends.llama_cpp.imatrix import Imatrix
from pillm.errors import ConfigError, StageError

PIECE = 1 << 20
"""Values converted at once by a thread: 4 MiB as float32."""
QUANTIZATION_VERSION = 2
"""GGML_QNT_VERSION in ggml/include/ggml.h."""


@dataclass(frozen=True)
class Quantized:
    """What became of a file."""

    formats: dict[str, int]
    """How many tensors have each format."""
    with_imatrix: int
    """Tensors that the importance matrix shaped."""
    without_imatrix: tuple[str, ...]
    """Tensors that it should have shaped and does not hold."""
    bits_per_weight: float


def quantize(source: Path, out: Path, *, mixture: str, imatrix: Imatrix | None = None,
             tensors: Mapping[str, str] | None = None,
             progress: Callable[..., None] = lambda *_, **__: None) -> Quantized:
    """Write `source` (f16, bf16 or f32) as `mixture`, with a schedule {pattern of tensor names: format} above it.

    Raises ConfigError before anything is written where formats, rows, schedule or importance matrix do not fit.
    """
    header = gguf_file.read(source)
    chosen = plan(header, mixture, imatrix=imatrix, tensors=tensors)
    described = [(name, header.tensors[name].shape, kind) for name, kind in chosen.items()]
    with source.open("rb") as file, ThreadPoolExecutor(where.default_threads()) as pool:
        work = _Work(file.fileno(), pool, imatrix)
        data = _told(header, chosen, work, lambda done, total: progress(mixture, done, total))
        gguf_file.write(out, _fields(header, mixture, imatrix), described, data, alignment=header.alignment)
    return _report(header, chosen, imatrix)


def plan(header: Gguf, mixture: str, *, imatrix: Imatrix | None = None,
         tensors: Mapping[str, str] | None = None) -> dict[str, str]:
    """The format of every tensor; ConfigError where the file, the schedule or the importance matrix does not fit."""
    chosen = mixtures.formats(header, mixture, schedule=tensors or {}, imatrix=imatrix is not None)
    for name in _changed(header, chosen):
        tensor = header.tensors[name]
        if tensor.format not in PLAIN:
            raise ConfigError(f"{header.path}: {name} is {tensor.format} already. Quantize the f16, bf16 or f32 file.")
    if imatrix is not None:
        imatrix.check(header)
    return chosen


def _changed(header: Gguf, chosen: Mapping[str, str]) -> list[str]:
    return [name for name, kind in chosen.items() if header.tensors[name].format != kind]


def _shaped(header: Gguf, chosen: Mapping[str, str]) -> list[str]:
    """Tensors whose new values depend on an importance matrix, if it has them; those of Q8_0 never do."""
    return [name for name in _changed(header, chosen) if chosen[name] not in (*PLAIN, "Q8_0")]


def _report(header: Gguf, chosen: Mapping[str, str], imatrix: Imatrix | None) -> Quantized:
    shaped = _shaped(header, chosen)
    used = [name for name in shaped if imatrix and name in imatrix.means]
    size = sum(FORMATS[kind].bytes(header.tensors[name].values) for name, kind in chosen.items())
    weights = sum(tensor.values for tensor in header.tensors.values())
    return Quantized(dict(sorted(Counter(chosen.values()).items())), len(used),
                     tuple(name for name in shaped if name not in used) if imatrix else (), 8 * size / weights)


def _fields(header: Gguf, mixture: str, imatrix: Imatrix | None) -> dict[str, tuple[int, bytes]]:
    """The metadata in the order llama-quantize leaves it in: what it sets goes last."""
    ours = {"general.quantization_version": gguf_file.encode("u32", QUANTIZATION_VERSION),
            "general.file_type": gguf_file.encode("u32", mixtures.MIXTURES[mixture].file_type)}
    if imatrix is not None:
        ours |= imatrix.fields()
    return {key: value for key, value in header.fields.items() if key not in ours} | ours


@dataclass(frozen=True)
class _Work:
    """What the conversion of a tensor needs."""

    file: int
    pool: ThreadPoolExecutor
    imatrix: Imatrix | None


def _told(header: Gguf, chosen: Mapping[str, str], work: _Work,
          tell: Callable[[int, int], None]) -> Iterator[Iterator[bytes]]:
    """Each tensor's new bytes in pieces; the values that are done are told before each."""
    done, total = 0, sum(tensor.values for tensor in header.tensors.values())
    for name, kind in chosen.items():
        tell(done, total)
        yield _converted(header.tensors[name], kind, work)
        done += header.tensors[name].values
    tell(done, total)


def _converted(tensor: Tensor, kind: str, work: _Work) -> Iterator[bytes]:
    """As many pieces at a time as there are threads; the order and the bytes do not depend on how many."""
    def one(piece: tuple[int, int]) -> bytes:
        start, rows = piece
        raw = _rows(work.file, tensor, start, rows)
        if kind == tensor.format:
            return raw
        values = _floats(raw, tensor)
        if not np.isfinite(values).all():
            raise StageError(f"quantize: a weight of {tensor.name} is not a number. Look at the training's losses, or "
                             "convert again.")
        return _quantized(values, kind, _weights(tensor, start, work))

    pieces = _pieces(tensor)
    while batch := list(islice(pieces, work.pool._max_workers)):
        yield from work.pool.map(one, batch)


def _pieces(tensor: Tensor) -> Iterator[tuple[int, int]]:
    """(first row, rows) such that none crosses from one expert's matrix into the next."""
    height = tensor.shape[1] if len(tensor.shape) > 1 else 1
    step = max(1, PIECE // tensor.row)
    for matrix in range(0, tensor.values // tensor.row, height):
        for start in range(matrix, matrix + height, step):
            yield start, min(step, matrix + height - start)


def _rows(file: int, tensor: Tensor, start: int, rows: int) -> bytes:
    stride = FORMATS[tensor.format].bytes(tensor.row)
    return os.pread(file, rows * stride, tensor.offset + start * stride)


def _floats(raw: bytes, tensor: Tensor) -> np.ndarray:
    """float32 [rows, row]"""
    if tensor.format == "BF16":
        values = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
    else:
        values = np.frombuffer(raw, "<f4" if tensor.format == "F32" else "<f2").astype("<f4")
    return values.reshape(-1, tensor.row)


def _weights(tensor: Tensor, start: int, work: _Work) -> np.ndarray | None:
    """The importance of each value in these rows: float32 [row], or None."""
    means = work.imatrix.means.get(tensor.name) if work.imatrix else None
    return None if means is None else means.reshape(-1, tensor.row)[start // tensor.shape[1]]


def _quantized(values: np.ndarray, kind: str, weights: np.ndarray | None) -> bytes:
    rows, row = values.shape
    out = c.create_string_buffer(rows * FORMATS[kind].bytes(row))
    lib.load().ggml_quantize_chunk(FORMATS[kind].code, values.ctypes.data, out, 0, rows, row,
                                   None if weights is None else weights.ctypes.data)
    return out.raw
