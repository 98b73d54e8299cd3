"""What a corpus is made of, and what is kept out of it: the option groups of prepare."""
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from pillm.engine.stage import ByPath, InputPath, StageConfig

Share = Annotated[float, Field(ge=0, le=1)]
Private = Literal["private key", "access token", "password", "password in an address", "payment card", "bank account",
                  "insurance number", "e-mail address", "phone number"]


class File(ByPath):
    """A file of records, and its weight."""

    path: InputPath
    """One JSON object a line."""
    weight: PositiveFloat = 1
    """How often each of its records trains, on average: 2 is twice, 0.5 is every second one."""


class AnswerCheck(StageConfig):
    """What the answers of some records must pass."""

    check: str
    """A checker, as questions name it: contains, regex, register, …"""
    answer: Any
    """What it compares with."""
    tags: tuple[str, ...] = ()
    """Of the records it holds for, all of these; none is every record."""


class MaxRows(StageConfig):
    """At most so many records; null takes all."""

    train: PositiveInt | None = None
    """Of train.jsonl."""
    validation: PositiveInt | None = None
    """Of validation.jsonl."""
    test: PositiveInt | None = None
    """Of test.jsonl."""


class Language(StageConfig):
    """Records in other languages are set aside; needs `pip install pillm[language]` (py3langid)."""

    expected: Annotated[tuple[str, ...], Field(min_length=1)]
    """ISO 639-1 codes: fr, en."""
    least_words: PositiveInt = 12
    """Shorter records are not judged: of single sentences one in ten is taken for another language."""
    least_probability: Share = 0.99
    """How sure py3langid must be of the other language."""


class Semantic(StageConfig):
    """Records that mean the same as an earlier one are set aside; time grows with the square of their number."""

    model: InputPath
    """A folder with an embedding model of sentences: an encoder (config.json, model.safetensors) and its tokenizer."""
    threshold: Share = 0.95
    """Cosine of two records' vectors from which on they are one."""
    eval_threshold: Share | None = None
    """Cosine from which on a request is one with an eval question; null compares letters only."""
