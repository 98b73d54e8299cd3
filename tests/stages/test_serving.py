"""The key of a server: taken as it is meant, or refused before anything starts."""
import pytest

from pillm.backends.teaching import Sampling
from pillm.stages.serving import ask, server_mistakes
from tests.reference import openai_server

KEY = "sk-very-secret"


@pytest.mark.parametrize("key", [KEY, f"{KEY}\n", f"{KEY}\r\n", f" {KEY} "])
def test_a_key_from_a_mounted_file_works(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SOME_KEY", key)
    kept: dict[str, str] = {}
    refused: dict[str, str] = {}
    with openai_server.serving(lambda messages: "yes") as server:
        assert list(server_mistakes(server.url, "SOME_KEY", "teacher")) == []
        ask("openai", [("a", [{"role": "user", "content": "a"}])], Sampling(), api_key_env="SOME_KEY",
            keep=lambda key, text, cut: kept.update({key: text}), refuse=refused.__setitem__,
            base_url=server.url, model="parrot", attempts=1)
    assert (kept, refused, server.keys) == ({"a": "yes"}, {}, {f"Bearer {KEY}"})


@pytest.mark.parametrize("key", [f"{KEY}\nmore", f"{KEY}é", f"{KEY}\x7f"])
def test_a_key_that_no_header_carries_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SOME_KEY", key)
    (where, told), = server_mistakes("http://x/v1", "SOME_KEY", "teacher")
    assert where == "api_key_env"
    assert "the key in SOME_KEY has characters" in told
    assert KEY not in told


def test_a_key_of_nothing_but_a_line_break_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "\n")
    (_, told), = server_mistakes("http://x/v1", "SOME_KEY", "teacher")
    assert told.startswith("the environment has no SOME_KEY.")
