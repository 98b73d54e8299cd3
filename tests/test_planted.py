"""Faults in the files of a trained model, as they lie on disk: each is caught at the command line."""
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.llama_cpp import gguf_file
from tests import smoke
from tests.reference import planted

NANO = "+recipe=quebecois_nano"
ADAPTED = """
defaults:
  - override /domain: quebecois_requests
  - override /model: nano
  - override /device: laptop
steps: [generate, prepare, label, fetch, sft, merge, gguf, quantize, modelfile, parity]
"""


@pytest.fixture
def trained(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder in which the nano was trained, to be spoilt."""
    run = smoke.once(tmp_path_factory.getbasetemp(), "quebecois_nano")
    assert run.code == 0
    shutil.copytree(run.folder.parents[2], tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


def made(folder: Path, link: str) -> Path:
    """The artifact behind a run's link `step.port`."""
    return next(folder.glob(f"runs/quebecois_nano/*/{link}")).resolve()


def base_model(model: Path, folder: Path) -> None:
    """What an export that skips the merge writes: the base model's tensors."""
    from pillm.backends.llama_cpp.convert import weights_to_gguf

    pre = gguf_file.read(model).get("tokenizer.ggml.pre")
    model.unlink()
    weights_to_gguf(made(folder, "fetch.weights"), model, pre=pre)


Plant = Callable[[Path, Path], None]
"""(model.gguf, the folder it was made in)"""
FAULTS: dict[str, tuple[Plant, str, str]] = {
    "a newline in the template": (
        lambda model, _: planted.template(model, "'<|call|>' + message", "'<|call|>\\n' + message"),
        "metadata parity", "the chat template differs at character"),
    "a lost BOS": (
        lambda model, _: planted.metadata(model, "tokenizer.ggml.add_bos_token", "bool", False),
        "token parity", "sequences of llama.cpp are not those of training. The first: test.jsonl:1, prompt, token 0"),
    "another stop token": (
        lambda model, _: planted.metadata(model, "tokenizer.ggml.eos_token_id", "u32", 300),
        "metadata parity", "eos is token 300 in the GGUF"),
    "a skipped merge": (base_model, "logits parity", "the KL divergence of the GGUF from the weights is"),
    "a corrupted tensor": (
        lambda model, _: planted.tensor(model, "blk.0.ffn_down.weight", share=0.1),
        "logits parity", "the KL divergence of the GGUF from the weights is")}


@pytest.mark.slow
@pytest.mark.parametrize(("plant", "gate", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_export_is_caught_by_parity(trained: Path, plant: Plant, gate: str, told: str) -> None:
    model = made(trained, "gguf.gguf")
    plant(model, trained)
    smoke.refresh(model)  # as if the conversion had made it so
    run = smoke.run(trained, NANO, "until=parity")
    assert (run.code, run.record["steps"]["gguf"]["cached"]) == (3, True), run.err
    assert told in run.unmet[f"parity: {gate}"]
    assert f"not met  parity: {gate}: " in run.out and told in run.out


@pytest.mark.slow
@pytest.mark.parametrize("plant", [fault[0] for fault in FAULTS.values()], ids=FAULTS)
def test_a_fault_after_the_export_is_caught_by_the_store(trained: Path, plant: Plant) -> None:
    model = made(trained, "gguf.gguf")
    plant(model, trained)
    run = smoke.run(trained, NANO)
    assert run.code == 1
    assert f"{model.parent.name}/model.gguf: the bytes of the file are not those that were made." in run.err
    assert smoke.run(trained, NANO, "force=[gguf]", "until=parity").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("link", ["sft.weights", "fetch.weights"])
def test_corrupted_weights_are_caught_by_the_store(trained: Path, link: str) -> None:
    folder = made(trained, link)
    planted.weights(folder, "model.layers.0.mlp.down_proj.weight", 1e-3)
    run = smoke.run(trained, NANO)
    assert run.code == 1
    assert "weights: the bytes of model.safetensors are not those that were made. Make it again with force=" in run.err


@pytest.mark.slow
def test_a_fault_in_a_quantized_file_is_caught_by_parity(trained: Path) -> None:
    ladder = made(trained, "quantize.ladder")
    planted.template(ladder / "Q8_0.gguf", "'<|call|>' + message", "'<|call|>\\n' + message")
    smoke.refresh(ladder)
    run = smoke.run(trained, NANO, "until=parity")
    assert run.code == 3
    assert "Q8_0.gguf: tokenizer.chat_template is not that of f16.gguf" in run.out


@pytest.mark.slow
def test_an_adapter_that_does_nothing_is_caught_by_the_merge(trained: Path) -> None:
    """A merge that adds nothing is a merge that was skipped."""
    from safetensors.numpy import load_file, save_file

    recipe = trained / "adapted.yaml"
    recipe.write_text(ADAPTED, "utf-8")
    assert smoke.run(trained, "+recipe=adapted.yaml", "until=merge").code == 0
    adapter = next(trained.glob("runs/adapted/*/sft.adapter")).resolve()
    file = adapter / "adapter_model.safetensors"
    save_file({name: tensor * ("lora_B" not in name) for name, tensor in load_file(file).items()}, file)
    smoke.refresh(adapter)
    run = smoke.run(trained, "+recipe=adapted.yaml", "until=merge")
    assert run.code == 3
    assert "merge: adapter has an effect" in run.unmet and "adapter has an effect" in run.out
