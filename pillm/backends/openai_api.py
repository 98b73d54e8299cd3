"""Servers that speak OpenAI's chat completions: Ollama, llama-server, vLLM, OpenAI and others.

https://platform.openai.com/docs/api-reference/chat/create
"""
import asyncio
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

import httpx

from pillm.backends.teaching import Keep, Refuse, Request, Sampling
from pillm.errors import StageError

PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 529}
"""Statuses that another attempt may change."""
OF_THE_REQUEST = {400, 413, 422}
"""Statuses that concern one conversation (too long, say); any other ends the work."""
REMEDIES = {401: "Check the key in the variable that api_key_env names", 403: "Check what the key may do",
            404: "Check base_url, which mostly ends with /v1, and the name of the model"}
IN_A_ROW = 8
"""Conversations without an answer, one after the other, that say it is not their fault."""
LONGEST_BACKOFF_S, LONGEST_WAIT_S = 60, 600
SHOWN = 300
"""Characters of what a server says."""


@dataclass(frozen=True)
class Server:
    base_url: str
    model: str
    key: str = field(default="", repr=False)
    timeout_s: float = 120
    """For one attempt."""
    attempts: int = 6
    first_wait_s: float = 1
    """Before the second attempt, then doubled; what the server asks for goes first."""
    concurrency: int = 4


class _Passing(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, told: str, *, wait_s: float | None = None, reached: bool = True) -> None:
        super().__init__(told)
        self.wait_s, self.reached = wait_s, reached


class _Refused(Exception):
    """There is no answer for this conversation."""


def answer(server: Server, requests: Iterable[Request], sampling: Sampling, *, keep: Keep, refuse: Refuse) -> None:
    """Have all requests answered, several at once; raises StageError where the server cannot be worked with."""
    try:
        asyncio.run(_through(server, iter(requests), sampling, keep, refuse))
    except BaseExceptionGroup as errors:
        raise next(_leaves(errors)) from None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


async def _through(
    server: Server, requests: Iterator[Request], sampling: Sampling, keep: Keep, refuse: Refuse,
) -> None:
    headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
    address = f"{server.base_url.rstrip('/')}/"
    unanswered = 0

    async def worker(client: httpx.AsyncClient) -> None:
        nonlocal unanswered
        for key, messages in requests:  # one iterator, shared by all workers
            try:
                text, cut = await _answered(client, server, _body(server, key, messages, sampling))
            except _Refused as refused:
                unanswered += 1
                if unanswered == IN_A_ROW:
                    raise StageError(f"{server.base_url}: {IN_A_ROW} conversations in a row got no answer; the last "
                                     f"one: {refused}. What was answered is kept: run again.") from None
                refuse(key, str(refused))
            else:
                unanswered = 0
                keep(key, text, cut)

    async with (httpx.AsyncClient(base_url=address, headers=headers, timeout=server.timeout_s) as client,
                asyncio.TaskGroup() as workers):
        for _ in range(server.concurrency):
            workers.create_task(worker(client))


def _body(server: Server, key: str, messages: Sequence[Mapping[str, Any]], sampling: Sampling) -> dict[str, Any]:
    """The seed is the conversation's own, so that it does not matter when it is asked."""
    seed = int.from_bytes(sha256(f"{sampling.seed}/{key}".encode()).digest()[:4]) >> 1
    return {"model": server.model, "messages": list(messages), "temperature": sampling.temperature,
            "top_p": sampling.top_p, "max_tokens": sampling.max_tokens, "seed": seed}


async def _answered(client: httpx.AsyncClient, server: Server, body: dict[str, Any]) -> tuple[str, bool]:
    """The answer, after as many attempts as it takes and may take."""
    for attempt in range(1, server.attempts + 1):
        try:
            return _read(await _posted(client, body), server)
        except _Passing as failed:
            if attempt == server.attempts and not failed.reached:
                raise StageError(f"{server.base_url}: {failed}. Start the server, or set teacher.base_url; what was "
                                 "answered is kept: run again.") from None
            if attempt == server.attempts:
                raise _Refused(f"{attempt} attempts failed, the last one with: {failed}") from None
            await asyncio.sleep(_wait_s(failed, attempt, server))
    raise _Refused("no attempt was allowed")


def _wait_s(failed: _Passing, attempt: int, server: Server) -> float:
    """Exponential backoff; drawn between half and all of it, so that workers do not come back together."""
    if failed.wait_s is None:
        return min(LONGEST_BACKOFF_S, server.first_wait_s * 2 ** (attempt - 1)) * random.uniform(0.5, 1)
    if failed.wait_s > LONGEST_WAIT_S:
        raise StageError(f"{server.base_url}: {failed}; it asks to wait {failed.wait_s:.0f} s. Run again then: what "
                         "was answered is kept.")
    return failed.wait_s


async def _posted(client: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    try:
        return await client.post("chat/completions", json=body)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _Passing(f"the server cannot be reached ({error or type(error).__name__})", reached=False) from None
    except httpx.RequestError as error:
        raise _Passing(f"{type(error).__name__} {error}".strip()) from None


def _read(response: httpx.Response, server: Server) -> tuple[str, bool]:
    if response.status_code != httpx.codes.OK:
        raise _failure(response, server)
    try:
        choice = response.json()["choices"][0]
        text, cut = choice["message"]["content"] or "", choice.get("finish_reason") == "length"
    except (ValueError, LookupError, TypeError, RecursionError):
        raise _Passing(f"the reply is no chat completion: {_shown(response.text, server)}") from None
    if not isinstance(text, str):
        raise _Passing(f"the reply's content is no text: {_shown(response.text, server)}")
    return text, cut


def _failure(response: httpx.Response, server: Server) -> Exception:
    told = f"status {response.status_code}: {_shown(response.text, server)}"
    if response.status_code in PASSING:
        return _Passing(told, wait_s=_retry_after_s(response.headers.get("retry-after", "")))
    if response.status_code in OF_THE_REQUEST:
        return _Refused(told)
    remedy = REMEDIES.get(response.status_code, "Check teacher.base_url")
    return StageError(f"{server.base_url}: {told}. {remedy}; what was answered is kept.")


def _shown(text: str, server: Server) -> str:
    """What a server says, on one line; some repeat the key they were given."""
    hidden = text.replace(server.key, "…") if server.key else text
    return " ".join(hidden.split())[:SHOWN] or "nothing"


def _retry_after_s(header: str) -> float | None:
    """Seconds, or a date (RFC 9110 §10.2.3); None where it says neither."""
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
