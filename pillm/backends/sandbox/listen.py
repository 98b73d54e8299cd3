"""Hearing a command out: all it prints, until it ends or goes beyond a bound."""
import os
from collections.abc import Callable
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from time import monotonic

from pillm.backends.sandbox.limits import LOOK_S, OUTPUT_BYTES
from pillm.backends.sandbox.ran import Bound

CHUNK = 64 * 1024


@dataclass(frozen=True)
class Pipes:
    """Where it is heard: what the command prints, and what bubblewrap tells of it."""

    stdout: int
    stderr: int
    status: int


@dataclass(frozen=True)
class Heard:
    """What came through the pipes, and the bound for which no more was waited for."""

    stdout: bytes
    stderr: bytes
    status: bytes
    beyond: Bound | None


def listen(pipes: Pipes, deadline: float, look: Callable[[], Bound | None]) -> Heard:
    """Read until all pipes are closed, or the deadline (of time.monotonic), or `look` says that it's enough."""
    heard = {pipe: bytearray() for pipe in (pipes.stdout, pipes.stderr, pipes.status)}
    beyond: Bound | None = None
    next_look = monotonic() + LOOK_S
    with DefaultSelector() as still_open:
        for pipe in heard:
            still_open.register(pipe, EVENT_READ)
        while still_open.get_map() and not beyond:
            _read_once(still_open, heard, min(next_look, deadline))
            beyond = _passed(heard, deadline)
            if not beyond and monotonic() >= next_look:
                beyond, next_look = look(), monotonic() + LOOK_S
    stdout, stderr = (bytes(heard[pipe][:OUTPUT_BYTES]) for pipe in (pipes.stdout, pipes.stderr))
    return Heard(stdout, stderr, bytes(heard[pipes.status]), beyond)


def _read_once(still_open: DefaultSelector, heard: dict[int, bytearray], until: float) -> None:
    for key, _ in still_open.select(max(0.0, until - monotonic())):
        chunk = os.read(key.fd, CHUNK)
        heard[key.fd] += chunk
        if not chunk:
            still_open.unregister(key.fd)


def _passed(heard: dict[int, bytearray], deadline: float) -> Bound | None:
    if any(len(text) > OUTPUT_BYTES for text in heard.values()):
        return "output"
    return "time" if monotonic() >= deadline else None
