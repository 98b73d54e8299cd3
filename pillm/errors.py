"""What is told to the user without a traceback, and the exit code each ends with."""
from collections.abc import Iterable
from difflib import get_close_matches


class PillmError(Exception):
    """One or more lines, each `where: what. what to do.`"""

    code = 1


class ConfigError(PillmError, ValueError):
    """The user's configuration or input is wrong; nothing was started."""

    code = 2


class MissingInput(ConfigError, FileNotFoundError):
    """A file, model or run that was named is not there."""

    def __str__(self) -> str:  # FileNotFoundError would show an errno
        return str(self.args[0])


class StageError(PillmError, RuntimeError):
    """A stage could not do its work; what it had saved under work/ stays."""


class DataError(StageError, ValueError):
    """Records cannot be used; the message names file and line."""


class CorruptError(StageError, OSError):
    """Bytes on disk are not what their manifest says."""

    def __str__(self) -> str:
        return str(self.args[0])


class RequestError(StageError, ValueError):
    """A request that a model's server refuses or fails at; it answers others."""


class SandboxError(StageError, OSError):
    """A command cannot be contained, and so was not run."""

    def __str__(self) -> str:
        return str(self.args[0])


def suggest(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?`, or nothing."""
    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
