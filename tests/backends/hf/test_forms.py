"""Forms that are no chat, as chat templates."""
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.hf.chat import encode_chat, prompt_ids, tokenizer
from pillm.backends.hf.forms import chat_template, mistake
from pillm.errors import ConfigError

TALK = [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": "Deux et deux?"},
        {"role": "assistant", "content": "Quatre."}]


def text(folder: Path, form: str, written: str | None = None) -> str:
    return encode_chat(tokenizer(folder, chat_template(form, written)), TALK).text


@pytest.fixture(scope="module")
def folder(tiny_weights: Callable[[str], Path]) -> Path:
    return tiny_weights("tinyllama")


def test_plain_is_blank_lines_and_an_end(folder: Path) -> None:
    assert text(folder, "plain") == "Sois bref.\n\nDeux et deux?\n\nQuatre.</s>"


def test_chat_is_the_models_own() -> None:
    assert chat_template("chat", None) is None


@pytest.mark.parametrize(("written", "expected"), [
    ("Q: {question}\nA: {final_answer}", "Q: Deux et deux?\nA: Quatre.</s>"),
    ("{system}|{user}|{assistant}!", "Sois bref.|Deux et deux?|Quatre.!</s>"),
    ("{question} {{'{{x}}'\\ {final_answer}", "Deux et deux? {'{x}'\\ Quatre.</s>"),
])
def test_a_written_form_is_followed_to_the_letter(folder: Path, written: str, expected: str) -> None:
    assert text(folder, "template", written) == expected


def test_the_prompt_ends_where_the_answer_begins(folder: Path) -> None:
    words = tokenizer(folder, chat_template("template", "Q: {question}\nA:{thought_stream}|{final_answer}"))
    thought = [*TALK[:2], TALK[2] | {"thought_stream": "2+2"}]
    encoded, prompt = encode_chat(words, thought), prompt_ids(words, thought[:-1])
    assert encoded.text == "Q: Deux et deux?\nA:2+2|Quatre.</s>"
    assert words.decode(prompt, skip_special_tokens=True) == "Q: Deux et deux?\nA:"
    assert encoded.trained.index(True) == len(prompt)


@pytest.mark.parametrize(("written", "told"), [
    ("{question} {final_anwser}", "Did you mean 'final_answer'?"),
    ("{question}", "final_answer"),
    ("{final_answer} {question}", "must come after"),
    ("{question", "Write a brace"),
])
def test_a_wrong_form_is_told(written: str, told: str) -> None:
    assert told in (mistake(written) or "")
    with pytest.raises(ConfigError):
        chat_template("template", written)
