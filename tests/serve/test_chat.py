import json
from pathlib import Path

import pytest

from pillm.backends.llama_cpp.server import Server
from pillm.errors import ConfigError
from pillm.serve import thoughts
from pillm.serve.chat import Chat, Style, conversation
from tests.reference import tiny_gguf
from tests.reference.tool_schema import SCHEMA


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.gguf"
    tiny_gguf.model(path, "odd")
    return path


def test_the_same_question_gets_the_same_answer(gguf):
    with Chat(gguf, Style(max_tokens=12), context=256, threads=1) as chat:
        first = chat.ask("Allume la lumière")
        other = chat.ask("Ferme la porte")
        assert chat.ask("Allume la lumière").text == first.text != other.text
        assert (first.completion_tokens, first.stop_reason) == (12, "limit")
        assert first.mean_logprob < 0
        assert [one.text for one in chat.ask_many(["Ferme la porte", "Allume la lumière"])] == [other.text, first.text]


def test_pieces_come_as_they_are_written(gguf):
    told = []
    with Chat(gguf, Style(max_tokens=8), context=256, threads=1) as chat:
        answer = chat.ask("Salut", on_text=lambda text, thought: told.append(text))
    assert "".join(told) == answer.text
    assert len(told) > 1


def test_a_server_whose_template_fails_is_closed(gguf, monkeypatch):
    closed = []
    monkeypatch.setattr(thoughts, "frame", lambda *_: 1 / 0)
    monkeypatch.setattr(Server, "close", lambda server, close=Server.close: closed.append(close(server)))
    with pytest.raises(ZeroDivisionError):
        Chat(gguf, Style(), context=64, threads=1)
    assert len(closed) == 1


def test_both_unicode_forms_are_one_question(gguf):
    with Chat(gguf, Style(max_tokens=8), context=256, threads=1) as chat:
        assert chat.ask("le cafe\u0301").text == chat.ask("le caf\u00e9").text


@pytest.mark.parametrize("decoding", ["schema", "spans"])
def test_a_constrained_answer_is_json_of_the_schema(gguf, decoding):
    from pillm.backends.json_schema import problems

    with Chat(gguf, Style(decoding=decoding, schema=SCHEMA, max_tokens=400), context=1024, threads=1) as chat:
        answer = chat.ask("Note que la bouilloire coule")
    assert answer.stop_reason == "eos"
    assert problems(json.loads(answer.text), SCHEMA) == []
    if decoding == "spans":
        texts = [call["text"] for call in json.loads(answer.text) if "text" in call]
        assert all(text in "Note que la bouilloire coule" for text in texts)


def test_the_style_s_system_prompt_gives_way_to_the_conversation_s():
    own = [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": "Salut"}]
    assert conversation(own, "Sois long.") == own
    assert [turn["content"] for turn in conversation("Salut", "Sois long.")] == ["Sois long.", "Salut"]
    assert conversation("Salut", None) == [{"role": "user", "content": "Salut"}]


@pytest.mark.parametrize(("style", "told"), [
    (Style(decoding="schema"), "schema needs a JSON Schema"),
    (Style(decoding="spans", schema={"type": "object"}), "spans needs a schema of tool calls"),
])
def test_a_style_that_cannot_be_is_told(gguf, style, told):
    with pytest.raises(ConfigError, match=told):
        Chat(gguf, style)


def test_slots_answer_in_the_order_of_the_questions(gguf):
    asked = ["Salut", "Ferme la porte " * 5, "Oui", "Allume la lumière " * 3]
    with Chat(gguf, Style(max_tokens=4), context=256, threads=1, slots=2) as chat:
        lengths = [one.prompt_tokens for one in chat.ask_many(asked)]
    assert sorted(range(4), key=lengths.__getitem__) == [2, 0, 3, 1]
