"""Where Hydra finds things: conf/ as files, recipes/ and stage defaults as sources of their own."""
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

from pillm.config.defaults import defaults
from pillm.config.parts import PARTS
from pillm.config.places import folders, names
from pillm.config.steps import uses
from pillm.engine import registry


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
    return merged({"name": name, **typed}, written) | {"defaults": _entries(written, steps)}


def merged(below: dict, above: dict) -> dict:
    """Nested dicts key by key; what is above wins."""
    return below | {key: merged(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict)
                    else value for key, value in above.items()}


def _entries(written: dict, steps: dict[str, str]) -> list:
    """A recipe's defaults list: parts, the recipe itself, caps of its stages; Hydra wants `override` last."""
    shrunk = {name.rsplit("/", 1)[1] for name in names("conf") if name.startswith("caps/")}
    caps: list = [{f"optional /caps@{step}": f"${{caps}}/{stage}"} for step, stage in steps.items() if stage in shrunk]
    caps.append({"optional /caps@_global_": "${caps}/recipe"})
    parts = [part for part in written.get("defaults") or [] if part != "_self_"]
    changed = [part for part in parts if isinstance(part, dict) and next(iter(part)).startswith("override ")]
    return [*(part for part in parts if part not in changed), "_self_", *caps, *changed]


class TypedSource(ConfigSource):
    """`stage/X` is the defaults of stage X, `part/X` those of part X, from their typed configs."""

    @staticmethod
    def scheme() -> str:
        return "typed"

    def load_config(self, config_path: str) -> ConfigResult:
        group, _, name = config_path.removesuffix(".yaml").partition("/")
        config = PARTS[name] if group == "part" else registry.load(name).config
        return ConfigResult(provider=self.provider, path="typed://", config=OmegaConf.create(defaults(config)),
                            header={"package": None})

    def available(self) -> bool:
        return True

    def is_group(self, config_path: str) -> bool:
        return config_path in ("", "stage", "part")

    def is_config(self, config_path: str) -> bool:
        group, _, name = config_path.removesuffix(".yaml").partition("/")
        return name in self.list(group, None)

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        if config_path == "":
            return ["part", "stage"]
        return sorted(PARTS) if config_path == "part" else sorted(registry.offers())


class Search(SearchPathPlugin):
    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        for folder in folders("conf"):
            search_path.append("pillm", f"file://{folder}")
        for folder in folders("recipes"):
            search_path.append("pillm-recipes", f"recipes://{folder}")
        search_path.append("pillm-typed", "typed://all")


def register() -> None:
    for source in (RecipeSource, TypedSource):
        SourcesRegistry.instance().register(source)
    Plugins.instance().register(Search)
