"""Stages by name, from entry points: ours and other packages' alike. Names are known without importing any."""
from functools import cache
from importlib.metadata import EntryPoint

from pillm import installed
from pillm.engine.stage import Stage
from pillm.errors import ConfigError, suggest

GROUP = "pillm.stages"


@cache
def offers() -> dict[str, EntryPoint]:
    """Name → entry point; two different offers of one name are an error."""
    found: dict[str, EntryPoint] = {}
    for entry in installed.offers(GROUP):
        if entry.name in found and found[entry.name].value != entry.value:
            raise ConfigError(
                f"stage {entry.name}: both {found[entry.name].value} and {entry.value} offer it. Uninstall one.")
        found[entry.name] = entry
    return dict(sorted(found.items()))


@cache
def load(name: str) -> Stage:
    """Import the one stage that is named."""
    if name not in offers():
        raise ConfigError(f"steps: {name}: no such stage.{suggest(name, offers())}")
    return offers()[name].load()
