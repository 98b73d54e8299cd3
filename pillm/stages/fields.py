"""Types of fields that several stages have."""
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from pillm.engine.stage import Content
from pillm.errors import suggest

SUFFIX = ".schema.json"


def _named(name: Any, info: ValidationInfo) -> Any:
    """The file of a schema's name, wherever recipes and data are looked for."""
    if not isinstance(name, str) or name.endswith(SUFFIX):
        return name
    folders = [folder / "schemas" for folder in (info.context or {}).get("look_in", [Path()])]
    found = next((file for folder in folders if (file := folder / f"{name}{SUFFIX}").is_file()), None)
    if not found:
        known = {file.name.removesuffix(SUFFIX) for folder in folders for file in folder.glob(f"*{SUFFIX}")}
        raise ValueError(f"there is no schemas/{name}{SUFFIX}.{suggest(name, known)}")
    return found


SchemaFile = Annotated[Path, Content(), BeforeValidator(_named)]
"""A JSON Schema by its name in schemas/; its bytes enter the identity."""


def folder_or_name(name: Any, info: ValidationInfo) -> Any:
    """A folder, wherever recipes and data are looked for; else the name as it is."""
    folders = (info.context or {}).get("look_in", [Path()]) if isinstance(name, str) else []
    return next((found for folder in folders if (found := folder / name).is_dir()), name)


Dataset = Annotated[Path | str, Content(), BeforeValidator(folder_or_name)]
"""A folder with a dataset's files, whose bytes enter the identity; else owner/name on the Hub."""
