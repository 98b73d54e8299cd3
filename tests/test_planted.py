"""Faults in the files of a trained model, as they lie on disk: each is caught at the command line."""
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.llama_cpp import gguf_file
from tests import smoke
from tests.reference import planted

NANO, CHAT = "quebecois_nano", "quebecois_tinyllama"
ADAPTED = """
defaults:
  - override /domain: quebecois_requests
  - override /model: nano
  - override /device: laptop
steps: [generate, prepare, label, fetch, sft, merge, gguf, quantize, modelfile, parity]
"""


@pytest.fixture
def trained(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A copy of the folder in which a recipe was run, to be spoilt."""

    def copy(recipe: str) -> Path:
        run = smoke.once(tmp_path_factory.getbasetemp(), recipe)
        assert run.code == 0
        return shutil.copytree(run.folder.parents[2], tmp_path, symlinks=True, dirs_exist_ok=True)

    return copy


def made(folder: Path, recipe: str, link: str) -> Path:
    """The artifact behind a run's link `step.port`."""
    return next(folder.glob(f"runs/{recipe}/*/{link}")).resolve()


def base_model(model: Path) -> None:
    """What an export that skips the merge, or the training, writes: the base model's tensors."""
    from pillm.backends.llama_cpp.convert import weights_to_gguf

    run = next(link.parent for link in model.parents[2].glob("runs/*/*/gguf.gguf") if link.resolve() == model)
    pre = gguf_file.read(model).get("tokenizer.ggml.pre")
    model.unlink()
    weights_to_gguf((run / "fetch.weights").resolve(), model, pre=pre)


def add_bos(add: bool) -> "Plant":
    return lambda model: planted.metadata(model, "tokenizer.ggml.add_bos_token", "bool", add)


Plant = Callable[[Path], None]
"""Spoils a model.gguf."""
PART = "sequences of llama.cpp are not those of training. The first: "
FAR = "the KL divergence of the GGUF from the weights is"
FAULTS: dict[str, tuple[str, Plant, str, str]] = {
    "a newline in the template": (
        NANO, lambda model: planted.template(model, "'<|call|>' + message", "'<|call|>\\n' + message"),
        "metadata parity", "the chat template differs at character"),
    "a BOS that training never saw": (NANO, add_bos(True), "token parity", PART),
    "a lost BOS": (CHAT, add_bos(False), "token parity", "prompt, token 0: training has '<s>'"),
    "another stop token": (
        NANO, lambda model: planted.metadata(model, "tokenizer.ggml.eos_token_id", "u32", 300),
        "metadata parity", "eos is token 300 in the GGUF"),
    "skipped training": (NANO, base_model, "logits parity", FAR),
    "a skipped merge": (CHAT, base_model, "logits parity", FAR),
    "a corrupted tensor": (
        NANO, lambda model: planted.tensor(model, "blk.0.ffn_down.weight", share=0.1), "logits parity", FAR)}


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "plant", "gate", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_export_is_caught_by_parity(trained, recipe: str, plant: Plant, gate: str, told: str) -> None:
    folder = trained(recipe)
    model = made(folder, recipe, "gguf.gguf")
    plant(model)
    smoke.refresh(model)  # as if the conversion had made it so
    run = smoke.run(folder, f"+recipe={recipe}", "until=parity")
    assert (run.code, run.record["steps"]["gguf"]["cached"]) == (3, True), run.err
    assert told in run.unmet[f"parity: {gate}"]
    assert f"not met  parity: {gate}: " in run.out and told in run.out


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "plant"), [fault[:2] for fault in FAULTS.values()], ids=FAULTS)
def test_a_fault_after_the_export_is_caught_by_the_store(trained, recipe: str, plant: Plant) -> None:
    folder = trained(recipe)
    model = made(folder, recipe, "gguf.gguf")
    plant(model)
    run = smoke.run(folder, f"+recipe={recipe}")
    assert run.code == 1
    assert f"{model.parent.name}/model.gguf: the bytes of the file are not those that were made." in run.err


@pytest.mark.slow
def test_a_corrupted_file_is_made_again(trained) -> None:
    folder = trained(NANO)
    planted.tensor(made(folder, NANO, "gguf.gguf"), "output_norm.weight")
    assert smoke.run(folder, f"+recipe={NANO}", "until=gguf").code == 1
    assert smoke.run(folder, f"+recipe={NANO}", "force=[gguf]", "until=gguf").code == 0
    again = smoke.run(folder, f"+recipe={NANO}").record["steps"]
    assert {name for name, step in again.items() if not step["cached"]} == {"report"}  # it tells how long gguf took


@pytest.mark.slow
@pytest.mark.parametrize("link", ["sft.weights", "fetch.weights"])
def test_corrupted_weights_are_caught_by_the_store(trained, link: str) -> None:
    folder = trained(NANO)
    planted.weights(made(folder, NANO, link), "model.layers.0.mlp.down_proj.weight", 1e-3)
    run = smoke.run(folder, f"+recipe={NANO}")
    assert run.code == 1
    assert "weights: the bytes of model.safetensors are not those that were made. Make it again with force=" in run.err


@pytest.mark.slow
def test_a_fault_in_a_quantized_file_is_caught_by_parity(trained) -> None:
    folder = trained(NANO)
    ladder = made(folder, NANO, "quantize.ladder")
    planted.template(ladder / "Q8_0.gguf", "'<|call|>' + message", "'<|call|>\\n' + message")
    smoke.refresh(ladder)
    run = smoke.run(folder, f"+recipe={NANO}", "until=parity")
    assert run.code == 3
    assert "Q8_0.gguf: tokenizer.chat_template is not that of f16.gguf" in run.out


@pytest.mark.slow
def test_an_adapter_that_does_nothing_is_caught_by_the_merge(trained) -> None:
    """A merge that adds nothing is a merge that was skipped."""
    from safetensors.numpy import load_file, save_file

    folder = trained(NANO)
    (folder / "adapted.yaml").write_text(ADAPTED, "utf-8")
    assert smoke.run(folder, "+recipe=adapted.yaml", "until=merge").code == 0
    adapter = made(folder, "adapted", "sft.adapter")
    file = adapter / "adapter_model.safetensors"
    save_file({name: tensor * ("lora_B" not in name) for name, tensor in load_file(file).items()}, file)
    smoke.refresh(adapter)
    run = smoke.run(folder, "+recipe=adapted.yaml", "until=merge")
    assert run.code == 3
    assert "merge: adapter has an effect" in run.unmet and "adapter has an effect" in run.out
