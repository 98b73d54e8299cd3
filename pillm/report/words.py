"""Numbers as a page says them."""
import re
from collections.abc import Mapping

Cell = tuple[str, str]
"""A figure, and what is said of it in small; both empty for nothing."""


def count(number: float) -> str:
    """1.1 B, 3.2 M, 12,345."""
    for letter, scale in (("B", 1e9), ("M", 1e6)):
        if number >= scale:
            return f"{number / scale:.3g} {letter}"
    return f"{number:,.0f}"


def plain(number: float | None, digits: int = 3) -> str:
    """Three significant digits, no exponent down to 0.001; an empty cell for nothing."""
    if number is None:
        return ""
    if number == 0 or 1e-3 <= abs(number) < 1e6:
        return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.{digits}g}"
    return re.sub(r"e-0?", "e-", f"{number:.{digits}g}")


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share in (0, 1) or 0.095 <= share <= 0.995 else f"{100 * share:.1f} %"


def cell(found: Mapping[str, float] | None, digits: int = 2) -> Cell:
    """A mean over its interval."""
    if not found:
        return "", ""
    return f"{found['value']:,.{digits}f}", f"{found['low']:,.{digits}f} to {found['high']:,.{digits}f}"


def interval(found: Mapping[str, float]) -> str:
    """0.87 (0.80 to 0.93)."""
    value, between = cell(found)
    return f"{value} ({between})"
