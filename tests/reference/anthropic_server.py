"""The rules of Anthropic's Messages API that a client can break, for the server in openai_server.py."""
from typing import Any

from tests.reference.openai_server import Body, Speech

REASONS = {"stop": "end_turn", "length": "max_tokens"}


def wrong(body: Body, headers: Any) -> str:
    """https://docs.anthropic.com/en/api/messages"""
    if headers.get("anthropic-version") != "2023-06-01":
        return "anthropic-version: header is required"
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    if {turn["role"] for turn in body["messages"]} - {"user", "assistant"}:
        return 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter'
    if "temperature" in body and "top_p" in body:
        return "`temperature` and `top_p` cannot both be specified for this model"
    extra = body.keys() - {"model", "max_tokens", "messages", "system", "temperature", "top_p"}
    return f"{extra}: Extra inputs are not permitted" if extra else ""


def envelope(body: Body, text: str, reason: str) -> Body:
    """Text in two blocks, with a thought before."""
    half = len(text) // 2
    blocks = [{"type": "thinking", "thinking": "Hm.", "signature": "x"},
              *({"type": "text", "text": part} for part in (text[:half], text[half:]))]
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": blocks,
            "stop_reason": REASONS[reason], "usage": {"input_tokens": 1, "output_tokens": 1}}


ANTHROPIC = Speech("/v1/messages", "x-api-key", wrong, envelope)
