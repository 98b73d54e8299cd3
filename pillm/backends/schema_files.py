"""The files of schemas/ that names of schemas mean; jsonschema is not loaded."""
from pathlib import Path
from typing import Any

SUFFIX = ".schema.json"
PACKAGE = Path(__file__).parents[1]


def is_name(given: Any) -> bool:
    """Whether it is neither a schema itself nor its JSON."""
    return isinstance(given, str) and not given.lstrip().startswith("{")


def named(given: Any) -> Path | None:
    """The file of a name, the user's before ours; None for what is no name, or names none."""
    if not is_name(given):
        return None
    return next((file for folder in _folders() if (file := folder / f"{given}{SUFFIX}").is_file()), None)


def names() -> list[str]:
    """All that a name can mean."""
    return sorted({file.relative_to(folder).as_posix().removesuffix(SUFFIX)
                   for folder in _folders() for file in folder.rglob(f"*{SUFFIX}")})


def every() -> list[Path]:
    """The file of each name."""
    return list(filter(None, map(named, names())))


def _folders() -> list[Path]:
    """The user's, then those of the package (`share/` in a wheel, beside it in a checkout)."""
    return [Path("schemas"), PACKAGE / "share" / "schemas", PACKAGE.parent / "schemas"]
