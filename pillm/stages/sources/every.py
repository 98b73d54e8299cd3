"""All sources, by the names that a recipe writes."""
from collections.abc import Iterator
from typing import Any

from pydantic import model_validator

from pillm.engine.stage import StageConfig
from pillm.stages.sources import history, html, hub, logs, man, markdown, shell, table, text
from pillm.stages.sources.history import History
from pillm.stages.sources.html import Html
from pillm.stages.sources.hub import Hub
from pillm.stages.sources.logs import Logs
from pillm.stages.sources.man import Man
from pillm.stages.sources.markdown import Markdown
from pillm.stages.sources.reading import Reader
from pillm.stages.sources.shell import Shell
from pillm.stages.sources.table import Table
from pillm.stages.sources.text import Text

READERS: dict[str, Reader] = {
    "shell": shell.READER, "man": man.READER, "markdown": markdown.READER, "html": html.READER, "text": text.READER,
    "history": history.READER, "logs": logs.READER, "table": table.READER, "hub": hub.READER}


class Source(StageConfig):
    """One of these, with its options: `{markdown: {path: notes}}`."""

    shell: Shell | None = None
    """A folder of shell scripts: each comment with its command."""
    man: Man | None = None
    """The manual pages of this machine."""
    markdown: Markdown | None = None
    """Documents in Markdown."""
    html: Html | None = None
    """Web pages that are files."""
    text: Text | None = None
    """Documents without markup."""
    history: History | None = None
    """What was typed into a shell; only with `opt_in`."""
    logs: Logs | None = None
    """Notes and terminal sessions of troubles that were solved; only with `opt_in`."""
    table: Table | None = None
    """CSV, TSV, JSON lines or Parquet, with what its columns are."""
    hub: Hub | None = None
    """A dataset of the Hugging Face Hub, with what its columns are."""

    @model_validator(mode="before")
    @classmethod
    def _with_options(cls, value: Any) -> Any:
        """`{man: null}` and `man` take the defaults."""
        if isinstance(value, str):
            return {value: {}}
        return {name: {} if options is None else options for name, options in value.items()} if (
            isinstance(value, dict) and len(value) == 1) else value

    @model_validator(mode="after")
    def _one(self) -> "Source":
        if len(list(self._given())) != 1:
            raise ValueError(f"an entry of the list is one source with its options. Begin each with - and one of "
                             f"{', '.join(READERS)}")
        return self

    def _given(self) -> Iterator[str]:
        return (name for name in READERS if getattr(self, name) is not None)

    @property
    def name(self) -> str:
        """Which it is."""
        return next(self._given())

    @property
    def options(self) -> Any:
        return getattr(self, self.name)

    @property
    def reader(self) -> Reader:
        return READERS[self.name]
