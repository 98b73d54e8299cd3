"""What came of a command."""
from dataclasses import dataclass
from typing import Literal

Bound = Literal["time", "output", "memory", "folder"]
"""What a command can go beyond; it is ended where it does."""


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    """As a shell tells it: 0 is done, 128 + n ended by signal n."""
    stdout: bytes
    stderr: bytes
    timed_out: bool
    seconds: float
    beyond: Bound | None = None
    """The bound for which the sandbox ended it; after `output`, stdout and stderr are cut at limits.OUTPUT_BYTES."""
