"""Marks of a form that a tokenizer does not know as one token each, and what spelling them out costs."""
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from pillm.backends.hf.chat import Tokenizer, read_chats, render
from pillm.backends.hf.forms import MARK

CHATS = 200
"""So many of the first are counted: each has the same marks."""


@dataclass(frozen=True)
class Cost:
    """What the marks of a template take in a chat."""

    pieces: dict[str, int]
    """Mark → its tokens."""
    extra: float
    """Tokens of a chat, on average, beyond one for each mark."""
    tokens: float
    """Of a chat, on average."""
    context: int

    @property
    def share(self) -> float:
        """Of a chat's tokens."""
        return self.extra / self.tokens

    @property
    def facts(self) -> dict[str, Any]:
        """As metrics."""
        return {"pieces": self.pieces, "tokens_a_chat": round(self.extra, 1), "share_of_tokens": round(self.share, 4),
                "share_of_context": round(self.extra / self.context, 4)}

    def gate(self, most: float) -> dict[str, Any]:
        """Met while the marks take no more than this share of a chat's tokens beyond their own number."""
        spelled = {mark: count for mark, count in self.pieces.items() if count > 1}
        if not spelled:
            return {"name": "marks", "met": True, "told": f"Each of {', '.join(self.pieces)} is one token."}
        named = ", ".join(f"{mark} is {count} tokens" for mark, count in spelled.items())
        return {"name": "marks", "met": self.share <= most,
                "told": f"{named} to this tokenizer: {self.extra:.1f} more a chat than single ones would be, "
                        f"{self.share:.1%} of its tokens (allowed {most:.0%}) and {self.extra / self.context:.1%} of "
                        f"the context of {self.context:,}."}


def cost(tokenizer: Tokenizer, chats: Path, context: int) -> Cost | None:
    """Of the marks that a tokenizer's chat template writes into these chats; None where it writes none."""
    texts = [render(tokenizer, chat["messages"]) for chat in read_chats(chats, CHATS)]
    marks = [mark for mark in dict.fromkeys(re.findall(MARK, tokenizer.chat_template))
             if any(mark in text for text in texts)]
    if not marks:
        return None
    lengths = _lengths(tokenizer.backend_tokenizer, texts)
    before, *after = _lengths(tokenizer.backend_tokenizer, ["\n", *(f"\n{mark}" for mark in marks)])
    pieces = {mark: count - before for mark, count in zip(marks, after, strict=True)}  # as they stand in a text
    whole = _lengths(_knowing(tokenizer, marks), texts) if max(pieces.values()) > 1 else lengths
    extra = fmean(here - there for here, there in zip(lengths, whole, strict=True))
    return Cost(pieces, extra, fmean(lengths), context)


def _lengths(fast: Any, texts: Sequence[str]) -> list[int]:
    return [len(found.ids) for found in fast.encode_batch_fast(list(texts), add_special_tokens=False)]


def _knowing(tokenizer: Tokenizer, marks: Sequence[str]) -> Any:
    """The same tokenizer with these marks as tokens."""
    from tokenizers import AddedToken, Tokenizer

    other = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    other.no_padding()
    other.no_truncation()
    other.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in marks])
    return other
