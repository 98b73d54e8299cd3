"""What was typed into a shell, if its owner wants it learned from."""
from collections.abc import Iterator

from pydantic import PositiveInt

from pillm.engine.stage import Mistake
from pillm.records.gather.passage import Found, Unit
from pillm.stages.sources import reading
from pillm.stages.sources.reading import ASKED, Documents, Reader, Wanted, count, texts


class History(Documents):
    """Histories of bash, zsh and fish; nothing is read unless `opt_in` says so."""

    names: tuple[str, ...] = ("*history*",)
    """Which files, by their names; `*` stands for anything."""
    opt_in: bool = False
    """That you have looked at what is in it and want it learned from."""
    least_times: PositiveInt = 3
    """How often a command must have been typed to be a habit."""


def mistakes(options: History) -> Iterator[Mistake]:
    if not options.opt_in:
        yield "opt_in", ASKED.format(what="a history holds more than commands")
    yield from reading.mistakes(options)


def units(options: History, wanted: Wanted, start: int) -> Iterator[Unit]:
    """A file each."""
    from pillm.records.gather import history

    def found(name: str, text: str) -> Iterator[Found]:
        return history.passages(text, name, wanted.longest, options.least_times)

    return texts(options, start, found)


READER = Reader(units, count, mistakes, ("tree-sitter-bash",))
