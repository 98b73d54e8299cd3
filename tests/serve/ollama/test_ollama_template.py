"""A Modelfile's template says what the trained one says, or it refuses; it never says something else."""
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pillm.backends.go import render as go
from pillm.errors import StageError
from pillm.serve.ollama import go_template, go_writer, modelfile, syntax
from pillm.serve.ollama.probe import CONTENTS, ROLES, chat, probe
from pillm.serve.shipped import Shipped
from tests.serve.ollama import published

SHAPES = ("U1", "S U1", "U1 A1 U2", "S U1 A1 U2", "U1 A1 U2 A2 U3", "S U1 A1 U2 A2 U3", "U1 A1", "S U1 A1",
          "U1 A1 U2 A2", "A1 U1", "S A1 U1", "A1 U1 A2 U2", "U1 S U2", "U1 A1 S U2", "U1 A1 S U2 A2 U3", "U1 A1 S")
ODD = (*CONTENTS, "\n\n</think>x\n\n", "</think>\n\n\n</think>\n\n\nhé\n\n", "<|im_end|>", "{{ .Content }}", "%s %d")


def chats() -> Iterator[list[dict[str, str]]]:
    """Every shape, with each odd content in each place."""
    plain = {f"{role}{i}".removesuffix("0"): f"{name} {i}" for role, name in ROLES.items() for i in range(4)}
    for shape in SHAPES:
        for content in ODD:
            for place in shape.split():
                yield [dict(message) for message in chat(shape, plain | {place: content})]


@pytest.mark.parametrize("name", published.ALL)
def test_every_chat_is_written_as_trained_or_refused(name: str) -> None:
    shipped = published.shipped(name)
    asked = list(chats())
    source, _, checked = modelfile.template(shipped, [chat("U1"), chat("U1 A1 U2")])
    assert checked.same == 2
    texts, _ = modelfile.rendered(source, asked)
    wrong = [(messages, text) for messages, text in zip(asked, texts, strict=True)
             if text is not None and text != modelfile._wanted(shipped, messages)]
    assert wrong[:1] == []
    assert sum(text is not None for text in texts) >= len(asked) / 3


@pytest.mark.skipif(not go.is_installed(), reason="Go is not installed (apt-get install golang-go)")
@pytest.mark.parametrize("name", published.ALL)
def test_go_and_our_subset_of_it_print_the_same(name: str) -> None:
    source = go_writer.write(probe(published.shipped(name).said))
    data = [go_writer.data(messages) for messages in [*thoughtful_chats(), *[*chats()][::2]]]
    for given, real in zip(data, go.render(source, data), strict=True):
        assert modelfile._or_none(source, given) == (None if real.error else real.text)


@pytest.mark.parametrize(("name", "expected"), {
    "llama2": ["</s>", "[INST]"], "mistral": ["</s>", "[INST]"], "zephyr": ["</s>", "<|user|>"],
    "qwen2": ["<|im_end|>", "<|im_start|>"], "qwen3": ["<|im_end|>", "<|im_start|>"],
    "gemma3": ["<eos>", "<end_of_turn>", "<start_of_turn>"], "r1qwen": ["<｜end▁of▁sentence｜>", "<｜User｜>"],
    "granite3": ["<|end_of_text|>", "<|start_of_role|>"], "granite4": ["<|end_of_text|>", "<|start_of_role|>"],
    "nano": ["<|end|>"], "plain": ["</s>"], "a form": ["</s>", "### Q:"],
    "a form that thinks": ["</s>", "<|im_end|>", "<|im_start|>"],
}.items())
def test_stops_are_what_ends_a_turn_and_begins_the_users(name: str, expected: list[str]) -> None:
    shipped = published.shipped(name)
    assert modelfile.stops(probe(shipped.said), shipped) == expected


def test_a_mark_that_is_no_token_is_a_stop_too() -> None:
    shipped = replace(published.shipped("a form that thinks"), control=())
    assert modelfile.stops(probe(shipped.said), shipped) == ["</s>", "<|im_end|>", "<|im_start|>user"]


THOUGHTFUL = ("a form that thinks", "thoughts as others write them")


def thoughtful_chats() -> list[list[dict[str, str]]]:
    """An answer that is to be gone on from, with its thoughts: of an only turn, and of a later one."""
    last = {"role": "assistant", "content": "So ", "reasoning_content": " Hm.\n\n«{{ .Content }}»? é"}
    return [[*chat(shape), {**last, "content": content}] for shape in ("U1", "U1 A1 U2") for content in ("So ", "é\n")]


@pytest.mark.parametrize("name", published.ALL)
def test_thoughts_are_written_as_trained(name: str) -> None:
    shipped = published.shipped(name)
    source, form, _ = modelfile.template(shipped, [chat("U1")])
    assert (form.thought is not None) == (name in THOUGHTFUL) == (".Thinking" in source)
    for asked in thoughtful_chats() if form.thought else ():
        assert modelfile.rendered(source, [asked])[0] == [shipped.prompt(asked)]


@pytest.mark.parametrize("name", THOUGHTFUL)
def test_ollama_finds_the_marks_of_thoughts(name: str) -> None:
    """As `InferTags` of its thinking/template.go does: plain text around `.Thinking`, in a range over messages."""
    source = go_writer.write(probe(published.shipped(name).said))
    body = re.search(r"\{\{- range [^}]*\.Messages }}(.*)\{\{- end -}}", source, re.DOTALL)
    found = re.search(r"\.Thinking }}([^{}]*)\{\{ \.Thinking }}([^{}]*)\{\{", body[1] if body else "")
    assert found and [text.strip() for text in found.groups()] == ["<think>", "</think>"]


def test_bos_is_left_to_the_tokenizer_that_adds_it() -> None:
    adds = published.shipped("gemma3")
    does_not = Shipped(adds.template, adds.bos, adds.eos, False, adds.control, adds.ends)
    assert [modelfile.rendered(modelfile.template(one, [chat("U1")])[0], [chat("U1")])[0][0].count("<bos>")
            for one in (adds, does_not)] == [0, 1]


def test_what_is_not_done_is_said() -> None:
    told = modelfile.refusals(probe(published.shipped("mistral without system").said))
    assert [sentence.split(":")[0] for sentence in told] == [
        "Tools", "A system message ends in an error", "A system message after the first question ends in an error",
        "An answer before the first question is left out"]


def test_neighbours_of_one_role_are_joined_as_ollama_does() -> None:
    source = go_writer.write(probe(published.shipped("nano").said))
    twice = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
    assert modelfile.rendered(source, [twice])[0] == ["a\n\nb<|call|>"]


@pytest.mark.parametrize(("template", "told"), [
    ("{{ messages[-1].content }}", "U1 is not written just once"),
    ("{% for m in messages %}{{ m.content | upper }}{% endfor %}", "U1 is not written just once"),
    ("{% for m in messages %}{{ loop.index }}{{ m.content }}{% endfor %}", "a later turn is written unlike the first"),
    ("{% for m in messages %}{{ m.role }}{{ m.content | replace('x', 'y') }}{% endfor %}", "contents of U1"),
    ("{% for m in messages %}{{ m.role + (m.content if m.role == 'user' else m.content | replace(' ', '')) }}"
     "{% endfor %}", "contents of A1 are changed"),
    ("{% for m in messages %}{{ 'long' if m.content | length > 30 }}{{ m.role + m.content }}{% endfor %}",
     "the chat .* becomes"),
])
def test_what_a_modelfile_cannot_say_is_refused(template: str, told: str) -> None:
    shipped = Shipped(template, "<s>", "</s>", True, (), ("</s>",))
    long = [{"role": "user", "content": "longer than thirty characters, surely"}]
    with pytest.raises(StageError, match=told):
        modelfile.template(shipped, [chat("U1"), long])


def test_a_modelfile_is_read_back_as_it_was_written() -> None:
    source = modelfile.template(published.shipped("qwen2"), [chat("U1")])[0]
    system = 'Sois «bref».\n\n# pas un commentaire\nFROM rien "deux"'
    text = syntax.write(source, file="Q8_0.gguf", system=system, parameters={"num_ctx": 512, "temperature": 0.5},
                           stops=["<|im_end|>", 'a"b', " "], notes=["Une note: FROM ailleurs"])
    commands = syntax.read(text)
    assert [name for name, _ in commands] == ["FROM", "TEMPLATE", "SYSTEM", *["PARAMETER"] * 5]
    assert (commands[0], commands[2]) == (("FROM", "./Q8_0.gguf"), ("SYSTEM", system))
    assert syntax.template_of(commands) == source
    assert syntax.stops_of(commands) == ["<|im_end|>", 'a"b', " "]


@pytest.mark.parametrize("value", ["Bonjour\u00a0!", 'trois """ guillemets', "cloche\a"])
def test_what_ollama_would_drop_is_refused(value: str) -> None:
    with pytest.raises(StageError, match=r"^modelfile\.system: it holds .*\. (Use|Take)"):
        syntax.write("x", file="f.gguf", system=value, parameters={}, stops=[], notes=[])


def test_a_template_that_calls_itself_for_each_byte_goes_deep() -> None:
    source = go_writer.write(probe(published.shipped("r1qwen").said))
    thoughts = "<think>" + "hm " * 2_000 + "</think>" + "é" * 3_000
    asked = [*chat("U1"), {"role": "assistant", "content": thoughts}, *chat("U2")]
    assert "é" * 3_000 in go_template.execute(source, go_writer.data(asked))
    assert "hm" not in modelfile.rendered(source, [asked])[0][0]


def test_without_go_the_same_is_rendered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = [chat("S U1"), chat("U1 A1 U2"), [{"role": "tool", "content": "x"}]]
    source = go_writer.write(probe(published.shipped("gemma3").said))
    here, _ = modelfile.rendered(source, asked)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert modelfile.rendered(source, asked) == (here, "pillm's own subset of text/template")
    assert here[-1] is None
