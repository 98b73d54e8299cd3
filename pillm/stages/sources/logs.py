"""Notes and terminal sessions of troubles that were solved, if their owner wants them learned from."""
from collections.abc import Iterator

from pillm.engine.stage import Mistake
from pillm.records.gather.passage import Found, Unit
from pillm.stages.sources import reading
from pillm.stages.sources.reading import ASKED, Documents, Reader, Wanted, count, texts


class Logs(Documents):
    """Troubleshooting logs; nothing is read unless `opt_in` says so."""

    names: tuple[str, ...] = ("*.log", "*.txt", "*.md", "typescript*")
    """Which files, by their names; `*` stands for anything."""
    opt_in: bool = False
    """That you have looked at what is in them and want them learned from."""


def mistakes(options: Logs) -> Iterator[Mistake]:
    if not options.opt_in:
        yield "opt_in", ASKED.format(what="a log holds more than the trouble")
    yield from reading.mistakes(options)


def units(options: Logs, wanted: Wanted, start: int) -> Iterator[Unit]:
    """A file each."""
    from pillm.records.gather import trouble

    def found(name: str, text: str) -> Iterator[Found]:
        return trouble.passages(text, name, wanted.longest)

    return texts(options, start, found)


READER = Reader(units, count, mistakes)
