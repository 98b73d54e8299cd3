"""How many tokens a text is, by a tokenizer's own file."""
from collections.abc import Callable
from pathlib import Path

from pillm.errors import ConfigError, MissingInput

FILES = ("tokenizer.json", "tokenizer.model")


def counter(path: Path) -> Callable[[str], int]:
    """Of a `tokenizer.json`, a SentencePiece model, or a weights folder that has one; BOS and EOS are not counted."""
    file = _file(path)
    if file.suffix == ".json":
        from tokenizers import Tokenizer

        known = Tokenizer.from_file(str(file))
        return lambda text: len(known.encode(text, add_special_tokens=False).ids)
    from sentencepiece import SentencePieceProcessor

    try:
        pieces = SentencePieceProcessor(model_file=str(file))
    except (RuntimeError, OSError) as error:
        raise ConfigError(f"{file}: it is no SentencePiece model ({error}). Name a tokenizer.json, a tokenizer.model "
                          "or a folder with one.") from error
    return lambda text: len(pieces.encode(text))


def _file(path: Path) -> Path:
    found = path if path.is_file() else next((path / name for name in FILES if (path / name).is_file()), None)
    if found is None:
        raise MissingInput(f"{path}: there is no tokenizer. Name a tokenizer.json, a tokenizer.model or a folder "
                           "with one.")
    return found
