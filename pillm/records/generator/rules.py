"""What requests are made by: tools and their fragments, how several are said as one, and words they share."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from pillm.records.generator.noise import Noise
from pillm.records.generator.phrase import Named, Phrase

REASONS: tuple[Phrase, Phrase] = ((Named("reason_before"),), (Named("reason_after"),))


@dataclass(frozen=True)
class Options:
    """One of these phrases, by weight; `heavy` is the running sum of the weights, empty where all weigh the same."""

    phrases: tuple[Phrase, ...]
    heavy: tuple[float, ...] = ()


@dataclass(frozen=True)
class Table:
    """What is said by the value of a slot; a slot without a value gets one."""

    slot: str
    said: Mapping[str, Options]


@dataclass(frozen=True)
class Filler:
    """Words for a slot: known ones, known ones that training never sees, and ways to make up new ones."""

    known: Options
    held_out: Options
    made_up: Options | None
    keep: int
    """Random words may follow up to so many of the first known words; 0: never."""
    add: int
    """Up to so many random words."""


@dataclass(frozen=True)
class Wording:
    """Said by code; `sets` names the slots that take its values."""

    say: Callable[..., tuple[str, dict[str, Any]]]
    options: Mapping[str, Any]
    sets: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One request of several that a frame says: a tool is drawn by its weight, and its words for this part."""

    tools: tuple["Tool", ...]
    said: tuple[Options, ...]
    """For each tool."""
    whole: bool = False
    """A request as it is said alone; else some words of it, as «un timer de dix minutes»."""


Fragment = Options | Table | Filler | Wording | Part


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Said(_Strict):
    """Whole requests as people say them, beside a tool's phrasings: context, allusion, talk."""

    share: float = 0.5
    """Of the tool's requests."""
    phrasings: list[str]
    held_out: list[str] = []
    """Requests that training never sees."""


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
    framed: float = 0
    """Of several said as one, those that a frame says; the others are whole requests with a joiner between them."""
    frames: list[str] | dict[str, float] = []
    """{request} in them is a whole request of any tool, {order} and the like are parts."""
    held_out: list[str] | dict[str, float] = []
    """Frames that training never sees."""
    parts: dict[str, dict[str, list[str] | dict[str, float]]] = {}
    """By name and tool: words for one request of several, in the tool's fragments."""
    fragments: dict[str, Any] = {}


@dataclass(frozen=True)
class Tool:
    name: str
    weight: float
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
    several: Several
    joiners: Options
    frames: Tool | None
    """The frames for several requests, as a tool whose fragments are their parts; None where there are none."""
    noise: Noise
    lexicon: Lexicon
    fragments: Mapping[str, Fragment]
    """The shared ones."""
