"""What documents of every format are made of, as far as they are learned from."""
from typing import Literal, NamedTuple


class Block(NamedTuple):
    """A piece of a document, its text without markup but for `code` in backticks."""

    kind: Literal["heading", "paragraph", "item", "term", "code"]
    text: str
    line: int = 0
    """Where it begins, from 1; 0 where the document has no lines."""
    level: int = 0
    """Of a heading, from 1."""
    term: str = ""
    """What the text of a term explains: an option, a word, a file."""
