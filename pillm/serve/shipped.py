"""What a GGUF file says about chats: its template, its special tokens, its rules for BOS."""
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pillm.errors import StageError
from pillm.serve.template import Message, render

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.model import Model

CONTROL = 3
"""`LLAMA_TOKEN_TYPE_CONTROL` in llama.h."""


@dataclass(frozen=True)
class Shipped:
    """Facts of a GGUF's header."""

    template: str
    bos: str
    eos: str
    adds_bos: bool
    """The tokenizer puts BOS before every text."""
    control: tuple[str, ...]
    """Tokens that are not text."""
    ends: tuple[str, ...]
    """Tokens at which llama.cpp ends an answer."""

    @property
    def marks(self) -> list[str]:
        """The tokens that make a prompt go wrong where a message brings them: those that end answers or turns."""
        return list(dict.fromkeys(filter(None, (
            self.bos, self.eos, *self.ends, *(token for token in self.control if token in self.template)))))

    def prompt(self, messages: Sequence[Message]) -> str:
        """What the model is to go on from, as trained, without the BOS that the tokenizer adds.

        A last assistant message is gone on from: it follows its thoughts, if it brings them, else the generation
        prompt. Raises DataError where the template refuses the chat.
        """
        last = messages[-1]
        if last["role"] == "assistant" and last.get("reasoning_content"):
            return self.without_bos(self.said(messages, False).rpartition(last["content"])[0]) + last["content"]
        if last["role"] == "assistant":
            return self.prompt(messages[:-1]) + last["content"]
        return self.without_bos(self.said(messages, True))

    def said(self, messages: Sequence[Message], ask: bool) -> str:
        """The template's own text. Thinking is on, as llama.cpp's server has it."""
        return render(self.template, messages, bos=self.bos, eos=self.eos, add_generation_prompt=ask,
                      enable_thinking=True)

    def without_bos(self, text: str) -> str:
        """Ollama and llama.cpp's server let the tokenizer add it: a second one would spoil the prompt."""
        return text.removeprefix(self.bos) if self.adds_bos else text


def read(gguf: Path) -> Shipped:
    """The facts of a file; raises StageError if it has no chat template."""
    from pillm.backends.llama_cpp import gguf_file
    from pillm.backends.llama_cpp.model import Model

    types = gguf_file.read(gguf).get("tokenizer.ggml.token_type", [])
    with Model(gguf, vocab_only=True) as model:
        control = [token for token, kind in enumerate(types) if kind == CONTROL]
        if not model.chat_template():
            raise StageError(f"{gguf}: it has no chat template. Convert the model again with chat_template.jinja.")
        return Shipped(
            template=model.chat_template(), bos=_piece(model, model.bos), eos=_piece(model, model.eos),
            adds_bos=model.adds_bos, control=tuple(model.piece(token) for token in control),
            ends=tuple(model.piece(token) for token in range(model.n_vocab) if model.is_eog(token)))


def _piece(model: "Model", token: int) -> str:
    return model.piece(token) if token >= 0 else ""
