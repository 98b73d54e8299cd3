"""argv → composed config with origins. With sources.py and comparison.py the only importer of Hydra."""
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.utils import create_config_search_path
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException, MissingConfigException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from pillm import fast_yaml
from pillm.config import places, refusal, sources
from pillm.config.origin import Origins, file_marks, followed, shown
from pillm.config.parts import PARTS
from pillm.errors import ConfigError, MissingInput, suggest

Overrides = list[str]


@dataclass(frozen=True)
class Composed:
    """A recipe as Hydra made it: plain data."""

    values: dict[str, Any]
    unresolved: DictConfig
    overrides: Overrides

    @cached_property
    def origins(self) -> Origins:
        """Costs a second walk of the defaults list: asked for only by errors and `explain`."""
        used = loader().compute_defaults_list("config", self.overrides, RunMode.RUN).defaults
        found = _origins(used, self.overrides)
        return found | dict(followed(self.written, found))

    @cached_property
    def written(self) -> dict[str, Any]:
        """Before `${…}` is resolved."""
        found: Any = OmegaConf.to_container(self.unresolved, resolve=False)
        return found


def loader() -> ConfigLoaderImpl:
    sources.register()
    return ConfigLoaderImpl(create_config_search_path(None))


def normalise(words: list[str]) -> Overrides:
    """`a.b=c` → `++a.b=c`; recipe, then caps, come last whatever the order typed."""
    named = {"recipe": "", "caps": "+caps=none"}
    rest = []
    for word in words:
        key, _, value = word.lstrip("+").partition("=")
        if key in named and value:
            named[key] = f"+{key}={_recipe_named(value) if key == 'recipe' else value}"
        else:
            rest.append(_addressed(word, key))
    return [*rest, *filter(None, named.values())]


def _addressed(word: str, key: str) -> str:
    """Hydra's groups (`model=nano`, `hydra/launcher=joblib`) as they are, values with `++`: pydantic judges them."""
    is_value = "=" in word and word[0] not in "+~" and "/" not in key and "@" not in key
    is_group = key in {name.split("/")[0] for name in places.names("conf") if "/" in name}
    return f"++{word}" if is_value and not is_group and not key.startswith("hydra.") else word


def _recipe_named(recipe: str) -> str:
    """`path/to/x.yaml` → `x`, its folder searched first, and the parts that lie beside it (`path/conf`)."""
    if not recipe.endswith((".yaml", ".yml")):
        return recipe
    if not Path(recipe).is_file():
        raise MissingInput(f"command line: +recipe={recipe}: there is no such file. Name a recipe, or a file's path.")
    if recipe.endswith(".yml"):
        raise ConfigError(f"command line: +recipe={recipe}: a recipe's file ends in .yaml. Rename it: "
                          f"{Path(recipe).stem}.yaml.")
    places.look_in("recipes", Path(recipe).parent)
    if (parts := Path(recipe).resolve().parents[1] / "conf").is_dir():
        places.look_in("conf", parts)
    return Path(recipe).stem


def expand(overrides: Overrides) -> list[Overrides]:
    """A grid's jobs. What only a sweeper can draw (`interval`) is judged in its job."""
    try:
        parsed = OverridesParser.create(config_loader=loader()).parse_overrides(overrides)
    except HydraException as error:
        told = _misread(overrides, sweep=True) or [f"command line: {refusal.first_line(error)}"]
        raise ConfigError("\n".join(told)) from error
    drawn = [o for o in parsed if o.is_sweep_override() and not o.is_discrete_sweep()]
    BasicSweeper.validate_batch_is_legal = _judged  # type: ignore[assignment,method-assign]
    grid = BasicSweeper.split_arguments([o for o in parsed if o not in drawn], None)
    return [list(job) for batch in grid for job in batch]


def _judged(sweeper: BasicSweeper, batch: Sequence[Sequence[str]]) -> None:
    """In place of composing every job once more: what can be wrong is told before the sweeper is called."""


def compose(overrides: Overrides) -> Composed:
    """Raises ConfigError for what Hydra refuses: a part that is not there, broken YAML, a wrong interpolation."""
    _check_names(overrides)
    try:
        config = loader().load_configuration("config", overrides, RunMode.RUN)
        with open_dict(config):
            config.pop("hydra")
        values: Any = OmegaConf.to_container(config, resolve=True)
    except MissingConfigException as error:
        name = (error.missing_cfg_file or "").split("/")[-1]
        raise ConfigError(f"{refusal.asker(overrides, name)}: {error.missing_cfg_file}: there is no such part."
                          f"{suggest(name, error.options or [])}") from error
    except yaml.YAMLError as error:
        raise ConfigError(refusal.yaml_told(error)) from error
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError("\n".join(_misread(overrides)) or refusal.other(error, overrides)) from error
    return Composed(values, config, overrides)


def _check_names(overrides: Overrides) -> None:
    recipe = next((word.partition("=")[2] for word in overrides if word.startswith("+recipe=")), None)
    known = places.names("recipes")
    if recipe is None:
        raise ConfigError(f"command line: no recipe. Add +recipe=NAME; there are {', '.join(known)}.")
    if recipe not in known:
        raise MissingInput(f"command line: +recipe={recipe}: there is no such recipe.{suggest(recipe, known)} "
                           f"There are {', '.join(known)}.")
    _check_shape(known[recipe])
    caps = next(word.partition("=")[2] for word in overrides if word.startswith("+caps="))
    offered = [name.removeprefix("caps/") for name in places.names("conf") if re.fullmatch("caps/[^/]+", name)]
    if caps not in offered:
        raise ConfigError(f"command line: +caps={caps}: there are no such caps.{suggest(caps, offered)}")


def _check_shape(file: Path) -> None:
    """A recipe is a mapping; Hydra's own complaint would not name the file."""
    try:
        written = fast_yaml.load(file.read_text("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(refusal.yaml_told(error, file)) from error
    if not isinstance(written, (dict, type(None))):
        raise ConfigError(f"{shown(file)}:1: a recipe is a mapping of keys, not a {type(written).__name__}. "
                          "Begin with steps:.")
    if wrong := refusal.misplaced(file, written or {}):
        raise ConfigError("\n".join(wrong))


def _misread(overrides: Overrides, *, sweep: bool = False) -> list[str]:
    """What of the command line Hydra cannot take, word by word: its own complaint would not say which, or why."""
    parser = OverridesParser.create(config_loader=loader())
    found = []
    for word in overrides:
        try:
            (parsed,) = parser.parse_overrides([word])
        except HydraException:
            found.append(refusal.unreadable(word))
            continue
        if word.startswith("+") and parsed.key_or_group in PARTS and isinstance(parsed.value(), str):
            found.append(refusal.added(word))
        elif parsed.is_sweep_override() and not sweep:
            found.append(refusal.several(word))
    return found


def _origins(used: list, overrides: Overrides) -> Origins:
    """Hydra's own order: each source over those before it, the command line over all."""
    found: Origins = {}
    for part in used:
        for package, file in _files(part.config_path, part.package or ""):
            found.update(file_marks(file, package))
    keys = (word.lstrip("+~").partition("=")[0] for word in overrides if not word.startswith(("+recipe", "+caps")))
    for key in keys:
        path = tuple(key.split("."))
        found = {known: origin for known, origin in found.items() if not _item_of(path, known)}
        found[path] = "command line"
        for n in range(1, len(path)):  # what holds it is the command line's too, where no file wrote it
            found.setdefault(path[:n], "command line")
    return found


def _item_of(path: tuple[str, ...], key: tuple[str, ...]) -> bool:
    """Whether a key lies in the list at a path: a list is replaced as a whole."""
    return len(key) > len(path) and key[:len(path)] == path and key[len(path)].isdecimal()


def _files(config_path: str, package: str) -> list[tuple[str, Path]]:
    """What a source was read from, with the key each file stands under."""
    kind, _, name = config_path.partition("/")
    if kind == sources.CAPS:
        return sources.capped(*name.split("/"))
    inner, room = (name, "recipes") if kind == "recipe" else (config_path, "conf")
    file = places.names(room).get(inner)
    return [(package, file)] if file else []
