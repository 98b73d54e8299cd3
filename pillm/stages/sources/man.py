"""The manual pages of this machine: what each is for, its usage, options, terms and examples."""
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PositiveInt, ValidationInfo, WithJsonSchema, model_validator

from pillm.backends import manual_pages
from pillm.engine.stage import Content, Mistake, StageConfig
from pillm.records.gather.passage import Aside, Found, Passage, Unit
from pillm.serve.picks import spread
from pillm.stages.sources.reading import Reader, Wanted

NAME, SYNOPSIS, DESCRIPTION = "NAME", "SYNOPSIS", "DESCRIPTION"
NAMED = re.compile(r"(?P<names>.+?)\s+[-–—]+\s+(?P<what>\S.*)", re.DOTALL)
RENDERING = "man cannot render it"


def _pages(folder: Any, info: ValidationInfo) -> Any:
    """The pages by their names, taken evenly where there are too many."""
    if not isinstance(folder, str | Path):
        return folder
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise ValueError(f"there is no such folder: {folder}")
    known = info.data
    found = manual_pages.pages(root, known.get("sections", ()), known.get("names", ()), known.get("without", ()))
    return {str(page): page.file for page in spread(found, known.get("most"))}


class Man(StageConfig):
    """Manual pages, rendered by `man`."""

    sections: tuple[Annotated[str, Field(pattern=r"^[1-9n]\w*$")], ...] = ("1", "5", "7", "8")
    """1 commands, 5 files, 7 overviews, 8 administration; 2 and 3 are for programmers. `1` has `1ssl` too."""
    names: tuple[str, ...] = ("*",)
    """Which pages, by their names; `*` stands for anything."""
    without: tuple[str, ...] = ()
    """Pages that are left out, by their names: `gcloud*`."""
    most: PositiveInt | None = None
    """Take so many, evenly from all; null is all."""
    path: Annotated[dict[str, Path], Content(), BeforeValidator(_pages), WithJsonSchema({"type": "string"})] = Field(
        default="/usr/share/man", validate_default=True)
    """The folder with man1, man5 …; /usr/share/man/fr has the French ones."""
    leave_out: tuple[str, ...] = ("AUTHOR", "AUTHORS", "COPYRIGHT", "REPORTING BUGS", "BUGS", "SEE ALSO", "HISTORY",
                                  "COLOPHON", "AVAILABILITY", "GIT", "AUTHOR(S)", "COPYING", "LICENSE",
                                  "ACKNOWLEDGEMENTS", "CREDITS")
    """Sections that are about the page rather than its subject."""
    licence: str | None = None
    """Of these pages, written into each record; null is the domain's. They are mixed: keep such records to yourself."""
    renderer: str | None = None
    """Versions of man and groff, which decide about the text; null finds them."""

    @model_validator(mode="before")
    @classmethod
    def _rendered_by(cls, values: Any) -> Any:
        found = {"renderer": manual_pages.version()} if isinstance(values, Mapping) else {}
        return found | {key: value for key, value in values.items() if value is not None} if found else values


def count(options: Man) -> int:
    return len(options.path)


def mistakes(options: Man) -> Iterator[Mistake]:
    if options.renderer is None:
        yield "", "pages are rendered by man and groff, which are not installed. Run: apt install man-db groff-base"
    if not options.path:
        yield "path", (f"no page of section {' or '.join(options.sections)} in it is called "
                       f"{' or '.join(options.names)}. Name others, or install them: apt install man-db manpages")


def units(options: Man, wanted: Wanted, start: int) -> Iterator[Unit]:
    """A page each."""
    for name, file in islice(options.path.items(), start, None):
        yield Unit(name, _found(name, file, options, wanted))


def _found(name: str, file: Path, options: Man, wanted: Wanted) -> Iterator[Found]:
    from pillm.records.gather import manual, sections

    text, told = manual_pages.rendered(file)
    if told:
        yield Aside(name, RENDERING, told)
        return
    title = name.partition("(")[0]
    document = sections.Document(title, lambda block, heading: f"{name} {heading or DESCRIPTION}", wanted.longest)
    kept = []
    for heading, blocks in _sections(manual.blocks(text)):
        if heading.upper().rstrip(":") in options.leave_out:
            yield Aside(f"{name} {heading}", "section about the page", "leave_out names it")
        elif heading in (NAME, SYNOPSIS):
            yield from _frame(title, f"{name} {heading}", heading, blocks[1:])
        else:
            # Every page has one of this name: it is what the page says, not what it says of something.
            kept += [blocks[0]._replace(text=""), *blocks[1:]] if heading == DESCRIPTION else blocks
    yield from sections.passages(document, kept)


def _sections(blocks: Iterator[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Top-level sections, each with its heading."""
    found: list[list[Any]] = [[]]
    for block in blocks:
        if block.kind == "heading" and block.level == 1:
            found.append([])
        found[-1].append(block)
    yield from ((part[0].text if part[0].kind == "heading" else "", part) for part in found if part)


def _frame(title: str, place: str, heading: str, blocks: list[Any]) -> Iterator[Found]:
    """The page's name with what it is for, or its usage."""
    text = "\n".join(f"{block.term} {block.text}".strip() for block in blocks)
    if heading == SYNOPSIS and text:
        yield Passage("synopsis", text, place, {"title": title, "code": text})
    elif named := NAMED.fullmatch(text):
        what = " ".join(named["what"].split()).rstrip(".")
        yield Passage("name", text, place, {"title": title, "what": what})
    else:
        yield Aside(place, "unlike a manual page", f"{heading} is not NAME – WHAT", text)


READER = Reader(units, count, mistakes, unit_s=0.15)
