"""Tables in files, row by row: CSV and TSV by Python's csv, Parquet by pyarrow."""
import csv
import gzip
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

DELIMITERS = {".csv": ",", ".tsv": "\t"}
PARQUET = ".parquet"
GZIP = b"\x1f\x8b"
csv.field_size_limit(1 << 23)


class Cells(NamedTuple):
    """A row: where it begins (a line from 1; in Parquet the row from 1), and its values by column."""

    line: int
    values: dict[str, Any]
    wrong: str = ""
    """Why the values are not to be trusted: the row has more or fewer cells than there are columns."""


def suffix(file: Path) -> str:
    """What says which format it is, packed or not."""
    return Path(file.name.removesuffix(".gz")).suffix.lower()


def columns(file: Path, encoding: str) -> list[str]:
    """Raises ValueError where the file is no table."""
    if suffix(file) == PARQUET:
        return [str(name) for name in _parquet(file).schema_arrow.names]
    with _opened(file, encoding) as lines:
        return _header(file, lines)


def rows(file: Path, encoding: str, start: int = 0) -> Iterator[Cells]:
    """From a row on, counted from 0; raises ValueError, in the middle perhaps, where the file is damaged.

    Bytes that are not of the encoding stand as halves of surrogate pairs: only their row is lost.
    """
    if suffix(file) == PARQUET:
        yield from _parquet_rows(file, start)
        return
    with _opened(file, encoding) as lines:
        names = _header(file, lines)
        reader = csv.reader(lines, delimiter=DELIMITERS[suffix(file)], strict=True)
        try:
            for line, row in islice(_numbered(reader), start, None):
                yield Cells(line, dict(zip(names, row, strict=False)), _misfit(names, row))
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise ValueError(f"below line {reader.line_num + 1}: {error}") from error


def _misfit(names: list[str], row: list[str]) -> str:
    """A quote that is left out or doubled moves all cells behind it; empty ones at the end do no harm."""
    fits = len(row) >= len(names) and not any(row[len(names):])
    return "" if fits else f"it has {len(row)} cells, and there are {len(names)} columns: {', '.join(names)}"


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line that each begins on; the header was the first."""
    line = 2
    for row in reader:
        if row:
            yield line, row
        line = reader.line_num + 2


def _header(file: Path, lines: io.TextIOBase) -> list[str]:
    try:
        names = next(csv.reader([lines.readline()], delimiter=DELIMITERS[suffix(file)], strict=True), [])
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"its first line names no columns: {error}") from error
    if not names or len(set(names)) < len(names):
        raise ValueError("its first line names no columns" if not names else "two columns have one name")
    return [name.strip() for name in names]


def _opened(file: Path, encoding: str) -> io.TextIOBase:
    with file.open("rb") as raw:
        packed = raw.read(2) == GZIP
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    how: Any = {"encoding": encoding, "newline": "", "errors": "surrogateescape"}
    return gzip.open(file, "rt", **how) if packed else file.open(**how)  # type: ignore[return-value]


def _parquet(file: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(str(error)) from error


def _parquet_rows(file: Path, start: int) -> Iterator[Cells]:
    """Groups of rows that lie before the start are not read."""
    import pyarrow as pa

    table, first = _parquet(file), 0
    try:
        for group in range(table.num_row_groups):
            size = table.metadata.row_group(group).num_rows
            if first + size > start:
                for n, values in enumerate(table.read_row_group(group).to_pylist()):
                    if first + n >= start:
                        yield Cells(first + n + 1, values)
            first += size
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"below row {first}: {error}") from error
