"""A request as words: how they compare, and where they stand."""
import re
import unicodedata
from dataclasses import dataclass

WORD = re.compile(r"\d+|[^\W\d_]+(?:-[^\W\d_]+)*")
"""A number, or letters with their hyphens; what stands between is no word."""

Span = tuple[int, int]
"""Of words: from, to (exclusive)."""


@dataclass(frozen=True)
class Words:
    """`forms` are compared, `places` are the characters each stands for."""

    text: str
    forms: tuple[str, ...]
    places: tuple[Span, ...]

    def said(self, span: Span) -> str:
        """As it is written."""
        return self.text[self.places[span[0]][0]:self.places[span[1] - 1][1]]

    def before(self, i: int) -> str:
        """The marks between a word and the one before it; of the end, those that end the text."""
        start = self.places[i - 1][1] if i else 0
        return self.text[start:self.places[i][0] if i < len(self.places) else len(self.text)].strip()

    def find(self, text: str) -> Span | None:
        """The first place whose words are exactly `text`."""
        start = self.text.find(text)
        while text and start >= 0:
            span = self._span(start, start + len(text))
            if span:
                return span
            start = self.text.find(text, start + 1)
        return None

    def _span(self, start: int, end: int) -> Span | None:
        inside = [i for i, (first, last) in enumerate(self.places) if first >= start and last <= end]
        whole = bool(inside) and self.places[inside[0]][0] == start and self.places[inside[-1]][1] == end
        return (inside[0], inside[-1] + 1) if whole else None


def words(text: str) -> Words:
    found = list(WORD.finditer(text))
    return Words(text, tuple(folded(match[0]) for match in found), tuple(match.span() for match in found))


def folded(word: str) -> str:
    """Without case and accents."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
