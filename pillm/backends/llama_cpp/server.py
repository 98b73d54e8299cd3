"""A GGUF that answers chats, through llama.cpp's own server: its template, its tokenizer, its sampler."""
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pillm.backends.llama_cpp import gbnf, launch, where, wire
from pillm.errors import StageError

Message = dict[str, str]
LONGEST_ADDRESS = 107
"""Bytes of a Unix socket's path (unix(7): 108 with the zero that ends it)."""


@dataclass(frozen=True)
class Request:
    """A chat to be answered. Greedy at temperature 0; `schema` or `grammar` (GBNF) bounds the answer."""

    messages: Sequence[Message]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    schema: dict[str, Any] | None = None
    grammar: str | None = None
    stop: tuple[str, ...] = ()
    """Texts that end the answer, and are not part of it."""


@dataclass(frozen=True)
class Completion:
    """An answer and what it cost."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    """With the token that ended it."""
    prompt_s: float
    decode_s: float
    mean_logprob: float
    """Of the completion's tokens under the model itself, before temperature and grammar; 0 for no token.
    llama.cpp leaves out tokens that end inside a character."""
    stop_reason: str
    """`eos`, or `limit` where max_tokens or the context ran out."""
    logprobs: tuple[float, ...] = ()
    """Those that mean_logprob is the mean of, one a token."""
    pieces: tuple[str, ...] = ()
    """The text of each of these tokens."""
    thought: str | None = None
    """What was thought before the answer; None where the model does not think."""
    thought_tokens: int = 0
    """With the mark that ends the thoughts."""


class Server:
    """Answers from a GGUF, `slots` at a time, which share `context` tokens evenly; `lora` is an adapter GGUF.

    With one slot and no `reuse_prompts` an answer depends on its request alone. Slots that share a batch, and a prompt
    whose beginning is taken from the one before, are faster, but sum in another order: logits move by about 1e-4.
    """

    def __init__(self, path: Path, *, context: int = 2048, slots: int = 1, threads: int | None = None,
                 lora: Path | None = None, reuse_prompts: bool = False):
        self._settings = launch.Settings(path, context, slots, threads or where.default_threads(), lora)
        self._reuse_prompts = reuse_prompts
        self._folder = _folder()
        self._address = self._folder / "llama.sock"
        try:
            self._running = launch.start(self._settings, self._address)
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops the server and frees the model."""
        self._running.stop()
        shutil.rmtree(self._folder)

    def apply_template(self, messages: Sequence[Message]) -> str:
        """The prompt the server makes of a chat; a BOS that the tokenizer adds is not in it."""
        with self._told():
            return wire.post(self._address, "/apply-template", {"messages": list(messages)})["prompt"]

    def tokens(self, text: str) -> list[int]:
        """A text's tokens, marks in it read as special ones."""
        with self._told():
            return wire.post(self._address, "/tokenize", {"content": text, "parse_special": True})["tokens"]

    def chat(self, messages: Sequence[Message], *, max_tokens: int, on_text: Callable[[str], None] | None = None,
             **options: Any) -> Completion:
        """The answer to a chat; `on_text` hears it as it is written, `options` are the other fields of `Request`.

        Raises StageError where the prompt is longer than the context or the grammar cannot be read.
        """
        return self.answer(Request(messages, max_tokens, **options), on_text=on_text)

    def chat_many(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """The answers in the order of the requests, `slots` of them at work at once."""
        with ThreadPoolExecutor(self._settings.slots) as pool:
            yield from pool.map(self.answer, requests)

    def answer(self, request: Request, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """The answer to one request."""
        texts, tokens, event, body = [], [], {}, self._body(request)
        with self._told():
            for event in wire.stream(self._address, "/completion", body):
                texts.append(event["content"])
                tokens += event.get("completion_probabilities", [])
                if on_text:
                    on_text(event["content"])
            if "timings" not in event:
                raise wire.Gone("the answer has no end")
        return _completion("".join(texts), tokens, event)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A server that is gone is told with its last words."""
        try:
            yield
        except wire.Gone as gone:
            raise StageError(f"{self._settings.gguf}: llama.cpp's server ended{self._running.last_words()}. Run again; "
                             "if it ends again, ask for a shorter context or fewer slots.") from gone

    def _body(self, request: Request) -> dict[str, Any]:
        grammar = request.grammar or (gbnf.grammar(request.schema) if request.schema is not None else "")
        return {
            "prompt": self.apply_template(request.messages), "n_predict": request.max_tokens, "grammar": grammar,
            "temperature": request.temperature, "seed": request.seed, "samplers": ["temperature"], "n_probs": 1,
            "cache_prompt": self._reuse_prompts, "stop": list(request.stop),
        }


def _folder() -> Path:
    """For a socket: among the other temporary files, or in /tmp where theirs is too long a name for one."""
    longest = LONGEST_ADDRESS - len("/pillm-12345678/llama.sock")
    fits = len(os.fsencode(tempfile.gettempdir())) <= longest
    return Path(tempfile.mkdtemp(prefix="pillm-", dir=None if fits else "/tmp"))


def _completion(text: str, tokens: list[dict[str, Any]], end: dict[str, Any]) -> Completion:
    timings, logprobs = end["timings"], [token["logprob"] for token in tokens]
    return Completion(
        text=text, prompt_tokens=end["tokens_evaluated"], completion_tokens=end["tokens_predicted"],
        prompt_s=timings["prompt_ms"] / 1000, decode_s=timings["predicted_ms"] / 1000,
        mean_logprob=sum(logprobs) / max(1, len(logprobs)), stop_reason=end["stop_type"],
        logprobs=tuple(logprobs), pieces=tuple(token["token"] for token in tokens),
    )
