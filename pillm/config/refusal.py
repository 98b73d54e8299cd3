"""What Hydra, OmegaConf and YAML refuse, told with its place and what to do."""
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pillm.config import places
from pillm.config.foreign import hint
from pillm.config.origin import file_marks, shown
from pillm.config.parts import PARTS


def several(word: str) -> str:
    """Of a word that only a sweep takes."""
    key, value = _halves(word)
    return (f"command line: {key}: {value}: several values need -m, and are a run each. Is it one value? "
            f"Quote it: {_quoted(key, value)}")


def unreadable(word: str) -> str:
    """Of a word that Hydra's grammar does not know."""
    key, value = _halves(word)
    if not re.fullmatch(r"[\w./@$-]+", key):
        return f"command line: {word.removeprefix('++')}: not understood. Write key=value."
    return (f"command line: {key}: {value}: a value with such signs stands in quotes. "
            f"Write {_quoted(key, value)}")


def added(word: str) -> str:
    """Of a part that was to be added to the one there is."""
    key, value = _halves(word)
    return f"command line: {word}: a recipe has a {key} already. Write {key}={value}, without the plus."


def _halves(word: str) -> tuple[str, str]:
    key, _, value = word.lstrip("+").partition("=")
    return key, value


def _quoted(key: str, value: str) -> str:
    """As a shell takes it: Hydra wants quotes of its own, inside the shell's."""
    inner = value.replace('"', r'\"')
    return shlex.quote(f'{key}="{inner}"')


def misplaced(file: Path, written: dict[str, Any]) -> list[str]:
    """Parts that a recipe does not choose with `override`, each with its line."""
    found = [*_at_the_top(written), *_in_the_defaults(written.get("defaults"))]
    marks = dict(file_marks(file, "")) if found else {}
    return [f"{marks[key]}: {told}" for key, told in found]


def _at_the_top(written: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    for part in PARTS.keys() & written.keys():
        if isinstance(written[part], str):
            yield (part,), (f"{part}: {written[part]}: a part is chosen in the defaults. "
                            f"Write there: - override /{part}: {written[part]}")


def _in_the_defaults(entries: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(entries, list | None):
        yield ("defaults",), "defaults: it is a list. Write a line for each part: - override /domain: NAME"
        return
    for n, entry in enumerate(entries or []):
        for key, name in entry.items() if isinstance(entry, dict) else ():
            part = str(key).removeprefix("override ").strip().lstrip("/")
            if part in PARTS and key != f"override /{part}":
                yield ("defaults", str(n)), (f"{key}: {name}: a recipe has a {part} already. "
                                             f"Write - override /{part}: {name}")


def asker(overrides: list[str], name: str) -> str:
    """The word of the command line, or the file and line, that names a part."""
    if any(word.endswith(f"={name}") for word in overrides):
        return "command line"
    recipe = next(word.partition("=")[2] for word in overrides if word.startswith("+recipe="))
    file = places.names("recipes")[recipe]
    line = next((n for n, text in enumerate(file.read_text("utf-8").splitlines(), 1) if text.endswith(name)), 1)
    return f"{shown(file)}:{line}"


def yaml_told(error: Exception, file: Path | None = None) -> str:
    mark = getattr(error, "problem_mark", None)
    where = shown(file) if file else shown(Path(mark.name)) if mark else "YAML"
    line = f":{mark.line + 1}" if mark else ""
    return f"{where}{line}: {getattr(error, 'problem', None) or 'not valid YAML'}. Mend the file's YAML."


def other(error: Exception, overrides: list[str]) -> str:
    """Of anything else: its first line, at the key that it names."""
    key = getattr(error, "full_key", None)
    typed = next((word for word in overrides if word.strip("+") in str(error)), "")
    where = key or (f"command line: {typed.removeprefix('++')}" if typed else "config")
    return f"{where}: {first_line(error)}.{hint(str(key))}"


def first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
