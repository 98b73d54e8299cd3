"""HTTP over a Unix socket: reaches a llama.cpp server without a network, and no other user can."""
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from pillm.errors import RequestError


class Gone(Exception):
    """Nobody is at the socket, or not to the end of the answer."""


class _Connection(HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("llama.cpp")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def healthy(path: Path) -> bool:
    """Whether a server listens at this socket with its model loaded."""
    if not path.exists():
        return False
    connection = _Connection(path)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def post(path: Path, route: str, body: dict[str, Any]) -> dict[str, Any]:
    """The server's answer; raises RequestError with its message where it refuses, Gone where it is not there."""
    with _connected(path) as connection:
        return json.loads(_sent(connection, route, body).read())


def stream(path: Path, route: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The server's events as they come; leaving the loop early ends the work on the other side too.

    Raises RequestError with the server's message where it refuses or fails, Gone where it is not there.
    """
    with _connected(path) as connection:
        for line in _sent(connection, route, {**body, "stream": True}):
            if line.startswith(b"data: {"):
                event = json.loads(line.removeprefix(b"data: "))
                if "error" in event:
                    raise RequestError(f"llama.cpp's server: {_reason(event)}. Ask again.")
                yield event


@contextmanager
def _connected(path: Path) -> Iterator[_Connection]:
    connection = _Connection(path)
    try:
        yield connection
    except (OSError, HTTPException, json.JSONDecodeError) as error:
        raise Gone(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _sent(connection: _Connection, route: str, body: dict[str, Any]) -> HTTPResponse:
    connection.request("POST", route, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise RequestError(f"llama.cpp's server: {_reason(json.loads(response.read()))}. Change the request.")
    return response


def _reason(answer: dict[str, Any]) -> str:
    return str(answer["error"]["message"])
