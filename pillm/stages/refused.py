"""What a file or an option is refused with, for the checks of stages."""
import json
from collections.abc import Callable

from pillm.errors import ConfigError, DataError


def refused(attempt: Callable[[], object]) -> list[str]:
    """The lines of the error that an attempt to read ends with; none where it succeeds."""
    try:
        attempt()
    except (ConfigError, DataError, json.JSONDecodeError) as error:
        return str(error).splitlines()
    except UnicodeDecodeError as error:
        return [f"a file of it is not UTF-8 ({error.reason}). Save it as UTF-8."]
    return []
