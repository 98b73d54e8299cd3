"""A small Hub on this machine: lists files, serves them in ranges, and refuses as the real one does."""
import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REFUSALS = {"owner/gated": (403, "GatedRepo"), "owner/broken": (500, "")}


class HubServer:
    """Serves folders as repositories with one commit."""

    def __init__(self, folders: dict[str, Path]):
        self.folders = folders
        self.environment: dict[str, str] = {}
        self.pause_after: int | None = None
        """Bytes after which a file stops coming."""
        self.ranges: list[int] = []
        """Where each read of a file began."""
        self.spoil: Callable[[bytes], bytes] = lambda content: content
        """What happens to files on the way."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def bytes_of(self, name: str) -> bytes:
        return (self.folders["owner/model"] / name).read_bytes()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        is_api = path.startswith("/api/models/")
        owner, name, *rest = path.removeprefix("/api/models/").lstrip("/").split("/")
        repo = f"{owner}/{name}"
        if repo in REFUSALS:
            self._refuse(*REFUSALS[repo])
        elif repo not in self.hub.folders:
            self._refuse(404, "RepoNotFound")
        elif len(rest) > 1 and rest[1] not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        elif is_api:
            self._list(repo)
        else:
            self._file(self.hub.folders[repo] / rest[2])

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, b"{}", {"X-Error-Code": code} if code else {})

    def _list(self, repo: str) -> None:
        files = [_sibling(path) for path in sorted(self.hub.folders[repo].iterdir())]
        info = {"id": repo, "sha": COMMIT, "siblings": files}
        self._send(200, json.dumps(info).encode(), {"Content-Type": "application/json"})

    def _file(self, path: Path) -> None:
        content = self.hub.spoil(path.read_bytes())
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        if self.command == "GET":
            self.hub.ranges.append(start)
        headers = {"Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, content[start:], headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        stop = self.hub.pause_after
        self.wfile.write(content[:stop])
        if stop is not None and len(content) > stop:
            self.wfile.flush()
            threading.Event().wait(60)


def _sibling(path: Path) -> dict[str, Any]:
    """A file as the Hub's list tells it: large ones by sha256, small ones by git's name."""
    content = path.read_bytes()
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
    large = {"lfs": {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 134}}
    return {"rfilename": path.name, "size": len(content), "blobId": blob} | (large if len(content) > 1e6 else {})
