"""An adapter worked into its base."""
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from pillm.backends.hf import merging
from pillm.backends.hf.forms import PLAIN
from pillm.stages.merge import MergeConfig, merge
from pillm.stages.sft import sft
from tests.stages.test_sft import FEW, config, silent, sums, write

STRICT = merging.Tolerance(logits=1e-3, kl=1e-6)


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("data") / "chats", sums(40, 0), sums(8, 1))


@pytest.fixture(scope="module")
def adapted(tiny_weights: Callable[[str], Path], chats: Path,
            tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """An adapter of a part, trained."""
    def train(part: str, **changes: Any) -> Path:
        folder = tmp_path_factory.mktemp("sft")
        (folder / "work").mkdir()
        sft.action(config(**changes), tiny_weights(part), chats, adapter=folder / "adapter", weights=None,
                   losses=folder / "losses.jsonl", work=folder / "work", progress=silent)
        return folder / "adapter"

    return train


def merged(base: Path, adapter: Path, chats: Path, out: Path, **changes: Any) -> dict[str, Any]:
    return merge.action(MergeConfig(**{"threads": 1} | changes), base, adapter, chats, weights=out, progress=silent)


@pytest.mark.parametrize(("part", "changes"), [
    ("tinyllama", {}), ("gemma", {}), ("granite4", {}), ("qwen3", {"lora": {"dora": True, "rslora": True}}),
], ids=["llama", "gemma tied", "granite4 fused", "qwen3 dora"])
def test_the_merged_model_answers_as_adapter_and_base(
        part: str, changes: dict[str, Any], adapted: Callable[..., Path], tiny_weights: Callable[[str], Path],
        chats: Path, tmp_path: Path) -> None:
    base = tiny_weights(part)
    metrics = merged(base, adapted(part, **changes), chats, tmp_path / "weights")
    assert all(gate["met"] for gate in metrics["gates"])
    assert metrics["logits_max_difference"] < 1e-4 and metrics["kl_adapter_merged"] < 1e-9
    assert metrics["kl_adapter_base"] > 1e-3
    assert {path.name for path in (tmp_path / "weights").iterdir()} == {path.name for path in base.iterdir()}
    assert load_file(tmp_path / "weights" / "model.safetensors").keys() == load_file(base / "model.safetensors").keys()


@pytest.mark.parametrize("dtype", ["fp16", "bf16"])
def test_rounding_stays_within_what_it_explains(
        dtype: str, adapted: Callable[..., Path], tiny_weights: Callable[[str], Path], chats: Path,
        tmp_path: Path) -> None:
    metrics = merged(tiny_weights("tinyllama"), adapted("tinyllama"), chats, tmp_path / "weights", dtype=dtype)
    assert metrics["gates"][0]["met"] and metrics["kl_adapter_merged"] > 1e-10
    stored = load_file(tmp_path / "weights" / "model.safetensors")
    name = {"bf16": torch.bfloat16, "fp16": torch.float16}[dtype]
    assert {tensor.dtype for tensor in stored.values()} == {name}


def test_the_same_again_is_the_same_bytes(
        adapted: Callable[..., Path], tiny_weights: Callable[[str], Path], chats: Path, tmp_path: Path) -> None:
    adapter = adapted("tinyllama")
    for name in ("a", "b"):
        merged(tiny_weights("tinyllama"), adapter, chats, tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_the_template_that_was_trained_goes_with_the_weights(
        adapted: Callable[..., Path], tiny_weights: Callable[[str], Path], chats: Path, tmp_path: Path) -> None:
    merged(tiny_weights("qwen"), adapted("qwen", form="plain"), chats, tmp_path / "weights")
    assert (tmp_path / "weights" / "chat_template.jinja").read_text(encoding="utf-8") == PLAIN
    told = json.loads((tmp_path / "weights" / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert told.get("chat_template", PLAIN) == PLAIN


def test_a_merge_that_was_skipped_is_seen(
        adapted: Callable[..., Path], tiny_weights: Callable[[str], Path], chats: Path) -> None:
    base = tiny_weights("tinyllama")
    found = merging.compare(base, adapted("tinyllama"), base, chats, count=4, tolerance=STRICT, progress=silent)
    assert [gate["met"] for gate in found["gates"]] == [False, True]
    assert found["kl_base_merged"] == 0.0 < found["kl_adapter_merged"]


def test_one_changed_weight_is_seen(
        adapted: Callable[..., Path], tiny_weights: Callable[[str], Path], chats: Path, tmp_path: Path) -> None:
    base, adapter, out = tiny_weights("tinyllama"), adapted("tinyllama"), tmp_path / "weights"
    merged(base, adapter, chats, out)
    tensors = load_file(out / "model.safetensors")
    tensors["model.layers.2.mlp.down_proj.weight"][0, 0] += 0.5
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    found = merging.compare(base, adapter, out, chats, count=4, tolerance=STRICT, progress=silent)
    assert not found["gates"][0]["met"]


def test_an_adapter_without_effect_is_seen(
        adapted: Callable[..., Path], tiny_weights: Callable[[str], Path], chats: Path, tmp_path: Path) -> None:
    idle = Path(shutil.copytree(adapted("tinyllama", training=FEW | {"max_steps": 1}), tmp_path / "idle"))
    tensors = load_file(idle / "adapter_model.safetensors")
    save_file({name: torch.zeros_like(tensor) if "lora_B" in name else tensor for name, tensor in tensors.items()},
              idle / "adapter_model.safetensors", metadata={"format": "pt"})
    metrics = merged(tiny_weights("tinyllama"), idle, chats, tmp_path / "weights")
    assert [gate["met"] for gate in metrics["gates"]] == [True, False]


@pytest.mark.slow
@pytest.mark.parametrize("lora", [{"quantize": {"kind": "nf4"}}, {"quantize": {"kind": "nf4"}, "dora": True}],
                         ids=["lora", "dora"])
def test_an_adapter_trained_on_four_bits_goes_onto_their_values(
        lora: dict[str, Any], adapted: Callable[..., Path], tiny_weights: Callable[[str], Path], chats: Path,
        tmp_path: Path) -> None:
    base, adapter = tiny_weights("tinyllama"), adapted("tinyllama", lora=lora)
    metrics = merged(base, adapter, chats, tmp_path / "weights")
    assert metrics["gates"][0]["met"] and metrics["kl_adapter_merged"] < 1e-6
    elsewhere = Path(shutil.copytree(adapter, tmp_path / "elsewhere"))
    told = json.loads((elsewhere / "trained_on.json").read_text(encoding="utf-8")) | {"quantized": None}
    (elsewhere / "trained_on.json").write_text(json.dumps(told), encoding="utf-8")
    merging.merge(base, elsewhere, tmp_path / "wrong", dtype="fp32")
    found = merging.compare(base, adapter, tmp_path / "wrong", chats, count=4, tolerance=STRICT, progress=silent)
    assert found["kl_adapter_merged"] > 100 * metrics["kl_adapter_merged"]
