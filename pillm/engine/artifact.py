"""What flows between steps: a kind, a place, and the digest of its bytes."""
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Artifact:
    kind: str
    path: Path
    digest: str
