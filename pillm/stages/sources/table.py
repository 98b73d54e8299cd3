"""Tables: each row is a record, or a passage that is asked about."""
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from pillm import installed
from pillm.engine.stage import Mistake
from pillm.records.gather.passage import Aside, Found, Unit
from pillm.stages.sources import reading
from pillm.stages.sources.reading import Documents, Reader, Wanted

ROWS = 500
"""Of a unit: what a kill can lose."""
JSONL = (".jsonl", ".ndjson")
DAMAGED, MISFIT = "damaged table", "cells that do not fit the columns"
Row = tuple[int, Mapping[str, Any]]
"""(line or row, values by column)."""


class Table(Documents):
    """CSV, TSV, JSON lines and Parquet, told by their names' ends."""

    names: tuple[str, ...] = ("*.csv", "*.tsv", "*.jsonl", "*.ndjson", "*.parquet", "*.csv.gz", "*.tsv.gz",
                              "*.jsonl.gz")
    """Which files, by their names; `*` stands for anything."""
    largest_mib: float = 65_536
    """A larger file is set aside; tables are read row by row."""
    columns: dict[str, str]
    """Field of a record → column, or a text with columns in braces: {user: question, assistant: "{answer} ({unit})"};
    {title: …, text: …} makes passages that are asked about."""


def mistakes(options: Table) -> Iterator[Mistake]:
    """Columns are looked for in every file."""
    from pillm.records.gather import mapping

    told = list(reading.mistakes(options))
    yield from told
    yield from () if told else ((f"columns.{field}".rstrip("."), wrong)
                                for field, wrong in mapping.mistakes(options.columns))
    for name, file in options.path.items():
        if not told and isinstance(file, Path):
            yield from _mistakes_of(name, file, options)


def _mistakes_of(name: str, file: Path, options: Table) -> Iterator[Mistake]:
    from pillm.backends import tables
    from pillm.records.gather import mapping

    form = tables.suffix(file)
    if form not in (*JSONL, *tables.DELIMITERS, tables.PARQUET):
        yield "path", (f"{name}: {form or 'a file without an ending'} is no table that is read. Take .csv, .tsv, "
                       ".jsonl or .parquet.")
    elif form == tables.PARQUET and not installed.version("pyarrow"):
        yield "path", f"{name}: Parquet is read by pyarrow, which is not installed. {reading.INSTALL}"
    elif form not in JSONL:
        try:
            known = tables.columns(file, options.encoding)
        except ValueError as error:
            yield "path", f"{name}: it is no table: {error}. Repair it, or leave it out with `without`."
            return
        yield from ((f"columns.{field}".rstrip("."), f"{name}: {wrong}")
                    for field, wrong in mapping.unknown(options.columns, known))


def units(options: Table, wanted: Wanted, start: int) -> Iterator[Unit]:
    """So many rows each, file after file; those before the start are passed over."""
    for name, file in options.path.items():
        if isinstance(file, str):
            from pillm.records.gather import files
            batches: Iterator[list[Found]] = iter([[Aside(name, file, files.TOLD[file])]])
        else:
            batches = _batches(name, file, options)
        for batch in batches:
            if start:
                start -= 1
            else:
                yield Unit(name, iter(batch))


def _batches(name: str, file: Path, options: Table) -> Iterator[list[Found]]:
    found = _found(name, file, options)
    while batch := list(islice(found, ROWS)):
        yield batch


def _found(name: str, file: Path, options: Table) -> Iterator[Found]:
    from pillm.backends import tables
    from pillm.records.gather import mapping

    asides: list[Aside] = []
    rows: Callable[[], Iterator[Row]] = (partial(_lines, name, file, asides.append) if tables.suffix(file) in JSONL
                                         else partial(_cells, name, file, options.encoding, asides.append))
    read = 0
    try:
        for line, values in rows():
            yield from asides
            asides.clear()
            read += 1
            yield mapping.found(values, f"{name}:{line}", options.columns)
    except ValueError as error:
        yield Aside(name, DAMAGED, f"after {read} rows: {error}")
    yield from asides
    if not read and not asides:
        yield Aside(name, mapping.EMPTY, "it has columns and no rows")


def _cells(name: str, file: Path, encoding: str, aside: Callable[[Aside], None]) -> Iterator[Row]:
    """Rows of a table; one whose cells are not those of its columns is set aside."""
    from pillm.backends import tables

    for line, values, wrong in tables.rows(file, encoding):
        if wrong:
            aside(Aside(f"{name}:{line}", MISFIT, f"{wrong}. Look at its quotes", json.dumps(values)))
        else:
            yield line, values


def _lines(name: str, file: Path, aside: Callable[[Aside], None]) -> Iterator[Row]:
    """JSON lines, read as prepare reads them; one that is no object is set aside with its reason."""
    from pillm.records import read

    def refuse(row: read.Row, reason: str, told: str) -> None:
        aside(Aside(f"{name}:{row.line}", reason, told, str(row.record)))

    for row in read.rows(read.Source(0, file, name), refuse):
        if isinstance(row.record, dict):
            yield row.line, row.record
        else:
            refuse(row, "no object", "a row is an object of columns")


def count(options: Table) -> int | None:
    """Only reading tells how many rows there are."""
    return None


READER = Reader(units, count, mistakes)
