"""A model's folder as transformers writes it: what must be in it, and one chat template, in one place."""
import json
import math
import re
import struct
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from pillm.errors import StageError

TEMPLATE_FILE = "chat_template.jinja"
REQUIRED = ("config.json", "tokenizer.json", "tokenizer_config.json")
READ = ("tokenizer_config.json", "config.json")
INDEX = "model.safetensors.index.json"
WANTED = ("config.json", "generation_config.json", "*.safetensors", "*.safetensors.index.json", "tokenizer.json",
          "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
          "merges.txt", TEMPLATE_FILE, "LICENSE*")
"""No pickle and no code."""
UNWANTED = ("*/*", "consolidated*", "adapter_*")
"""The same weights in other formats, and other models' files."""
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
NO_TEMPLATE = "this model has no chat template. Name a Jinja file to give it one."
CLOCK = re.compile(r"strftime_now\(\s*(['\"])(.*?)\1\s*\)")
TODAY = date(2025, 4, 16)
"""What a template that asks for the date is told: a prompt must be the same tomorrow. Granite 3.3's own day."""


def wanted(folder: Path) -> list[Path]:
    """The files that make the model."""
    return sorted(file for file in folder.iterdir() if file.is_file() and is_wanted(file.name))


def is_wanted(name: str) -> bool:
    """Whether a file, by its path in the folder, is part of the model."""
    return any(fnmatch(name, pattern) for pattern in WANTED) and not any(fnmatch(name, pattern) for pattern in UNWANTED)


def problems(folder: Path) -> Iterator[str]:
    """What is missing or broken, each with its remedy."""
    for name in REQUIRED:
        if not (folder / name).is_file():
            yield f"{name} is missing. Save model and tokenizer with transformers' save_pretrained."
    for name in (*READ, INDEX):
        if not readable(folder / name):
            yield f"{name} is no JSON object. Save model and tokenizer anew with transformers' save_pretrained."
    if not list(folder.glob("*.safetensors")):
        yield _no_weights(folder)
    for shard in sorted(_shards(folder)):
        if not (folder / shard).is_file():
            yield f"{shard} is missing, which model.safetensors.index.json names. Copy it too."


def readable(path: Path) -> bool:
    """Whether a file, if it is there, is a JSON object."""
    try:
        return not path.is_file() or isinstance(_read(path), dict)
    except (ValueError, RecursionError):
        return False


def _no_weights(folder: Path) -> str:
    if any(found for pattern in PICKLED for found in folder.glob(pattern)):
        return ("its weights are pickled, and a pickle can run code. Load them where you trust them and save them with "
                "save_pretrained(…, safe_serialization=True), or take a revision that has model.safetensors.")
    return "there is no model.safetensors. Save the model with transformers' save_pretrained."


def _shards(folder: Path) -> set[str]:
    index = folder / INDEX
    return set(_read(index).get("weight_map", {}).values()) if index.is_file() and readable(index) else set()


def normalise(folder: Path, template: str | None = None) -> None:
    """One template, in chat_template.jinja: the given one, else the model's own. It asks no clock; no code is named.

    Raises StageError where there is none.
    """
    chosen = template or own_template(folder)
    if not chosen:
        raise StageError(f"model.template: {NO_TEMPLATE}")
    _replace(folder / TEMPLATE_FILE, without_clock(chosen))
    for name in READ:
        kept = {key: value for key, value in _read(folder / name).items() if key not in ("chat_template", "auto_map")}
        _replace(folder / name, json.dumps(kept, ensure_ascii=False, indent=2) + "\n")


def own_template(folder: Path) -> str | None:
    """In its own file, or inside tokenizer_config.json, where a list holds several by name."""
    if (folder / TEMPLATE_FILE).is_file():
        return (folder / TEMPLATE_FILE).read_text(encoding="utf-8")
    config = folder / "tokenizer_config.json"
    inline = _read(config).get("chat_template") if config.is_file() else None
    if isinstance(inline, list):
        return {each["name"]: each["template"] for each in inline}.get("default")
    return inline


def without_clock(template: str) -> str:
    """The template with a date where it would ask for today's."""
    return CLOCK.sub(lambda call: json.dumps(TODAY.strftime(call[2])), template)


def tokenizer(folder: Path) -> Any:
    """The tokenizer of tokenizer.json (tokenizers.Tokenizer)."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def special_tokens(folder: Path) -> dict[str, str]:
    """bos, eos … as tokenizer_config.json names them."""
    config = _read(folder / "tokenizer_config.json")
    named = {role: config.get(f"{role}_token") for role in ("bos", "eos", "pad", "unk")}
    return {role: token["content"] if isinstance(token, dict) else token for role, token in named.items() if token}


def embedding_rows(folder: Path) -> int | None:
    """vocab_size; a model of several towers has none of its own."""
    return _read(folder / "config.json").get("vocab_size")


def four_bits(folder: Path) -> str | None:
    """nf4 or fp4, where bitsandbytes has stored the weights in 4 bits; None for others.

    Raises StageError for weights that are quantized in another way.
    """
    told = _read(folder / "config.json").get("quantization_config")
    if told is None:
        return None
    if told.get("quant_method") != "bitsandbytes" or not told.get("load_in_4bit"):
        raise StageError(f"{folder}: its weights are quantized by {told.get('quant_method')}, which cannot be trained "
                         "on here. Take them in 16 bits, or in 4 bits of bitsandbytes.")
    return str(told.get("bnb_4bit_quant_type", "fp4"))


def parameters(folder: Path) -> int:
    """Number of weights, from the files' headers: 8 bytes of length, then JSON (the safetensors format)."""
    count = 0
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        count += sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
    return count


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _replace(path: Path, text: str) -> None:
    """A new file: the old one may be a link into a cache."""
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
