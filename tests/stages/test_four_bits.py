"""A base whose folder holds 4 bits already: fetched as what it is, trained on, and merged onto its own values."""
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file

from pillm.backends import weights_folder
from pillm.backends.hf import model
from pillm.backends.hf.options import Quantized
from pillm.backends.logit_parity import compare
from pillm.config.compose import compose, normalise
from pillm.config.recipe import typed
from pillm.errors import ConfigError, StageError
from pillm.stages.fetch import FetchConfig, fetch
from pillm.stages.gguf import GgufConfig, gguf
from pillm.stages.merge import MergeConfig, merge
from pillm.stages.sft import sft
from tests.stages.test_sft import FEW, config, silent, sums, write


@pytest.fixture(scope="module")
def stored(tiny_weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("four") / "bits"
    shutil.copytree(tiny_weights("deepseek_r1"), folder)
    model.store_quantized(folder, Quantized())
    return folder


def test_a_folder_says_how_its_weights_are_stored(stored: Path, tiny_weights: Callable[[str], Path]) -> None:
    assert (weights_folder.four_bits(stored), weights_folder.four_bits(tiny_weights("deepseek_r1"))) == ("nf4", None)
    whole, four = ((folder / "model.safetensors").stat().st_size for folder in (tiny_weights("deepseek_r1"), stored))
    assert four < 0.6 * whole


def fetched(path: Path, out: Path, quantized: str | None) -> None:
    given = FetchConfig(source="folder", repo=None, revision=None, path=path, template=None, family=None, shape=None,
                        context=None, answer_schema=None, seed=0, quantized=quantized)
    fetch.action(given, chats=None, weights=out, work=out.parent, progress=silent)


def test_weights_of_another_kind_than_expected_are_refused(
        stored: Path, tiny_weights: Callable[[str], Path], tmp_path: Path) -> None:
    fetched(stored, tmp_path / "ok", "nf4")
    with pytest.raises(StageError, match=r"stored as nf4, and null was expected\. Set model\.quantized"):
        fetched(stored, tmp_path / "a", None)
    with pytest.raises(StageError, match="and nf4 was expected"):
        fetched(tiny_weights("deepseek_r1"), tmp_path / "b", "nf4")


def test_weights_quantized_otherwise_are_refused(stored: Path, tmp_path: Path) -> None:
    shutil.copytree(stored, tmp_path / "other")
    told = json.loads((stored / "config.json").read_text("utf-8"))
    (tmp_path / "other" / "config.json").write_text(json.dumps(
        told | {"quantization_config": {"quant_method": "gptq"}}), "utf-8")
    with pytest.raises(StageError, match="quantized by gptq, which cannot be trained on here"):
        weights_folder.four_bits(tmp_path / "other")


def test_an_adapter_is_trained_on_them_and_merged_onto_their_values(stored: Path, tmp_path: Path) -> None:
    chats = write(tmp_path / "chats", sums(24, 0), sums(4, 1))
    (tmp_path / "work").mkdir()
    form = {"form": "plain", "training": FEW | {"max_steps": 8}}
    told = sft.action(config(**form), stored, chats, adapter=tmp_path / "adapter", weights=None,
                      losses=tmp_path / "losses.jsonl", work=tmp_path / "work", progress=silent)
    assert told["eval_loss"] < told["eval_loss_before"] - 0.2
    found = merge.action(MergeConfig(threads=1), stored, tmp_path / "adapter", chats, weights=tmp_path / "merged",
                         progress=silent)
    assert [gate["met"] for gate in found["gates"]] == [True, True]
    assert "quantization_config" not in json.loads((tmp_path / "merged" / "config.json").read_text("utf-8"))
    assert {str(tensor.dtype) for tensor in load_file(tmp_path / "merged" / "model.safetensors").values()} == {
        "torch.float32"}


def test_they_become_a_gguf_of_the_values_they_stand_for(stored: Path, tmp_path: Path) -> None:
    unsaid = dict.fromkeys(("name", "licence", "repo", "revision", "dataset", "dataset_licence", "pre"))
    given = GgufConfig(source="scratch", family="r1qwen", converter="x", **unsaid)
    told = gguf.action(given, weights=stored, gguf=tmp_path / "model.gguf", progress=silent)
    assert [file.name for file in tmp_path.iterdir()] == ["model.gguf"]
    found = compare(stored, tmp_path / "model.gguf", [[5, 6, 7, 8, 9, 10, 11, 12]], threads=1)
    assert found.kl_mean < 1e-4 and told["bytes"] > 1e6


@pytest.mark.parametrize(("words", "told"), [
    (["sft.lora=null"], "sft.lora: null trains all weights, and this model's are stored in 4 bits."),
    (["sft.lora.quantize.kind=nf4"], "sft.lora.quantize: this model is stored in 4 bits already."),
])
def test_what_cannot_go_with_them_is_told(words: list[str], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        typed(compose(normalise(["+recipe=pushback_deepseek_4bit", *words])))
    assert told in str(error.value)
