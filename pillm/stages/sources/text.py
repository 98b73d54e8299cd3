"""Plain text: sections, examples, questions with answers."""
from collections.abc import Iterator

from pillm.records.gather.passage import Found, Unit
from pillm.stages.sources.reading import Documents, Reader, Wanted, count, document, mistakes, texts


class Text(Documents):
    """Documents without markup."""

    names: tuple[str, ...] = ("*.txt", "*.text", "*.txt.gz", "README", "README.gz", "FAQ", "FAQ.gz")
    """Which files, by their names; `*` stands for anything."""


def units(options: Text, wanted: Wanted, start: int) -> Iterator[Unit]:
    """A file each."""
    from pillm.records.gather import plain, sections

    def found(name: str, text: str) -> Iterator[Found]:
        yield from sections.passages(document(name, "", wanted), plain.blocks(text))

    return texts(options, start, found)


READER = Reader(units, count, mistakes)
