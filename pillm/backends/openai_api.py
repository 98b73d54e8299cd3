"""OpenAI's chat completions, which Ollama, llama-server, vLLM and others speak too.

https://platform.openai.com/docs/api-reference/chat/create
"""
from collections.abc import Mapping, Sequence
from typing import Any

from pillm.backends.chat_server import Body, Protocol
from pillm.backends.teaching import Sampling


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _body(model: str, messages: Sequence[Mapping[str, Any]], sampling: Sampling, seed: int) -> Body:
    return {"model": model, "messages": list(messages), "temperature": sampling.temperature,
            "top_p": sampling.top_p, "max_tokens": sampling.max_tokens, "seed": seed}


def _read(reply: Any) -> tuple[Any, bool]:
    choice = reply["choices"][0]
    return choice["message"]["content"] or "", choice.get("finish_reason") == "length"


OPENAI = Protocol("chat/completions", "chat completion", _headers, _body, _read)
