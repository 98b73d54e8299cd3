"""What came of trying a task's answer."""
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tried:
    """Nothing in `reason` means right."""

    reason: str = ""
    argument: dict[str, Any] | None = None
    """Of the question's checker, where the task can be one."""
    told: str = ""
    """More about the reason."""
