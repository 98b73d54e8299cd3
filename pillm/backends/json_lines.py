"""JSON Lines that we or a suite's author wrote."""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """(number from 1, text) of each line that is not blank.

    Not by str.splitlines, which also cuts at U+2028, U+2029 and U+0085: JSON may hold those as they are (RFC 8259 §7).
    """
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line


def values(file: Path) -> Iterator[Any]:
    """What stands in the lines."""
    return (json.loads(text) for _, text in texts(file))
