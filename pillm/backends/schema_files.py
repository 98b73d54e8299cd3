"""The files of schemas/ that names of schemas mean; jsonschema is not loaded."""
from pathlib import Path
from typing import Any

SUFFIX = ".schema.json"
PACKAGE = Path(__file__).parents[1]


def named(given: Any) -> Path | None:
    """The file of a name, the user's before ours; None for a schema itself, its JSON, and what names none."""
    if not isinstance(given, str) or given.lstrip().startswith("{"):
        return None
    return next((file for folder in _folders() if (file := folder / f"{given}{SUFFIX}").is_file()), None)


def names() -> list[str]:
    """All that a name can mean."""
    return sorted({file.name.removesuffix(SUFFIX) for folder in _folders() for file in folder.glob(f"*{SUFFIX}")})


def _folders() -> list[Path]:
    """The user's, then those of the package (`share/` in a wheel, beside it in a checkout)."""
    return [Path("schemas"), PACKAGE / "share" / "schemas", PACKAGE.parent / "schemas"]
