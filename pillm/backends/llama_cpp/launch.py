"""Starts a llama.cpp server at a Unix socket: in this process with the wheel, or the user's own build as a child."""
import ctypes
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pillm.backends.llama_cpp import lib, said, where, wire
from pillm.errors import MissingInput, StageError

PAUSE_S = 0.05
READY_S = 900
"""For the wheel's server to take work once its model is loaded: a moment, but on a machine that swaps."""
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
    last_words: Callable[[], str] = lambda: ""
    """How it ended, and what it said last, where it is a process of its own that has ended."""


def start(settings: Settings, address: Path) -> Running:
    """A server that listens at `address`.

    Raises MissingInput where a file is not there, StageError where llama.cpp cannot load it.
    """
    for path in filter(None, (settings.gguf, settings.lora)):
        if not path.is_file():
            raise MissingInput(f"{path}: there is no such GGUF file. Name one that exists.")
    return _child(settings, address) if where.own_build() else _in_process(settings, address)


def _in_process(settings: Settings, address: Path) -> Running:
    library = lib.load()  # before the wheel's Python side: it checks the processor and brings libgomp
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.hostnames = str(settings.gguf), [str(address)]
    params.n_ctx, params.n_parallel = settings.context, settings.slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.threads
    params.n_threads_http = settings.slots + 2
    params.cache_ram_mib, params.fit_params, params.warmup, params.verbosity = 0, False, False, 0
    params.ui = False
    if settings.lora:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(settings.lora), 1.0)]
    try:
        running = [xllamacpp.Server(params)]
    except RuntimeError as error:
        from pillm.backends.llama_cpp.model import Model

        said.listen(library)
        Model(settings.gguf, lora=settings.lora).close()  # where it cannot be loaded, this one says why
        raise _refused(settings, str(error)) from error
    said.listen(library)  # the server had turned llama.cpp's messages to itself
    try:
        _wait_for_loop(settings, address)
    except BaseException:  # one that is ended before its loop has begun waits for it for ever: this one never is
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(running))
        raise
    return Running(running.clear)


def _wait_for_loop(settings: Settings, address: Path) -> None:
    end = time.monotonic() + READY_S
    while (left_s := end - time.monotonic()) > 0:
        if wire.healthy(address, "/slots", left_s):
            return
        time.sleep(PAUSE_S)
    raise StageError(f"{settings.gguf}: llama.cpp's server has loaded it, but took no work within {READY_S} s. "
                     "Run again while the machine does less; if it comes again, name a build of your own in "
                     "LLAMA_CPP_DIR.")


def _child(settings: Settings, address: Path) -> Running:
    log = address.with_suffix(".log")
    with log.open("wb") as out:
        child = subprocess.Popen(_command(settings, address), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
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
    child.terminate()
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
    return " ".join(log.read_text(errors="replace").split("\n")[-4:]).strip()


def _command(settings: Settings, address: Path) -> list[str]:
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
    return StageError(f"{settings.gguf}: llama.cpp's server cannot use it ({why}). "
                      "Make the file again, or ask for a shorter context.")
