"""`new=NAME`: the files of a domain of one's own, in the folder one stands in."""
from pathlib import Path

from rich.console import Console

from pillm.config import places
from pillm.domains import blank
from pillm.errors import ConfigError


def write(console: Console, name: str) -> int:
    """All of them or none: what is there is never written over."""
    made = blank.files(name)
    _require_new(name, made)
    for file, text in made.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        console.print(f"written  {file}", highlight=False, soft_wrap=True)
    console.print(f"\nIt runs as it is:  python -m pillm +recipe={name}_nano +caps=smoke\n"
                  f"Then put your own records and questions into dataset/{name}/, and your words into the rest.",
                  highlight=False, soft_wrap=True)
    return 0


def _require_new(name: str, made: dict[Path, str]) -> None:
    there = [str(file) for file in made if file.exists()]
    if there:
        raise ConfigError("\n".join(f"{file}: it is there already. Take another name, or move it." for file in there))
    taken = [f"domain/{name}"] if f"domain/{name}" in places.names("conf") else []
    taken += [recipe for recipe in (f"{name}_nano", f"{name}_qwen") if recipe in places.names("recipes")]
    if taken:
        raise ConfigError(f"command line: new={name}: there is a {taken[0]} already, and yours would hide it. "
                          "Take another name.")
