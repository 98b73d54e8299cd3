"""The Messages API; what it shares with other servers is tried in test_openai_api."""
from typing import Any

import pytest

from pillm.backends.anthropic_api import ANTHROPIC
from pillm.backends.chat_server import Server, answer
from pillm.backends.openai_api import OPENAI
from pillm.backends.teaching import Sampling
from pillm.errors import StageError
from tests.reference.anthropic_server import ANTHROPIC as SPEECH
from tests.reference.openai_server import Fault, serving

KEY = "sk-ant-very-secret"
TALK = [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": "Allô"},
        {"role": "assistant", "content": "Salut"}, {"role": "user", "content": "Ça va?"}]


def ask(url: str, sampling: Sampling = Sampling(), protocol: Any = ANTHROPIC, **more: Any) -> tuple[dict, dict]:
    kept: dict[str, tuple[str, bool]] = {}
    refused: dict[str, str] = {}
    answer(protocol, Server(url, "parrot", KEY, timeout_s=5, first_wait_s=0.01, **more), [("talk", TALK)], sampling,
           keep=lambda key, text, cut: kept.__setitem__(key, (text, cut)), refuse=refused.__setitem__)
    return kept, refused


def backwards(messages: list[dict[str, str]]) -> str:
    return messages[-1]["content"][::-1]


def test_a_conversation_is_put_as_the_protocol_wants_it() -> None:
    with serving(backwards, speech=SPEECH) as server:
        assert ask(server.url) == ({"talk": ("?av aÇ", False)}, {})
        ask(server.url, Sampling(0.7, 0.9, 99))
    first, second = server.asked
    assert first["system"] == "Sois bref."
    assert [turn["role"] for turn in first["messages"]] == ["user", "assistant", "user"]
    assert (first["temperature"], "top_p" in first) == (0, False)
    assert (second["top_p"], "temperature" in second, second["max_tokens"]) == (0.9, False, 99)
    assert server.keys == {KEY}


def test_an_answer_that_reaches_the_limit_is_marked() -> None:
    with serving(backwards, speech=SPEECH, finish_reason="length") as server:
        assert ask(server.url)[0] == {"talk": ("?av aÇ", True)}


def test_overload_passes_and_garbage_is_asked_again() -> None:
    faults = [Fault(529, text='{"type": "error", "error": {"type": "overloaded_error"}}'),
              Fault(429, {"retry-after": "0"}), Fault(text='{"content": []}'),
              Fault(text='{"content": [{"type": "text"}], "stop_reason": "end_turn"}')]
    with serving(backwards, {"Ça": list(faults)}, speech=SPEECH) as server:
        assert ask(server.url)[0] == {"talk": ("?av aÇ", False)}
    assert len(server.asked) == 1 + len(faults)


def test_a_wrong_key_ends_the_work_and_is_not_shown() -> None:
    with (serving(backwards, {"Ça": [Fault(401, text=f"invalid x-api-key {KEY}")]}, speech=SPEECH) as server,
          pytest.raises(StageError) as error):
        ask(server.url, named="evaluate.judge")
    assert "status 401: invalid x-api-key …. Check the key in the variable" in str(error.value)
    assert KEY not in str(error.value)


def test_the_other_protocol_is_refused() -> None:
    with serving(backwards, speech=SPEECH) as server, pytest.raises(StageError, match="404 page not found"):
        ask(server.url, protocol=OPENAI)
    with serving(backwards) as server, pytest.raises(StageError, match="404 page not found"):
        ask(server.url)
