"""A GGUF opened by llama.cpp: tokens and logits. T positions, V tokens of the vocabulary."""
import ctypes as c
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from pillm.backends.llama_cpp import lib, said, where
from pillm.backends.llama_cpp.context import Context
from pillm.errors import MissingInput, StageError


class Model:
    """Vocabulary and logits of a GGUF; `lora` is an adapter GGUF laid over it.

    Raises MissingInput where there is no file, StageError where llama.cpp cannot use it.
    """

    def __init__(self, path: Path, *, threads: int | None = None, vocab_only: bool = False, lora: Path | None = None):
        self.path, self.threads = path, threads or where.default_threads()
        self.library = lib.load()
        self._contexts: dict[bool, Context] = {}
        params = self.library.llama_model_default_params()
        params.vocab_only = vocab_only
        self.pointer = self._opened(path, self.library.llama_model_load_from_file, params)
        self.vocab = self.library.llama_model_get_vocab(self.pointer)
        self.n_vocab: int = self.library.llama_vocab_n_tokens(self.vocab)
        self.context: int = self.library.llama_model_n_ctx_train(self.pointer)
        self.lora = self._opened(lora, self._adapter) if lora else None

    def _opened(self, path: Path, load: Callable[..., int | None], *options: object) -> int:
        if not path.is_file():
            raise MissingInput(f"{path}: there is no such GGUF file. Name one that exists.")
        said.last_words()
        if pointer := load(str(path).encode(), *options):
            return pointer
        why = said.last_words() or "no reason given"
        raise StageError(f"{path}: llama.cpp cannot load it ({why}). Make the file again.")

    def _adapter(self, path: bytes) -> int | None:
        return self.library.llama_adapter_lora_init(self.pointer, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees contexts and weights."""
        for context in self._contexts.values():
            context.close()
        self._contexts.clear()
        if self.pointer:
            self.library.llama_model_free(self.pointer)
            self.pointer = 0

    def tokenize(self, text: str, *, add_special: bool = False, parse_special: bool = True) -> list[int]:
        """Ids; `add_special` puts the BOS the file asks for, `parse_special` reads `<s>` and its like as one token."""
        raw = text.encode()
        room = len(raw) + 16
        ids = (c.c_int32 * room)()
        n = self.library.llama_tokenize(self.vocab, raw, len(raw), ids, room, add_special, parse_special)
        if n < 0:
            raise StageError(f"{self.path}: {len(raw)} bytes became {-n} tokens. Make the file again.")
        return ids[:n]

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of all tokens, special ones written out; bytes that are no UTF-8 become U+FFFD."""
        tokens = (c.c_int32 * len(ids))(*ids)
        room = 64
        while True:
            text = c.create_string_buffer(room)
            n = self.library.llama_detokenize(self.vocab, tokens, len(ids), text, room, False, True)
            if n >= 0:
                return text.raw[:n].decode("utf-8", "replace")
            room = -n

    @property
    def bos(self) -> int:
        """Id of the token a sequence begins with; -1 where there is none."""
        return self.library.llama_vocab_bos(self.vocab)

    @property
    def eos(self) -> int:
        """Id of the token a sequence ends with; -1 where there is none."""
        return self.library.llama_vocab_eos(self.vocab)

    @property
    def adds_bos(self) -> bool:
        """Whether the file asks that BOS go before every text."""
        return self.library.llama_vocab_get_add_bos(self.vocab)

    def is_eog(self, token: int) -> bool:
        """Whether generation stops at this token."""
        return self.library.llama_vocab_is_eog(self.vocab, token)

    def piece(self, token: int) -> str:
        """The vocabulary's own spelling of a token (`▁le`, `Ġle`, `</s>`); nothing for the -1 of one that is not."""
        if token < 0:
            return ""
        return self.library.llama_vocab_get_text(self.vocab, token).decode("utf-8", "replace")

    def chat_template(self) -> str:
        """The Jinja template in the file, or nothing."""
        return (self.library.llama_model_chat_template(self.pointer, None) or b"").decode()

    def logits(self, ids: Sequence[int], *, exact: bool = False) -> np.ndarray:
        """float32 [T, V]; `exact` keeps the KV cache in float32 and flash attention off, to compare with torch."""
        return np.concatenate([piece.copy() for piece in self.pieces(ids, exact=exact)])

    def pieces(self, ids: Sequence[int], *, exact: bool = False) -> Iterator[np.ndarray]:
        """The rows of `logits` up to PIECE at a time, each valid until the next is asked for."""
        context = self._contexts.get(exact)
        if context is None or context.size < len(ids):
            if context:
                context.close()
            context = self._contexts[exact] = Context(self, len(ids), exact=exact)
        return context.pieces(ids)
