"""First weights of a model, and the files that hold it."""
import json
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file

from pillm.backends.scratch import induction, neighbours
from pillm.backends.scratch.families import Family, Settings
from pillm.shape import FirstWeights, Shape

INTO_THE_RESIDUAL = ("o_proj.weight", "down_proj.weight", "output_linear.weight")
"""Matrices that write to the residual stream: made smaller with depth (Radford et al. 2019, section 2.3)."""

EMBEDDING_STD = 0.02
"""Small, so that a model with tied embeddings does not begin by repeating its input."""


def save(family: Family, shape: Shape, ids: dict[str, int], out: Path, *, context: int, first_weights: FirstWeights,
         known: torch.Tensor | None, seed: int) -> None:
    """config.json, generation_config.json and model.safetensors (float32); `known` is for the embeddings."""
    model = getattr(transformers, family.architecture)(_config(family, shape, ids, context))
    fill(model, family.jitter, shape.layers, seed)
    if first_weights != "random":
        induction.begin(model, seed)
    if known is not None:
        neighbours.begin(model.get_input_embeddings().weight, known)
    save_file(dict(model.named_parameters()), out / "model.safetensors", metadata={"format": "pt"})
    model.generation_config.eos_token_id = [ids["eos"], *(ids[token] for token in family.also_ends)]
    model.generation_config.save_pretrained(out)
    model.config.save_pretrained(out)
    _rewrite(out / "config.json", family.fixes)


def _config(family: Family, shape: Shape, ids: dict[str, int], context: int) -> Any:
    kind = family.architecture.removesuffix("ForCausalLM")
    settings = {
        "vocab_size": shape.vocab, "hidden_size": shape.hidden, "intermediate_size": shape.ffn,
        "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads, "num_key_value_heads": shape.kv_heads,
        "max_position_embeddings": context, "tie_word_embeddings": shape.tied,
        "architectures": [family.architecture], "dtype": "float32",
        **{f"{role}_token_id": ids.get(role) for role in ("bos", "eos", "pad")}, **family.settings(shape)}
    return getattr(transformers, "Gemma3TextConfig" if kind == "Gemma3" else f"{kind}Config")(**settings)


@torch.no_grad()
def fill(model: torch.nn.Module, jitter: float, layers: int, seed: int) -> None:
    """Matrices N(0, 1 / inputs), so that each keeps the spread of what it multiplies; the same on any thread count."""
    source = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.dim() > 1:
            weight.normal_(0, _std(name, weight, layers), generator=source)
        else:
            weight.add_(torch.randn(weight.shape, generator=source), alpha=jitter)


def _std(name: str, weight: torch.Tensor, layers: int) -> float:
    if "embed_tokens" in name:
        return EMBEDDING_STD
    return weight.shape[-1] ** -0.5 * ((2 * layers) ** -0.5 if name.endswith(INTO_THE_RESIDUAL) else 1)


def _rewrite(path: Path, fixes: Settings) -> None:
    """What readers other than transformers 5 look for: rope_theta on its own, and the family's fixes."""
    config = json.loads(path.read_text(encoding="utf-8"))
    rope = config.get("rope_parameters") or {}
    config["rope_theta"] = rope.get("full_attention", rope)["rope_theta"]
    if "sliding_attention" in rope:
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
    for key, renamed in fixes.items():
        config[key] = [renamed.get(value, value) for value in config[key]]
    path.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
