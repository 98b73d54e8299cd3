"""Whether training, llama.cpp and Ollama's template make the same tokens of a chat."""
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pillm.errors import DataError
from pillm.serve.parity_chats import Case
from pillm.serve.shipped import Shipped

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.model import Model
    from pillm.backends.llama_cpp.server import Server

AROUND = 8
"""Tokens shown on either side of a difference."""
TRAINING = "training"
Tokens = list[int]


@dataclass(frozen=True)
class Side:
    """One of two sequences, at the token where they part."""

    of: str
    """Who made it."""
    token: int | None
    """Null where it ended."""
    piece: str
    """The token's text."""
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """Where two of them first go apart."""

    chat: str
    part: str
    """prompt, or whole chat with its answer."""
    position: int
    sides: tuple[Side, Side]

    def __str__(self) -> str:
        """One sentence, for the log."""
        left, right = self.sides
        return (f"{self.chat}, {self.part}, token {self.position}: {left.of} has {left.token} {left.piece!r} after "
                f"{left.before!r}, {right.of} has {right.token} {right.piece!r} after {right.before!r}")


@dataclass(frozen=True)
class Report:
    """Of all chats."""

    compared: dict[str, int]
    """Sequences held against training's, by who made them."""
    refused: list[str]
    """Chats that the trained template refuses: nobody can have trained on them."""
    differences: list[Difference]

    @property
    def told(self) -> str:
        """The outcome in a sentence."""
        if self.differences:
            return f"{len(self.differences)} of {sum(self.compared.values())} differ; first: {self.differences[0]}"
        return ", ".join(f"{count} sequences equal in {TRAINING} and {of}" for of, count in self.compared.items())

    @property
    def json(self) -> dict[str, Any]:
        """For parity.json."""
        first = asdict(self.differences[0]) if self.differences else None
        return {"compared": self.compared, "refused": self.refused, "different": len(self.differences), "first": first}


@dataclass(frozen=True)
class Served:
    """A GGUF as it is used: its tokenizer, and the prompts that others make of chats."""

    model: "Model"
    shipped: Shipped
    server: "Server"

    def tokens(self, text: str) -> Tokens:
        """As llama.cpp's server and Ollama read a prompt: marks in it are special tokens, BOS if the file adds it."""
        return self.model.tokenize(text, add_special=True, parse_special=True)

    def prompt(self, messages: list[dict[str, str]]) -> Tokens:
        """What llama.cpp's server reads when it is asked."""
        return self.tokens(self.server.apply_template(messages))

    def whole(self, messages: list[dict[str, str]]) -> Tokens:
        """The chat with its answer, by the GGUF's template; the server's own Jinja writes prompts only."""
        return self.tokens(self.shipped.without_bos(self.shipped.said(messages, False)))


def compare(tokenizer: Any, served: Served, cases: Sequence[Case], ollama: Sequence[str | None] | None) -> Report:
    """Token by token; `ollama` are the prompts that the Modelfile's template makes of the cases, None where refused."""
    from pillm.backends.hf import encode_chat, prompt_ids

    compared: dict[str, int] = {}
    refused, differences = [], []
    for case, text in zip_longest(cases, ollama or ()):
        try:
            prompt, whole = prompt_ids(tokenizer, case.asked), encode_chat(tokenizer, case.messages).ids
        except DataError:
            refused.append(case.name)
            continue
        for of, part, wanted, got in _sequences(case, served, (prompt, whole), text if ollama else None):
            compared[of] = compared.get(of, 0) + 1
            if wanted != got:
                differences.append(_difference((case.name, part), (TRAINING, wanted), (of, got),
                                               served.model.detokenize))
    return Report(compared, refused, differences)


def _sequences(case: Case, served: Served, trained: tuple[Tokens, Tokens],
               ollama: str | None) -> Iterator[tuple[str, str, Tokens, Tokens]]:
    """(who, which part, training's tokens, theirs)."""
    prompt, whole = trained
    yield "llama.cpp", "prompt", prompt, served.prompt(case.asked)
    yield "llama.cpp", "whole chat", whole, served.whole(case.messages)
    if ollama is not None:
        yield "Modelfile", "prompt", prompt, served.tokens(ollama)


def _difference(where: tuple[str, str], left: tuple[str, Tokens], right: tuple[str, Tokens],
                spell: Callable[[Tokens], str]) -> Difference:
    pairs = zip_longest(left[1], right[1])
    at = next(i for i, (ours, theirs) in enumerate(pairs) if ours != theirs)
    return Difference(*where, at, (_side(left, at, spell), _side(right, at, spell)))


def _side(who: tuple[str, Tokens], at: int, spell: Callable[[Tokens], str]) -> Side:
    of, ids = who
    return Side(of, ids[at] if at < len(ids) else None, spell(ids[at:at + 1]), spell(ids[max(0, at - AROUND):at]),
                spell(ids[at:at + AROUND]))
