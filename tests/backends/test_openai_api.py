import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest
from xllamacpp import CommonParams
from xllamacpp import Server as LlamaServer

from pillm.backends.chat_server import IN_A_ROW, Server
from pillm.backends.chat_server import answer as through
from pillm.backends.llama_cpp import lib
from pillm.backends.openai_api import OPENAI
from pillm.backends.teaching import Sampling
from pillm.errors import StageError
from tests.reference import tiny_gguf
from tests.reference.openai_server import Fault, serving

KEY = "sk-very-secret"
answer = partial(through, OPENAI)
GARBAGE = [Fault(text="<html>bad gateway</html>"), Fault(text="{}"), Fault(text='{"choices": []}'),
           Fault(text='{"choices": [{"message": {"content": ["a"]}}]}'), Fault(text="[" * 100_000)]


def backwards(messages: list[dict[str, str]]) -> str:
    return messages[-1]["content"][::-1]


def requests(*words: str) -> list[tuple[str, list[dict[str, str]]]]:
    return [(word, [{"role": "user", "content": word}]) for word in words]


def client(url: str, **changes) -> Server:
    return Server(url, "parrot", **({"timeout_s": 5, "first_wait_s": 0.01} | changes))


def ask(server: Server, *words: str, sampling: Sampling | None = None) -> tuple[dict, dict]:
    """Answers and refusals by key."""
    kept: dict[str, tuple[str, bool]] = {}
    refused: dict[str, str] = {}
    answer(server, requests(*words), sampling or Sampling(), refuse=refused.__setitem__,
           keep=lambda key, text, cut: kept.__setitem__(key, (text, cut)))
    return kept, refused


def test_every_request_is_answered_under_its_key_several_at_once():
    words = [f"mot{n}" for n in range(40)]
    with serving(backwards, delay_s=0.02) as server:
        kept, refused = ask(client(server.url, concurrency=8), *words)
    assert (kept, refused) == ({word: (word[::-1], False) for word in words}, {})
    assert 4 <= server.busiest <= 8


def test_what_is_sent_is_what_was_asked_for():
    with serving(backwards) as server:
        ask(client(server.url, key=KEY), "un", "deux", sampling=Sampling(0.7, 0.9, 99, seed=3))
        ask(client(f"{server.url}/"), "un", sampling=Sampling(0.7, 0.9, 99, seed=3))
    first, second, again = sorted(server.asked, key=lambda body: body["messages"][-1]["content"])
    assert {key: second[key] for key in ("model", "temperature", "top_p", "max_tokens")} == {
        "model": "parrot", "temperature": 0.7, "top_p": 0.9, "max_tokens": 99}
    assert first["seed"] != second["seed"] == again["seed"]
    assert server.keys == {f"Bearer {KEY}", ""}


def test_an_answer_that_reaches_the_limit_is_marked():
    with serving(backwards, finish_reason="length") as server:
        assert ask(client(server.url), "ab") == ({"ab": ("ba", True)}, {})


@pytest.mark.parametrize("faults", [
    [Fault(429), Fault(500, text="boom")], [Fault(503, {"retry-after": "0"})], [Fault(hang_up=True)] * 2,
    [Fault(wait_s=1)], GARBAGE, [Fault(529, {"retry-after": "soon"})],
], ids=["busy and broken", "asked to wait", "hangs up", "slow", "garbage", "odd wait"])
def test_what_may_pass_is_tried_again(faults):
    with serving(backwards, {"deux": list(faults)}) as server:
        kept, refused = ask(client(server.url, timeout_s=0.3), "un", "deux", "trois")
    assert (set(kept), refused) == ({"un", "deux", "trois"}, {})
    assert server.times() == {"un": 1, "deux": 1 + len(faults), "trois": 1}


@pytest.mark.parametrize("header", [
    lambda: "1", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)])
def test_the_server_says_how_long_to_wait(header: Callable[[], str]):
    with serving(backwards, {"un": [Fault(429, {"retry-after": header()})]}) as server:
        begun = time.monotonic()
        ask(client(server.url), "un")
    assert time.monotonic() - begun >= 0.9


def test_a_server_that_asks_to_come_back_tomorrow_ends_the_work():
    with (serving(backwards, {"un": [Fault(429, {"retry-after": "86400"}, "daily quota")]}) as server,
          pytest.raises(StageError, match="daily quota; it asks to wait 86400 s")):
        ask(client(server.url), "un")


def test_a_conversation_that_always_fails_is_refused_and_the_others_are_answered():
    with serving(backwards, {"deux": [Fault(500, text="out of memory")] * 3}) as server:
        kept, refused = ask(client(server.url, attempts=3), "un", "deux", "trois")
    assert set(kept) == {"un", "trois"}
    assert refused == {"deux": "3 attempts failed, the last one with: status 500: out of memory"}


def test_a_conversation_that_the_server_refuses_is_not_asked_again():
    with serving(backwards, {"deux": [Fault(400, text='{"error": "context is 2048 tokens"}')]}) as server:
        kept, refused = ask(client(server.url), "un", "deux")
    assert refused == {"deux": 'status 400: {"error": "context is 2048 tokens"}'}
    assert (set(kept), server.times()["deux"]) == ({"un"}, 1)


def test_when_nothing_is_answered_any_more_the_work_ends():
    words = [f"mot{n}" for n in range(30)]
    with (serving(backwards, {"mot": [Fault(500, text="boom")] * 99}) as server,
          pytest.raises(StageError, match=f"{IN_A_ROW} conversations in a row got no answer; .* status 500: boom")):
        ask(client(server.url, attempts=1), *words)
    assert len(server.asked) < 20


@pytest.mark.parametrize(("words", "proven", "ends"), [
    (["non"] * 9, False, True), (["non"] * 9, True, False), (["oui", *["non"] * 9], False, False),
], ids=["refuses all", "has answered", "answers first"])
def test_refused_requests_end_the_work_only_where_nothing_was_ever_answered(words, proven, ends):
    with serving(backwards, {"non": [Fault(413, text="too long")] * 9}) as server:
        client_ = client(server.url, concurrency=1, proven=proven)
        if ends:
            with pytest.raises(StageError, match=f"{IN_A_ROW} conversations in a row .* status 413: too long"):
                ask(client_, *words)
        else:
            assert "too long" in ask(client_, *words)[1]["non"]


@pytest.mark.parametrize(("fault", "told"), [
    (Fault(401, text=f"Incorrect API key: {KEY}"), "status 401: Incorrect API key: …. Check the key in the variable "
                                                   "that api_key_env names; what was answered is kept."),
    (Fault(404, text="model not found"), "Check base_url, which mostly ends with /v1, and the name of the model"),
    (Fault(302, {"location": "/login"}), "status 302: nothing. Check teacher.base_url"),
])
def test_what_no_attempt_can_change_ends_the_work_and_shows_no_key(fault, told):
    with serving(backwards, {"un": [fault]}) as server, pytest.raises(StageError) as error:
        ask(client(server.url, key=KEY), "un")
    assert told in str(error.value)
    assert KEY not in str(error.value) + repr(error.value) + repr(client(server.url, key=KEY))
    assert error.value.__cause__ is None and error.value.__suppress_context__


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY}\r", f"{KEY}\nmore"])
def test_a_key_that_no_header_carries_is_not_shown(key):
    with serving(backwards) as server:
        kept, refused = ask(client(server.url, key=key, attempts=1), "un")
    assert (kept, list(refused)) == ({}, ["un"])
    assert KEY not in refused["un"]
    assert "check the key" in refused["un"]


def test_a_wrong_address_is_told():
    with serving(backwards) as server, pytest.raises(StageError, match="404 page not found"):
        ask(client(server.url.removesuffix("/v1")), "un")


def test_a_server_that_is_not_there_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(StageError) as error:
        ask(client(url, attempts=2), "un")
    assert str(error.value).startswith(f"{url}: the server cannot be reached (")
    assert "Start the server, or set teacher.base_url" in str(error.value)


def test_what_goes_wrong_in_keeping_comes_through_as_it_is():
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with serving(backwards) as server, pytest.raises(OSError, match="No space left"):
        answer(client(server.url), requests("un", "deux"), Sampling(), keep=full, refuse=lambda *_: None)


def test_llama_cpps_own_server_is_understood(tmp_path):
    tiny_gguf.model(tmp_path / "tiny.gguf", "odd")
    lib.load()
    params = CommonParams()
    params.model.path, params.hostnames, params.port = str(tmp_path / "tiny.gguf"), ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel, params.warmup, params.ui, params.verbosity = 256, 2, False, False, 0
    params.cache_ram_mib, params.fit_params = 0, False
    llama = LlamaServer(params)
    kept, refused = ask(client(f"{llama.listening_address}/v1", timeout_s=60), "lait", "pain", "café " * 400,
                        sampling=Sampling(max_tokens=6))
    assert [(word, bool(text), cut) for word, (text, cut) in sorted(kept.items())] == [
        ("lait", True, True), ("pain", True, True)]
    assert "exceeds the available context size" in refused["café " * 400]
