"""Starts a llama.cpp server at a Unix socket, in a process of its own: the wheel's, or one of the user's build."""
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from pillm.backends.llama_cpp import lib, where, wire
from pillm.errors import MissingInput, StageError

WHEEL_SERVER = "pillm.backends.llama_cpp.wheel_server"
PAUSE_S = 0.01
ENDING_S = 20
"""For a child to end by itself when it is told to."""


@dataclass(frozen=True)
class Settings:
    """What a server is started with."""

    gguf: Path
    context: int
    """Tokens in all, shared evenly by the slots."""
    slots: int
    threads: int
    lora: Path | None


@dataclass(frozen=True)
class Running:
    """A server that was started."""

    stop: Callable[[], None]
    last_words: Callable[[], str]
    """How it ended, and what it said last; nothing where it has not ended."""


def start(settings: Settings, address: Path) -> Running:
    """A server that listens at `address`.

    Raises MissingInput where a file is not there, StageError where llama.cpp cannot load it.
    """
    for path in filter(None, (settings.gguf, settings.lora)):
        if not path.is_file():
            raise MissingInput(f"{path}: there is no such GGUF file. Name one that exists.")
    command = _own_command(settings, address) if where.own_build() else _wheel_command(settings, address)
    log = address.with_suffix(".log")
    with log.open("wb") as out:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out, env=where.child_environment(),
                                 start_new_session=True)  # Ctrl-C is for who asks
    try:
        while not wire.healthy(address):
            if child.poll() is not None:
                raise _refused(settings, _tail(log))
            time.sleep(PAUSE_S)
    except BaseException:
        _end(child)
        raise
    return Running(partial(_end, child), partial(_last_words, child, log))


def _end(child: "subprocess.Popen[bytes]") -> None:
    assert child.stdin
    child.terminate()
    child.stdin.close()
    try:
        child.wait(ENDING_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _last_words(child: "subprocess.Popen[bytes]", log: Path) -> str:
    try:
        ended = child.wait(1)  # its socket closes a little before it is gone
    except subprocess.TimeoutExpired:
        return ""
    how = f"with status {ended}" if ended >= 0 else f"by signal {-ended}"
    return f" {how} ({_tail(log) or 'it said nothing'})"


def _tail(log: Path) -> str:
    if not log.exists():  # the server was closed
        return ""
    return " ".join(log.read_text(errors="replace").split("\n")[-4:]).strip()


def _wheel_command(settings: Settings, address: Path) -> list[str]:
    lib.load()  # where the machine does not fit, this one says why
    return [sys.executable, "-P", "-m", WHEEL_SERVER, str(address), json.dumps(asdict(settings), default=str)]


def _own_command(settings: Settings, address: Path) -> list[str]:
    server = where.find().with_name("llama-server")
    if not server.is_file():
        raise MissingInput(f"LLAMA_CPP_DIR: there is no llama-server beside {where.find()}. "
                           "Build it too (`cmake --build build --target llama-server`).")
    options = {
        "--model": settings.gguf, "--host": address, "--ctx-size": settings.context,
        "--parallel": settings.slots, "--threads": settings.threads, "--threads-batch": settings.threads,
        "--threads-http": settings.slots + 2, "--cache-ram": 0, "--fit": "off", "--lora": settings.lora,
    }
    given = [str(word) for option, value in options.items() if value is not None for word in (option, value)]
    return [str(server), *given, "--jinja", "--no-warmup", "--no-ui"]


def _refused(settings: Settings, why: str) -> StageError:
    if not where.own_build():
        from pillm.backends.llama_cpp.model import Model

        Model(settings.gguf, lora=settings.lora).close()  # where it cannot be loaded, this one says why
    return StageError(f"{settings.gguf}: llama.cpp's server cannot use it ({why}). "
                      "Make the file again, or ask for a shorter context.")
