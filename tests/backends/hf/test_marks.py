"""Marks that are several tokens are told, with what they cost."""
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.hf import marks
from pillm.backends.hf.chat import Tokenizer, tokenizer
from pillm.backends.hf.forms import PLAIN, from_format

FORM = ("<|im_start|>user\n{question}\n<|im_end|>\n<|im_start|>assistant\n"
        "<think>\n{thought_stream}\n</think>\n{final_answer}\n<|im_end|>\n")
MARKS = ["<|im_start|>", "<|im_end|>", "<think>", "</think>"]


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("chats") / "train.jsonl"
    said = [{"role": "user", "content": "Deux et deux?"},
            {"role": "assistant", "content": "Quatre, <b>je crois</b>.", "thought_stream": "Comptons."}]
    file.write_text(f"{json.dumps({'messages': said})}\n" * 3, "utf-8")
    return file


@pytest.fixture
def of(tiny_weights: Callable[[str], Path]) -> Callable[[str, str], Tokenizer]:
    return lambda part, form: tokenizer(tiny_weights(part), form)


@pytest.mark.parametrize(("part", "whole"), [
    ("qwen3", set(MARKS)), ("qwen", {"<|im_start|>", "<|im_end|>"}), ("deepseek_r1", {"<think>", "</think>"}),
    ("tinyllama", set())])
def test_a_tokenizer_has_the_marks_of_its_family(part: str, whole: set[str], chats: Path,
                                                 of: Callable[[str, str], Tokenizer]) -> None:
    words = of(part, from_format(FORM))
    found = marks.cost(words, chats, 200)
    assert found and list(found.pieces) == MARKS
    assert {mark for mark, count in found.pieces.items() if count == 1} == whole
    assert (found.extra == 0) == (whole == set(MARKS))
    spelled = sum((count - 1) * FORM.count(mark) for mark, count in found.pieces.items())
    assert found.extra == pytest.approx(spelled, abs=6)  # SentencePiece puts a space after each mark that is a token


def test_the_gate_says_what_they_cost(chats: Path, of: Callable[[str, str], Tokenizer]) -> None:
    found = marks.cost(of("deepseek_r1", from_format(FORM)), chats, 200)
    assert found and 0 < found.share < 1
    met, unmet = found.gate(found.share), found.gate(found.share - 0.01)
    assert (met["met"], unmet["met"]) == (True, False)
    assert met["told"].startswith(f"<|im_start|> is {found.pieces['<|im_start|>']} tokens, <|im_end|> is ")
    assert f"{found.extra:.1f} more a chat" in met["told"] and "of the context of 200." in met["told"]
    assert found.facts["share_of_context"] == round(found.extra / 200, 4)


def test_marks_that_are_tokens_cost_nothing(chats: Path, of: Callable[[str, str], Tokenizer]) -> None:
    found = marks.cost(of("qwen3", from_format(FORM)), chats, 200)
    assert found and found.gate(0.0) == {
        "name": "marks", "met": True, "told": "Each of <|im_start|>, <|im_end|>, <think>, </think> is one token."}


def test_a_template_without_marks_has_no_gate(chats: Path, of: Callable[[str, str], Tokenizer]) -> None:
    assert marks.cost(of("tinyllama", PLAIN), chats, 200) is None
