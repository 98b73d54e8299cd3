import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import PositiveInt

from pillm.backends.llama_cpp import where
from pillm.engine.stage import Estimate, From, InputPath, Makes, Metrics, Needs, Progress, StageConfig, stage
from pillm.errors import StageError

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.imatrix import Imatrix
    from pillm.backends.llama_cpp.model import Model

OPERATIONS_PER_S = 2e10
"""Multiplications and additions of one core in a batch of 512 tokens, f16 weights; measured with AVX2."""


class ImatrixConfig(StageConfig):
    path: InputPath | None = None
    """An importance matrix of yours (llama-imatrix writes it) to use instead of computing one."""
    max_chats: PositiveInt = 1000
    """Chats of the training split, from its start."""
    max_chunks: PositiveInt = 200
    """Chunks of tokens to run through the model."""
    chunk_size: PositiveInt = 512
    """Tokens in a chunk; no more than the model can attend to."""
    dataset: Annotated[str | None, From("domain.name")]
    """Noted in the file."""


def estimate(config: ImatrixConfig, recipe: dict) -> Estimate:
    """seconds = 2 × parameters × tokens / (OPERATIONS_PER_S × cores), tokens = max_chunks × chunk_size at most.

    memory = the f16 file + 0.5 GiB; disk = 2 × 4 bytes for each of parameters / 500 inputs.
    """
    weights, tokens = recipe["model"]["parameters"], config.max_chunks * config.chunk_size
    seconds = 0 if config.path else 2 * weights * tokens / (OPERATIONS_PER_S * (os.cpu_count() or 1))
    return Estimate(seconds=1 + seconds, ram_gib=2 * weights / 2**30 + 0.5, disk_gib=8 * weights / 500 / 2**30)


@stage(version="1", libraries=("xllamacpp",), estimate=estimate, fingerprint=where.own_identity)
def imatrix(config: ImatrixConfig, gguf: Annotated[Path, Needs("gguf")],
            chats: Annotated[Path | None, Needs("chats", when=("path", None))],
            imatrix: Annotated[Path, Makes("imatrix", "imatrix.gguf")], progress: Progress) -> Metrics:
    """Measure on the training split which inputs of each weight matter, so that quantization spares them."""
    from pillm.backends.llama_cpp import gguf_file
    from pillm.backends.llama_cpp import imatrix as backend

    if config.path:
        found = backend.read(config.path)
    elif chats:
        found = _computed(config, gguf, chats, progress)
    else:
        raise StageError("imatrix: there are no chats. Add prepare to the steps, or set imatrix.path.")
    found.check(gguf_file.read(gguf))
    backend.write(imatrix, found)
    return {"tensors": len(found.sums), "chunks": found.chunks, "chunk_size": found.chunk_size,
            "tokens": int(max(counts.sum() for counts in found.counts.values()))}


def _computed(config: ImatrixConfig, gguf: Path, chats: Path, progress: Progress) -> "Imatrix":
    from pillm.backends.llama_cpp import imatrix as backend
    from pillm.backends.llama_cpp.model import Model

    with Model(gguf) as model:  # vocab_only would not know the context
        size = min(config.chunk_size, model.context)
        texts = _tokens(model, chats / "train.jsonl", config.max_chats)
        chunks = list(backend.chunked(texts, size, config.max_chunks))
    return backend.compute(gguf, chunks, dataset=f"{config.dataset}/train", progress=progress)


def _tokens(model: "Model", file: Path, most: int) -> Iterator[list[int]]:
    """Each chat as the model sees it, by the GGUF's own template."""
    from pillm.serve.template import render

    template, bos, eos = model.chat_template(), _text(model, model.bos), _text(model, model.eos)
    with file.open(encoding="utf-8") as lines:
        for _, line in zip(range(most), lines, strict=False):
            text = render(template, json.loads(line)["messages"], bos=bos, eos=eos, add_generation_prompt=False)
            yield model.tokenize(text, add_special=not (bos and text.startswith(bos)))


def _text(model: "Model", token: int) -> str:
    return model.piece(token) if token >= 0 else ""
