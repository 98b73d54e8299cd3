"""What llama.cpp says while it works: its warnings and errors, kept for our messages."""
import ctypes as c
from collections import deque

from pillm.backends.llama_cpp import layout

WARNING = 3
"""ggml_log_level of the mildest message that is kept."""

_said: deque[str] = deque(maxlen=8)


@layout.LogCallback
def _listen(level: int, text: bytes, _: object) -> None:
    if level >= WARNING and text.strip():
        _said.append(text.decode(errors="replace").strip())


def last_words() -> str:
    """What llama.cpp said last in warnings and errors; forgotten afterwards."""
    words = "; ".join(_said)
    _said.clear()
    return words


def listen(library: c.CDLL) -> None:
    """Send llama.cpp's messages to us instead of standard error."""
    library.llama_log_set(_listen, None)
