"""A request while it is being said, and who says it."""
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from pillm.records.generator.invent import Inventor
from pillm.records.generator.noise import Piece
from pillm.records.generator.rules import Tool

Unseen = Literal["fillers", "phrasings"] | None
Call = dict[str, Any]
"""Slots and values; a copied slot's value is its Piece, a slot that is left out is "" or begins with _."""


@dataclass(frozen=True)
class Voice:
    rng: Random
    inventor: Inventor
    feminine: frozenset[str]
    invented: float
    """Share of fillers that are made up, where there is a way to."""
    unseen: Unseen
    """Only fillers, or only phrasings, that training never sees."""


@dataclass
class Draft:
    tool: Tool
    pieces: list[Piece]
    calls: list[Call]
