"""HTML: sections, examples, lists of definitions, headings that ask."""
from collections.abc import Iterator
from pathlib import Path

from pillm.records.gather.passage import Aside, Found, Unit
from pillm.stages.sources import reading
from pillm.stages.sources.reading import Documents, Encoding, Reader, Wanted, count, document, mistakes


class Html(Documents):
    """Web pages that are files."""

    names: tuple[str, ...] = ("*.html", "*.htm", "*.xhtml", "*.html.gz")
    """Which files, by their names; `*` stands for anything."""
    encoding: Encoding | None = None  # type: ignore[assignment]
    """Of the files; null is what each page says of itself, else UTF-8."""


def units(options: Html, wanted: Wanted, start: int) -> Iterator[Unit]:
    """A file each."""
    from pillm.backends import html_pages
    from pillm.records.gather import files, sections

    def found(name: str, file: Path) -> Iterator[Found]:
        octets = files.octets(file, options.largest_mib)
        if isinstance(octets, files.Unread):
            yield Aside(name, *octets)
            return
        page = html_pages.page(octets, options.encoding)
        yield from sections.passages(document(name, page.title, wanted), page.blocks)

    return reading.units(options, start, found)


READER = Reader(units, count, mistakes, ("lxml",))
