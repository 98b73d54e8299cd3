"""Faults put into files on disk: one value of a GGUF's metadata, or some bytes of one tensor."""
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from pillm.backends.llama_cpp import gguf_file


def metadata(file: Path, key: str, kind: str, value: Any) -> None:
    """Writes the file anew with another value; the tensors stay as they are."""
    header = gguf_file.read(file)
    raw = file.read_bytes()
    fields = header.fields | {key: gguf_file.encode(kind, value)}
    described = [(tensor.name, tensor.shape, tensor.format) for tensor in header.tensors.values()]
    pieces = [[raw[tensor.offset:tensor.offset + tensor.bytes]] for tensor in header.tensors.values()]
    file.unlink()  # it may be a link to a file that others use
    gguf_file.write(file, fields, described, pieces)


def template(file: Path, old: str, new: str) -> None:
    """Changes the chat template of a GGUF."""
    found = gguf_file.read(file).get("tokenizer.chat_template")
    assert found.count(old) >= 1
    metadata(file, "tokenizer.chat_template", "str", found.replace(old, new, 1))


def tensor(file: Path, name: str, *, share: float = 0.02) -> None:
    """Sets the first of a GGUF tensor's bytes to zero."""
    found = gguf_file.read(file).tensors[name]
    raw = bytearray(file.read_bytes())
    length = int(found.bytes * share)
    raw[found.offset:found.offset + length] = bytes(length)
    file.unlink()
    file.write_bytes(raw)


def weights(folder: Path, name: str, change: float) -> None:
    """Adds to every value of a tensor, as a fine-tuned model differs from its base."""
    file = folder / "model.safetensors"
    tensors = load_file(file)
    random = np.random.RandomState(0)
    tensors[name] = (tensors[name] + change * random.standard_normal(tensors[name].shape)).astype(tensors[name].dtype)
    save_file(tensors, file, metadata={"format": "pt"})
