"""Chats answered by llama.cpp's server: the wheel's, and a build of one's own."""
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pillm.backends.llama_cpp import wire
from pillm.backends.llama_cpp.divergence import log_softmax
from pillm.backends.llama_cpp.model import Model
from pillm.backends.llama_cpp.server import Request, Server
from pillm.errors import MissingInput, StageError
from pillm.serve.template import render
from tests.backends.llama_cpp.conftest import Tiny

ALLO = [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": "  Allô, c'est l'été?\n"}]

OWN_SERVER = f"""#!{sys.executable}
import os, signal, sys, threading
from pathlib import Path
Path(__file__).with_name("pid").write_text(str(os.getpid()))
import xllamacpp
option = dict(zip(sys.argv[1::2], sys.argv[2::2]))
params = xllamacpp.CommonParams()
params.model.path, params.hostnames = option["--model"], [option["--host"]]
params.n_ctx, params.n_parallel = int(option["--ctx-size"]), int(option["--parallel"])
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(option["--threads"])
params.warmup = False
server = xllamacpp.Server(params)
stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())
stopped.wait()
"""
"""Takes the options of llama-server that we use."""


@pytest.fixture(scope="module")
def server(tiny: Tiny) -> Iterator[Server]:
    with Server(tiny.gguf("f16"), context=512, threads=1) as started:
        yield started


def test_the_prompt_is_the_template_of_the_file(server: Server, tiny: Tiny) -> None:
    template = (tiny.weights / "chat_template.jinja").read_text("utf-8")
    assert server.apply_template(ALLO) == render(template, ALLO, bos="<s>", eos="</s>", add_generation_prompt=True)


def test_greedy_answers_are_the_models_likeliest_tokens(server: Server, tiny: Tiny, corpus: str) -> None:
    """Step by step through the logits: same text, same count, same mean log-probability."""
    compared = 0
    with Model(tiny.gguf("f16"), threads=1) as model:
        for word in corpus.split()[:40]:
            chat = [{"role": "user", "content": word}]
            answer = server.chat(chat, max_tokens=3)
            prompt = model.tokenize(server.apply_template(chat), add_special=True)
            ids = _likeliest(model, prompt, 3)
            # A character of several tokens is held back until it is whole, and only its last token counts.
            if (text := model.detokenize(ids)).isascii():
                assert answer.text.strip() == text.removesuffix("</s>").strip()
                assert answer.mean_logprob == pytest.approx(_mean_logprob(model, prompt, ids), abs=2e-3)
                assert sum(answer.logprobs) == pytest.approx(len(ids) * answer.mean_logprob)
                compared += 1
            assert (answer.prompt_tokens, answer.completion_tokens) == (len(prompt), len(ids))
            assert min(answer.prompt_s, answer.decode_s) > 0
    assert compared >= 5


def _likeliest(model: Model, prompt: list[int], most: int) -> list[int]:
    ids: list[int] = []
    while len(ids) < most and not (ids and model.is_eog(ids[-1])):
        ids.append(int(model.logits(prompt + ids)[-1].argmax()))
    return ids


def _mean_logprob(model: Model, prompt: list[int], ids: list[int]) -> float:
    logprobs = log_softmax(model.logits(prompt + ids))[len(prompt) - 1:-1]
    return sum(row[token] for row, token in zip(logprobs, ids, strict=True)) / len(ids)


def test_the_same_request_gets_the_same_answer(server: Server) -> None:
    greedy = [server.chat(ALLO, max_tokens=24) for _ in range(3)]
    drawn = [server.chat(ALLO, max_tokens=24, temperature=1.0, seed=seed) for seed in (1, 1, 2)]
    assert len({(answer.text, answer.mean_logprob) for answer in greedy}) == 1
    assert drawn[0].text == drawn[1].text != drawn[2].text


def test_text_comes_as_it_is_written(server: Server) -> None:
    pieces: list[str] = []
    answer = server.chat(ALLO, max_tokens=24, on_text=pieces.append)
    assert "".join(pieces) == answer.text
    assert len(pieces) > 5
    assert answer.stop_reason == "limit"


def test_a_grammar_is_held_to(server: Server) -> None:
    answer = server.chat(ALLO, max_tokens=24, grammar='root ::= "oui" | "non"')
    assert answer.text in ("oui", "non")
    assert answer.stop_reason == "eos"


def test_many_are_answered_in_order(tiny: Tiny) -> None:
    requests = [Request([{"role": "user", "content": word}], 8, grammar=f'root ::= "{word}"')
                for word in ("un", "deux", "trois", "quatre", "cinq")]
    with Server(tiny.gguf("f16"), context=1024, slots=2, threads=1) as server:
        assert [answer.text for answer in server.chat_many(requests)] == ["un", "deux", "trois", "quatre", "cinq"]


def test_a_prompt_that_continues_the_last_one_is_read_from_there(tiny: Tiny) -> None:
    with Server(tiny.gguf("f16"), context=512, threads=1, reuse_prompts=True) as server:
        first, again = (server.chat(ALLO, max_tokens=4) for _ in range(2))
    assert first.text == again.text
    assert first.prompt_tokens == again.prompt_tokens


def test_what_cannot_be_asked_is_told(server: Server) -> None:
    with pytest.raises(StageError, match="exceeds the available context size"):
        server.chat(ALLO * 40, max_tokens=4)
    with pytest.raises(StageError, match="failed to parse grammar"):
        server.chat(ALLO, max_tokens=4, grammar="root ::= (")
    assert server.chat(ALLO, max_tokens=4).completion_tokens == 4


def test_what_cannot_be_served_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="there is no such GGUF file"):
        Server(tmp_path / "absent.gguf")
    (tmp_path / "text.gguf").write_text("GGML?")
    with pytest.raises(StageError, match=r"text.gguf: llama.cpp cannot load it .*invalid magic"):
        Server(tmp_path / "text.gguf")


@pytest.mark.parametrize(("bytes_", "there"), [(81, True), (82, False), (150, False)])
def test_a_folder_too_long_for_a_socket_is_no_hindrance(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, bytes_: int, there: bool,
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        long = Path(f"{short}/é".ljust(bytes_ - 1, "x"))  # é is two bytes
        long.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(long))
        with Server(tiny.gguf("f16"), context=256, threads=1) as server:
            assert server.chat(ALLO, max_tokens=2).completion_tokens == 2
            assert bool([*long.iterdir()]) is there


def test_interrupting_ends_the_answer(server: Server) -> None:
    """Ctrl-C is heard while llama.cpp works, and the server goes on to answer."""
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        while True:
            server.chat(ALLO, max_tokens=200, grammar='root ::= "a"{200}')
    assert server.chat(ALLO, max_tokens=4).completion_tokens == 4


def test_own_build_serves(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_CPP_DIR", str(tmp_path))
    (tmp_path / "libllama.so").touch()
    with pytest.raises(MissingInput, match="there is no llama-server beside"):
        Server(tiny.gguf("f16"))
    (tmp_path / "llama-server").write_text(OWN_SERVER)
    (tmp_path / "llama-server").chmod(0o755)
    with Server(tiny.gguf("f16"), context=512, threads=1) as server:
        assert server.chat(ALLO, max_tokens=9, grammar='root ::= "oui"').text == "oui"
    (tmp_path / "text.gguf").write_text("GGML?")
    with pytest.raises(StageError, match=r"text.gguf: llama.cpp's server cannot use it"):
        Server(tmp_path / "text.gguf")


@pytest.fixture
def own_pid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """A build of one's own, and the process that it serves in."""
    monkeypatch.setenv("LLAMA_CPP_DIR", str(tmp_path))
    (tmp_path / "libllama.so").touch()
    (tmp_path / "llama-server").write_text(OWN_SERVER)
    (tmp_path / "llama-server").chmod(0o755)
    return lambda: int((tmp_path / "pid").read_text())


def test_a_server_that_dies_is_told(tiny: Tiny, own_pid: Callable[[], int]) -> None:
    with Server(tiny.gguf("f16"), context=512, threads=1) as server:
        def kill(text: str) -> None:
            os.kill(own_pid(), signal.SIGKILL)

        for on_text in (kill, None):  # in the middle of an answer, and before one
            with pytest.raises(StageError, match=r"server ended by signal 9 \(.*\)\. Run again; if it ends again"):
                server.chat(ALLO, max_tokens=200, on_text=on_text)


def test_a_server_that_nobody_waits_for_is_ended(
    tiny: Tiny, own_pid: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> bool:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(wire, "healthy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Server(tiny.gguf("f16"))
    with pytest.raises(ProcessLookupError):
        os.kill(own_pid(), 0)


def test_a_server_ends_while_it_is_asked(tiny: Tiny) -> None:
    """The wheel's own way to end waits for the answer that it no longer works on, for ever."""
    one = Request(ALLO, 400, grammar='root ::= "a"{400}')
    for slots in (1, 2):
        server = Server(tiny.gguf("f16"), context=1024, slots=slots, threads=1)
        asking = server.chat_many([one] * 20)
        assert next(asking).text == "a" * 400
        server.close()
        with pytest.raises(StageError, match="server ended"):
            list(asking)


def test_a_server_ends_with_the_program_that_is_killed(tiny: Tiny) -> None:
    script = ("import sys, time; from pathlib import Path; from pillm.backends.llama_cpp.server import Server\n"
              "Server(Path(sys.argv[1]), context=64, threads=1); print(flush=True); time.sleep(600)")
    with psutil.Popen([sys.executable, "-c", script, str(tiny.gguf("f16"))], stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        servers = program.children()
        program.kill()
    assert len(servers) == 1
    assert psutil.wait_procs(servers, 20)[1] == []
