"""A ladder: the folder with one `<type>.gguf` per quantization of a model, the unquantized file among them."""
from collections.abc import Iterable
from pathlib import Path

from pillm.errors import StageError, suggest

UNQUANTIZED = ("f16", "bf16", "f32")
"""What the file can be called that the others are held against: gguf.dtype."""


def files(ladder: Path, types: list[str] | None = None) -> dict[str, Path]:
    """The chosen GGUF files (None: all) by type, largest first; raises StageError where one is missing."""
    by_size = sorted(ladder.glob("*.gguf"), key=lambda file: (-file.stat().st_size, file.name))
    found = {file.stem: file for file in by_size}
    for name in types or ():
        if name not in found:
            hint = suggest(name, found) or " Add it to quantize.types."
            raise StageError(f"types: the ladder has no {name}; it has {', '.join(found)}.{hint}")
    return {name: file for name, file in found.items() if types is None or name in types}


def unquantized(names: Iterable[str]) -> str | None:
    """Which of these is what the others were made from."""
    known = set(names)
    return next((name for name in UNQUANTIZED if name in known), None)


def base(files: dict[str, Path]) -> str:
    """The same; raises StageError where there is none."""
    if name := unquantized(files):
        return name
    raise StageError(f"the ladder has none of {', '.join(UNQUANTIZED)} to compare with. Make it again with quantize.")
