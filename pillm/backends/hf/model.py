"""Weights folders: into memory, and back to disk with all that belongs to them."""
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel
from transformers.utils import logging as transformers_logging

from pillm.backends.hf.chat import TEMPLATE_FILE
from pillm.backends.hf.options import Quantized
from pillm.errors import StageError

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "*.bin", "*.pt", "*.pth", "*.gguf", "config.json")
"""Files of a weights folder that hold the weights or tell their type; all others are copied as they are."""


def device() -> torch.device:
    """The first GPU, else the processor."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def load(weights: Path, *, dtype: str = "fp32", quantized: Quantized | None = None) -> PreTrainedModel:
    """A model on this machine's device, from safetensors only, in `dtype` (fp32, bf16, fp16) or 4 bits."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    if dtype == "bf16" and torch.cuda.is_available() and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise StageError("dtype: this GPU has no bf16. Set dtype=fp32.")
    model = AutoModelForCausalLM.from_pretrained(
        str(weights), dtype=DTYPES[dtype], attn_implementation="sdpa", use_safetensors=True, local_files_only=True,
        trust_remote_code=False, device_map={"": device()},
        # Only where it is wanted: null would hide that the folder's own weights are in 4 bits.
        **{"quantization_config": _four_bits(quantized, dtype)} if quantized else {})
    for layer in model.modules():
        if hasattr(layer, "support_avx512bf16_for_cpu"):  # its first eval pass would repack what training still needs
            layer.support_avx512bf16_for_cpu = False  # type: ignore[assignment]
        if hasattr(layer, "compute_type_is_set"):  # in 4 bits; where it is stored so, it names a type of its own
            layer.compute_dtype, layer.compute_type_is_set = DTYPES[dtype], True  # type: ignore[assignment]
    return model


def in_four_bits(model: PreTrainedModel) -> bool:
    """Whether it was cut to 4 bits, here or in its folder."""
    return bool(getattr(model, "is_loaded_in_4bit", False))


def dequantized(model: Any, dtype: str) -> Any:
    """The values that 4 bits stand for, in a type of whole numbers of bytes."""
    whole = model.dequantize().to(DTYPES[dtype])
    whole._weight_conversions = None  # transformers would undo how it read 4 bits when it saves, and cannot
    return whole


def store_whole(weights: Path, out: Path, *, dtype: str = "fp16") -> None:
    """Write a folder with the values that the 4 bits of another stand for."""
    save(dequantized(load(weights), dtype), weights, out)


def store_quantized(weights: Path, quantized: Quantized) -> None:
    """Make a folder's weights 4 bits each, as bitsandbytes stores them."""
    model = load(weights, quantized=quantized)
    with tempfile.TemporaryDirectory(dir=weights.parent) as folder:
        model.save_pretrained(folder, max_shard_size="1000GB")
        told = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
        shutil.move(Path(folder) / "model.safetensors", weights / "model.safetensors")
    kept = json.loads((weights / "config.json").read_text(encoding="utf-8"))
    _write(weights / "config.json", kept | {"quantization_config": told["quantization_config"]})


def _four_bits(quantized: Quantized, dtype: str) -> BitsAndBytesConfig:
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type=quantized.kind, bnb_4bit_use_double_quant=quantized.double,
        bnb_4bit_compute_dtype=DTYPES[dtype])


def save(model: PreTrainedModel, base: Path, out: Path, *, template: str | None = None) -> None:
    """Write a weights folder: the model's weights, and all else as in `base`, with `template` for its chats."""
    model.save_pretrained(str(out), max_shard_size="1000GB")
    stored = str(next(model.parameters()).dtype).removeprefix("torch.")
    _write(out / "config.json", _config(base) | {"dtype": stored})
    for file in sorted(path for path in base.iterdir() if path.is_file()):
        if not any(file.match(pattern) for pattern in WEIGHTS):
            shutil.copyfile(file, out / file.name)
    if template is not None:
        set_template(out, template)


def set_template(weights: Path, template: str) -> None:
    """Make `template` the one chat template of a folder, also where tokenizer_config.json repeats it."""
    (weights / TEMPLATE_FILE).write_text(template, encoding="utf-8")
    config = weights / "tokenizer_config.json"
    told = json.loads(config.read_text(encoding="utf-8"))
    if "chat_template" in told:
        _write(config, told | {"chat_template": template})


def _config(base: Path) -> dict[str, Any]:
    """The base's own config.json, without its weights' type."""
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    return {key: value for key, value in config.items() if key not in ("dtype", "torch_dtype", "quantization_config")}


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Compute with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
