"""What a source finds: passages that questions can be asked of, records as they are, and what cannot be used."""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Passage:
    """A stretch of a document that stands by itself."""

    kind: str
    """What it is: an option, a section, a command with its comment … as the templates call it."""
    text: str
    """All of it; what supports an answer is quoted from here."""
    place: str
    """Where it stands: `notes/disks.md:12`, `ls(1) OPTIONS`."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """Its parts, which templates may use; each stands in the text, or is the document's title or heading."""


class Ready(NamedTuple):
    """A row of a table: already a record."""

    place: str
    record: dict[str, Any]


class Aside(NamedTuple):
    """What is not used, and why."""

    place: str
    reason: str
    """A short phrase that is counted."""
    told: str
    """What exactly is wrong."""
    text: str = ""


Found = Passage | Ready | Aside


class Unit(NamedTuple):
    """What is gathered in one go: a file, a page, some rows of a table."""

    name: str
    found: Iterator[Found]
