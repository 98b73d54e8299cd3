"""The stage that writes the Modelfile, on a real GGUF."""
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.errors import StageError
from pillm.serve.ollama import modelfile as ollama
from pillm.serve.ollama import syntax
from pillm.stages.modelfile import ModelfileConfig, check, modelfile
from tests.reference import planted

SYSTEM = "Tu réponds en français.\nUne phrase suffit."


@pytest.fixture(scope="module")
def folder(tiny_weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ladder of one file, and chats."""
    from pillm.backends.llama_cpp.convert import weights_to_gguf

    made = tmp_path_factory.mktemp("modelfile")
    (made / "ladder").mkdir()
    (made / "chats").mkdir()
    weights_to_gguf(tiny_weights("mistral"), made / "ladder" / "Q8_0.gguf")
    chat = {"messages": [{"role": "user", "content": "Où?"}, {"role": "assistant", "content": "Icitte."}]}
    (made / "chats" / "test.jsonl").write_text(json.dumps(chat) + "\n", "utf-8")
    return made


def written(folder: Path, out: Path, **options: object) -> str:
    config = ModelfileConfig(**{"type": "Q8_0", "context": 512, "system": SYSTEM} | options)
    modelfile.action(config, ladder=folder / "ladder", chats=folder / "chats", modelfile=out)
    return (out / "Modelfile").read_text("utf-8")


def test_it_names_file_template_system_and_parameters(folder: Path, tmp_path: Path) -> None:
    text = written(folder, tmp_path / "modelfile")
    commands = syntax.read(text)
    assert commands[0] == ("FROM", "./Q8_0.gguf") and commands[2] == ("SYSTEM", SYSTEM)
    assert [value for name, value in commands if name == "PARAMETER"] == [
        "num_ctx 512", "temperature 0", "repeat_penalty 1", 'stop "</s>"', 'stop "[INST]"']
    asked = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": " Où? "}]
    prompt = f"[INST] {SYSTEM}\n\n Où? [/INST]"  # the tokenizer puts the BOS before it
    assert ollama.rendered(syntax.template_of(commands), [asked])[0] == [prompt]
    assert text == written(folder, tmp_path / "again")


def test_without_a_system_prompt_there_is_no_system(folder: Path, tmp_path: Path) -> None:
    assert "SYSTEM" not in dict(syntax.read(written(folder, tmp_path / "modelfile", system=None)))


def test_a_template_that_refuses_the_domains_system_prompt(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    planted.metadata(copy / "ladder" / "Q8_0.gguf", "tokenizer.chat_template", "str",
                     "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
                     "{{ '[INST]' + m.content if m.role == 'user' else m.content + eos_token }}{% endfor %}")
    with pytest.raises(StageError, match=r"^modelfile\.system: the chat template refuses system messages\."):
        written(copy, tmp_path / "modelfile")
    assert "A system message ends in an error" in written(copy, tmp_path / "modelfile", system=None)


def test_a_type_that_the_ladder_lacks(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="the ladder has no Q8_1"):
        written(folder, tmp_path / "modelfile", type="Q8_1")


def test_a_system_prompt_that_ollama_would_change_is_told_before_anything_starts() -> None:
    config = ModelfileConfig(type="Q8_0", context=512, system="Bonjour\u00a0!")
    assert list(check(config)) == [("system", "it holds U+00A0, which Ollama drops from a Modelfile. "
                                              "Use plain spaces and letters.")]
