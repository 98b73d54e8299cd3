"""Importance matrices: how strongly each input of a weight matrix is used, so that quantization spares what matters.

Computed as tools/imatrix/imatrix.cpp does, read and written in llama.cpp's formats (common/imatrix-loader.cpp).
"""
import ctypes as c
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from pillm.backends.llama_cpp import gguf_file, lib
from pillm.backends.llama_cpp.context import Context
from pillm.backends.llama_cpp.gguf_file import Gguf
from pillm.backends.llama_cpp.layout import F32, Tensor
from pillm.backends.llama_cpp.legacy_imatrix import read_legacy
from pillm.backends.llama_cpp.model import Model
from pillm.errors import ConfigError, StageError

SUMS, COUNTS = ".in_sum2", ".counts"
FEWEST = 16
"""llama.cpp leaves out batches with fewer tokens."""
TEXT = 127
"""Bytes that llama-quantize keeps of a text it notes in a file."""


@dataclass(frozen=True)
class Imatrix:
    """Sums of squares of what went into each weight matrix, and how many tokens went in."""

    sums: dict[str, np.ndarray]
    """float32 [row × matrices], by tensor name"""
    counts: dict[str, np.ndarray]
    """float32 [1] for a dense tensor, [experts] for one that routes"""
    dataset: str = ""
    chunks: int = 0
    chunk_size: int = 512

    @cached_property
    def means(self) -> dict[str, np.ndarray]:
        """What quantization weighs with: the mean square per input, 1 where nothing went in; float32, flat."""
        return {name: _mean(sums.reshape(len(self.counts[name]), -1), self.counts[name][:, None])
                for name, sums in self.sums.items()}

    def check(self, model: Gguf) -> None:
        """ConfigError unless it was made for a model with these tensors."""
        named = [tensor for name, tensor in model.tensors.items() if name in self.sums]
        if not named:
            raise ConfigError(f"imatrix: none of its {len(self.sums)} tensors is in {model.path.name}. "
                              "Use one made for this model, or let pillm compute it.")
        for tensor in named:
            inputs = tensor.row * (tensor.shape[2] if len(tensor.shape) > 2 else 1)
            if self.sums[tensor.name].size != inputs:
                raise ConfigError(f"imatrix: {tensor.name} has {self.sums[tensor.name].size} values, the model's has "
                                  f"{inputs}. Use one made for this model, or let pillm compute it.")

    def fields(self) -> dict[str, tuple[int, bytes]]:
        """What llama-quantize notes in a file about the importance matrix used (tools/quantize/quantize.cpp)."""
        texts = {"quantize.imatrix.file": "imatrix.gguf", "quantize.imatrix.dataset": self.dataset}
        numbers = {"quantize.imatrix.entries_count": len(self.sums), "quantize.imatrix.chunks_count": self.chunks}
        return ({key: gguf_file.encode("str", _cut(text)) for key, text in texts.items() if text}
                | {key: gguf_file.encode("u32", number) for key, number in numbers.items() if number})


def _cut(text: str) -> str:
    return text.encode()[:TEXT].decode(errors="ignore")


def _mean(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    means = np.divide(sums, counts, out=np.ones_like(sums), where=counts > 0)
    return np.ascontiguousarray(means.reshape(-1), np.float32)


def read(path: Path) -> Imatrix:
    """An importance matrix in llama.cpp's GGUF format or its older binary one.

    Raises ConfigError where it holds none or numbers that are not finite.
    """
    with path.open("rb") as file:
        found = _read_gguf(path) if file.read(4) == gguf_file.MAGIC else Imatrix(*read_legacy(path))
    if not found.sums:
        raise ConfigError(f"{path}: there is no importance matrix in it. Name a file that llama-imatrix wrote.")
    broken = [name for name, sums in found.sums.items() if not np.isfinite(sums).all()]
    if broken:
        raise ConfigError(f"{path}: {broken[0]} holds values that are no numbers. Compute the matrix again.")
    return found


def _read_gguf(path: Path) -> Imatrix:
    header, raw = gguf_file.read(path), path.read_bytes()
    values = {name: np.frombuffer(raw, "<f4", tensor.values, tensor.offset).copy()
              for name, tensor in header.tensors.items() if tensor.format == "F32"}
    names = sorted(name.removesuffix(SUMS) for name in values if name.endswith(SUMS))
    return Imatrix({name: values[name + SUMS] for name in names if name + COUNTS in values},
                   {name: values[name + COUNTS] for name in names if name + COUNTS in values},
                   (header.get("imatrix.datasets") or [""])[0], header.get("imatrix.chunk_count", 0),
                   header.get("imatrix.chunk_size", 512))


def write(path: Path, imatrix: Imatrix) -> None:
    """In llama.cpp's GGUF format, tensors sorted by name."""
    fields = {
        "general.type": gguf_file.encode("str", "imatrix"),
        "imatrix.datasets": gguf_file.encode("str", [imatrix.dataset] if imatrix.dataset else []),
        "imatrix.chunk_count": gguf_file.encode("u32", imatrix.chunks),
        "imatrix.chunk_size": gguf_file.encode("u32", imatrix.chunk_size),
    }
    described: list[tuple[str, tuple[int, ...], str]] = []
    data: list[list[bytes]] = []
    for name in sorted(imatrix.sums):
        sums, counts = imatrix.sums[name], imatrix.counts[name]
        matrices = (len(counts),) if len(counts) > 1 else ()
        described += [(name + SUMS, (sums.size // len(counts), *matrices), "F32"),
                      (name + COUNTS, (1, *matrices), "F32")]
        data += [[sums.astype("<f4").tobytes()], [counts.astype("<f4").tobytes()]]
    gguf_file.write(path, fields, described, data)


def chunked(texts: Iterable[Sequence[int]], size: int, most: int) -> Iterator[list[int]]:
    """The tokens of all texts one after the other, cut into at most `most` chunks; the last may be shorter."""
    rest: list[int] = []
    for ids in texts:
        rest += ids
        while len(rest) >= size and most > 0:
            yield rest[:size]
            rest, most = rest[size:], most - 1
        if most == 0:
            return
    if len(rest) >= FEWEST:
        yield rest


def compute(gguf: Path, chunks: Sequence[Sequence[int]], *, dataset: str = "",
            progress: Callable[..., None] = lambda *_, **__: None) -> Imatrix:
    """The importance matrix of a dense model over chunks of tokens, each a sequence of its own.

    Raises StageError where the chunks are too short to count.
    """
    collector = _Collector()
    size = max(map(len, chunks), default=1)
    with Model(gguf) as model:
        context = Context(model, size, hook=collector.hook)
        for done, chunk in enumerate(chunks):
            progress("chunks", done, len(chunks))
            for _ in context.pieces(chunk):
                pass
        context.close()
    progress("chunks", len(chunks), len(chunks))
    if not collector.sums:
        raise StageError(f"{gguf}: no chunk has {FEWEST} tokens. Give more chats, or leave the imatrix out.")
    counts = {name: np.array([count], np.float32) for name, count in collector.counts.items()}
    return Imatrix(dict(sorted(collector.sums.items())), counts, dataset, len(chunks), size)


class _Collector:
    """Takes what enters each weight matrix of a layer (collect_imatrix in tools/imatrix/imatrix.cpp, dense case)."""

    def __init__(self) -> None:
        self.sums: dict[str, np.ndarray] = {}
        self.counts: dict[str, int] = {}
        self.library = lib.load()
        self.get = self.library.ggml_backend_tensor_get
        self.get.restype, self.get.argtypes = None, (c.POINTER(Tensor), c.c_void_p, c.c_size_t, c.c_size_t)

    def hook(self, result: Tensor, asking: bool) -> bool:
        """Wants the products of a layer's weights with at least FEWEST float32 rows."""
        if self.library.ggml_op_name(result.op) != b"MUL_MAT":
            return not asking
        weight, inputs = result.src[0].contents, result.src[1].contents
        name = _plain_name(weight.name.decode())
        wanted = name.startswith("blk.") and inputs.ne[1] >= FEWEST and inputs.type == F32
        if wanted and not asking:
            self.add(name, weight, inputs)
        return wanted or not asking

    def add(self, name: str, weight: Tensor, inputs: Tensor) -> None:
        """Squares of the inputs [matrices × rows, row], summed per matrix of the weight."""
        squares = np.square(self.values(inputs)).sum(1, dtype=np.float32)
        matrices = weight.ne[2] * weight.ne[3]
        sums = self.sums.setdefault(name, np.zeros(matrices * inputs.ne[0], np.float32)).reshape(matrices, -1)
        for i, square in enumerate(squares):
            sums[i % matrices] += square
        self.counts[name] = self.counts.get(name, 0) + inputs.ne[1] * len(squares) // matrices

    def values(self, tensor: Tensor) -> np.ndarray:
        """float32 [the outer two dimensions, rows, row], copied from wherever the tensor is computed."""
        size = tensor.ne[3] * tensor.nb[3]
        raw = np.empty(size, np.uint8)
        self.get(c.byref(tensor), raw.ctypes.data, 0, size)
        shape = (tensor.ne[3], tensor.ne[2], tensor.ne[1], tensor.ne[0])
        strides = tuple(tensor.nb[i] for i in (3, 2, 1, 0))
        return np.ndarray(shape, np.float32, raw, strides=strides).reshape(-1, tensor.ne[1], tensor.ne[0])


def _plain_name(name: str) -> str:
    """`blk.0.attn_q.weight` of `CUDA0#blk.0.attn_q.weight#0`."""
    return name.split("#")[1] if "#" in name else name
