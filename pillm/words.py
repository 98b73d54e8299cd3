"""Numbers and lists as people read them."""
from collections.abc import Mapping, Sequence


def duration(seconds: float) -> str:
    """0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(octets: float) -> str:
    """12 B, 3.4 kB, 1.5 MB, 2.1 GB: powers of ten."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if octets >= scale:
            return f"{octets / scale:.1f} {unit}"
    return f"{octets:.0f} B"


def gib(amount: float) -> str:
    """Empty for nothing, two digits otherwise; what is less than a hundredth as a size."""
    if amount <= 0:
        return ""
    return f"{amount:.2g} GiB" if amount >= 0.01 else size(amount * 2**30)


def counted(number: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def figures(shown: Mapping[str, float]) -> str:
    """`loss 1.234  tokens_per_s 5,120`."""
    return "  ".join(f"{name} {value:,.0f}" if abs(value) >= 100 else f"{name} {value:.4g}"
                     for name, value in shown.items())


def listed(told: Sequence[str], most: int = 3, *, by: str = "; ") -> str:
    """`a; b; c; and 4 more`."""
    rest = len(told) - most
    return by.join([*told[:most], *([f"and {rest} more"] if rest > 0 else [])])
