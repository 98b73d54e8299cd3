"""The text of a Modelfile: written and read back as Ollama's parser reads it (parser/parser.go)."""
import re
from collections.abc import Sequence

from pillm.errors import StageError

COMMAND = re.compile(r'^([A-Z]+)[ \t]+("""(?:.*?)"""|"[^\n]*"|[^\n]*)$', re.MULTILINE | re.DOTALL)


def write(source: str, *, file: str, system: str | None, parameters: dict[str, float], stops: Sequence[str],
          notes: Sequence[str]) -> str:
    """The Modelfile's text; raises StageError where a value cannot stand in one."""
    lines = [f"# {note}" for note in notes] + [f"FROM ./{file}", f'TEMPLATE """{source}"""']
    if system is not None:
        if told := unwritable(system):
            raise StageError(f"modelfile.system: {told}")
        lines.append(f'SYSTEM """{system}"""')
    lines += [f"PARAMETER {name} {value:g}" for name, value in parameters.items()]
    for stop in stops:
        if told := unwritable(stop):
            raise StageError(f"Modelfile: the stop {stop!r}: {told}")
        lines.append(f'PARAMETER stop "{stop}"')
    return "\n".join(lines) + "\n"


def unwritable(value: str) -> str | None:
    """Why a text cannot stand in a Modelfile: Ollama's parser/parser.go drops what is not printable, and has no escape.

    Go's `strconv.IsPrint` and `str.isprintable` agree: no space but the plain one.
    """
    lost = sorted({f"U+{ord(c):04X}" for c in value if c not in "\n\t" and not c.isprintable()})
    if lost:
        return f"it holds {', '.join(lost)}, which Ollama drops from a Modelfile. Use plain spaces and letters."
    return 'it holds """, which ends a text in a Modelfile. Take it out.' if '"""' in value else None


def read(text: str) -> list[tuple[str, str]]:
    """Commands and their values, as Ollama's parser reads them: `("PARAMETER", 'stop "</s>"')`."""
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable())
    return [(name, value[3:-3] if value.startswith('"""') else value) for name, value in COMMAND.findall(kept)]


def template_of(commands: Sequence[tuple[str, str]]) -> str:
    """The TEMPLATE; raises StageError if there is none."""
    for name, value in commands:
        if name == "TEMPLATE":
            return value
    raise StageError("Modelfile: it has no TEMPLATE. Make it again.")


def stops_of(commands: Sequence[tuple[str, str]]) -> list[str]:
    """The values of all `PARAMETER stop`."""
    found = [value.removeprefix("stop").strip() for name, value in commands
             if name == "PARAMETER" and value.startswith("stop ")]
    return [value[1:-1] if value.startswith('"') else value for value in found]
