"""GGUF files read and written piece by piece: the header is looked at, tensors stay on disk until they are asked for.

The format is that of ggml/src/gguf.cpp, version 3, little endian: header, metadata, tensor descriptions, tensor bytes.
Metadata values are kept as the file has them, so that what is copied is copied byte for byte.
"""
import mmap
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from pillm.backends.llama_cpp.ggml_types import FORMATS, NAMES
from pillm.errors import CorruptError, MissingInput

MAGIC, VERSION = b"GGUF", 3
STRING, ARRAY, BOOL = 8, 9, 7
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""`enum gguf_type` in ggml/include/gguf.h, as the codes of Python's struct."""
KINDS = {"u32": 4, "i32": 5, "f32": 6, "bool": BOOL, "str": STRING, "u64": 10}
"""What `encode` takes."""


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies. `shape` begins with the row's length, as in the file."""

    name: str
    shape: tuple[int, ...]
    format: str
    offset: int
    """From the start of the file, in bytes."""

    @property
    def row(self) -> int:
        """Values in a row."""
        return self.shape[0]

    @property
    def values(self) -> int:
        """Values in all."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """What the tensor takes up in the file, without padding."""
        return FORMATS[self.format].bytes(self.values)


@dataclass(frozen=True)
class Gguf:
    """A file's header. `fields` holds the metadata by key, each value as its type's code and the bytes after it."""

    path: Path
    fields: dict[str, tuple[int, bytes]]
    tensors: dict[str, Tensor]

    def get(self, key: str, default: Any = None) -> Any:
        """A metadata value, decoded."""
        return decode(*self.fields[key]) if key in self.fields else default

    @property
    def alignment(self) -> int:
        """Tensors begin at multiples of this."""
        return self.get("general.alignment", 32)


def read(path: Path) -> Gguf:
    """The header of a file; MissingInput where there is none, CorruptError where it is no whole GGUF file."""
    if not path.is_file():
        raise MissingInput(f"{path}: there is no such file. Name a GGUF file.")
    if path.stat().st_size < 24:
        raise CorruptError(f"{path}: this is no GGUF file. Make or copy it again.")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            found = _Reader(data).header(path)
        except (struct.error, UnicodeDecodeError, IndexError, OverflowError) as error:
            raise CorruptError(f"{path}: its header is broken ({error}). Make or copy the file again.") from None
        end = max((tensor.offset + tensor.bytes for tensor in found.tensors.values()), default=0)
        if end > len(data):
            raise CorruptError(f"{path}: it is cut off at byte {len(data)} of {end}. Make or copy it again.")
    return found


class _Reader:
    """A place in a file's bytes that moves on with each read."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def take(self, code: str) -> Any:
        value, = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return value

    def text(self) -> str:
        length = self.take("Q")
        start, self.at = self.at, self.at + length
        return self.data[start:self.at].decode()

    def skip(self, kind: int, count: int = 1) -> None:
        if kind == STRING:
            for _ in range(count):
                self.at += 8 + struct.unpack_from("<Q", self.data, self.at)[0]
        elif kind == ARRAY:
            self.skip(self.take("I"), self.take("Q"))
        else:
            self.at += count * struct.calcsize("<" + SCALARS.get(kind, ""))

    def field(self) -> tuple[str, tuple[int, bytes]]:
        key, kind = self.text(), self.take("I")
        if kind not in SCALARS and kind not in (STRING, ARRAY):
            raise IndexError(f"{key} has the unknown type {kind}")
        start = self.at
        self.skip(kind)
        return key, (kind, self.data[start:self.at])

    def tensor(self) -> tuple[str, list[int], int, int]:
        name, dimensions = self.text(), self.take("I")
        return name, [self.take("Q") for _ in range(dimensions)], self.take("I"), self.take("Q")

    def header(self, path: Path) -> Gguf:
        magic, version = self.data[:4], struct.unpack_from("<I", self.data, 4)[0]
        if magic != MAGIC or version not in (2, VERSION):
            raise CorruptError(f"{path}: this is no GGUF file of version 2 or 3. Make or copy it again.")
        self.at = 8
        tensors, fields = self.take("Q"), self.take("Q")
        header = Gguf(path, dict(self.field() for _ in range(fields)), {})
        described = [self.tensor() for _ in range(tensors)]
        start = padded(self.at, header.alignment)
        for name, shape, code, offset in described:
            if code not in NAMES:
                raise CorruptError(f"{path}: tensor {name} has the unknown type {code}. Use an f16, bf16 or f32 file.")
            header.tensors[name] = Tensor(name, _trimmed(shape), NAMES[code], start + offset)
        return header


def _trimmed(shape: list[int]) -> tuple[int, ...]:
    """Without the dimensions of one at the end, as ggml_n_dims in ggml/src/ggml.c counts them."""
    while len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    return tuple(shape)


def padded(size: int, alignment: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // alignment) * alignment


def decode(kind: int, data: bytes) -> Any:
    """A metadata value as Python has it."""
    if kind == STRING:
        return data[8:].decode()
    if kind != ARRAY:
        return struct.unpack("<" + SCALARS[kind], data)[0]
    inner, count = struct.unpack_from("<IQ", data)
    if inner != STRING:
        return list(struct.unpack_from(f"<{count}{SCALARS[inner]}", data, 12))
    return list(_strings(data, count))


def _strings(data: bytes, count: int) -> Iterator[str]:
    at = 12
    for _ in range(count):
        length = struct.unpack_from("<Q", data, at)[0]
        yield data[at + 8:at + 8 + length].decode()
        at += 8 + length


def encode(kind: str, value: Any) -> tuple[int, bytes]:
    """A metadata value as a file has it; lists become arrays of the kind."""
    code = KINDS[kind]
    if isinstance(value, list):
        return ARRAY, struct.pack("<IQ", code, len(value)) + b"".join(encode(kind, item)[1] for item in value)
    return code, _string(value) if code == STRING else struct.pack("<" + SCALARS[code], value)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def write(out: Path, fields: Mapping[str, tuple[int, bytes]], tensors: Sequence[tuple[str, tuple[int, ...], str]],
          data: Iterable[Iterable[Any]], *, alignment: int = 32) -> None:
    """A file of these (name, shape, format) tensors, each tensor's bytes given in pieces and in the same order."""
    with out.open("wb") as file:
        file.write(_head(fields, tensors, alignment))
        for (name, shape, kind), pieces in zip(tensors, data, strict=True):
            size = FORMATS[kind].bytes(prod(shape))
            written = sum(file.write(piece) for piece in pieces)
            if written != size:
                raise CorruptError(f"{out}: tensor {name} came out as {written} bytes, not {size}. Make it again.")
            file.write(bytes(padded(size, alignment) - size))


def _head(fields: Mapping[str, tuple[int, bytes]], tensors: Sequence[tuple[str, tuple[int, ...], str]],
          alignment: int) -> bytes:
    parts, offset = [MAGIC, struct.pack("<IQQ", VERSION, len(tensors), len(fields))], 0
    parts += [_string(key) + struct.pack("<I", kind) + value for key, (kind, value) in fields.items()]
    for name, shape, kind in tensors:
        parts += [_string(name), struct.pack(f"<I{len(shape)}Q", len(shape), *shape)]
        parts += [struct.pack("<IQ", FORMATS[kind].code, offset)]
        offset += padded(FORMATS[kind].bytes(prod(shape)), alignment)
    head = b"".join(parts)
    return head + bytes(padded(len(head), alignment) - len(head))
