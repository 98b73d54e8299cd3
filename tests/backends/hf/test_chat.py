"""What training sees of a chat: its tokens, and which of them the model is to say."""
import json
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillm.backends.hf.chat import BATCH, Encoded, encode_chat, encode_chats, examples, prompt_ids, tokenizer
from pillm.errors import DataError, StageError

ENDS = {"tinyllama": "</s>", "llama2": " </s>", "qwen": "<|im_end|>", "granite": "<|end_of_text|>",
        "gemma": "<end_of_turn>", "nano": "<|end|>"}
TALK = [("system", "Sois bref."), ("user", "Ça va? 你"), ("assistant", "Ben oui 🙂"), ("user", "Pis toi?"),
        ("assistant", '{"a": 1}')]


def chat(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


def said(encoded: Encoded) -> str:
    return "".join(piece for piece, trained in zip(encoded.pieces, encoded.trained, strict=True) if trained)


@pytest.fixture(scope="module")
def words(tiny_weights: Callable[[str], Path]) -> Callable[..., Any]:
    return lambda part, template=None: tokenizer(tiny_weights(part), template)


@pytest.mark.parametrize("part", ENDS)
def test_every_answer_is_trained_up_to_its_end_and_nothing_else(part: str, words: Callable[..., Any]) -> None:
    encoded = encode_chat(words(part), chat(*TALK))
    first = " Ben oui 🙂" if part == "llama2" else "Ben oui 🙂"
    second = ' {"a": 1}' if part == "llama2" else '{"a": 1}'
    assert said(encoded) == first + ENDS[part] + second + ENDS[part]
    assert "".join(encoded.pieces) == encoded.text
    assert (encoded.rewritten, encoded.endless, encoded.split) == (0, False, False)


@pytest.mark.parametrize("part", ENDS)
def test_the_prompt_is_the_beginning_of_the_chat(part: str, words: Callable[..., Any]) -> None:
    prompt, whole = prompt_ids(words(part), chat(*TALK[:-1])), encode_chat(words(part), chat(*TALK))
    assert whole.ids[:len(prompt)] == prompt and not any(whole.trained[len(prompt) - 1:len(prompt)])


def test_a_turn_the_template_rewrites_later_is_context_only(words: Callable[..., Any]) -> None:
    encoded = encode_chat(words("qwen3"), chat(*TALK))
    assert said(encoded) == '<think>\n\n</think>\n\n{"a": 1}<|im_end|>'
    assert encoded.rewritten == 1


@pytest.mark.parametrize(("part", "written"), [("tinyllama", False), ("gemma", True)])
def test_there_is_one_bos_whether_or_not_the_template_writes_it(
        part: str, written: bool, words: Callable[..., Any]) -> None:
    known = words(part)
    encoded = encode_chat(known, chat(("user", "a"), ("assistant", "b")))
    assert encoded.text.startswith(known.bos_token) == written
    assert encoded.ids.count(known.bos_token_id) == 1 and encoded.ids[0] == known.bos_token_id


def test_an_answer_that_begins_with_a_line_break_grows_into_the_prompt(words: Callable[..., Any]) -> None:
    encoded = encode_chat(words("gemma", "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}"
                                         "{{ '<end_of_turn>' }}"), chat(("user", "a\n"), ("assistant", "\nb")))
    assert encoded.split
    assert said(encoded) == "b<end_of_turn>"


def test_an_answer_without_an_end_is_told(words: Callable[..., Any]) -> None:
    bare = words("tinyllama", "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}"
                              "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}")
    assert encode_chat(bare, chat(("user", "a"), ("assistant", "b"))).endless


def test_the_text_of_a_special_token_in_an_answer_does_not_end_it(words: Callable[..., Any]) -> None:
    encoded = encode_chat(words("qwen"), chat(("user", "a"), ("assistant", "x<|im_end|>y")))
    assert said(encoded) == "x<|im_end|>y<|im_end|>"


def test_a_refused_chat_is_told(words: Callable[..., Any]) -> None:
    with pytest.raises(DataError, match="take turns"):
        encode_chat(words("gemma"), chat(("user", "a"), ("user", "b"), ("assistant", "c")))


def test_a_template_with_todays_date_is_refused(words: Callable[..., Any]) -> None:
    dated = words("qwen", "{{ strftime_now('%Y') }}{{ messages[0].content }}")
    with pytest.raises(DataError, match="today's date"):
        encode_chat(dated, chat(("user", "a"), ("assistant", "b")))


def test_a_tokenizer_is_taken_as_it_stands_whatever_class_it_names(
        tiny_weights: Callable[[str], Path], words: Callable[..., Any], tmp_path: Path) -> None:
    named = Path(shutil.copytree(tiny_weights("tinyllama"), tmp_path / "named"))
    told = json.loads((named / "tokenizer_config.json").read_text(encoding="utf-8"))
    told |= {"tokenizer_class": "LlamaTokenizer", "legacy": False}
    (named / "tokenizer_config.json").write_text(json.dumps(told), encoding="utf-8")
    assert encode_chat(tokenizer(named), chat(*TALK)).ids == encode_chat(words("tinyllama"), chat(*TALK)).ids


def test_chats_are_the_same_together_as_alone(words: Callable[..., Any]) -> None:
    chats = [chat(("user", "mot " * number), ("assistant", f"{number}.")) for number in range(1, 2 * BATCH)]
    chats[3] = chat(("user", "et"))
    known = words("tinyllama")
    assert list(encode_chats(known, iter(chats))) == [encode_chat(known, messages) for messages in chats]


def test_chats_are_whole_whatever_the_tokenizer_was_set_to(words: Callable[..., Any]) -> None:
    known = words("qwen")
    whole = encode_chat(known, chat(*TALK))
    known.backend_tokenizer.enable_truncation(5)
    known.backend_tokenizer.enable_padding(length=500)
    assert encode_chat(known, chat(*TALK)) == whole


def test_no_chat_template_is_told(tiny_weights: Callable[[str], Path], tmp_path: Path) -> None:
    for name in ("tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes((tiny_weights("qwen") / name).read_bytes())
    with pytest.raises(StageError, match="no chat template"):
        tokenizer(tmp_path)


def test_examples_show_each_token_and_whether_it_is_trained(
        tiny_weights: Callable[[str], Path], tmp_path: Path) -> None:
    row = {"messages": chat(("user", "Quelle heure?"), ("assistant", "Midi."))}
    (tmp_path / "train.jsonl").write_text(f"{json.dumps(row)}\n" * 5, encoding="utf-8")
    shown = examples(tiny_weights("tinyllama"), tmp_path, 2)
    assert len(shown) == 2
    assert "".join(text for text, trained in shown[0] if trained) == "Midi.</s>"


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
def test_whatever_is_answered_is_what_is_trained(words: Callable[..., Any], text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    for part in ("tinyllama", "qwen"):
        encoded = encode_chat(words(part), chat(("user", "dis"), ("assistant", text)))
        assert encoded.split or said(encoded) == text + ENDS[part]
