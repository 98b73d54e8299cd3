"""What the stages that ask a server share: what is wrong with its address or key, and how it is asked."""
import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from pillm.backends.teaching import Keep, Refuse, Request, Sampling
from pillm.engine.stage import Mistake

if TYPE_CHECKING:
    from pillm.backends.chat_server import Protocol

Kind = Literal["openai", "anthropic"]
"""Which protocol a server speaks: OpenAI's chat completions, as most do, or Anthropic's Messages API."""
VARIABLE = re.compile("[A-Z][A-Z0-9_]*")


def server_mistakes(base_url: str | None, api_key_env: str | None, named: str) -> Iterator[Mistake]:
    """Fields of an address that is none, and of a key that is not there; `named` is what the recipe calls it."""
    if not (base_url or "").startswith(("http://", "https://")):
        yield "base_url", f"a server's address begins with http:// or https://. Set {named}.base_url."
    if api_key_env is None:
        return
    # What does not look like a variable may be the key itself: it is not repeated.
    name = api_key_env if VARIABLE.fullmatch(api_key_env) else "variable of this name"
    key = _key(api_key_env)
    if not key:
        yield "api_key_env", f"the environment has no {name}. Export it, or put it into .env."
    elif not (key.isascii() and key.isprintable()):
        yield "api_key_env", (f"the key in {name} has characters that no HTTP header carries (a line break inside it, "
                              "or beyond ASCII). Copy it anew.")


def _key(api_key_env: str | None) -> str:
    """A secret that is mounted as a file ends with a line break, which no header carries."""
    return os.environ.get(api_key_env, "").strip() if api_key_env else ""


def ask(kind: str, requests: Iterable[Request], sampling: Sampling, *, keep: Keep, refuse: Refuse,
        api_key_env: str | None, **server: Any) -> None:
    """Have the requests answered; `server` are the fields of a Server but its key."""
    from pillm.backends.chat_server import Server, answer

    answer(_protocol(kind), Server(key=_key(api_key_env), **server), requests, sampling, keep=keep, refuse=refuse)


def _protocol(kind: str) -> "Protocol":
    from pillm.backends.anthropic_api import ANTHROPIC
    from pillm.backends.openai_api import OPENAI

    return {"openai": OPENAI, "anthropic": ANTHROPIC}[kind]
