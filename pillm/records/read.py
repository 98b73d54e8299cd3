"""Lines of JSON as they are found in the world: BOMs, CRLF, gzip; every line that cannot be read is refused aloud."""
import gzip
import json
import math
import re
import shlex
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pillm.errors import DataError

BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
LINES_PER_REPORT = 5000
MAX_DEPTH = 100
"""Of nested lists and objects: far from what makes recursive functions fail, and from any record seen."""
MAX_BYTES = 1 << 23
"""Of a line; no model reads so much at once. What is longer is passed over without being held in memory."""
SHOWN_BYTES = 1000
"""Of such a line, in what is set aside."""
WIDE = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
"""Byte order marks of encodings that are not read."""
LINE_BITS = 40


class Source(NamedTuple):
    """A file of records, and the name it has in what we write: paths differ between machines, results must not."""

    number: int
    path: Path
    name: str


class Row(NamedTuple):
    """A line of a source: a record, or the text of one that cannot be read."""

    source: Source
    line: int
    record: Any

    @property
    def place(self) -> str:
        return f"{self.source.path}:{self.line}"

    @property
    def code(self) -> int:
        """Source and line as one number, where millions are remembered."""
        return self.source.number << LINE_BITS | self.line


def at(code: int, sources: Sequence[Source]) -> tuple[Source, int]:
    """Source and line of a row's code."""
    return sources[code >> LINE_BITS], code & ((1 << LINE_BITS) - 1)


Refuse = Callable[[Row, str, str], None]
"""Called with a row, the reason (a short phrase that is counted) and what exactly is wrong."""


class NotJson(ValueError):
    """The text is not one JSON value that every parser reads alike."""


def sources(paths: list[Path]) -> list[Source]:
    """Each under the shortest tail of its path that tells it from the others."""
    return [Source(n, path, _short(path, [other for other in paths if other != path])) for n, path in enumerate(paths)]


def _short(path: Path, others: list[Path]) -> str:
    tails = ["/".join(path.parts[-n:]) for n in range(1, len(path.parts) + 1)]
    return next((tail for tail in tails if not any(f"/{o.as_posix()}".endswith(f"/{tail}") for o in others)), tails[0])


def rows(source: Source, refuse: Refuse, progress: Callable[..., None] = lambda *_: None) -> Iterator[Row]:
    """The values of a file's lines, all text in NFC; empty lines are no rows."""
    size = source.path.stat().st_size
    with source.path.open("rb") as raw:
        for number, line in enumerate(_lines(source, raw), 1):
            if number % LINES_PER_REPORT == 0:
                progress(f"reading {source.name}", raw.tell(), size)
            if number == 1:
                _require_lines(source, line)
            if stripped := line.removeprefix(BOM).strip():
                yield from _row(source, number, stripped, refuse)


def _require_lines(source: Source, first: bytes) -> None:
    """Of a file that is something else altogether every line would be refused, and none would say why. The commands
    write beside the file: a shell empties what it is to write before the command reads it."""
    name = shlex.quote(source.path.name)
    if encoding := WIDE.get(first[:2]):
        raise DataError(f"{source.path}: it is {encoding}; records are UTF-8. Convert it: "
                        f"iconv -f {encoding} -t UTF-8 {name} > {shlex.quote(f'{source.path.stem}.utf8.jsonl')}")
    if first.removeprefix(BOM).lstrip()[:1] == b"[":
        raise DataError(f"{source.path}: it is one JSON array; records stand one to a line. "
                        f"Convert it: jq -c '.[]' {name} > {shlex.quote(f'{source.path.stem}.lines.jsonl')}")


def _lines(source: Source, raw: BinaryIO) -> Iterator[bytes]:
    start = raw.read(2)
    raw.seek(0)
    if start != GZIP:
        yield from _pieces(raw)
        return
    whole = 0
    try:
        with gzip.open(raw) as lines:
            for line in _pieces(lines):
                whole += 1
                yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{source.path}: the gzip file is damaged after line {whole} ({error}). "
                        "Fetch or make it again.") from error


def _pieces(lines: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    """Lines; of one that is too long its begin, with a byte more than is allowed to show it."""
    while line := lines.readline(MAX_BYTES + 2):  # the end of a line, \r\n, does not count
        yield line
        while len(line) == MAX_BYTES + 2 and not line.endswith(b"\n"):
            line = lines.readline(MAX_BYTES + 2)


def _row(source: Source, number: int, line: bytes, refuse: Refuse) -> Iterator[Row]:
    if len(line) > MAX_BYTES:
        text = line[:SHOWN_BYTES].decode(errors="backslashreplace")
        refuse(Row(source, number, text), "too long", f"it has more than {MAX_BYTES >> 20} MiB; its begin is shown")
        return
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        told = f"byte {error.start + 1} of the line is not UTF-8"
        refuse(Row(source, number, line.decode(errors="backslashreplace")), "not UTF-8", told)
        return
    try:
        yield Row(source, number, value(text))
    except NotJson as error:
        if "\r" in text:  # the newline of old; within one JSON value it may stand as a space
            for piece in filter(None, line.split(b"\r")):
                yield from _row(source, number, piece, refuse)
        else:
            refuse(Row(source, number, text), "not JSON", str(error))


def value(text: str) -> Any:
    """One strict JSON value in NFC; raises NotJson."""
    try:
        found = DECODER.decode(text)
    except RecursionError as error:
        raise NotJson(f"it is nested more than {MAX_DEPTH} levels deep") from error
    except ValueError as error:
        raise NotJson(str(error)) from error
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(found) > MAX_DEPTH:
        raise NotJson(f"it is nested more than {MAX_DEPTH} levels deep")
    if text.isascii() and "\\u" not in text:
        return found
    if "\\u0000" in text and "\0" in "".join(_texts(found)):
        raise NotJson("U+0000 is no character of a text")
    if "\\u" in text and LONE_SURROGATE.search(ENCODER.encode(found)):
        raise NotJson("half of a surrogate pair is no character")
    # Where nothing is escaped, parts of a normal text are normal.
    return found if "\\u" not in text and unicodedata.is_normalized("NFC", text) else nfc(found)


def nfc(found: Any) -> Any:
    """The value with all its text in Unicode normal form C."""
    if isinstance(found, str):
        return unicodedata.normalize("NFC", found)
    if isinstance(found, dict):
        return {unicodedata.normalize("NFC", key): nfc(inner) for key, inner in found.items()}
    return [nfc(inner) for inner in found] if isinstance(found, list) else found


def line(value: Any) -> bytes:
    """A value as we write it."""
    return ENCODER.encode(value).encode() + b"\n"


def _texts(node: Any) -> Iterator[str]:
    """All texts in a value, its keys too."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from node
    for inner in _children(node):
        yield from _texts(inner)


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [inner for node in level for inner in _children(node)]:
        depth += 1
    return depth


def _children(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise NotJson("a key stands twice in one object")
    return found


def _finite(text: str) -> float:
    if math.isinf(found := float(text)):
        raise NotJson(f"{text} is too large for a number")
    return found


def _constant(name: str) -> Any:
    raise NotJson(f"{name} is no JSON")


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_constant)
ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
