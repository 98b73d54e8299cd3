"""What a dataset's folder should hold beside its data: the card with its counts, the README's part, the pictures."""
from pathlib import Path

from pillm.domains import card, readme
from pillm.errors import ConfigError

README = "README.md"


def made(folder: Path, tokenizer: card.Tokenizer | None = None) -> dict[Path, str]:
    """By file, its text; raises ConfigError for a card that cannot be completed or does not keep its schema."""
    found = card.refreshed(card.read(folder), tokenizer)
    if wrong := card.mistakes(found):
        raise ConfigError("\n".join(wrong))
    file = folder / README
    written = file.read_text("utf-8") if file.is_file() else f"# {found.values['name']}\n"
    pictures = {folder / name: text for name, text in readme.pictures(found).items()}
    return {folder / card.NAME: found.text, file: readme.placed(written, found), **pictures}


def stale(texts: dict[Path, str]) -> dict[Path, str]:
    """Those that stand there otherwise, or not at all."""
    return {file: text for file, text in texts.items() if not file.is_file() or file.read_text("utf-8") != text}
