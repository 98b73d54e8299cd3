"""What a task is: how it is asked for, the command, what that must do, and a plausible command that must not pass."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

Faces = Mapping[str, str]
"""One filler: "" is how it is said, other names are how commands and expectations write it."""
Slots = Mapping[str, Faces]
"""A filler for each slot."""
Spec = dict[str, Any]
"""A file that is planted: text, mode, mtime, size in bytes, or the target of a link."""
Files = dict[str, Spec]
"""By path."""


class Task(BaseModel):
    """One entry of tasks/*.yaml; `<slot>` and `<slot.face>` stand for what is drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    """Its name, of its own."""
    ask: list[str] = Field(min_length=1)
    """Requests in the language of phrasings: (one|another)."""
    slots: dict[str, Any] = {}
    """Name of a list in words.yaml, or a list: texts, or mappings of faces with `said`."""
    facts: dict[str, str] = {}
    """What is computed of the fillers and then is one: `name: question arguments` (records/theory/answers.py), or
    `name: maker arguments` (records/tunes/makers.py)."""
    plant: dict[str, str] = {}
    """What lies where before the command runs: `path: maker arguments`; a path that ends in / is a folder."""
    setup: str = ""
    """A command that prepares what cannot be planted: an archive, a repository. It runs before the answer."""
    run: str
    """The answer."""
    lang: str = "bash"
    """Of the fenced block: bash, or what the answer is instead of a command (cron, abc, python); none for prose."""
    check: Literal["execution", "options", "cron", "calendar", "ssh", "theory", "music", "lilypond", "python", "ruby",
                   "none"] = "execution"
    """How a program knows that the answer is right."""
    stdout: str = ""
    """Verbs that compute what is printed."""
    after: dict[str, str | None] = {}
    """Verbs that compute the files afterwards, by path; null is gone. `*gone` and `*made` take verbs over files,
    `@PATH` the target of a link."""
    probe: str = ""
    """A command that shows the end state where files alone do not: run after the answer, its output is judged."""
    fires: dict[str, str] = {}
    """Of cron and calendar: fields of the moments at which it fires, as numbers; a comma lists several."""
    page: str = ""
    """Of options: the manual page, where it is not the tool's own."""
    piece: dict[str, str] = {}
    """Of music and lilypond: what the checker `music` holds the tune to; a range is `C4 A5`."""
    same: str = ""
    """Of lilypond: the piece in ABC, which must sound the same."""
    order: Literal["exact", "any"] = "exact"
    """Whether the order of lines counts."""
    wrong: str = ""
    """What someone might well type instead. It must fail."""
    symptom: str = ""
    """What that someone sees."""
    because: str = ""
    """What is wrong with it."""
    explain: str = ""
    """The command, explained."""
    note: list[str] = []
    """What is worth saying beside the command; one is chosen."""

    share: PositiveFloat = 1
    """Of the cases that the stage makes: 2 is twice as many, 0.2 a fifth, where a case takes long to try."""
    tags: tuple[str, ...] = ()
    """Of a question in an exam."""
    needs: tuple[str, ...] = ()
    """Programs that are not on every machine."""

    @model_validator(mode="after")
    def _whole(self) -> "Task":
        """Executed tasks say what must come out, and what must not pass."""
        if self.check in ("cron", "calendar") and not self.fires:
            raise ValueError("it is a time: say when it fires")
        if self.check in ("execution", "python") and not (self.wrong and (self.stdout or self.after)):
            raise ValueError("it is executed: say stdout or after, and a wrong command")
        if self.check in ("music", "lilypond") and not {"key", "metre", "bars"} <= self.piece.keys():
            raise ValueError("it is a tune: say its key, metre and bars in piece")
        if self.check == "theory" and not self.facts:
            raise ValueError("it is theory: say in facts what is computed")
        if bool(self.symptom) != bool(self.because):
            raise ValueError("symptom and because go together")
        return self


@dataclass(frozen=True)
class Exercises:
    """A folder of tasks."""

    tasks: Mapping[str, tuple[Task, ...]]
    """By subject: the name of their file."""
    words: Mapping[str, tuple[Faces, ...]]
    """Shared fillers."""
    explain: tuple[str, ...]
    """How an explanation of `<command>` is asked for."""
    repair: tuple[str, ...]
    """How `<wrong>` is brought up with its `<symptom>`."""
