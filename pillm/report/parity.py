"""Whether the file tokenizes and computes as the trained model did."""
from collections.abc import Iterator
from typing import Any

from pillm.report.material import Material
from pillm.report.words import plain

Json = dict[str, Any]


def parity(material: Material) -> Json | None:
    """What was compared, as rows of (what, figure), and the first place that differs."""
    if not material.parity:
        return None
    compared = {key: value for key, value in material.parity.items() if key != "first_difference"}
    difference = material.parity.get("first_difference")
    return {"rows": list(rows(compared)), "difference": list(rows(difference)) if difference else []}


def rows(found: Json, before: str = "") -> Iterator[tuple[str, str]]:
    """Every figure in nested dicts under its path in words."""
    for key, value in found.items():
        name = f"{before}, {key}" if before else key
        if isinstance(value, dict):
            yield from rows(value, name)
        else:
            yield name.replace("_", " "), _said(value)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return plain(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
