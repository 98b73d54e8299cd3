"""`python -P run_converter.py OPTIONS SCRIPT ARGUMENTS…`: llama.cpp's own converter, in a process of its own.

OPTIONS is JSON: `pre`, the pre-tokenizer's name where the converter cannot know it (a tokenizer trained here has an
unknown hash), and `metadata`, which replaces what the converter would guess from the names of folders.
"""
import dataclasses
import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path


def main(options: dict, script: str, arguments: list[str]) -> None:
    """Imports stay below: the converter's folder must go first on the path."""
    root = Path(script).parent
    sys.path[:0] = [str(root), str(root / "gguf-py")]
    import gguf
    from conversion.base import TextModel

    if options["pre"]:
        TextModel.get_vocab_base_pre = lambda self, tokenizer: options["pre"]
    load: Callable[..., gguf.Metadata] = gguf.Metadata.load

    def told(*args: object, **named: object) -> gguf.Metadata:
        found = load(*args, **named)
        sampling = {f.name: getattr(found, f.name) for f in dataclasses.fields(found) if f.name.startswith("sampling")}
        return gguf.Metadata(**sampling, **options["metadata"])

    gguf.Metadata.load = staticmethod(told)  # type: ignore[assignment,method-assign]
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:])
