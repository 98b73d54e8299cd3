"""A GGUF that is asked: what `ask`, servers and evaluation share, so that what is measured is what is served."""
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pillm.errors import ConfigError
from pillm.serve import shown_schema, spans, thoughts

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.server import Completion, Request

Message = dict[str, str]
Conversation = str | list[Message]
"""A user's request alone, or all turns up to the answer."""
Schema = str | dict[str, Any]
"""A JSON Schema, its text, or the name of one in schemas/."""
Decoding = Literal["free", "schema", "spans"]


@dataclass(frozen=True)
class Style:
    """How questions are put and answers made."""

    system: str | None = None
    """Goes before conversations that bring no system message."""
    decoding: Decoding = "free"
    """Any text; JSON of the schema; tool calls whose copied slots are words of the request."""
    schema: Schema | None = None
    """Needed unless decoding is free."""
    max_tokens: int = 512
    """Longest answer."""
    show_schema: bool = False
    """Each request brings the schema of its answer: the model reads it, and with decoding=schema is held to it."""


class Chat:
    """A model ready to answer; a context manager. Answers are greedy.

    `server` are options of llama.cpp's Server: context, slots, threads, lora, reuse_prompts.
    """

    def __init__(self, gguf: Path, style: Style = Style(), **server: Any):
        from pillm.backends.llama_cpp.server import Server

        self.style = style
        self._schema = held_to(style)
        self._server = made = Server(gguf, **server)
        try:
            self._frame = thoughts.frame(made.apply_template, lambda mark: len(made.tokens(mark)) == 1)
        except BaseException:
            made.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def ask(self, messages: Conversation, schema: Schema | None = None, *,
            on_text: Callable[[str, bool], None] | None = None) -> "Completion":
        """The answer to a request or a conversation, its thoughts apart; `on_text` is told each piece as it comes, and
        whether it is thought. `schema` is that of its answer, where the style shows one."""
        teller = thoughts.Teller(self._frame.opens, on_text) if on_text else None
        said = self._server.answer(self._request(messages, schema), on_text=teller)
        if teller:
            teller.end()
        return self._normal(said)

    def ask_many(self, conversations: Iterable[Conversation], schemas: Iterable[Schema | None] = repeat(None),
                 ) -> "Iterator[Completion]":
        """The answers in order; as many are worked at together as the server has slots."""
        return map(self._normal, self._server.chat_many(map(self._request, conversations, schemas)))

    def _request(self, messages: Conversation, schema: Schema | None = None) -> "Request":
        from pillm.backends.llama_cpp.server import Request

        turns, own = conversation(messages, self.style.system), self._schema
        if self.style.show_schema:
            turns, own = shown_schema.asked(turns, schema)
        stop = (self._frame.end,) if self._frame.end else ()
        return Request(turns, self.style.max_tokens, stop=stop, **self._constraint(turns, own))

    def _normal(self, completion: "Completion") -> "Completion":
        normal = replace(completion, text=unicodedata.normalize("NFC", completion.text))
        return thoughts.apart(normal, self._frame.opens)

    def _constraint(self, turns: list[Message], schema: dict[str, Any] | None) -> dict[str, Any]:
        """What llama.cpp holds the answer to."""
        if schema is None or self.style.decoding == "free":
            return {}
        if self.style.decoding == "spans":
            return {"grammar": self._after_thoughts(spans.grammar(turns[-1]["content"], schema))}
        from pillm.backends.llama_cpp import gbnf

        return {"grammar": self._after_thoughts(gbnf.grammar(schema))}

    def _after_thoughts(self, grammar: str) -> str:
        """Where the prompt opens them; else all that is held to would be taken for thought."""
        return thoughts.before(grammar) if self._frame.opens else grammar


def conversation(messages: Conversation, system: str | None) -> list[Message]:
    """Messages with their system prompt, in NFC, as training saw them (llama.cpp does not normalise)."""
    turns = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    if system and turns[0]["role"] != "system":
        turns = [{"role": "system", "content": system}, *turns]
    return [{**turn, "content": unicodedata.normalize("NFC", turn["content"])} for turn in turns]


def held_to(style: Style) -> dict[str, Any] | None:
    """The schema of all answers; raises ConfigError where there is none, or none that can be held to."""
    if style.decoding == "free" or (style.show_schema and style.decoding == "schema"):
        return None
    if style.schema is None:
        raise ConfigError(f"decoding: {style.decoding} needs a JSON Schema. Name one, or choose free.")
    from pillm.backends.json_schema import schema

    require_usable(found := schema(style.schema), style.decoding)
    return found


def require_usable(schema: dict[str, Any], decoding: Decoding) -> None:
    """Raises ConfigError where no grammar can be made of a schema."""
    if decoding == "schema":
        from pillm.backends.llama_cpp import gbnf

        gbnf.grammar(schema)
    elif decoding == "spans" and not spans.is_tool_schema(schema):
        raise ConfigError("decoding: spans needs a schema of tool calls (an array of objects, the first property of "
                          "each a const). Choose schema, or name another.")
    elif decoding == "spans" and (unheld := spans.unheld(schema)):
        raise ConfigError(f"decoding: spans cannot hold {', '.join(unheld)} to its schema: a slot is x-copied, an "
                          f"enum, a const, or of type {', '.join(spans.HELD)}. Choose schema, or change the slot.")
