"""Markdown: sections, examples, terms in lists, headings that ask."""
from collections.abc import Iterator

from pillm.records.gather.passage import Found, Unit
from pillm.stages.sources.reading import Documents, Reader, Wanted, count, document, mistakes, texts


class Markdown(Documents):
    """Documents in Markdown."""

    names: tuple[str, ...] = ("*.md", "*.markdown", "*.md.gz")
    """Which files, by their names; `*` stands for anything."""


def units(options: Markdown, wanted: Wanted, start: int) -> Iterator[Unit]:
    """A file each."""
    from pillm.backends import markdown
    from pillm.records.gather import sections

    def found(name: str, text: str) -> Iterator[Found]:
        blocks = list(markdown.blocks(text))
        title = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), "")
        untitled = [block for block in blocks if block.text != title or block.level != 1]
        yield from sections.passages(document(name, title, wanted), untitled)

    return texts(options, start, found)


READER = Reader(units, count, mistakes, ("markdown-it-py",))
