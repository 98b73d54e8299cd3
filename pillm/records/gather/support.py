"""Whether an answer is supported by what it was drawn from: by a stretch of the passage, quoted exactly."""
import re
from typing import NamedTuple

from pillm.records.text import collapsed, words

LEAST_LETTERS = 8
"""Of a quote of one word: «Ignored» supports nothing, a path or an address does."""
OWN = re.compile(r"`([^`\n]+)`|(?<![\w-])(--?[A-Za-z][\w-]*)|(?<![\w.])(\d+(?:\.\d+)*)(?![\w])")
"""What cannot be said in other words: code, options, numbers."""
SHARE = 0.5
"""Of an answer's words of four letters and more that its passage or question has too: the rest are a teacher's own
words for the same."""
LONG = 4
NO_QUOTE, SHORT_QUOTE = "the quote is not in the passage", "the quote is too short"
NOT_THERE, NOT_ALIKE = "the answer names what the passage does not", "the answer is not what the passage says"


class Pair(NamedTuple):
    """A question and its answer, with the words of the passage that the answer rests on."""

    ask: str
    answer: str
    quote: str


def problem(pair: Pair, passage: str) -> tuple[str, str] | None:
    """(reason, what exactly is wrong) of an answer that its passage does not support."""
    known, quote = collapsed(passage), collapsed(pair.quote)
    if not quote or quote not in known:
        return NO_QUOTE, f"it does not say: {quote[:120] or 'nothing'}"
    if " " not in quote and len(quote) < LEAST_LETTERS:
        return SHORT_QUOTE, f"«{quote}» supports nothing"
    return None


def invented(pair: Pair, passage: str) -> tuple[str, str] | None:
    """The same of an answer in a teacher's own words: its code, options and numbers are those of the passage, and half
    of its longer words."""
    known = collapsed(f"{passage}\n{pair.ask}")
    for found in OWN.finditer(pair.answer):
        code, option, number = found.groups()
        if collapsed(code) not in known if code else not _whole(option or number, known):
            return NOT_THERE, f"{code or option or number} is not in the passage"
    said = [word for word in words(pair.answer) if len(word) >= LONG]
    shared = [word for word in said if word in set(words(known))]
    if len(shared) < SHARE * len(said):
        return NOT_ALIKE, f"{len(shared)} of its {len(said)} longer words are the passage's"
    return None


def _whole(token: str, text: str) -> bool:
    """Whether it stands in a text as itself: 2 is not in 2.5, nor -a in --all."""
    return re.search(rf"(?<![\w.-]){re.escape(token)}(?!\w|[.-]\w)", text) is not None
