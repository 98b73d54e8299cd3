"""Parity holds for models as they are made, and each fault on disk is told at its gate."""
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pillm.backends.go import render as go
from pillm.backends.scratch.families import family
from pillm.stages.modelfile import ModelfileConfig, modelfile
from pillm.stages.parity import ParityConfig, parity
from tests.conftest import ROOT
from tests.reference import planted

PARTS = ("deepseek_r1", "gemma", "granite", "granite4", "llama2", "mistral", "nano", "qwen", "qwen3", "tinyllama")
FOLDERS = ("weights", "ladder", "chats", "modelfile")
GATES = ["token parity", "Modelfile parity", "metadata parity", "logits parity"]


@dataclass(frozen=True)
class Made:
    """What the steps before parity leave behind."""

    family: str
    weights: Path
    ladder: Path
    chats: Path
    modelfile: Path | None

    def judge(self, **options: Any) -> dict[str, Any]:
        """The stage's metrics, and the artifact."""
        config = ParityConfig(context=512, pre=None, family=self.family, threads=1, logit_tokens=200, **options)
        out = self.weights.parent / "parity.json"
        metrics = parity.action(config, weights=self.weights, ladder=self.ladder, chats=self.chats,
                                modelfile=self.modelfile, parity=out, progress=lambda *_, **__: None)
        return metrics | {"artifact": json.loads(out.read_text("utf-8"))}


def make(part: str, weights: Path, folder: Path) -> Made:
    """A ladder of two files, chats, and a Modelfile."""
    from pillm.backends.llama_cpp.convert import weights_to_gguf
    from pillm.backends.llama_cpp.quantize import quantize

    name = yaml.safe_load((ROOT / "conf" / "model" / f"{part}.yaml").read_text("utf-8"))["family"]
    made = Made(name, *(folder / each for each in FOLDERS))
    shutil.copytree(weights, made.weights)
    made.ladder.mkdir()
    weights_to_gguf(made.weights, made.ladder / "f16.gguf", pre=getattr(family(name).tokenizer, "pre", None))
    quantize(made.ladder / "f16.gguf", made.ladder / "Q8_0.gguf", mixture="Q8_0")
    made.chats.mkdir()
    corpus = (ROOT / "tests" / "data" / "corpus.txt").read_text("utf-8").splitlines()
    lines = [{"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]}
             for asked, said in zip(corpus[:20], corpus[20:40], strict=True)]
    (made.chats / "test.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    config = ModelfileConfig(type="Q8_0", context=512, system=None)
    modelfile.action(config, ladder=made.ladder, chats=made.chats, modelfile=made.modelfile)
    return made


@pytest.fixture(scope="module")
def whole(tiny_weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A model of the type of TinyLlama: BOS, a system turn, SentencePiece."""
    return make("tinyllama", tiny_weights("tinyllama"), tmp_path_factory.mktemp("tinyllama"))


@pytest.fixture
def made(whole: Made, tmp_path: Path) -> Made:
    """A copy to be spoilt."""
    shutil.copytree(whole.weights.parent, tmp_path, dirs_exist_ok=True)
    return Made(whole.family, *(tmp_path / each for each in FOLDERS))


def failed(found: dict[str, Any]) -> dict[str, str]:
    """What is told at the gates that are not met."""
    assert [gate["name"] for gate in found["gates"]] == GATES
    assert found["artifact"]["verdict"] == ("equal" if all(gate["met"] for gate in found["gates"]) else "different")
    return {gate["name"]: gate["told"] for gate in found["gates"] if not gate["met"]}


def test_a_model_as_it_was_made_is_equal(made: Made) -> None:
    found = made.judge()
    assert failed(found) == {}
    artifact = found["artifact"]
    assert artifact["first_difference"] is None
    assert artifact["sequences"] == {"llama.cpp": 2 * found["chats"], "the Modelfile": found["chats"]}
    assert found["chats"] >= 25 and artifact["logits"]["positions"] >= 200 and artifact["logits"]["kl_mean"] < 1e-6
    first = (made.weights.parent / "parity.json").read_bytes()
    made.judge()
    assert (made.weights.parent / "parity.json").read_bytes() == first


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_every_family_is_equal(part: str, tiny_weights: Callable[[str], Path], tmp_path: Path) -> None:
    assert failed(make(part, tiny_weights(part), tmp_path).judge()) == {}


def test_a_lost_newline_in_the_ggufs_template(made: Made) -> None:
    planted.template(made.ladder / "f16.gguf", "'|>\\n'", "'|>'")
    found = made.judge()
    assert set(failed(found)) == {"token parity", "metadata parity"}
    first = found["artifact"]["first_difference"]
    assert (first["chat"], first["part"]) == ("test.jsonl:1", "prompt")
    assert first["training"]["before"] == first["llama.cpp"]["before"] != ""
    assert first["training"]["piece"] == "\n" != first["llama.cpp"]["piece"]


def test_a_lost_bos(made: Made) -> None:
    planted.metadata(made.ladder / "f16.gguf", "tokenizer.ggml.add_bos_token", "bool", False)
    found = made.judge()
    assert found["artifact"]["first_difference"]["position"] == 0
    assert found["artifact"]["first_difference"]["training"]["piece"] == "<s>"
    assert {"token parity", "metadata parity"} <= set(failed(found))


def test_another_stop_token(made: Made) -> None:
    planted.metadata(made.ladder / "f16.gguf", "tokenizer.ggml.eos_token_id", "u32", 300)
    told = failed(made.judge())
    assert "eos is token 300 in the GGUF, 2 in training" in told["metadata parity"]
    assert "token parity" in told  # this template writes EOS after each turn


def test_an_end_that_llama_cpp_does_not_know(made: Made) -> None:
    file = made.weights / "generation_config.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"eos_token_id": [2, 300]}), "utf-8")
    assert "llama.cpp does not end an answer at token 300" in failed(made.judge())["metadata parity"]


def test_a_stop_that_the_modelfile_lacks(made: Made) -> None:
    file = made.weights.parent / "modelfile" / "Modelfile"
    file.write_text(file.read_text("utf-8").replace('PARAMETER stop "</s>"', 'PARAMETER stop "</S>"'), "utf-8")
    assert failed(made.judge()) == {"Modelfile parity": "the Modelfile does not stop at '</s>'"}


@pytest.mark.parametrize(("old", "new"), [("<|user|>\\n", "<|user|>"), ("else if $told", "else if not $told"),
                                          ("{{- end -}}", "{{- end }")])
def test_a_modelfile_that_says_something_else(made: Made, old: str, new: str) -> None:
    file = made.weights.parent / "modelfile" / "Modelfile"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    assert set(failed(made.judge())) == {"Modelfile parity"}


def test_a_skipped_merge(made: Made) -> None:
    """The GGUF was made of the base; the weights are those of the base with an adapter merged into it."""
    planted.weights(made.weights, "model.layers.1.mlp.down_proj.weight", 0.01)
    assert set(failed(made.judge())) == {"logits parity"}


@pytest.mark.parametrize("name", ["token_embd.weight", "blk.0.attn_q.weight", "blk.1.ffn_down.weight",
                                  "output_norm.weight"])
def test_a_corrupted_tensor(made: Made, name: str) -> None:
    planted.tensor(made.ladder / "f16.gguf", name)
    assert set(failed(made.judge())) == {"logits parity"}


def test_another_files_tokenizer(made: Made) -> None:
    planted.template(made.ladder / "Q8_0.gguf", "'|>\\n'", "'|>'")
    assert failed(made.judge()) == {
        "metadata parity": "Q8_0.gguf: tokenizer.chat_template is not that of f16.gguf"}


def test_another_pre_tokenizer(made: Made) -> None:
    assert failed(replace(made, family="qwen2").judge()) == {
        "metadata parity": "tokenizer.ggml.pre is 'default', not 'qwen2'"}


def test_without_a_modelfile_there_is_no_gate_for_it(made: Made) -> None:
    gates = replace(made, modelfile=None).judge()["gates"]
    assert [gate["name"] for gate in gates] == [name for name in GATES if name != "Modelfile parity"]


@pytest.mark.skipif(not go.is_installed(), reason="Go is not installed (apt-get install golang-go)")
def test_prompts_are_rendered_by_go_where_it_is(made: Made) -> None:
    assert made.judge()["artifact"]["modelfile"]["prompts_by"] == "Go's text/template"
