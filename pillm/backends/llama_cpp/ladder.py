"""A ladder: the folder with one `<type>.gguf` per quantization of a model, f16 among them."""
from pathlib import Path

from pillm.errors import StageError, suggest

BASE = "f16"
"""What the others are held against."""


def files(ladder: Path, types: list[str] | None = None) -> dict[str, Path]:
    """The chosen GGUF files (None: all) by type, largest first; raises StageError where one is missing."""
    by_size = sorted(ladder.glob("*.gguf"), key=lambda file: (-file.stat().st_size, file.name))
    found = {file.stem: file for file in by_size}
    for name in types or ():
        if name not in found:
            hint = suggest(name, found) or " Add it to quantize.types."
            raise StageError(f"types: the ladder has no {name}; it has {', '.join(found)}.{hint}")
    return {name: file for name, file in found.items() if types is None or name in types}
