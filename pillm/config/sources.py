"""Where Hydra finds things: parts, recipes and caps, each over the typed defaults of what it changes.

One node each, where an entry of the defaults list for every step would cost 5 ms apiece.
"""
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from pillm import fast_yaml
from pillm.config.defaults import defaults
from pillm.config.parts import PARTS
from pillm.config.places import folders, names
from pillm.config.steps import uses
from pillm.engine import registry

CAPS = "capped"


class PartSource(FileConfigSource):
    """conf/: each part stands on the defaults of its type."""

    @staticmethod
    def scheme() -> str:
        return "parts"

    def load_config(self, config_path: str) -> ConfigResult:
        found = super().load_config(config_path)
        group = config_path.partition("/")[0]
        if group in PARTS:
            found.config = OmegaConf.merge(defaults(PARTS[group]), found.config)
        return found


class RecipeSource(FileConfigSource):
    """`recipe/X` is recipes/X.yaml, in the global package, over the defaults of its steps, caps on top."""

    @staticmethod
    def scheme() -> str:
        return "recipes"

    def load_config(self, config_path: str) -> ConfigResult:
        found = super().load_config(_inner(config_path))
        written: Any = OmegaConf.to_container(found.config) or {}
        if isinstance(written, dict):
            found.config = OmegaConf.create(_whole(written, Path(config_path).stem))
        found.header["package"] = "_global_"
        return found

    def is_group(self, config_path: str) -> bool:
        return config_path in ("", "recipe")

    def is_config(self, config_path: str) -> bool:
        return config_path.startswith("recipe/") and super().is_config(_inner(config_path))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        return ["recipe"] if config_path == "" else super().list("", results_filter)


def _inner(config_path: str) -> str:
    return config_path.removeprefix("recipe/")


def _whole(written: dict, name: str) -> dict:
    """The recipe over its steps' typed defaults: one node, where a defaults entry for each would take 10 ms."""
    steps = {step: stage for step, stage in uses(written.get("steps")).items() if stage in registry.offers()}
    typed = {step: defaults(registry.load(stage).config) for step, stage in steps.items()}
    return merged({"name": name, **typed}, written) | {"defaults": _entries(written, name)}


def merged(below: dict, above: dict) -> dict:
    """Nested dicts key by key; what is above wins."""
    return below | {key: merged(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict)
                    else value for key, value in above.items()}


def _entries(written: dict, recipe: str) -> list:
    """A recipe's defaults list: parts, the recipe itself, caps over its steps; Hydra wants `override` last."""
    parts = [part for part in written.get("defaults") or [] if part != "_self_"]
    changed = [part for part in parts if isinstance(part, dict) and next(iter(part)).startswith("override ")]
    caps = {f"/{CAPS}@_global_": f"${{caps}}/{recipe}"}
    return [*(part for part in parts if part not in changed), "_self_", caps, *changed]


class CapsSource(ConfigSource):
    """`capped/smoke/X` is what caps/smoke says of the stages of recipe X, by step, and over the rest of it."""

    @staticmethod
    def scheme() -> str:
        return "caps"

    def load_config(self, config_path: str) -> ConfigResult:
        _, caps, recipe = config_path.removesuffix(".yaml").split("/")
        by_step = {step: _read(file) for step, file in capped(caps, recipe)}
        return ConfigResult(provider=self.provider, path="caps://", header={"package": "_global_"},
                            config=OmegaConf.create(merged(by_step, by_step.pop("", {}))))

    def available(self) -> bool:
        return True

    def is_group(self, config_path: str) -> bool:
        return config_path == CAPS or (config_path.count("/") == 1 and config_path.startswith(f"{CAPS}/"))

    def is_config(self, config_path: str) -> bool:
        return config_path.count("/") == 2 and config_path.startswith(f"{CAPS}/")

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        return []


def capped(caps: str, recipe: str) -> list[tuple[str, Path]]:
    """Step → the file of the caps that lies over it; the one over the rest of the recipe has no step."""
    known = names("conf")
    wanted = {step: f"caps/{caps}/{stage}" for step, stage in steps_of(recipe).items()} | {"": f"caps/{caps}/recipe"}
    return [(step, known[name]) for step, name in wanted.items() if name in known]


def steps_of(recipe: str) -> dict[str, str]:
    """Step → stage of a recipe file, as `uses` reads them."""
    return uses((fast_yaml.load(names("recipes")[recipe].read_text("utf-8-sig")) or {}).get("steps"))


def _read(file: Path) -> dict[str, Any]:
    written: Any = OmegaConf.to_container(OmegaConf.load(file))
    return written or {}


class Search(SearchPathPlugin):
    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        for folder in folders("conf"):
            search_path.append("pillm", f"parts://{folder}")
        for folder in folders("recipes"):
            search_path.append("pillm-recipes", f"recipes://{folder}")
        search_path.append("pillm-caps", "caps://all")


def register() -> None:
    for source in (PartSource, RecipeSource, CapsSource):
        SourcesRegistry.instance().register(source)
    Plugins.instance().register(Search)
