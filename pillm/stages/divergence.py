import json
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PositiveInt

from pillm.backends import json_lines
from pillm.backends.llama_cpp import where
from pillm.backends.machine import machine
from pillm.engine.digest import sha256
from pillm.engine.stage import Estimate, Free, From, Makes, Metrics, Needs, Progress, StageConfig, stage
from pillm.errors import StageError

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.divergence import Scored
    from pillm.backends.llama_cpp.model import Model

OPERATIONS_PER_S = 2e10
"""Multiplications and additions of one core in a batch of 512 tokens; measured with AVX2."""


class DivergenceConfig(StageConfig):
    max_chats: PositiveInt = 200
    """Test chats, from the start of the split."""
    max_tokens: PositiveInt = 5_000
    """No further chat is taken once the chosen ones have so many."""
    context: Annotated[PositiveInt, From("model.context")]
    """A longer chat is cut there."""
    threads: Annotated[PositiveInt | None, From("threads"), Free()] = None
    """Threads that llama.cpp computes with, which do not change its sums; null is one per core."""


def estimate(config: DivergenceConfig, recipe: dict) -> Estimate:
    """seconds = 2 × parameters × max_tokens × (1 + 2 × types) / (OPERATIONS_PER_S × cores).

    memory = 0.3 GiB + f16 and the largest other file (2 + 1 bytes × parameters) + 512 × vocabulary × 12 bytes.
    """
    model, types = recipe["model"], (recipe.get("quantize") or {}).get("types") or ["Q8_0"]
    operations = 2 * model["parameters"] * config.max_tokens * (1 + 2 * len(types))
    memory = 3 * model["parameters"] + 512 * model["shape"]["vocab"] * 12
    return Estimate(seconds=1 + operations / (OPERATIONS_PER_S * machine().cores), ram_gib=0.3 + memory / 2**30)


@stage(version="1", libraries=("xllamacpp",), estimate=estimate, fingerprint=where.identity)
def divergence(config: DivergenceConfig, ladder: Annotated[Path, Needs("ladder")],
               chats: Annotated[Path, Needs("chats")],
               divergence: Annotated[Path, Makes("divergence", "divergence.json")], progress: Progress) -> Metrics:
    """Measure perplexity, and KL divergence from the unquantized file, of each type of the ladder on the test chats."""
    from pillm.backends.llama_cpp import ladder as rungs
    from pillm.backends.llama_cpp.model import Model

    files = rungs.files(ladder)
    with Model(files[rungs.base(files)], threads=config.threads) as base:
        sequences = _sequences(base, _chats(chats, config.max_chats), config)
        found = {name: _facts(file) | _figures(base, file, sequences, progress) for name, file in files.items()}
    divergence.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return {"chats": len(sequences), **found}


def _chats(chats: Path, most: int) -> list[list[dict[str, str]]]:
    """Messages of the test split, or of the validation split where that is empty."""
    for split in ("test", "validation"):
        file = chats / f"{split}.jsonl"
        chosen = list(islice(json_lines.values(file), most)) if file.exists() else []
        if chosen:
            return [chat["messages"] for chat in chosen]
    raise StageError("divergence: neither test nor validation split has a chat. Give prepare more records or shares.")


def _sequences(model: "Model", chats: list[list[dict[str, str]]], config: DivergenceConfig) -> "list[Scored]":
    """The chats as tokens, each token after the first to be predicted."""
    from pillm.backends.llama_cpp.divergence import Scored

    sequences: list[Scored] = []
    for messages in chats:
        sequences.append(Scored(_tokens(model, messages)[:config.context]))
        if sum(len(sequence.ids) for sequence in sequences) >= config.max_tokens:
            break
    return sequences


def _tokens(model: "Model", messages: list[dict[str, str]]) -> list[int]:
    """By the file's own template and tokenizer; as llama.cpp's server does, a BOS of both is written once."""
    from pillm.serve.template import render

    bos, eos = model.piece(model.bos), model.piece(model.eos)
    text = render(model.chat_template(), messages, bos=bos, eos=eos)
    return model.tokenize(text.removeprefix(bos) if model.adds_bos else text, add_special=True)


def _facts(file: Path) -> dict[str, Any]:
    return {"bytes": file.stat().st_size, "sha256": sha256(file)}


def _figures(base: "Model", file: Path, sequences: "list[Scored]", progress: Progress) -> dict[str, float]:
    from pillm.backends.llama_cpp import divergence as backend
    from pillm.backends.llama_cpp.model import Model

    total = sum(len(sequence.ids) for sequence in sequences)

    def told(positions: int) -> None:
        progress(f"{file.stem}: tokens", positions, total)

    if file == base.path:
        found = backend.Divergence(backend.perplexity(base, sequences, told=told), 0, 0, 1, total - len(sequences))
    else:
        with Model(file, threads=base.threads) as model:
            found = backend.kl_divergence(base, model, sequences, told=told)
    return {name: round(value, 8) for name, value in asdict(found).items()}
