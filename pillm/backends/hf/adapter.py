"""PEFT adapters: around a model, onto disk, and back."""
import json
import warnings
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict, prepare_model_for_kbit_training
from safetensors.torch import save_file
from transformers import PreTrainedModel

from pillm.backends.hf.chat import TEMPLATE_FILE
from pillm.backends.hf.model import in_four_bits
from pillm.backends.hf.options import Lora

TRAINED_ON = "trained_on.json"
"""How the base was held while the adapter was trained: what a merge must know."""


def wrap(model: PreTrainedModel, lora: Lora) -> PeftModel:
    """The model with a fresh adapter; only the adapter is trained."""
    if in_four_bits(model):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    config = LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha,  # type: ignore[arg-type]
        lora_dropout=lora.dropout, use_dora=lora.dora, use_rslora=lora.rslora,
        target_modules=list(lora.targets) or "all-linear", task_type="CAUSAL_LM")
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # PEFT 0.21 asks by transformers' old names
        return get_peft_model(model, config)


def save(model: PeftModel, out: Path, lora: Lora, *, dtype: str, template: str) -> None:
    """Write an adapter folder that says nothing of this machine, in the same bytes each time."""
    out.mkdir(parents=True)
    tensors = get_peft_model_state_dict(model, save_embedding_layers=False)
    save_file({name: tensor.contiguous().cpu() for name, tensor in sorted(tensors.items())},
              out / "adapter_model.safetensors", metadata={"format": "pt"})
    _write(out / "adapter_config.json", _config(model, lora))
    _write(out / TRAINED_ON, {
        "dtype": dtype, "quantized": lora.quantize.model_dump() if lora.quantize else None})
    (out / TEMPLATE_FILE).write_text(template, encoding="utf-8")


def _config(model: PeftModel, lora: Lora) -> dict[str, Any]:
    """PEFT's own description, ordered, with no path; rslora's scale is written as the alpha that gives it."""
    told = model.peft_config["default"].to_dict()
    told |= {"base_model_name_or_path": None, "inference_mode": True, "target_modules": sorted(told["target_modules"])}
    if lora.rslora:
        told |= {"use_rslora": False, "lora_alpha": lora.alpha * lora.rank ** 0.5}
    return dict(sorted(told.items()))


def attach(model: PreTrainedModel, folder: Path) -> PeftModel:
    """A model with the adapter of a folder, for inference or merging."""
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        return PeftModel.from_pretrained(model, str(folder), torch_device=str(model.device))


def trainable(model: torch.nn.Module) -> int:
    """Number of weights that are trained."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
