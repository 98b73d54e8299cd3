"""Shell scripts: each comment with the commands below it, or beside it."""
from collections.abc import Iterator

from pillm.records.gather.passage import Found, Unit
from pillm.stages.sources.reading import Documents, Reader, Wanted, count, mistakes, texts


class Shell(Documents):
    """A folder of scripts for sh, bash and their kin."""

    names: tuple[str, ...] = ("*.sh", "*.bash", "*.ksh")
    """Which files, by their names; `*` stands for anything."""


def units(options: Shell, wanted: Wanted, start: int) -> Iterator[Unit]:
    """A script each."""
    from pillm.records.gather import scripts

    def found(name: str, text: str) -> Iterator[Found]:
        return scripts.passages(text, name, wanted.longest)

    return texts(options, start, found)


READER = Reader(units, count, mistakes, ("tree-sitter-bash",))
