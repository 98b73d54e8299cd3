"""What requests are made by: tools, how several are said as one, how people write, and the words they share."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from pillm.records.generator.fragment import Fragment, Options
from pillm.records.generator.noise import Noise
from pillm.records.generator.phrase import Named, Phrase

REASONS: tuple[Phrase, Phrase] = ((Named("reason_before"),), (Named("reason_after"),))


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ToolFile(_Strict):
    weight: float = 1
    """How often, beside the other tools."""
    reasons: float = 0
    """Share of requests with a reason before or after them: the shared fragments reason_before and reason_after."""
    drawn: dict[str, dict[str, float]] = {}
    """Slots that have a value before a word is said, with weights; the value "" leaves the slot out. Names that begin
    with _ are no slots, only choices that fragments can share."""
    left_out: dict[str, str] = {}
    """Per copied slot the words that stay outside when they come first: articles, mostly."""
    phrasings: list[str] | dict[str, float]
    held_out: list[str] | dict[str, float]
    """Phrasings that training never sees."""
    fragments: dict[str, Any] = {}


class Lexicon(_Strict):
    feminine: list[str]
    """Nouns that take «une» and «la»."""
    syllables: list[str]
    """Of made-up words."""
    endings: list[str]


class Several(_Strict):
    share: float
    """Of all requests."""
    calls: dict[int, float]
    never: list[str] = []
    """Tools that only come alone."""
    joiners: dict[str, float]


@dataclass(frozen=True)
class Tool:
    name: str
    reasons: float
    drawn: Mapping[str, Mapping[str, float]]
    left_out: Mapping[str, tuple[str, ...]]
    phrasings: Options
    held_out: Options
    fragments: Mapping[str, Fragment]
    """Its own and the shared ones."""


@dataclass(frozen=True)
class Rules:
    tools: Mapping[str, Tool]
    weights: Mapping[str, float]
    several: Several
    joiners: Options
    noise: Noise
    lexicon: Lexicon
    fragments: Mapping[str, Fragment]
    """The shared ones."""
