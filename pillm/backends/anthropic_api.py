"""Anthropic's Messages API.

https://docs.anthropic.com/en/api/messages
"""
from collections.abc import Mapping, Sequence
from typing import Any

from pillm.backends.chat_server import Body, Protocol
from pillm.backends.teaching import Sampling

VERSION = "2023-06-01"


def _headers(key: str) -> dict[str, str]:
    return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})


def _body(model: str, messages: Sequence[Mapping[str, Any]], sampling: Sampling, seed: int) -> Body:
    """System messages stand apart; temperature and top_p go one at a time; there is no seed."""
    system = "\n\n".join(turn["content"] for turn in messages if turn["role"] == "system")
    turns = [{"role": turn["role"], "content": turn["content"]} for turn in messages if turn["role"] != "system"]
    drawn = {"top_p": sampling.top_p} if sampling.top_p < 1 else {"temperature": sampling.temperature}
    return {"model": model, "max_tokens": sampling.max_tokens, "messages": turns, **drawn,
            **({"system": system} if system else {})}


def _read(reply: Any) -> tuple[Any, bool]:
    """The text blocks together; thoughts and other blocks are left out."""
    text = "".join(block["text"] for block in reply["content"] if block["type"] == "text")
    return text, reply["stop_reason"] == "max_tokens"


ANTHROPIC = Protocol("messages", "message", _headers, _body, _read)
