"""Chats on disk as rows for training, each checked before a step is taken."""
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import tee
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pillm.backends.hf.chat import Encoded, Tokenizer, encode_chats, read_chats
from pillm.errors import DataError

SHOWN = 10
"""Faulty rows that are named; the rest are counted."""
TOLD_EVERY = 500
"""Rows between two words of progress."""


@dataclass(frozen=True)
class Row:
    """A chat of n tokens."""

    ids: Tensor
    """[n] token ids."""
    trained: Tensor
    """[n] whether the model is to say the token."""
    origin: str
    """File, line and source, for people."""


@dataclass(frozen=True)
class Split:
    """The rows of a file, and what was found on the way."""

    rows: list[Row]
    dropped: int = 0
    """Rows longer than the context, left out on request."""
    rewritten: int = 0
    """Assistant turns that are context only, because the template shows them otherwise once the chat goes on."""
    split: int = 0
    """Rows whose prompt alone has other tokens than in the chat."""
    endless: int = 0
    """Rows whose answer ends without a special token."""

    @cached_property
    def lengths(self) -> list[int]:
        return [len(row.ids) for row in self.rows]

    @property
    def tokens(self) -> int:
        return sum(self.lengths)

    @cached_property
    def trained(self) -> int:
        """Tokens that the model is to say."""
        return sum(int(row.trained.sum()) for row in self.rows)


def read(tokenizer: Tokenizer, file: Path, *, context: int, drop_long: bool = False,
         progress: Callable[..., None] = lambda *_: None) -> Split:
    """Rows of a chats file; none where there is no such file.

    Raises DataError with the line of every row that is longer than the context or has nothing to train.
    """
    faults: list[str] = []
    kept: list[Row] = []
    counts: Counter[str] = Counter()
    for number, (encoded, origin) in enumerate(_encoded(tokenizer, file)):
        if number % TOLD_EVERY == 0:
            progress(f"reading {file.name}, chats", number)
        faults += _faults(encoded, origin, context, drop_long)
        if len(encoded.ids) > context:
            counts["dropped"] += 1
        elif not faults:
            kept.append(_row(encoded, origin))
            counts.update(rewritten=encoded.rewritten, split=encoded.split, endless=encoded.endless)
    if faults:
        raise DataError("\n".join([*faults[:SHOWN], *_rest(len(faults) - SHOWN)]))
    return Split(kept, **counts)


def _encoded(tokenizer: Tokenizer, file: Path) -> Iterator[tuple[Encoded, str]]:
    """Each chat with its origin, a few at a time: what lives for long, Python's garbage collector walks each time."""
    chats, again = tee(read_chats(file) if file.exists() else ())
    found = encode_chats(tokenizer, (chat["messages"] for chat in again))
    for number, (chat, encoded) in enumerate(zip(chats, found, strict=True), 1):
        yield encoded, _origin(file, number, chat)


def _row(encoded: Encoded, origin: str) -> Row:
    """By way of buffers, five times as fast as from lists."""
    return Row(torch.frombuffer(array("q", encoded.ids), dtype=torch.long),
               torch.frombuffer(bytearray(encoded.trained), dtype=torch.bool), origin)


def _faults(encoded: Encoded, origin: str, context: int, drop_long: bool) -> Iterator[str]:
    too_long = len(encoded.ids) > context
    if too_long and not drop_long:
        yield (f"{origin}: {len(encoded.ids)} tokens do not fit into the context of {context}. "
               "Shorten the chat, or set drop_long=true to leave such rows out.")
    elif not too_long and not any(encoded.trained[1:]):
        yield f"{origin}: there is no token to train. Let the chat end with the assistant's answer."


def _origin(file: Path, number: int, chat: dict[str, Any]) -> str:
    source = chat.get("source")
    return f"{file.name}:{number}" + (f" ({source})" if source else "")


def _rest(count: int) -> list[str]:
    return [f"and {count} more such rows."] if count > 0 else []
