"""`card=DOMAIN or FOLDER`: count a dataset's files anew, into its card, its README and its pictures."""
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from pillm.config import places
from pillm.errors import ConfigError, MissingInput, suggest

if TYPE_CHECKING:
    from pillm.domains.card import Tokenizer


def refresh(console: Console, named: str, tokenizer: str | None) -> int:
    """Writes what is no longer as the files say, and names it."""
    from pillm.domains import refresh

    texts = refresh.made(_folder(named), _tokenizer(tokenizer))
    stale = refresh.stale(texts)
    for file, text in stale.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    for file in texts:
        console.print(f"{'written' if file in stale else 'current'}  {file}", highlight=False, soft_wrap=True)
    return 0


def _tokenizer(named: str | None) -> "Tokenizer | None":
    from pillm.backends.token_counts import counter
    from pillm.domains.card import Tokenizer

    return Tokenizer(Path(named).name, counter(Path(named))) if named else None


def _folder(named: str) -> Path:
    """That of the card: a folder that has one, or the one a domain names."""
    import yaml

    if (path := Path(named)).is_dir() or path.name == "card.yaml":
        return path if path.is_dir() else path.parent
    domains = {name.removeprefix("domain/"): file for name, file in places.names("conf").items()
               if name.startswith("domain/")}
    if named not in domains:
        raise MissingInput(f"command line: card={named}: no folder or domain is called that.{suggest(named, domains)}")
    written = yaml.safe_load(domains[named].read_text("utf-8")).get("card")
    if not written:
        raise ConfigError(f"{domains[named]}: card: the domain names no card. Write card: dataset/{named}/card.yaml.")
    return _found(written, domains[named]).parent


def _found(card: str, domain: Path) -> Path:
    found = next((folder / card for folder in places.data_folders() if (folder / card).is_file()), None)
    if found is None:
        raise MissingInput(f"{domain}: card: there is no {card}. Write it, or correct the name.")
    return found
