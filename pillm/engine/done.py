"""A step that is finished."""
from dataclasses import dataclass

from pillm.engine.artifact import Artifact
from pillm.engine.store import Manifest


@dataclass(frozen=True)
class Done:
    """A step that is finished, now or earlier."""

    name: str
    manifest: Manifest
    cached: bool
    reasons: list[str]
    outputs: dict[str, Artifact]
    note: str = ""
