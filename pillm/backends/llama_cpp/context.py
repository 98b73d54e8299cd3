"""Where llama.cpp computes: the KV cache and buffers of one sequence. T positions, V tokens of the vocabulary."""
import ctypes as c
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pillm.backends.llama_cpp import said
from pillm.backends.llama_cpp.layout import F32, EvalCallback, Tensor
from pillm.errors import StageError

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.model import Model

PIECE = 512
"""Positions computed at once; llama-perplexity's batch, and a bound on the memory that logits take."""

Hook = Callable[[Tensor, bool], bool]
"""(tensor of the graph, whether llama.cpp only asks) → whether it is wanted or, once computed, whether to go on."""


class Context:
    """Room for one sequence of up to `size` tokens; `hook` sees every tensor as it is computed."""

    def __init__(self, model: "Model", size: int, *, exact: bool = False, hook: Hook | None = None):
        self._library, self._n_vocab, self._hook = model.library, model.n_vocab, hook
        self._failure: Exception | None = None
        params = self._library.llama_context_default_params()
        params.n_ctx = max(PIECE, -(-size // PIECE) * PIECE)
        params.n_batch = params.n_ubatch = PIECE
        params.n_threads = params.n_threads_batch = model.threads
        if exact:
            params.type_k = params.type_v = F32
            params.flash_attn_type = 0
        if hook:
            self._callback = params.cb_eval = EvalCallback(self._observe)
        self.size: int = params.n_ctx
        self.pointer = self._library.llama_init_from_model(model.pointer, params)
        if not self.pointer:
            raise StageError(f"{model.path}: llama.cpp has no room for {self.size} tokens ({said.last_words()}). "
                             "Shorten the context, or free memory.")
        if model.lora:
            self._library.llama_set_adapters_lora(self.pointer, (c.c_void_p * 1)(model.lora), 1, (c.c_float * 1)(1.0))
        self._batch = self._library.llama_batch_init(PIECE, 0, 1)

    def close(self) -> None:
        """Frees the context; it cannot be used afterwards."""
        self._library.llama_batch_free(self._batch)
        self._library.llama_free(self.pointer)

    def pieces(self, ids: Sequence[int]) -> Iterator[np.ndarray]:
        """Logits [≤PIECE, V] of a sequence from its start; each array is valid until the next is asked for."""
        self.clear()
        for start in range(0, len(ids), PIECE):
            piece = ids[start:start + PIECE]
            self._decode(piece, start, outputs=len(piece))
            # Every token is an output, so the rows lie one after the other from the first on.
            yield self._row(0, len(piece))

    def feed(self, ids: Sequence[int], start: int = 0) -> np.ndarray:
        """Logits [V] after the last of these tokens, which come after `start` others; valid until the next call."""
        for at in range(0, len(ids), PIECE):
            piece = ids[at:at + PIECE]
            self._decode(piece, start + at, outputs=1)
        return self._row(-1, 1)[0]

    def clear(self) -> None:
        """Forgets the sequence."""
        self._library.llama_memory_clear(self._library.llama_get_memory(self.pointer), True)

    def _row(self, output: int, rows: int) -> np.ndarray:
        first = self._library.llama_get_logits_ith(self.pointer, output)
        return np.ctypeslib.as_array(first, (rows, self._n_vocab))

    def _decode(self, piece: Sequence[int], start: int, *, outputs: int) -> None:
        """Computes the tokens, with logits for the last `outputs` of them."""
        batch = self._batch
        batch.n_tokens = len(piece)
        for i, token in enumerate(piece):
            batch.token[i], batch.pos[i], batch.n_seq_id[i] = token, start + i, 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = i >= len(piece) - outputs
        status = self._library.llama_decode(self.pointer, batch)
        failure, self._failure = self._failure, None
        if failure:
            raise failure
        if status != 0:
            raise StageError(f"llama.cpp: decoding {len(piece)} tokens at {start} gave {status} ({said.last_words()}). "
                             "Free memory, or use fewer threads.")

    def _observe(self, tensor: int, asking: bool, _: object) -> bool:
        """An exception cannot pass through C: it is kept, the computation ends, and `_decode` raises it."""
        assert self._hook
        try:
            return self._hook(c.cast(tensor, c.POINTER(Tensor)).contents, asking)
        except Exception as error:
            self._failure = error
            return False
