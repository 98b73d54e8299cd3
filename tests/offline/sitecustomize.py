"""On the path of a program that must not reach a network: every socket but a Unix one is refused."""
import socket
from typing import Any


class Offline(socket.socket):
    """A socket that connects within this machine's file system only."""

    def connect(self, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            raise OSError(f"a test that runs without a network reached for {address}")
        super().connect(address)


socket.socket = Offline  # type: ignore[misc]
