"""What teachers of every kind have in common."""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Request = tuple[str, Sequence[Mapping[str, Any]]]
"""(key, messages that wait for an answer)."""
Keep = Callable[[str, str, bool], None]
"""Called with key, answer, and whether it was cut off at `max_tokens`."""
Refuse = Callable[[str, str], None]
"""Called with key and why there is no answer."""


@dataclass(frozen=True)
class Sampling:
    """How an answer's tokens are drawn."""

    temperature: float = 0.0
    """0 takes the likeliest each time."""
    top_p: float = 1.0
    """Only of the likeliest tokens that have this probability together."""
    max_tokens: int = 512
    """Longest answer."""
    seed: int = 0
