"""Whether training, llama.cpp and Ollama's template make the same tokens of a chat."""
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pillm.errors import DataError, StageError
from pillm.serve.parity_chats import Case, Messages
from pillm.serve.shipped import Shipped

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.model import Model
    from pillm.backends.llama_cpp.server import Server

AROUND = 8
"""Tokens shown on either side of a difference."""
TRAINING, LLAMA_CPP, MODELFILE = "training", "llama.cpp", "the Modelfile"
Tokens = list[int]


@dataclass(frozen=True)
class Said:
    """The tokens that someone made of a chat."""

    of: str
    ids: Tokens
    refusal: str = ""
    """Why there are none."""


@dataclass(frozen=True)
class Side:
    """One of two sequences, at the token where they part."""

    of: str
    token: int | None
    """Null where it ended."""
    piece: str
    before: str
    after: str
    """Its text before that token and from it on, a few tokens of each; or why there is none."""


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
        return (f"{self.chat}, {self.part}, token {self.position}: {left.of} has {left.piece!r} in "
                f"{left.before!r} | {left.after!r}, {right.of} has {right.piece!r} in "
                f"{right.before!r} | {right.after!r}")

    @property
    def facts(self) -> dict[str, Any]:
        """For parity.json."""
        sides = {side.of: {key: value for key, value in asdict(side).items() if key != "of"} for side in self.sides}
        return {"chat": self.chat, "part": self.part, "position": self.position} | sides


@dataclass(frozen=True)
class Report:
    """Of all chats."""

    compared: dict[str, int]
    """Sequences held against training's, by who made them."""
    refused: list[str]
    """Chats that the trained template refuses: nobody can have trained on them."""
    differences: list[Difference]

    def of(self, who: str) -> list[Difference]:
        """Those of one of them."""
        return [difference for difference in self.differences if difference.sides[1].of == who]

    def told(self, who: str) -> str:
        """The outcome in a sentence."""
        found, compared = self.of(who), self.compared.get(who, 0)
        if found:
            return f"{len(found)} of {compared} sequences of {who} are not those of training. The first: {found[0]}."
        return f"{compared} sequences of tokens are the same in training and in {who}."


@dataclass(frozen=True)
class Served:
    """A GGUF as it is used: its tokenizer, and the prompts that others make of chats."""

    model: "Model"
    shipped: Shipped
    server: "Server"

    def tokens(self, text: str) -> Tokens:
        """As llama.cpp's server and Ollama read a prompt: marks in it are special tokens, BOS if the file adds it."""
        return self.model.tokenize(text, add_special=True, parse_special=True)

    def prompt(self, messages: Messages) -> Said:
        """What llama.cpp's server reads when it is asked; it takes a BOS off the text and lets the tokenizer add it."""
        try:
            return Said(LLAMA_CPP, self.tokens(self.server.apply_template(messages)))
        except StageError as error:
            return Said(LLAMA_CPP, [], str(error))

    def whole(self, messages: Messages) -> Said:
        """The chat with its answer, by the GGUF's template; the server's own Jinja writes prompts only."""
        try:
            return Said(LLAMA_CPP, self.tokens(self.shipped.without_bos(self.shipped.said(messages, False))))
        except StageError as error:
            return Said(LLAMA_CPP, [], str(error))

    def ollama(self, text: str | None) -> Said:
        """A prompt that the Modelfile's template wrote; None is one that it refused."""
        return Said(MODELFILE, [], "the template refuses this chat") if text is None else Said(
            MODELFILE, self.tokens(text))


def compare(tokenizer: Any, served: Served, cases: Sequence[Case], ollama: Sequence[str | None] | None) -> Report:
    """Token by token; `ollama` are the prompts that the Modelfile's template makes of the cases."""
    from pillm.backends.hf.chat import encode_chat, prompt_ids

    compared: Counter[str] = Counter()
    refused, differences = [], []
    for number, case in enumerate(cases):
        try:
            prompt, whole = prompt_ids(tokenizer, case.asked), encode_chat(tokenizer, case.messages).ids
        except DataError:
            refused.append(case.name)
            continue
        pairs = [("prompt", prompt, served.prompt(case.asked)), ("whole chat", whole, served.whole(case.messages))]
        if ollama is not None:
            pairs.append(("prompt", prompt, served.ollama(ollama[number])))
        for part, wanted, got in pairs:
            compared[got.of] += 1
            if wanted != got.ids:
                differences.append(_difference((case.name, part), Said(TRAINING, wanted), got, served.model.detokenize))
    return Report(dict(compared), refused, differences)


def _difference(where: tuple[str, str], left: Said, right: Said, spell: Callable[[Tokens], str]) -> Difference:
    pairs = enumerate(zip_longest(left.ids, right.ids))
    at = next(i for i, (ours, theirs) in pairs if ours != theirs)
    return Difference(*where, at, (_side(left, at, spell), _side(right, at, spell)))


def _side(said: Said, at: int, spell: Callable[[Tokens], str]) -> Side:
    ids = said.ids
    return Side(said.of, ids[at] if at < len(ids) else None, spell(ids[at:at + 1]), spell(ids[max(0, at - AROUND):at]),
                said.refusal or spell(ids[at:at + AROUND]))
