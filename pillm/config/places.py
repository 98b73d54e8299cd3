"""Where parts, recipes and data are looked for: the user's folders, then installed packages', then ours."""
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pillm import installed

PACKAGE = Path(__file__).parents[1]
ROOT = share if (share := PACKAGE / "share").exists() else PACKAGE.parent
"""In a wheel conf/, recipes/, schemas/, dataset/ and device/ lie in the package's share/; in a checkout beside it."""


def folders(room: str) -> list[Path]:
    """Of `conf` or `recipes`: Hydra takes the first that has a name."""
    added = [Path(folder) for folder in os.environ.get(_variable(room), "").split(os.pathsep) if folder]
    found = [*added, Path.cwd() / room, *_offered(room), ROOT / room]
    return [folder for n, folder in enumerate(found) if folder.is_dir() and folder not in found[:n]]


def look_in(room: str, folder: Path) -> None:
    """Search a folder first; through the environment, so that a launcher's processes do too."""
    former = os.environ.get(_variable(room), "").split(os.pathsep)
    known = [str(folder.resolve()), *(place for place in former if place and place != str(folder.resolve()))]
    os.environ[_variable(room)] = os.pathsep.join(known)


def data_folders() -> list[Path]:
    """Where a recipe's relative paths are looked for."""
    recipes = [folder.parent for folder in folders("recipes")]
    return [Path(), *dict.fromkeys([*folders("recipes"), *recipes, ROOT])]


def names(room: str) -> dict[str, Path]:
    """Recipe, or `group/part`, by name: the file that wins."""
    found: dict[str, Path] = {}
    pattern = "*.yaml" if room == "recipes" else "**/*.yaml"  # a recipe may lie in a home folder, much else below it
    for folder in folders(room):
        for file in sorted(folder.glob(pattern)):
            found.setdefault(file.relative_to(folder).with_suffix("").as_posix(), file)
    return found


@cache
def _offered(room: str) -> tuple[Path, ...]:
    """Folders of other packages: entry points `pillm.conf` and `pillm.recipes` name a module whose folder it is."""
    specs = (find_spec(entry.value) for entry in installed.offers(f"pillm.{room}"))
    return tuple(Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ())


def _variable(room: str) -> str:
    return f"PILLM_{room.upper()}"
