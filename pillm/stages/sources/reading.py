"""What all sources are to the stage that reads them, and what those that read files share."""
import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PositiveFloat, ValidationInfo, WithJsonSchema

from pillm.engine.stage import Content, Mistake, StageConfig, no_such_file
from pillm.records.gather import files
from pillm.records.gather.passage import Aside, Found, Unit
from pillm.records.gather.sections import Document

INSTALL = "Run: pip install 'pillm[gather]'"
ASKED = "{what}: passwords, names of machines and of people. Look through it, then set opt_in: true."
"""Where a source is read only with its owner's consent."""


@dataclass(frozen=True)
class Wanted:
    """What the stage asks of every source."""

    longest: int
    """Characters of an answer."""


@dataclass(frozen=True)
class Reader:
    """How a source is read; each function takes its options first."""

    units: Callable[[Any, Wanted, int], Iterator[Unit]]
    """Units from a number on, in an order that never changes: so that a kill is survived."""
    count: Callable[[Any], int | None]
    """How many units there are; None where only reading tells."""
    mistakes: Callable[[Any], Iterable[Mistake]]
    """What is wrong before anything is read."""
    libraries: tuple[str, ...] = ()
    """Distributions that read it, of `pip install 'pillm[gather]'`."""
    unit_s: float = 0.02
    """Seconds that a unit takes, about."""


def _listed(path: Any, info: ValidationInfo) -> Any:
    """The files of a folder, looked for wherever recipes and data are."""
    if not isinstance(path, str | Path):
        return path
    folders = (info.context or {}).get("look_in", [Path()])
    wanted = Path(path).expanduser()
    root = next((found for folder in folders if (found := folder / wanted).exists() or found.is_symlink()), None)
    if root is None:
        raise no_such_file(path)
    known = info.data
    return files.listed(root, known.get("names", ("*",)), known.get("without", ()),
                        known.get("largest_mib", float("inf")))


Files = Annotated[dict[str, Path | str], Content(), BeforeValidator(_listed), WithJsonSchema({"type": "string"})]
"""Written as a path; known as its files by name, or why one is not read. Names and bytes enter the identity."""


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise ValueError(f"{encoding} is no encoding that Python knows: utf-8, latin-1, cp1252 …") from None


Encoding = Annotated[str, AfterValidator(_known)]


class Documents(StageConfig):
    """Files of one format, in a folder and those inside it."""

    names: tuple[str, ...]
    """Which files, by their names; `*` stands for anything."""
    without: tuple[str, ...] = ()
    """Files and folders that are left out, by their paths inside the folder: `drafts/*`, `*/CHANGELOG.md`."""
    largest_mib: PositiveFloat = 16
    """A larger file is set aside, packed or not."""
    path: Files
    """A file, or a folder; hidden ones inside it are passed over. Files may be packed with gzip."""
    encoding: Encoding = "utf-8"
    """Of the files; a byte order mark goes before it. What does not fit is set aside, file by file."""
    licence: str | None = None
    """Of these documents, written into each record; null is the domain's."""


def count(options: Documents) -> int:
    return len(options.path)


def mistakes(options: Documents) -> Iterator[Mistake]:
    """A folder without such files is a slip, not material."""
    if not options.path:
        yield "path", f"no file in it is called {' or '.join(options.names)}. Name another folder, or set names."
    elif all(isinstance(file, str) for file in options.path.values()):
        name, reason = next(iter(options.path.items()))
        yield "path", f"none of its {len(options.path)} files can be read; {name}: {reason}: {files.TOLD[str(reason)]}."


def texts(options: Documents, start: int, found: Callable[[str, str], Iterable[Found]]) -> Iterator[Unit]:
    """A unit for each file; `found` takes its name and text."""
    def read(name: str, file: Path) -> Iterator[Found]:
        text = files.text(file, options.encoding, options.largest_mib)
        yield from [Aside(name, *text)] if isinstance(text, files.Unread) else found(name, text)

    return units(options, start, read)


def units(options: Documents, start: int, found: Callable[[str, Path], Iterator[Found]]) -> Iterator[Unit]:
    """A unit for each file, those that are not read told with their reason; `found` takes its name and path."""
    for name, file in islice(options.path.items(), start, None):
        told = iter([Aside(name, file, files.TOLD[file])]) if isinstance(file, str) else None
        yield Unit(name, told or found(name, Path(file)))


def document(name: str, title: str, wanted: Wanted) -> Document:
    """Of a file: a block stands at a line of it. One without a title is called by its folder and name."""
    title = title or "/".join(PurePath(name).parts[-2:])
    return Document(title, lambda block, heading: f"{name}:{block.line}" if block.line else name, wanted.longest)
