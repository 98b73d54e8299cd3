"""A server on this machine that speaks OpenAI's chat completions, or another way, with the faults servers have."""
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Speech:
    """A protocol from the server's side."""

    path: str
    key_header: str
    wrong: Callable[[Body, Any], str]
    """What is wrong with a request (body, headers), or nothing."""
    envelope: Callable[[Body, str, str], Body]
    """The reply, of the request, the text and why it ended."""


def _completion(body: Body, text: str, reason: str) -> Body:
    message = {"role": "assistant", "content": text}
    return {"object": "chat.completion", "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reason}]}


OPENAI = Speech("/v1/chat/completions", "authorization", lambda body, headers: "", _completion)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with an attempt."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    wait_s: float = 0
    hang_up: bool = False


@dataclass
class Server:
    """What it was asked, and how it answers."""

    reply: Callable[[list[dict[str, str]]], str]
    faults: dict[str, list[Fault]]
    """Per word in the last message, what its attempts meet one after the other; then all goes well."""
    delay_s: float = 0
    finish_reason: str = "stop"
    speech: Speech = OPENAI
    url: str = ""
    asked: list[Body] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    busy: int = 0
    busiest: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def times(self) -> Counter[str]:
        """How often each last message came."""
        return Counter(body["messages"][-1]["content"] for body in self.asked)

    def fault(self, body: Body) -> Fault | None:
        said = body["messages"][-1]["content"]
        return next((found.pop(0) for word, found in self.faults.items() if word in said and found), None)


@contextmanager
def serving(reply: Callable[[list[dict[str, str]]], str], faults: dict[str, list[Fault]] | None = None,
            **more: Any) -> Iterator[Server]:
    server = Server(reply, faults or {}, **more)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with server.lock:
                server.asked.append(body)
                server.keys.add(self.headers.get(server.speech.key_header, ""))
                server.busy += 1
                server.busiest = max(server.busiest, server.busy)
                fault = server.fault(body)
            time.sleep(fault.wait_s if fault else server.delay_s)
            with server.lock:
                server.busy -= 1
            self.answer(body, fault)

        def answer(self, body: Body, fault: Fault | None) -> None:
            if self.path != server.speech.path:
                self.send(404, {}, "404 page not found")
            elif fault and fault.hang_up:
                self.connection.shutdown(socket.SHUT_RDWR)
            elif fault:
                self.send(fault.status, fault.headers, fault.text)
            elif wrong := server.speech.wrong(body, self.headers):
                self.send(400, {}, wrong)
            else:
                reply = server.speech.envelope(body, server.reply(body["messages"]), server.finish_reason)
                self.send(200, {}, json.dumps(reply))

        def send(self, status: int, headers: dict[str, str], text: str) -> None:
            data = text.encode()
            try:
                self.send_response(status)
                for name, value in ({"content-length": str(len(data))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
            except OSError:  # the client waits no longer
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
