"""Servers that answer conversations over HTTP, in any protocol: several at once, and again where it may help."""
import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
Body = dict[str, Any]
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
    proven: bool = False
    """It has answered before: a request that it refuses is then at fault itself."""
    named: str = "teacher"
    """What the recipe calls it, for what is told."""


@dataclass(frozen=True)
class Protocol:
    """What differs between those that answer."""

    path: str
    """After base_url."""
    reply: str
    """What a reply is called."""
    headers: Callable[[str], dict[str, str]]
    """Of the key, or none."""
    body: Callable[[str, Sequence[Mapping[str, Any]], Sampling, int], Body]
    """Of the model's name, a conversation, how to sample, and the conversation's own seed."""
    read: Callable[[Any], tuple[Any, bool]]
    """Text, and whether it was cut off at its limit; ValueError, LookupError or TypeError where it is no such reply."""


class _Passing(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, told: str, *, wait_s: float | None = None, reached: bool = True) -> None:
        super().__init__(told)
        self.wait_s, self.reached = wait_s, reached


class _Refused(Exception):
    """There is no answer for this conversation."""

    def __init__(self, told: str, *, of_the_request: bool = False) -> None:
        super().__init__(told)
        self.of_the_request = of_the_request


def answer(protocol: Protocol, server: Server, requests: Iterable[Request], sampling: Sampling, *, keep: Keep,
           refuse: Refuse) -> None:
    """Have all requests answered, several at once; raises StageError where the server cannot be worked with."""
    bodies = ((key, _body(protocol, server, key, messages, sampling)) for key, messages in requests)
    try:
        asyncio.run(_through(protocol, server, bodies, keep, refuse))
    except BaseExceptionGroup as errors:
        raise next(_leaves(errors)) from None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


async def _through(
    protocol: Protocol, server: Server, bodies: Iterator[tuple[str, Body]], keep: Keep, refuse: Refuse,
) -> None:
    address = f"{server.base_url.rstrip('/')}/"
    unanswered, proven = 0, server.proven

    async def worker(client: httpx.AsyncClient) -> None:
        nonlocal unanswered, proven
        for key, body in bodies:  # one iterator, shared by all workers
            try:
                text, cut = await _answered(client, protocol, server, body)
            except _Refused as refused:
                # After a kill all that it refuses stands first, since only replies are kept.
                unanswered += not (proven and refused.of_the_request)
                if unanswered == IN_A_ROW:
                    raise StageError(f"{server.base_url}: {IN_A_ROW} conversations in a row got no answer; the last "
                                     f"one: {refused}. What was answered is kept: run again.") from None
                refuse(key, str(refused))
            else:
                unanswered, proven = 0, True
                keep(key, text, cut)

    headers = protocol.headers(server.key)
    async with (httpx.AsyncClient(base_url=address, headers=headers, timeout=server.timeout_s) as client,
                asyncio.TaskGroup() as workers):
        for _ in range(server.concurrency):
            workers.create_task(worker(client))


def _body(protocol: Protocol, server: Server, key: str, messages: Sequence[Mapping[str, Any]],
          sampling: Sampling) -> Body:
    """The seed is the conversation's own, so that it does not matter when it is asked."""
    seed = int.from_bytes(sha256(f"{sampling.seed}/{key}".encode()).digest()[:4]) >> 1
    return protocol.body(server.model, messages, sampling, seed)


async def _answered(
    client: httpx.AsyncClient, protocol: Protocol, server: Server, body: Body,
) -> tuple[str, bool]:
    """The answer, after as many attempts as it takes and may take."""
    for attempt in range(1, server.attempts + 1):
        try:
            return _read(await _posted(client, protocol.path, body), protocol, server)
        except _Passing as failed:
            if attempt == server.attempts and not failed.reached:
                raise StageError(f"{server.base_url}: {failed}. Start the server, or set {server.named}.base_url; "
                                 "what was answered is kept: run again.") from None
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


async def _posted(client: httpx.AsyncClient, path: str, body: Body) -> httpx.Response:
    try:
        return await client.post(path, json=body)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _Passing(f"the server cannot be reached ({error or type(error).__name__})", reached=False) from None
    except httpx.LocalProtocolError as error:  # its text repeats the header that is wrong, and so the key
        raise _Passing(f"{type(error).__name__}: the request is not legal HTTP; check the key") from None
    except httpx.RequestError as error:
        raise _Passing(f"{type(error).__name__} {error}".strip()) from None


def _read(response: httpx.Response, protocol: Protocol, server: Server) -> tuple[str, bool]:
    if response.status_code != httpx.codes.OK:
        raise _failure(response, server)
    try:
        text, cut = protocol.read(response.json())
    except (ValueError, LookupError, TypeError, RecursionError):
        raise _Passing(f"the reply is no {protocol.reply}: {_shown(response.text, server)}") from None
    if not isinstance(text, str):
        raise _Passing(f"the reply's content is no text: {_shown(response.text, server)}")
    return text, cut


def _failure(response: httpx.Response, server: Server) -> Exception:
    told = f"status {response.status_code}: {_shown(response.text, server)}"
    if response.status_code in PASSING:
        return _Passing(told, wait_s=_retry_after_s(response.headers.get("retry-after", "")))
    if response.status_code in OF_THE_REQUEST:
        return _Refused(told, of_the_request=True)
    remedy = REMEDIES.get(response.status_code, f"Check {server.named}.base_url")
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
